"""``broker events roll``: another secret for the signatures of events."""

from __future__ import annotations

from typing import Annotated

import typer

from broker.cli import terminal
from broker.cli.client import Control, segment
from broker.cli.options import Json, Name, examples


def add(commands: typer.Typer) -> None:
    """The command, into the group of events."""
    commands.command(
        "roll",
        epilog=examples(
            "broker events roll pr-142 SERVICE --overlap 24h",
            "broker events roll pr-142 SERVICE --endpoint we_1Ab3dE6gH9jK2mN5pQr8sT1",
        ),
    )(roll)


def roll(
    name: Name,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose events it signs.")],
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="ID", help="Of this endpoint of the API; else the environment's own."),
    ] = None,
    overlap: Annotated[
        str, typer.Option("--overlap", metavar="TIME", help="How long the earlier secret signs too: 0, 1h, 24h.")
    ] = "0",
    json: Json = False,
) -> None:
    """Put a fresh secret in the place of the one that signs events. Until the overlap is over, each delivery has a
    signature of both."""
    body = {"service": service, "endpoint": endpoint, "overlap": overlap}
    body = {key: value for key, value in body.items() if value is not None}
    found = Control().ask("POST", f"/environments/{segment(name)}/secrets/roll", body=body)
    if json:
        return terminal.emit(found)
    terminal.show(found["secret"])
    if found["until"]:
        terminal.note(f"The earlier secret signs too until {terminal.moment(found['until'])}.")
    return None
