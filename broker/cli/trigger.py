"""``broker events trigger``: makes an event happen."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, examples
from contracts import triggers


def add(commands: typer.Typer) -> None:
    """The command, into the group of events."""
    commands.command("trigger", epilog=_epilog())(trigger)


def _epilog() -> str:
    """The examples, and every type: the names of files are read, not the files."""
    shown = examples(
        "broker events trigger --list",
        "broker events trigger pr-142 payment_intent.succeeded",
        "broker events trigger pr-142 payment_intent.succeeded --override payment_intent:amount=5000",
        "broker events trigger pr-142 customer.created --override customer:metadata.plan=gold --remove customer:email",
    )
    types = textwrap.wrap(" ".join(triggers.types()), 110, break_on_hyphens=False, break_long_words=False)
    return shown + "\n\n\b\nTypes:\n" + "\n".join(f"  {line}" for line in types)


def trigger(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The environment, for instance pr-142.")] = None,
    type: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="The type of event: customer.created.")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--override", metavar="[CALL:]PATH=VALUE", help="Another parameter of a call, or one more."),
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="[CALL:]PATH=VALUE", help="The same as --override.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="[CALL:]PATH", help="A parameter that is left out.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME:VALUE", help="A header field of every call.")
    ] = None,
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the types, and what is called for each.")] = False,
    json: Json = False,
) -> None:
    """Make an event happen: objects are made in the environment as an application makes them, so that state, balance
    and every event that goes with it are true."""
    control = Control()
    if list_:
        return _list(control, service, json)
    if name is None or type is None:
        raise Failure("Say which environment and which type: broker events trigger NAME TYPE.", codes.USAGE)
    body = {
        "type": type,
        "service": service,
        "override": _pairs([*(override or ()), *(add or ())], "=", "--override") or None,
        "remove": remove or None,
        "headers": _pairs(header or (), ":", "--header") or None,
    }
    body = {key: value for key, value in body.items() if value is not None}
    found = control.ask("POST", f"/environments/{segment(name)}/triggers", body=body)
    if json:
        terminal.emit(found)
    else:
        _show(found)
    if found["event"] is None:
        raise Failure(f"The calls were made, and no {type} came of it.")
    return None


def _list(control: Control, service: str | None, json: bool) -> None:
    found = control.ask("GET", "/triggers", query={"service": service})["items"]
    if json:
        return terminal.emit(found)
    rows = [(one["type"], one["service"], ", ".join(call["name"] for call in one["calls"])) for one in found]
    return terminal.table(("TYPE", "SERVICE", "CALLS"), rows, empty="Nothing can be triggered here.")


def _show(found: dict[str, Any]) -> None:
    for call in found["calls"]:
        made = f"  {call['object']}" if call["object"] else ""
        terminal.show(terminal.clean(f"{call['status']}  {call['name']}: {call['method']} {call['path']}{made}"))
    terminal.show()
    for event in found["events"]:
        mark = "*" if event["id"] == found["event"] else " "
        terminal.show(terminal.clean(f"{mark} {event['type']} [{event['id']}]"))


def _pairs(given: Sequence[str], sign: str, option: str) -> dict[str, str]:
    """``a=b`` as a mapping. Raises Failure."""
    found = {}
    for each in given:
        head, there, value = each.partition(sign)
        if not there or not head:
            raise Failure(f"{option}: {each!r} has no {sign} after a name.", codes.USAGE)
        found[head.strip()] = value.strip() if sign == ":" else value
    return found
