"""``broker drift check`` and ``broker drift runs``: a mock asked the same as a real account, and what differed."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.contract_diff import FailOn, Format
from broker.cli.options import Json, Limit, examples
from broker.reports import machines, text
from contracts.drift import Finding

CHECK = examples(
    "broker drift check --account team-test",
    "broker drift check SERVICE --account team-test --probe 'customers*' --fail-on risky",
    "broker drift check --account team-test --format junit > drift.xml",
)
RUNS = examples(
    "broker drift runs", "broker drift runs SERVICE --json", "broker drift runs --run RUN --format markdown"
)
#: Seconds between two looks at a check that runs.
_LOOK = 0.5
#: Rows of the table; the rest is counted.
_ROWS = 200


def check(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="The account's own unless said.")] = None,
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="The real account.")] = "",
    probe: Annotated[
        str, typer.Option("--probe", metavar="PATTERN", help="Only scenarios of these names: customers*")
    ] = "*",
    fail_on: Annotated[
        FailOn,
        typer.Option("--fail-on", help="Exit with 1 when something of this severity, or of a worse one, differs."),
    ] = FailOn.BREAKING,
    shape: Annotated[Format, typer.Option("--format", help="How the differences are printed.")] = Format.TABLE,
) -> None:
    """Ask a service's probes of its mock and of a real account, and print what differs.

    Nothing is left of it: both environments are closed, and the ledger takes back what was made. A check that could not
    be run, or not to its end, exits with 7, whatever it found.
    """
    if not account:
        raise Failure("Say which real account is asked: --account ACCOUNT (`broker account list`).", codes.USAGE)
    control = Control()
    body = {"account": account, "probes": probe, **({"service": service} if service else {})}
    run = _followed(control, control.ask("POST", "/drift/checks", body=body))
    show(run, shape, fail_on)
    if run["status"] != "done":
        raise typer.Exit(codes.UNFINISHED)
    if any(each["severity"] in machines.failing(fail_on) for each in run["findings"]):
        raise typer.Exit(codes.FAILED)


def runs(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only this one.")] = None,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Show this one, with all it found.")] = None,
    shape: Annotated[Format, typer.Option("--format", help="With --run: how it is printed.")] = Format.TABLE,
    limit: Limit = 30,
    json: Json = False,
) -> None:
    """List checks of drift, newest first, or show one again."""
    control = Control()
    if run is not None:
        return show(control.ask("GET", f"/drift/checks/{segment(run)}"), Format.JSON if json else shape)
    found = control.ask("GET", "/drift/checks", query={"service": service, "limit": limit})
    if json:
        return terminal.emit(found)
    rows = [
        (
            each["id"],
            each["service"],
            each["account"],
            each["status"],
            *(each["counts"][severity] for severity in ("breaking", "risky", "safe")),
            _figures(each["calls"]),
            terminal.moment(each["started_at"]),
        )
        for each in found["items"]
    ]
    head = ("RUN", "SERVICE", "ACCOUNT", "STATUS", "BREAKING", "RISKY", "SAFE", "CALLS", "STARTED")
    return terminal.table(head, rows, empty="No check of drift was made yet; `broker drift check` makes one.")


def _figures(calls: Mapping[str, int]) -> str:
    return f"{calls['passed']} alike, {calls['failed']} not, {calls['skipped']} not compared"


def _followed(control: Control, run: Any) -> Any:
    """The run at its end; a bar on standard error tells how far it is, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=terminal.console(error=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(f"{run['service']} at {run['account']}", total=run["scenarios"])
        while run["status"] == "running":
            time.sleep(_LOOK)
            run = control.ask("GET", f"/drift/checks/{run['id']}")
            bar.update(task, completed=run["finished"])
    return run


def show(run: Mapping[str, Any], shape: Format, fail_on: FailOn = FailOn.BREAKING) -> None:
    """Print it. What kept the check from being run stands among the findings of every format for machines."""
    title = f"{run['service']}: the mock against {run['account']} ({run['endpoint']})"
    findings = [*_failures(run), *map(_finding, run["findings"])]
    failing = machines.failing(fail_on) or (("breaking",) if run["status"] == "failed" else ())
    if shape is Format.JSON:
        terminal.emit(run)
    elif shape is Format.MARKDOWN:
        terminal.show(text.markdown(title, findings) + "\n" + _figures(run["calls"]) + ".")
    elif shape is Format.JUNIT:
        terminal.show(machines.junit(title, findings, failing))
    elif shape is Format.SARIF:
        terminal.show(machines.sarif(title, findings, version("preview-broker")))
    else:
        _table(run, title)


def _finding(found: Mapping[str, Any]) -> Finding:
    names = ("service", "operation", "rule", "place", "severity", "message", "before", "after")
    return Finding(**{name: found[name] for name in names})


def _failures(run: Mapping[str, Any]) -> Sequence[Finding]:
    return [
        Finding(
            service=run["service"],
            operation=None,
            rule="check-failed",
            place=f"errors.{number}",
            severity="breaking",
            message=f"The check failed: {words}",
        )
        for number, words in enumerate(run["errors"], 1)
    ]


def _table(run: Mapping[str, Any], title: str) -> None:
    found = run["findings"]
    rows = [(each["severity"], each["operation"] or "-", each["place"], each["message"]) for each in found[:_ROWS]]
    terminal.table(("SEVERITY", "OPERATION", "PLACE", "WHAT THE REAL SIDE DOES"), rows, empty="Nothing differs.")
    if len(found) > _ROWS:
        terminal.show(f"... and {len(found) - _ROWS} more: see --format json.")
    terminal.show(f"\n{title}, contract {run['contract']}, run {run['id']}:")
    terminal.show(f"{run['finished']} of {run['scenarios']} scenarios; calls: {_figures(run['calls'])}.")
    for why, count in Counter(each["why"] for each in run["skipped"]).most_common():
        terminal.show(f"not compared ({count}): {terminal.clean(why)}")
    for words in run["errors"]:
        terminal.note(f"broker: the check failed: {terminal.clean(words)}")
