"""``broker contracts``: what the providers promise, as installed here; and compiling it anew from its source."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from broker.cli import codes, contract_diff, contract_versions, terminal
from broker.cli.client import Failure
from broker.cli.options import Json, examples, group
from contracts import library
from contracts.contract import Contract, Operation

commands = group("List, show, compile and compare the providers' contracts. Needs no server.")
commands.command("diff", epilog=contract_diff.EPILOG)(contract_diff.diff_contracts)
commands.command("pull", epilog=contract_versions.PULL)(contract_versions.pull_contract)
commands.command("versions", epilog=contract_versions.VERSIONS)(contract_versions.list_versions)
commands.command("promote", epilog=contract_versions.PROMOTE)(contract_versions.promote_version)
commands.command("remove", epilog=contract_versions.REMOVE)(contract_versions.remove_version)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service, as `broker contracts list` names it.")]


@commands.command("list", epilog=examples("broker contracts list", "broker contracts list --json"))
def list_contracts(json: Json = False) -> None:
    """List the installed contracts and where they come from."""
    entries = library.installed()
    found = [
        {
            "service": entry.name,
            "version": entry.version,
            "kind": entry.kind,
            "origin": entry.origin,
            "licence": entry.licence,
            "date": entry.date.isoformat(),
            "sha256": entry.sha256,
            "command": entry.command,
            "operations": len(library.load(entry.name).operations()),
        }
        for entry in entries
    ]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("SERVICE", "VERSION", "OPERATIONS", "ORIGIN", "LICENCE", "COMPILED"),
        [
            (one["service"], one["version"], one["operations"], one["origin"], one["licence"], one["date"])
            for one in found
        ],
        empty="No contracts are installed. Compile one: broker contracts compile SERVICE",
    )
    return None


@commands.command(
    "show", epilog=examples("broker contracts show SERVICE", "broker contracts show SERVICE customers.create --json")
)
def show_contract(
    service: Service,
    operation: Annotated[
        str | None, typer.Argument(metavar="[OPERATION]", help="One operation by its id; all of them when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Show a contract's operations, or one of them."""
    contract = load(service)
    known = contract.operations()
    if operation is None:
        found = [_described(one) for one in known.values()]
        if json:
            return terminal.emit({"service": service, "version": contract.version, "operations": found})
        terminal.table(
            ("OPERATION", "METHOD", "PATH", "RESOURCE", "ACTION"),
            [(one["id"], one["method"], one["path"], one["resource"], one["action"]) for one in found],
            empty=f"The contract of {service} has no operations.",
        )
        return None
    if operation not in known:
        close = difflib.get_close_matches(operation, list(known), n=3, cutoff=0.5)
        meant = f" Did you mean {', '.join(close)}?" if close else ""
        raise Failure(f"{service} has no operation {operation}.{meant}", codes.MISSING)
    return _show_operation(known[operation], json)


def _show_operation(operation: Operation, json: bool) -> None:
    described = _described(operation)
    if json:
        terminal.emit(described)
    else:
        terminal.facts(described.items())


def load(service: str) -> Contract:
    """The installed contract of a service; raises Failure."""
    try:
        return library.load(service)
    except library.UnknownContract as unknown:
        names = ", ".join(entry.name for entry in library.installed()) or "none"
        raise Failure(f"No contract of {service!r} is installed; there are: {names}.", codes.MISSING) from unknown


def _described(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "resource": operation.resource,
        "action": operation.action,
        "body": operation.encoding,
        "success_status": operation.success_status,
        "streams_request": operation.streams_request,
        "streams_response": operation.streams_response,
    }


@commands.command(
    "compile",
    epilog=examples(
        "broker contracts compile SERVICE",
        "broker contracts compile billing --document billing.yaml --out contracts/library",
    ),
)
def compile_contract(
    service: Service,
    document: Annotated[
        Path | None, typer.Option("--document", metavar="FILE", help="An OpenAPI 3 document, JSON or YAML.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the service's folder is made.")] = Path(
        "contracts/library"
    ),
    json: Json = False,
) -> None:
    """Compile a contract from its source: the provider's installed SDK where there is one, else an OpenAPI document."""
    from contracts.compile import CompileError, compile_service

    target = out / service
    if service != Path(service).name or service in ("", ".", ".."):
        raise Failure(f"{service!r} cannot name a contract: it becomes the name of a folder.", codes.USAGE)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.console(error=True), transient=True) as progress:
        task = progress.add_task(f"reading the source of {service}", total=None)
        try:
            compiled = compile_service(service, document)
            progress.update(task, description=f"writing {target}", total=1, completed=0)
            compiled.write(target)
            progress.update(task, completed=1)
        except CompileError as wrong:
            raise Failure(f"{service}: {wrong}") from wrong
        except OSError as wrong:
            raise Failure(f"{target} cannot be written: {wrong.strerror}.") from wrong
    files = {str(target / name): len(content) for name, content in compiled.files.items()}
    if json:
        return terminal.emit({"service": service, "files": files})
    terminal.table(
        ("FILE", "BYTES"), [(name, f"{size:,}") for name, size in files.items()], empty="Nothing was written."
    )
    return None
