"""``broker verify``, ``broker wait``, ``broker expect``: what an environment did, held against what it should do."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal, wheres
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples, group
from broker.cli.records import Scope

expect = group("Declare what should happen in an environment, and find out at the end whether it did.")

Kind = Annotated[str, typer.Argument(metavar="KIND", help="exchanges, mails, events or deliveries.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", "-w", metavar="CONDITION", help="PLACE=VALUE; also != ~= *= ^= $= > >= < <=, PLACE, !PLACE. Repeat."
    ),
]
MatchText = Annotated[str | None, typer.Option("--match", metavar="JSON", help="A match as JSON, or @FILE.")]
Service = Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="The same as -w service=SERVICE.")]
Operation = Annotated[str | None, typer.Option("--operation", metavar="ID", help="The same as -w operation=ID.")]
To = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="Of mails: among the recipients.")]
Type = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="Of events and deliveries.")]
CountOption = Annotated[int | None, typer.Option("--count", min=0, metavar="N", help="Exactly so often.")]
AtLeast = Annotated[int | None, typer.Option("--at-least", min=0, metavar="N", help="1 unless said.")]
AtMost = Annotated[int | None, typer.Option("--at-most", min=0, metavar="N", help="No more often.")]
Never = Annotated[bool, typer.Option("--never", help="The same as --count 0.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only what is not older: 2026-11-27T18:00:00Z.")
]

VERIFY = examples(
    "broker verify pr-142 exchanges --service SERVICE -w 'request.body.amount=2000' --count 1",
    "broker verify pr-142 exchanges -w 'status>=400' --never",
    "broker verify pr-142 mails --to ada@example.com -w 'subject~=(?i)welcome'",
    "broker verify pr-142 deliveries --type charge.succeeded -w status=delivered --scope test-1",
)
WAIT = examples(
    "broker wait pr-142 mails --to ada@example.com",
    "broker wait pr-142 deliveries --type charge.succeeded -w status=delivered --timeout 30",
)


def _asked(
    kind: str,
    where: list[str] | None,
    match: str | None,
    plain: dict[str, str | None],
    count: tuple[int | None, int | None, int | None, bool],
    scope: str | None,
    since: str | None,
) -> dict[str, Any]:
    """The body of a verification."""
    try:
        rest = _read(match) if match else {}
        recipients = plain.pop("to", None)
        named = {name: value for name, value in plain.items() if value is not None}
        if recipients is not None:
            named["recipients"] = recipients
        wanted = wheres.match(where or [], {**rest, **named})
        wanted_count = _count(*count)
    except ValueError as wrong:
        raise Failure(f"{wrong}.", codes.USAGE) from None
    body = {"kind": kind, "match": wanted, "count": wanted_count, "scope": scope, "since": since}
    return {name: value for name, value in body.items() if value is not None}


def _read(text: str) -> dict[str, Any]:
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeError) as failed:
            raise ValueError(f"--match: {text[1:]} cannot be read: {failed}") from None
    try:
        found = json_module.loads(text)
    except ValueError as wrong:
        raise ValueError(f"--match is not JSON: {wrong}") from None
    if not isinstance(found, dict):
        raise ValueError("--match is no JSON object")
    return found


def _count(exactly: int | None, least: int | None, most: int | None, never: bool) -> dict[str, int] | None:
    if never and (exactly or least or most):
        raise ValueError("--never stands alone")
    if never or exactly is not None:
        return {"exactly": exactly or 0}
    found = {"at_least": least, "at_most": most}
    return {name: value for name, value in found.items() if value is not None} or None


def _end(found: dict[str, Any], json: bool) -> None:
    if json:
        terminal.emit(found)
    else:
        terminal.show(terminal.clean(found["message"]))
    if not found["ok"]:
        raise typer.Exit(codes.UNMET)


def verify(
    name: Name,
    kind: Kind,
    where: Where = None,
    match: MatchText = None,
    service: Service = None,
    operation: Operation = None,
    to: To = None,
    type: Type = None,
    count: CountOption = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    never: Never = False,
    scope: Scope = None,
    since: Since = None,
    json: Json = False,
) -> None:
    """Say whether something happened as often as it should, and if not, what came near. Exit code 8 if not."""
    plain = {"service": service, "operation": operation, "to": to, "type": type}
    body = _asked(kind, where, match, plain, (count, at_least, at_most, never), scope, since)
    _end(Control().ask("POST", f"/environments/{segment(name)}/verifications", body=body), json)


def wait(
    name: Name,
    kind: Kind,
    where: Where = None,
    match: MatchText = None,
    service: Service = None,
    operation: Operation = None,
    to: To = None,
    type: Type = None,
    count: CountOption = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    scope: Scope = None,
    since: Since = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, max=60, metavar="SECONDS", help="The longest wait.")
    ] = 10,
    json: Json = False,
) -> None:
    """Wait until something has happened as often as it should. Exit code 8 when the time is over."""
    plain = {"service": service, "operation": operation, "to": to, "type": type}
    body = _asked(kind, where, match, plain, (count, at_least, at_most, False), scope, since)
    _end(Control().ask("POST", f"/environments/{segment(name)}/wait", body={**body, "timeout": timeout}), json)


@expect.command(
    "add",
    epilog=examples(
        "broker expect add pr-142 mails --to ada@example.com --count 1 --title 'a receipt' --scope test-1",
        "broker expect add pr-142 exchanges -w 'status>=400' --never",
    ),
)
def add(
    name: Name,
    kind: Kind,
    where: Where = None,
    match: MatchText = None,
    service: Service = None,
    operation: Operation = None,
    to: To = None,
    type: Type = None,
    count: CountOption = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    never: Never = False,
    scope: Scope = None,
    since: Since = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What people call it.")] = None,
    json: Json = False,
) -> None:
    """Declare what should happen from now on, or must never happen."""
    plain = {"service": service, "operation": operation, "to": to, "type": type}
    body = _asked(kind, where, match, plain, (count, at_least, at_most, never), scope, since)
    if title is not None:
        body["name"] = title
    found = Control().ask("POST", f"/environments/{segment(name)}/expectations", body=body)
    if json:
        return terminal.emit(found)
    return terminal.show(f"{found['id']} is {found['state']}.")


@expect.command("list", epilog=examples("broker expect list pr-142", "broker expect list pr-142 --scope test-1 --json"))
def list_expectations(name: Name, scope: Scope = None, json: Json = False) -> None:
    """List what was declared, and how it stands: met, unmet, or violated."""
    found = Control().ask("GET", f"/environments/{segment(name)}/expectations", query={"scope": scope})["items"]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("ID", "STATE", "KIND", "FOUND", "WANTED", "SCOPE", "TITLE"),
        [
            (one["id"], one["state"], one["kind"], one["count"], _words(one["wanted"]), one["scope"], one["name"])
            for one in found
        ],
        empty=f"Nothing is expected of {name}.",
    )
    return None


def _words(wanted: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in wanted.items())


@expect.command(
    "verify", epilog=examples("broker expect verify pr-142", "broker expect verify pr-142 --scope test-1 --strict")
)
def verify_expectations(
    name: Name,
    scope: Scope = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for exchanges that nothing expects, too.")] = False,
    json: Json = False,
) -> None:
    """Say whether all that was declared is met. Exit code 8 if not."""
    body = {"strict": strict, **({"scope": scope} if scope else {})}
    _end(Control().ask("POST", f"/environments/{segment(name)}/expectations/verify", body=body), json)


@expect.command("clear", epilog=examples("broker expect clear pr-142 --scope test-1"))
def clear(name: Name, scope: Scope = None, json: Json = False) -> None:
    """Forget what was declared, of a scope or all of it."""
    found = Control().ask("DELETE", f"/environments/{segment(name)}/expectations", query={"scope": scope})
    if json:
        return terminal.emit(found)
    return terminal.show(f"{found['deleted']} expectations are forgotten.")
