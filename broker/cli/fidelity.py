"""``broker fidelity``: how true the mocks are, operation by operation, and against what that was measured."""

from __future__ import annotations

import json as texts
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli import cassette_scores, codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, examples
from contracts import library

EPILOG = examples(
    "broker fidelity",
    "broker fidelity SERVICE --operation 'customers.*'",
    "broker fidelity SERVICE --fail-under 80",
    "broker fidelity --markdown",
    "broker fidelity --cassettes spec/cassettes --fail-under 90",
    "broker fidelity SERVICE --save --against 'a stand-in, 5.1.2'",
)
#: The file beside a service's compiled contract.
FILE = "fidelity.json"

Found = Mapping[str, Any]


def fidelity(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="Only this one, in full.")] = None,
    operation: Annotated[
        str, typer.Option("--operation", metavar="PATTERN", help="Only operations like customers.*")
    ] = "*",
    json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table for an issue or a comment.")] = False,
    fail_under: Annotated[
        int | None,
        typer.Option(
            "--fail-under",
            metavar="N",
            min=0,
            max=100,
            help="Exit with 1 when the mean is lower, or nothing was measured.",
        ),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help=f"Write {FILE} beside each service's compiled contract.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="TEXT", help="With --save: what stood behind the account, in some words."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="With --save: another library of contracts.")
    ] = None,
    cassettes: Annotated[
        Path | None,
        typer.Option(
            "--cassettes", metavar="PATH", help="Play these recordings against the mocks instead; needs no server."
        ),
    ] = None,
) -> None:
    """Show how true each mock is: a score of 0 to 100 for every operation of which something was measured."""
    if cassettes is not None:
        if save or operation != "*":
            raise Failure("--cassettes goes with neither --save nor --operation.", codes.USAGE)
        return _played(cassettes, service, json, markdown, fail_under)
    if save and operation != "*":
        raise Failure("--save writes all operations: leave --operation out.", codes.USAGE)
    found = _asked(service, operation)
    if save:
        for one in found:
            _save(one, against, into)
    elif json:
        terminal.emit({"items": found} if service is None else found[0])
    elif markdown:
        terminal.show("\n".join(_markdown(one) for one in found))
    elif service is None and operation == "*":
        _overview(found)
    else:
        for one in found:
            _table(one)
    if fail_under is not None and _low(found, fail_under):
        raise typer.Exit(codes.FAILED)
    return None


def _played(path: Path, service: str | None, json: bool, markdown: bool, fail_under: int | None) -> None:
    found = cassette_scores.measured(path, service)
    if json:
        terminal.emit(found)
    elif markdown:
        terminal.show(cassette_scores.markdown(found))
    else:
        cassette_scores.show(found)
    if fail_under is not None and cassette_scores.low(found, fail_under):
        raise typer.Exit(codes.FAILED)


def _asked(service: str | None, operation: str) -> list[dict[str, Any]]:
    control = Control()
    if service is not None:
        return [control.ask("GET", f"/fidelity/{segment(service)}", query={"operation": operation})]
    items: list[dict[str, Any]] = control.ask("GET", "/fidelity")["items"]
    if operation == "*":
        return items
    asked = [
        control.ask("GET", f"/fidelity/{segment(one['service'])}", query={"operation": operation}) for one in items
    ]
    found = [one for one in asked if one["operations"]]
    if not found:
        raise Failure(f"No service has an operation like {operation!r}.", codes.MISSING)
    return found


def _low(found: Sequence[Found], bound: int) -> bool:
    """Whether some mean is too low, with a word about each; without any measure it is."""
    low = False
    measured = [one for one in found if one["mean"] is not None]
    if not measured:
        terminal.note("broker: nothing was measured.")
        return True
    for one in measured:
        if one["mean"] < bound:
            terminal.note(f"broker: {one['service']} has {one['mean']}, which is less than {bound}.")
            low = True
    return low


def _overview(found: Sequence[Found]) -> None:
    rows = [
        (
            one["service"],
            "unmeasured" if one["mean"] is None else one["mean"],
            f"{one['measured']} of {one['operations']}",
            terminal.moment(one["measured_at"]),
            ", ".join(one["against"]) or None,
        )
        for one in found
    ]
    terminal.table(("SERVICE", "MEAN", "MEASURED", "LAST", "PROBED AGAINST"), rows, empty="This server has no service.")


def _table(one: Found) -> None:
    measured = [each for each in one["items"] if each["score"] is not None]
    rows = [
        (
            each["operation"],
            each["score"],
            *(_points(each[part]) for part in ("contract", "probes", "passive")),
            terminal.moment(each["measured_at"]),
        )
        for each in sorted(measured, key=lambda each: (each["score"], each["operation"]))
    ]
    head = ("OPERATION", "SCORE", "CONTRACT", "PROBES", "PASSIVE", "LAST")
    terminal.table(head, rows, empty=f"{one['service']}: nothing was measured.")
    if rows:
        terminal.show("\n" + _summary(one))


def _summary(one: Found) -> str:
    rest = one["operations"] - one["measured"]
    probed = f" Probed against {', '.join(one['against'])}." if one["against"] else " Probed against nothing."
    return f"{one['service']}: {one['mean']} on average of {one['measured']} operations; {rest} unmeasured.{probed}"


def _points(points: float | None) -> str:
    return "-" if points is None else f"{points:g}"


def _markdown(one: Found) -> str:
    measured = [each for each in one["items"] if each["score"] is not None]
    lines = [f"### {one['service']} `{one['contract']}`", ""]
    if not measured:
        return "\n".join([*lines, "Nothing was measured.", ""])
    lines += [_summary(one), "", "| Operation | Score | Contract | Probes | Passive |", "|---|---|---|---|---|"]
    for each in sorted(measured, key=lambda each: (each["score"], each["operation"])):
        parts = " | ".join(_points(each[part]) for part in ("contract", "probes", "passive"))
        lines.append(f"| `{each['operation']}` | {each['score']} | {parts} |")
    return "\n".join([*lines, ""])


def _save(one: Found, against: str | None, into: Path | None) -> None:
    """Facts: the day, what it was measured against, and the scores."""
    folder = library.folder(one["service"]) if into is None else into / one["service"]
    measured = {each["operation"]: each["score"] for each in one["items"] if each["score"] is not None}
    if not measured:
        return terminal.note(f"broker: nothing of {one['service']} was measured; {FILE} is left as it is.")
    if not folder.is_dir():
        raise Failure(f"{folder} is no folder: {one['service']} has no compiled contract there.", codes.USAGE)
    facts = {
        "against": [against] if against is not None else one["against"],
        "contract": one["contract"],
        "date": one["measured_at"][:10],
        "operations": dict(sorted(measured.items())),
    }
    path = folder / FILE
    path.write_text(texts.dumps(facts, indent=1) + "\n")
    return terminal.show(f"{path}: {len(measured)} operations, {one['mean']} on average")
