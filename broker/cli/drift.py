"""``broker drift``: what real providers do that contracts and mocks do not say."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from broker.cli import drift_check, nights, terminal
from broker.cli.client import Control
from broker.cli.options import Json, Limit, examples, group
from contracts.drift import SEVERITIES

commands = group("Find out where mocks and contracts differ from the real providers.")
commands.command("check", epilog=drift_check.CHECK)(drift_check.check)
commands.command("runs", epilog=drift_check.RUNS)(drift_check.runs)
commands.command("night", epilog=nights.NIGHT_EPILOG)(nights.night)
commands.command("report", epilog=nights.REPORT_EPILOG)(nights.report)

Service = Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only this one.")]


@commands.command(
    "observed",
    epilog=examples("broker drift observed", "broker drift observed SERVICE --json", "broker drift observed --forget"),
)
def list_observed(
    service: Service = None,
    limit: Limit = 200,
    forget: Annotated[bool, typer.Option("--forget", help="Count anew from now on.")] = False,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="With --forget: only this one.")] = None,
    json: Json = False,
) -> None:
    """List what real answers showed in passing that their contracts do not say."""
    control = Control()
    if forget:
        gone = control.ask("DELETE", "/drift/observed", query={"service": service, "key": key})
        return terminal.emit(gone) if json else terminal.show(f"{gone['forgotten']} forgotten.")
    found = control.ask("GET", "/drift/observed", query={"service": service, "limit": limit})
    if json:
        return terminal.emit(found)
    return _table(found["items"])


def _table(items: list[dict[str, Any]]) -> None:
    order = {severity: number for number, severity in enumerate(SEVERITIES)}
    # The gravest first; of those the most frequent, as they came.
    items = sorted(items, key=lambda each: order[each["severity"]])
    rows = [
        (
            each["severity"],
            f"{each['service']} {each['operation'] or ''}".rstrip(),
            each["place"],
            each["message"],
            each["count"],
            terminal.moment(each["first_at"]),
            terminal.moment(each["last_at"]),
        )
        for each in items
    ]
    head = ("SEVERITY", "OPERATION", "PLACE", "WHAT", "SEEN", "FIRST", "LAST")
    terminal.table(head, rows, empty="No real answer differed from its contract.")
    if items:
        counts = Counter(each["severity"] for each in items)
        terminal.show("\n" + ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES) + ".")
