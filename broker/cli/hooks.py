"""``broker hooks``: webhooks of real providers, the accounts' endpoints and what arrived there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Limit, examples, group

commands = group("See what real providers sent, and keep the accounts' endpoints for webhooks.")

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]
EventId = Annotated[str, typer.Argument(metavar="EVENT", help="The provider's id of the event.")]


@commands.command("list", epilog=examples("broker hooks list", "broker hooks list --unclaimed --account main"))
def list_hooks(
    unclaimed: Annotated[bool, typer.Option("--unclaimed", help="Only what no environment claims.")] = False,
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this account's.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what real providers sent, newest first, and whose it is."""
    query = {"account": account, "claimed": False if unclaimed else None}
    found = list(Control().every("/hooks", query=query, limit=limit))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("RECEIVED", "ACCOUNT", "TYPE", "ID", "ENVIRONMENT", "BY", "STATE"),
        [
            (
                terminal.moment(one["received_at"]),
                one["account"],
                one["type"],
                one["id"],
                one["environment"],
                one["by"],
                _state(one),
            )
            for one in found
        ],
        empty="Nothing is unclaimed." if unclaimed else "Nothing has arrived.",
    )
    return None


def _state(one: dict[str, Any]) -> str:
    return str(one["note"] or ("routed" if one["routed"] else "waiting" if one["environment"] else "unclaimed"))


@commands.command("show", epilog=examples("broker hooks show main evt_1Ab3dE6gH9jK2mN5p"))
def show_hook(account: Account, event: EventId, json: Json = False) -> None:
    """Show an event with its payload and what tells whose it is."""
    return _shown(Control().ask("GET", f"/hooks/{segment(account)}/{segment(event)}"), json)


def _shown(found: dict[str, Any], json: bool) -> None:
    if json:
        return terminal.emit(found)
    terminal.facts(
        [
            ("account", found["account"]),
            ("id", found["id"]),
            ("type", found["type"]),
            ("received", terminal.moment(found["received_at"])),
            ("environment", found["environment"]),
            ("by", found["by"]),
            ("state", _state(found)),
            ("ids", ", ".join(found["ids"])),
            ("markers", ", ".join(found["markers"])),
        ]
    )
    terminal.show()
    return terminal.emit(found["payload"])


@commands.command("claim", epilog=examples("broker hooks claim main evt_1Ab3dE6gH9jK2mN5p pr-142"))
def claim(
    account: Account,
    event: EventId,
    environment: Annotated[str, typer.Argument(metavar="NAME", help="The open environment that it belongs to.")],
    json: Json = False,
) -> None:
    """Say whose an event is, and deliver it there. Closing the environment deletes nothing that the event is about."""
    body = {"environment": environment}
    found = Control().ask("POST", f"/hooks/{segment(account)}/{segment(event)}/claim", body=body)
    if json:
        return terminal.emit(found)
    outcome = "is among its events" if not found["note"] else f"is settled without a delivery: {found['note']}"
    return terminal.show(terminal.clean(f"{found['id']} is {found['environment']}'s and {outcome}."))


@commands.command("status", epilog=examples("broker hooks status", "broker hooks status main --json"))
def status(
    account: Annotated[
        str | None, typer.Argument(metavar="[ACCOUNT]", help="The account; all of them when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the accounts' endpoints for webhooks. Exits 1 when one is down."""
    control = Control()
    if account is None:
        found = control.ask("GET", "/hooks/endpoints")["items"]
    else:
        found = [control.ask("GET", _endpoint(account))]
    if json:
        terminal.emit(found)
    else:
        _endpoints(found)
    if any(one["state"] == "down" for one in found):
        raise typer.Exit(codes.FAILED)


def _endpoint(account: str) -> str:
    return f"/accounts/{segment(account)}/hook"


def _endpoints(found: list[dict[str, Any]]) -> None:
    terminal.table(
        ("ACCOUNT", "SERVICE", "STATE", "CHECKED", "ENDPOINT", "ADDRESS", "WHY"),
        [
            (
                one["account"],
                one["service"],
                one["state"],
                terminal.moment(one["checked_at"]),
                one["endpoint"],
                one["address"],
                one["error"],
            )
            for one in found
        ],
        empty="There are no accounts.",
    )


def _ended(found: dict[str, Any], json: bool) -> None:
    if json:
        return terminal.emit(found)
    return _endpoints([found])


@commands.command("ensure", epilog=examples("broker hooks ensure main"))
def ensure(account: Account, json: Json = False) -> None:
    """Make an account's endpoint at the provider, or find it alive, now."""
    return _ended(Control().ask("POST", _endpoint(account) + "/ensure"), json)


@commands.command(
    "secret", epilog=examples("broker hooks secret main --secret-file whsec", "broker hooks secret main < whsec")
)
def give_secret(
    account: Account,
    file: Annotated[
        Path | None, typer.Option("--secret-file", metavar="FILE", help="Where it stands; standard input unless given.")
    ] = None,
    json: Json = False,
) -> None:
    """Give the secret of an endpoint that you registered at the provider yourself. Never as an argument: others on the
    machine can read those."""
    try:
        text = sys.stdin.read() if file is None else file.read_text()
    except (OSError, UnicodeError) as unreadable:
        raise Failure(f"The secret cannot be read: {unreadable}.", codes.USAGE) from unreadable
    return _ended(Control().ask("PUT", _endpoint(account), body={"secret": text.strip()}), json)


@commands.command("retire", epilog=examples("broker hooks retire main", "broker hooks retire main --forget"))
def retire(
    account: Account,
    forget: Annotated[
        bool, typer.Option("--forget", help="Leave it at the provider when that does not take it away now.")
    ] = False,
    json: Json = False,
) -> None:
    """Take an account's endpoint away, at the provider too. None is made by itself again, until it is ensured."""
    return _ended(Control().ask("DELETE", _endpoint(account), query={"forget": forget or None}), json)
