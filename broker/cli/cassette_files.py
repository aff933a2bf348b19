"""``broker cassette list|download|upload|delete``: the cassettes that a server has, and what of them was lost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, examples

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="Whose it is.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the policy calls it.")]


def add(commands: typer.Typer) -> None:
    """The commands, into the group."""
    commands.command("list", epilog=examples("broker cassette list", "broker cassette list --json"))(list_cassettes)
    commands.command(
        "download",
        epilog=examples(
            "broker cassette download SERVICE checkout > checkout.yaml",
            "broker cassette download SERVICE checkout --out tests/cassettes",
        ),
    )(download)
    commands.command("upload", epilog=examples("broker cassette upload SERVICE checkout checkout.yaml"))(upload)
    commands.command("delete", epilog=examples("broker cassette delete SERVICE checkout"))(delete)


def list_cassettes(json: Json = False) -> None:
    """List the server's cassettes, and what could not be written into them."""
    found = Control().ask("GET", "/cassettes")["items"]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("SERVICE", "NAME", "RECORDED BY", "EXCHANGES", "BYTES", "CHANGED", "LOST"),
        [
            (
                one["service"],
                one["name"],
                one["environment"] or "-",
                one["exchanges"],
                one["bytes"],
                terminal.moment(one["changed_at"]),
                len(one["lost"]),
            )
            for one in found
        ],
        empty="There are no cassettes: an environment whose policy says mode: record makes one.",
    )
    for one in found:
        for lost in one["lost"]:
            terminal.note(
                terminal.clean(
                    f"broker: lost of {one['service']} {one['name']}, {lost['operation']}: {lost['message']}"
                )
            )
    return None


def download(
    service: Service,
    name: Name,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write it there, as SERVICE/NAME.yaml.")
    ] = None,
) -> None:
    """Fetch a cassette: to the terminal, or into a folder."""
    text = Control().send("GET", _place(service, name)).text
    if out is None:
        return terminal.show(text.rstrip("\n"))
    path = out / service / f"{name}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as failed:
        raise Failure(f"{path}: {failed.strerror}", codes.USAGE) from None
    return terminal.show(str(path))


def upload(
    service: Service,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A cassette.")],
    json: Json = False,
) -> None:
    """Give a cassette to the server, in place of one of that name. It is masked and scanned again."""
    try:
        text = file.read_text()
    except (OSError, UnicodeError) as failed:
        raise Failure(f"{file}: {failed}", codes.MISSING) from None
    found = Control().send("PUT", _place(service, name), body={"text": text}).json()
    if json:
        return terminal.emit(found)
    return terminal.show(f"{service} {name} has {found['exchanges']} exchanges.")


def delete(service: Service, name: Name, json: Json = False) -> None:
    """Delete a cassette: its name may be recorded anew."""
    found = Control().send("DELETE", _place(service, name)).json()
    return terminal.emit(found) if json else terminal.show(f"Deleted {service} {name}.")


def _place(service: str, name: str) -> str:
    return f"/_broker/v1/cassettes/{segment(service)}/{segment(name)}"
