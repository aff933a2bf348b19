"""``broker contracts pull|versions|promote|remove``: contracts of other days beside the installed one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from broker.cli import codes, contract_sources, terminal
from broker.cli.client import Failure
from broker.cli.contract_diff import FailOn
from broker.cli.options import Json, examples
from broker.contract_versions import Damaged, UnknownVersion, Unremovable, Version, Versions
from broker.reports import machines, text
from contracts import library
from contracts.compile.document import CompiledLibrary, CompileError
from contracts.contract import Contract
from contracts.diff import Diff, Incomparable, diff

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service, as `broker contracts list` names it.")]
Name = Annotated[
    str, typer.Argument(metavar="VERSION", help="A version, as `broker contracts versions` names it, or the API's.")
]

PULL = examples(
    "broker contracts pull SERVICE",
    "broker contracts pull SERVICE --from PACKAGE==15.1.0",
    "broker contracts pull SERVICE --from https://example.com/openapi.json --as 2026-10-28 --promote",
)
VERSIONS = examples("broker contracts versions", "broker contracts versions SERVICE --json")
PROMOTE = examples("broker contracts promote SERVICE 15.1.0", "broker contracts promote SERVICE 2026-10-28")
REMOVE = examples("broker contracts remove SERVICE 15.1.0")


def pull_contract(
    service: Service,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="URL|FILE|PACKAGE[==VERSION]",
            help="An OpenAPI 3 document or a release; the newest one that the provider publishes when left out.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="VERSION", help="What to call it; the source's own version when left out."),
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Promote it at once.")] = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 when it changes something of this severity or a worse one.")
    ] = FailOn.NEVER,
    json: Json = False,
) -> None:
    """Fetch a contract, compile it beside those that are here, and say what differs from the one in use."""
    versions = contract_sources.store()
    before = _current(versions, service)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=terminal.console(error=True), transient=True) as progress:
        task = progress.add_task(f"fetching the contract of {service}", total=None)
        compiled = _compiled(service, source, versions, before)
        progress.update(task, description=f"comparing it with {before.name}")
        found = _differing(versions.load(before), library.open_files(compiled.files))
        try:
            version, fresh = versions.add(compiled, name)
            if promote:
                versions.promote(version)
        except OSError as wrong:
            raise Failure(f"{wrong.filename} cannot be written: {wrong.strerror}.") from wrong
        except ValueError as wrong:
            raise Failure(f"--as: {wrong}.", codes.USAGE) from wrong
    if json:
        listed = [text.described(each, found.reach[each.key]) for each in found.findings]
        facts = {**_described(version), "new": fresh, "before": before.name, "counts": found.counts()}
        terminal.emit({**facts, "findings": listed})
    else:
        _say(version, fresh, before, found, promote)
    if any(each.severity in machines.failing(fail_on) for each in found.findings):
        raise typer.Exit(codes.FAILED)


def _say(version: Version, fresh: bool, before: Version, found: Diff, promoted: bool) -> None:
    named = f"{version.service}@{version.name}"
    terminal.show(f"{named} ({version.api}) {'is kept' if fresh else 'was here already'}; {before.name} is in use.")
    counts = ", ".join(f"{count} {severity}" for severity, count in found.counts().items())
    terminal.show(f"Against {before.name}: {counts}.")
    if found.findings:
        terminal.show(f"See them: broker contracts diff {version.service}@{before.name} {named}")
    if promoted:
        terminal.show("It is promoted: servers use it from their next start on.")
    elif version.folder != before.folder:
        terminal.show(f"Use it from the next start on: broker contracts promote {version.service} {version.name}")


def _compiled(service: str, source: str | None, versions: Versions, before: Version) -> CompiledLibrary:
    from contracts.compile import compile_content
    from contracts.compile.newest import NEWEST

    licence = None
    if source is None:
        newest = NEWEST.get(service)
        if newest is None:
            raise Failure(f"Nobody says where {service} publishes its contract: name it with --from.", codes.USAGE)
        source, licence = newest.package or str(newest.url), newest.licence
    package, equals, version = source.partition("==")
    if equals or (source in {one.package for one in NEWEST.values()} and not Path(source).exists()):
        compiled = contract_sources.release(package, version or None)
        if compiled.name != service:
            raise Failure(f"{package} is the source of {compiled.name}, not of {service}.", codes.USAGE)
        return compiled
    content, origin = contract_sources.document(source)
    command = f"broker contracts pull {service} --from {origin}"
    try:
        return compile_content(
            service,
            content,
            contract_sources.today(),
            origin=origin,
            licence=licence,
            command=command,
            beside=versions.load(before),
        )
    except CompileError as wrong:
        raise Failure(f"{origin}: {wrong}.") from wrong


def _differing(before: Contract, after: Contract) -> Diff:
    try:
        return diff(before, after)
    except Incomparable as wrong:
        raise Failure(f"{wrong}.", codes.USAGE) from wrong


def list_versions(
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", help="One service; all of them when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """List the versions of contracts that are here, and which ones are in use."""
    versions = contract_sources.store()
    names = versions.services() if service is None else [_current(versions, service).service]
    found: list[dict[str, Any]] = []
    for name in names:
        used = _current(versions, name).folder
        found += [{**_described(one), "promoted": one.folder == used} for one in versions.of(name)]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("SERVICE", "VERSION", "API", "IN USE", "ORIGIN", "COMPILED"),
        [(one["service"], one["version"], one["api"], one["promoted"], one["origin"], one["date"]) for one in found],
        empty="No contracts are installed. Pull one: broker contracts pull SERVICE",
    )
    return None


def promote_version(service: Service, name: Name, json: Json = False) -> None:
    """Make a version the one that servers use from their next start on. The installed one can be promoted again."""
    versions = contract_sources.store()
    version = _found(versions, service, name)
    try:
        versions.promote(version)
    except OSError as wrong:
        raise Failure(f"{wrong.filename} cannot be written: {wrong.strerror}.") from wrong
    if json:
        return terminal.emit({**_described(version), "promoted": True})
    terminal.show(f"{service}@{version.name} is promoted: servers use it from their next start on.")
    return None


def remove_version(service: Service, name: Name) -> None:
    """Remove a version that was pulled and is not promoted. Environments that pin it refuse calls until it is back."""
    versions = contract_sources.store()
    version = _found(versions, service, name)
    try:
        versions.remove(version)
    except Unremovable as kept:
        raise Failure(f"{kept}.", codes.USAGE) from kept
    except OSError as wrong:
        raise Failure(f"{wrong.filename} cannot be removed: {wrong.strerror}.") from wrong
    terminal.show(f"{service}@{version.name} is removed.")


def _found(versions: Versions, service: str, name: str) -> Version:
    try:
        return versions.find(service, name)
    except UnknownVersion as unknown:
        raise Failure(f"{unknown}. Pull one: broker contracts pull {service}", codes.MISSING) from unknown
    except Damaged as wrong:
        raise Failure(f"{wrong}.") from wrong


def _current(versions: Versions, service: str) -> Version:
    try:
        return versions.current(service)
    except UnknownVersion as unknown:
        there = ", ".join(versions.services()) or "none"
        raise Failure(f"{unknown}; services: {there}.", codes.MISSING) from unknown
    except Damaged as wrong:
        raise Failure(f"{wrong}.") from wrong


def _described(version: Version) -> dict[str, Any]:
    entry = version.entry
    return {
        "service": version.service,
        "version": version.name,
        "api": version.api,
        "kind": entry.kind,
        "origin": entry.origin,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "date": entry.date.isoformat(),
        "installed": version.installed,
    }
