"""``broker env clock``: what an environment's mocks take for the time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from broker.cli import terminal
from broker.cli.client import Control, segment
from broker.cli.options import Json, Name, examples


def add(commands: typer.Typer) -> None:
    """The command, into the group of env."""
    commands.command(
        "clock",
        epilog=examples(
            "broker env clock pr-142",
            "broker env clock pr-142 --freeze",
            "broker env clock pr-142 --advance 30d",
            "broker env clock pr-142 --release",
            "broker env clock pr-142 --reset",
        ),
    )(clock)


def clock(
    name: Name,
    freeze: Annotated[
        bool | None, typer.Option("--freeze/--release", help="Let the time stand still, or go on from there.")
    ] = None,
    advance: Annotated[str | None, typer.Option("--advance", metavar="TIME", help="Go on by that: 30d, 1h.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the server's own time, before the rest.")] = False,
    json: Json = False,
) -> None:
    """Show or change what an environment's mocks take for the time."""
    body: dict[str, Any] = {"freeze": freeze, "advance": advance, "reset": reset or None}
    body = {key: value for key, value in body.items() if value is not None}
    place = f"/environments/{segment(name)}/clock"
    found = Control().ask("POST", place, body=body) if body else Control().ask("GET", place)
    if json:
        return terminal.emit(found)
    how = "stands at" if found["frozen"] else "is at"
    ahead = f", {found['ahead_seconds']} s from the server's" if found["ahead_seconds"] else ""
    return terminal.show(f"The clock of {found['name']} {how} {found['now']}{ahead}.")
