"""``broker contracts diff``: what differs between two contracts, and whether it matters to what applications call."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

import typer

from broker.cli import codes, contract_sources, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import examples
from broker.reports import machines, text
from contracts.diff import Diff, Incomparable, diff

EPILOG = examples(
    "broker contracts diff SERVICE PACKAGE==15.1.0",
    "broker contracts diff old.yaml new.yaml --fail-on breaking --format junit",
    "broker contracts diff SERVICE new.json --used-by pr-142",
)
#: Rows of the table; the rest is counted.
_ROWS = 200


class Format(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    SARIF = "sarif"


class FailOn(StrEnum):
    """What makes the command fail."""

    NEVER = "never"
    BREAKING = "breaking"
    RISKY = "risky"
    ANY = "any"


_SOURCE = "An installed service, a document (JSON or YAML), the folder of a compiled contract, or PACKAGE==VERSION."


def diff_contracts(
    before: Annotated[str, typer.Argument(metavar="A", help=_SOURCE)],
    after: Annotated[str, typer.Argument(metavar="B", help="The same, for what comes after.")],
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 when there is a change of this severity or a worse one.")
    ] = FailOn.NEVER,
    shape: Annotated[Format, typer.Option("--format", help="How the changes are printed.")] = Format.TABLE,
    used_by: Annotated[
        str | None,
        typer.Option("--used-by", metavar="NAME", help="Only what an environment has called; `all` for all open ones."),
    ] = None,
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="PATTERN", help="Only operations like customers.*")
    ] = None,
) -> None:
    """Compare two contracts of one API: each change with its rule, its place, and whether it breaks a client."""
    try:
        found = diff(contract_sources.find(before), contract_sources.find(after))
    except Incomparable as wrong:
        raise Failure(f"{wrong}.", codes.USAGE) from wrong
    if operation is not None:
        found = found.where(lambda name: fnmatchcase(name, operation))
    if used_by is not None:
        found = found.used_by(called(found.service, used_by))
    show(found, f"{before} against {after}", shape, fail_on)
    if any(each.severity in machines.failing(fail_on) for each in found.findings):
        raise typer.Exit(codes.FAILED)


def called(service: str, environment: str) -> frozenset[str]:
    """The operations of a service that the journal of an environment shows; of every open one for ``all``."""
    control = Control()
    names = [environment]
    if environment == "all":
        names = [one["name"] for one in control.every("/environments", query={"status": "open"})]
    found: set[str] = set()
    for name in names:
        for one in control.every(f"/environments/{segment(name)}/exchanges", query={"service": service}):
            if one["operation"] is not None:
                found.add(one["operation"])
    return frozenset(found)


def show(found: Diff, title: str, shape: Format, fail_on: FailOn) -> None:
    """Print it."""
    from importlib.metadata import version

    if shape is Format.JSON:
        listed = [text.described(each, found.reach[each.key]) for each in found.findings]
        versions = {"service": found.service, "before": found.before, "after": found.after}
        terminal.emit({**versions, "counts": found.counts(), "findings": listed})
    elif shape is Format.MARKDOWN:
        terminal.show(text.markdown(title, found.findings, found.reach))
    elif shape is Format.JUNIT:
        terminal.show(machines.junit(title, found.findings, machines.failing(fail_on)))
    elif shape is Format.SARIF:
        terminal.show(machines.sarif(title, found.findings, version("preview-broker")))
    else:
        _table(found, title)


def _table(found: Diff, title: str) -> None:
    rows: Sequence[tuple[str, str, str, str]] = [
        (each.severity, text.subject(each, found.reach[each.key]), each.place, each.message)
        for each in found.findings[:_ROWS]
    ]
    terminal.table(("SEVERITY", "OPERATION", "PLACE", "CHANGE"), rows, empty=f"{title}: nothing differs.")
    if not found.findings:
        return
    rest = len(found.findings) - len(rows)
    more = f", of which {rest} are not shown: see --format json" if rest else ""
    terminal.show("\n" + ", ".join(f"{count} {name}" for name, count in found.counts().items()) + more + ".")
