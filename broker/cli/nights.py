"""``broker drift night | report``: look for drift everywhere now, and read what the last night found out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure
from broker.cli.contract_diff import FailOn
from broker.cli.options import Json, examples
from broker.reports import machines

NIGHT_EPILOG = examples("broker drift night", "broker drift night --fail-on never --json")
REPORT_EPILOG = examples(
    "broker drift report",
    "broker drift report --format html > drift.html",
    "broker drift report --since last --format markdown --fail-on risky",
)
#: Rows of the table; the rest is counted.
_ROWS = 200
_POLL = 1.0


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    HTML = "html"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    JSON = "json"
    SARIF = "sarif"


class Since(StrEnum):
    """What a report leaves out."""

    LAST = "last"


_Fails = Annotated[
    FailOn, typer.Option("--fail-on", help="Exit with 1 when drift of this severity or a worse one counts.")
]


def night(fail_on: _Fails = FailOn.BREAKING, json: Json = False) -> None:
    """Look for drift everywhere, now: newest contracts, probes at each account, what was observed.

    The exit code is 7 when something could not be found out, whatever --fail-on says.
    """
    control = Control()
    begun = control.ask("POST", "/drift/nights")
    _follow(control, begun)
    found = control.ask("GET", "/drift/report")
    if found["night"] != begun["id"]:
        raise Failure("Another night is over meanwhile; `broker drift report` shows it.")
    if json:
        terminal.emit(found)
    else:
        _show(found)
    _end(found, fail_on)


def report(
    shape: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TABLE,
    since: Annotated[
        Since | None, typer.Option("--since", help="`last`: only what the night before did not know.")
    ] = None,
    fail_on: _Fails = FailOn.BREAKING,
) -> None:
    """Show what the last night found out: what is new, what was known, what is accepted, what could not be found out.

    The exit code is 7 when something could not be found out, or the last night is too old, whatever --fail-on says.
    """
    control = Control()
    query = {"since": since, "fail_on": fail_on}
    found = control.ask("GET", "/drift/report", query=query)
    if shape is Format.TABLE:
        _show(found)
    elif shape is Format.JSON:
        terminal.emit(found)
    else:
        answer = control.send("GET", "/_broker/v1/drift/report", query={**query, "format": shape})
        terminal.show(answer.text.rstrip("\n"))
    _end(found, fail_on)


def _follow(control: Control, begun: dict[str, Any]) -> None:
    """Until it is over."""
    with terminal.bars() as progress:
        bar = progress.add_task("looking for drift", total=None, note="")
        while True:
            current = control.ask("GET", "/drift/nights")["current"]
            if current is None or current["id"] != begun["id"]:
                return
            parts = current["parts"]
            over = sum(part["status"] in ("done", "failed") for part in parts)
            progress.update(bar, completed=over, total=len(parts) or None, note=terminal.clean(_at_work(parts)))
            time.sleep(_POLL)


def _at_work(parts: Sequence[dict[str, Any]]) -> str:
    found = next((part for part in parts if part["status"] == "running"), None)
    return "" if found is None else f"{found['service']} {found['source']} {found['account']}".rstrip()


def _end(found: dict[str, Any], fail_on: FailOn) -> None:
    """The command's exit code: what is not known is worse than any drift."""
    if found["failures"]:
        words = tuple(terminal.clean(each) for each in found["failures"])
        raise Failure("Not everything could be found out, so this is no green:", codes.UNFINISHED, words)
    rows = [*found["new"], *found["known"]]
    if any(row["severity"] in machines.failing(fail_on) for row in rows):
        raise typer.Exit(codes.FAILED)


def _show(found: dict[str, Any]) -> None:
    rows = [*_rows(found["new"], "new"), *_rows(found["known"], "known"), *_rows(found["accepted"], "accepted")]
    terminal.table(
        ("", "SEVERITY", "OPERATION", "PLACE", "WHAT DIFFERS", "CALLED BY", "SINCE", "KEY"),
        rows[:_ROWS],
        empty="No drift.",
    )
    if len(rows) > _ROWS:
        terminal.show(f"… and {len(rows) - _ROWS} more: see --format json.")
    for entry in found["expired"]:
        about = f"{entry['key']} until {entry['until']}: {entry['reason']}"
        terminal.show(f"\nAccepted no longer, and still there: {terminal.clean(about)}")
    for entry in found["unknown"]:
        terminal.show(f"\nAccepted, and not found any more: {terminal.clean(entry['key'] + ': ' + entry['reason'])}")
    done = sum(part["status"] == "done" for part in found["parts"])
    figures = ", ".join(f"{len(found[name])} {name}" for name in ("new", "known", "accepted", "over"))
    when = terminal.moment(found["begun_at"])
    terminal.show(f"\nNight of {when}: {done} of {len(found['parts'])} parts found out; {figures}.")


def _rows(rows: Sequence[dict[str, Any]], group: str) -> list[Sequence[Any]]:
    return [
        (
            group,
            row["severity"],
            f"{row['service']} {row['operation'] or ''}".rstrip(),
            row["place"],
            f"{row['message']} (until {row['until']}: {row['reason']})" if row["reason"] else row["message"],
            "-" if row["callers"] is None else row["callers"],
            row["since"][:10],
            row["key"],
        )
        for row in rows
    ]
