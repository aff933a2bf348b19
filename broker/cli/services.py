"""``broker services``: what this server can stand in for, and documents that policies make services of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, examples, group
from contracts import documents
from contracts.compile.document import CompileError

commands = group("List services, and upload documents that policies make services of.")

DocumentName = Annotated[str, typer.Argument(metavar="NAME", help="What policies name it by: crm.")]

#: Notes of a document that are shown.
_SHOWN = 10


@commands.command("list", epilog=examples("broker services list", "broker services list --json"))
def list_services(json: Json = False) -> None:
    """List the services that every environment has, and the documents that were uploaded."""
    control = Control()
    known = control.ask("GET", "/services")["items"]
    uploaded = control.ask("GET", "/documents")["items"]
    if json:
        return terminal.emit({"services": known, "documents": uploaded})
    rows = [(one["name"], "this server", f"{one['handlers']} handlers", "") for one in known]
    rows += [
        (one["name"], "document", f"{one['bytes'] / 1024:,.0f} KiB", terminal.moment(one["at"])) for one in uploaded
    ]
    terminal.table(("NAME", "FROM", "SIZE", "SINCE"), rows, empty="This server has no services.")
    return None


@commands.command("add", epilog=examples("broker services add crm --document crm.yaml"))
def add_service(
    name: DocumentName,
    document: Annotated[
        Path, typer.Option("--document", metavar="FILE", help="An OpenAPI 3.0 or 3.1 document, JSON or YAML.")
    ],
    json: Json = False,
) -> None:
    """Upload an OpenAPI document, with the files beside it that it refers to. A policy then makes a service of it."""
    found = Control().ask("PUT", f"/documents/{segment(name)}", body=_read(document))
    if json:
        return terminal.emit(found)
    kept = found["resources"]
    terminal.show(f"{found['title']} {found['version']}: {found['operations']} operations.")
    terminal.show(
        f"Kept: {', '.join(kept[:20])}{' and more' if len(kept) > 20 else ''}." if kept else "Nothing is kept."
    )
    for note in found["notes"][:_SHOWN]:
        terminal.show(f"  {terminal.clean(note)}")
    if len(found["notes"]) > _SHOWN:
        terminal.show(f"  and {len(found['notes']) - _SHOWN} more; --json shows all.")
    terminal.show(f"In a policy:  services: {{{name}: {{contract: {name}}}}}")
    return None


@commands.command("remove", epilog=examples("broker services remove crm"))
def remove_service(name: DocumentName, json: Json = False) -> None:
    """Remove an uploaded document; environments that were made with it keep what they have."""
    found = Control().ask("DELETE", f"/documents/{segment(name)}")
    return terminal.emit(found) if json else terminal.show(f"Removed {found['name']}.")


def _read(path: Path) -> dict[str, Any]:
    """The document whole, with what it refers to below its own folder. Raises Failure."""
    root = path.parent.resolve()

    def beside(name: str) -> bytes | None:
        found = (root / name).resolve()
        return found.read_bytes() if found.is_relative_to(root) and found.is_file() else None

    try:
        return documents.read(path.read_bytes(), beside=beside, name=path.name)
    except OSError as unread:
        raise Failure(f"{path} cannot be read: {unread.strerror}.", codes.USAGE) from unread
    except CompileError as wrong:
        raise Failure(f"{path}: {wrong}.") from wrong
