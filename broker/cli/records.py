"""``broker journal | incidents | events``: what environments did."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from broker.cli import terminal
from broker.cli.client import Control, segment
from broker.cli.options import Json, Limit, Name, examples, group

journal = group("Read the journal of an environment's exchanges.")
events = group("List, show and resend the events of an environment, its mocks' and its real providers'.")

Service = Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]
Scope = Annotated[str | None, typer.Option("--scope", metavar="SCOPE", help="Only what is of this scope.")]
_POLL_SECONDS = 0.5


@journal.command(
    "tail",
    epilog=examples(
        "broker journal tail pr-142",
        "broker journal tail pr-142 --follow --service SERVICE",
        "broker journal tail pr-142 --violations --json",
    ),
)
def tail(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until interrupted.")] = False,
    limit: Limit = 20,
    service: Service = None,
    scope: Scope = None,
    violations: Annotated[bool, typer.Option("--violations", help="Only those that broke their contract.")] = False,
    json: Json = False,
) -> None:
    """Print the last exchanges, the newest at the end. With --json each is a line of its own."""
    control = Control()
    path = f"/environments/{segment(name)}/exchanges"
    query = {"service": service, "scope": scope, "violations": violations or None}
    found = list(control.every(path, query=query, limit=limit))[::-1]
    if not found and not follow and not json:
        terminal.show(f"The journal of {name} is empty.")
    _print(found, json)
    seen = {one["id"] for one in found}
    while follow:
        time.sleep(_POLL_SECONDS)
        fresh = []
        for one in control.every(path, query=query, limit=1000):
            if one["id"] in seen:
                break
            fresh.append(one)
        seen.update(one["id"] for one in fresh)
        _print(fresh[::-1], json)


def _print(exchanges: list[dict[str, Any]], json: bool) -> None:
    for one in exchanges:
        if json:
            terminal.emit_line(one)
            continue
        broken = f"  violations: {len(one['violations'])}" if one["violations"] else ""
        incident = f"  incident: {one['incident']}" if one["incident"] else ""
        terminal.show(terminal.clean(_line(one) + broken + incident))


def _line(one: dict[str, Any]) -> str:
    at, service = terminal.moment(one["at"]), one["service"] or "-"
    outcome = f"{one['mode']:<7} {one['status']}  {one['duration_ms']:>8.2f} ms"
    return f"{at}  {one['id']}  {service:<10} {outcome}  {one['method']} {one['path']}"


@journal.command("show", epilog=examples("broker journal show pr-142 Ab3dE6gH9jK2mN5p"))
def show_exchange(name: Name, id: Id, json: Json = False) -> None:
    """Show one exchange with its redacted headers and bodies."""
    found = Control().ask("GET", f"/environments/{segment(name)}/exchanges/{segment(id)}")
    if json:
        return terminal.emit(found)
    plain = ("id", "service", "operation", "mode", "fidelity", "status", "incident", "scope")
    terminal.facts([("at", terminal.moment(found["at"])), *((key, found[key]) for key in plain)])
    terminal.show(f"\n{terminal.clean(found['method'])} {terminal.clean(found['path'])}")
    for side in ("request", "response"):
        terminal.show(f"\n{side} ({found[f'{side}_size']} bytes)")
        for header, value in found[f"{side}_headers"]:
            terminal.show(f"  {terminal.clean(header)}: {terminal.clean(value)}")
        terminal.show(terminal.clean(found[f"{side}_body"] or ""))
    for violation in found["violations"]:
        terminal.show(
            terminal.clean(
                f"violation of the {violation.get('side')}: {violation.get('where')}: {violation.get('message')}"
            )
        )
    return None


def incidents(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The environment; all of them when left out.")
    ] = None,
    limit: Limit = 1000,
    json: Json = False,
) -> None:
    """List attempts to cross a wall: foreign keys and ids, live keys, closed environments. Newest first."""
    path = "/incidents" if name is None else f"/environments/{segment(name)}/incidents"
    found = list(Control().every(path, limit=limit))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("AT", "KIND", "ENVIRONMENT", "SERVICE", "WHAT HAPPENED"),
        [
            (terminal.moment(one["at"]), one["kind"], one["environment"], one["service"], one["message"])
            for one in found
        ],
        empty="No incidents.",
    )
    return None


@events.command(
    "list", epilog=examples("broker events list pr-142", "broker events list pr-142 --type charge.succeeded")
)
def list_events(
    name: Name,
    service: Service = None,
    type: Annotated[str | None, typer.Option("--type", metavar="TYPE", help="Only this type.")] = None,
    scope: Scope = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List events, newest first."""
    query = {"service": service, "type": type, "scope": scope}
    found = list(Control().every(f"/environments/{segment(name)}/events", query=query, limit=limit))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("AT", "SERVICE", "TYPE", "ID"),
        [(terminal.moment(one["created_at"]), one["service"], one["type"], one["id"]) for one in found],
        empty=f"No events in {name}.",
    )
    return None


@events.command("show", epilog=examples("broker events show pr-142 evt_1Ab3dE6gH9jK2mN5p"))
def show_event(name: Name, id: Id, json: Json = False) -> None:
    """Show an event, its deliveries and their attempts."""
    found = Control().ask("GET", f"/environments/{segment(name)}/events/{segment(id)}")
    if json:
        return terminal.emit(found)
    terminal.facts(
        [
            ("id", found["id"]),
            ("service", found["service"]),
            ("type", found["type"]),
            ("at", terminal.moment(found["created_at"])),
        ]
    )
    terminal.show()
    terminal.table(
        ("DELIVERY", "STATUS", "TARGET", "ATTEMPTS", "LAST ANSWER", "NEXT"),
        [
            (
                one["id"],
                one["status"],
                one["url"],
                len(one["attempts"]),
                _outcome(one["attempts"]),
                terminal.moment(one["next_at"]),
            )
            for one in found["deliveries"]
        ],
        empty="It has no targets: name some under webhooks in the policy, or with --webhook.",
    )
    terminal.show()
    terminal.emit(found["payload"])
    return None


def _outcome(attempts: list[dict[str, Any]]) -> str | None:
    if not attempts:
        return None
    last = attempts[-1]
    return str(last["status"] or last["error"])


@events.command("resend", epilog=examples("broker events resend pr-142 evt_1Ab3dE6gH9jK2mN5p"))
def resend_event(
    name: Name,
    id: Id,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="ID", help="Only to the target of this delivery.")
    ] = None,
    json: Json = False,
) -> None:
    """Deliver an event once more, to every target that it had."""
    body = {"delivery": delivery} if delivery else None
    found = Control().ask("POST", f"/environments/{segment(name)}/events/{segment(id)}/resend", body=body)
    if json:
        return terminal.emit(found)
    return terminal.show(f"Resent {found['event']}: {len(found['deliveries'])} deliveries are on their way.")
