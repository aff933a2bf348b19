"""``broker mail inbound``: a mail from outside arrives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples

_ROWS = ("EVENT", "URL", "TO")


def add(commands: typer.Typer) -> None:
    """The command, into the group of mails."""
    commands.command(
        "inbound",
        epilog=examples(
            "broker mail inbound pr-142 reply.eml --to inbox@parse.example.com",
            "broker mail inbound pr-142 - --from ada@example.com < reply.eml",
        ),
    )(inbound)


def inbound(
    name: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The message as it is sent (.eml); - is standard input.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="A recipient of the envelope; the message's own unless told."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ADDRESS", help="The envelope's sender; the message's unless told.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="SERVICE", help="Whose mail it is, where several take mail.")
    ] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", metavar="SCOPE", help="Whose test the mail is of, as Broker-Scope says it.")
    ] = None,
    json: Json = False,
) -> None:
    """Let a mail from outside arrive. It is posted to the application where a setting of the service's API waits for
    mail to its hostname; `broker events show` has the attempts."""
    found = Control().upload(
        f"/environments/{segment(name)}/mail/inbound",
        _content(file),
        media="message/rfc822",
        query={"to": ",".join(to) if to else None, "from": sender, "service": service, "scope": scope},
    )
    if json:
        return terminal.emit(found)
    rows = [(one["event"], one["url"], ", ".join(one["to"])) for one in found["items"]]
    return terminal.table(_ROWS, rows, empty="Nobody waits for it.")


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as wrong:
        raise Failure(f"{file}: {wrong.strerror or wrong}", codes.USAGE) from None
