"""``broker cassette``: recordings of other tools, and what is in cassettes. Works on files, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal

import typer

from broker.cassettes import document, importers, probing, scan
from broker.cassettes.foreign import Format
from broker.cassettes.importers import Hosts, Imported
from broker.cassettes.recorded import Cassette, Recorded, pairs
from broker.cassettes.scan import LooksSecret
from broker.cassettes.shelf import Shelf
from broker.cli import codes, terminal
from broker.cli.client import Failure
from broker.cli.options import Json, examples, group
from broker.clock import SystemClock
from broker.errors import InvalidInput
from broker.redact import Redactor
from contracts.exchange import Headers, Request
from mocks.base import MockService

#: Reasons for what was left out that are shown one by one.
_SHOWN = 20

commands = group("Import other tools' recordings, look into cassettes, make probes of them; fetch those of the server.")

Source = Annotated[Path, typer.Argument(metavar="PATH", help="A recording, or a folder of them.")]
Service = Annotated[
    str | None,
    typer.Option("--service", metavar="SERVICE", help="Whose they are, where their hosts do not tell."),
]


def services() -> dict[str, MockService]:
    """Every mock that is installed, by name."""
    from broker.app import known

    return {service.name: service for service in known()[0]}


def gathered(path: Path, service: str | None, format: Format | None = None) -> Imported:
    """The recordings at a path. Raises Failure."""
    from broker.app import known

    mocks, providers = known()
    by_name = {each.name: each for each in mocks}

    def relocate(name: str, label: str, place: str) -> str:
        return by_name[name].relocate(Request(method="GET", path=place, host_label=label)).path

    hosts = {each.name: each.hosts for each in providers if each.name in by_name}
    try:
        found = importers.read(path, Hosts(hosts, service, relocate), format=format)
    except InvalidInput as wrong:
        raise Failure(terminal.clean(wrong.detail), codes.USAGE) from None
    if service is not None:
        found.cassettes = [each for each in found.cassettes if each.service == service]
    return found


@commands.command(
    "import",
    epilog=examples(
        "broker cassette import spec/cassettes --out cassettes",
        "broker cassette import mappings --service SERVICE --out cassettes",
        "broker cassette import session.har --format har --out cassettes",
    ),
)
def import_recordings(
    path: Source,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where SERVICE/NAME.yaml is written.")],
    format: Annotated[
        Literal["vcr", "vcrpy", "polly", "har", "wiremock", "jsonl", "cassette"] | None,
        typer.Option("--format", help="What wrote them; told by their content when left out."),
    ] = None,
    service: Service = None,
    json: Json = False,
) -> None:
    """Make cassettes of recordings by VCR, vcrpy, Polly.js, HAR, WireMock or JSON lines: masked, and scanned."""
    found = gathered(path, service, format)
    mocks = services()
    shelf = Shelf(out, redactor(mocks.values()), _digest())
    rows, refused = [], []
    for cassette in found.cassettes:
        named = _named(cassette, mocks.get(cassette.service))
        try:
            file = shelf.put(named)
        except LooksSecret as secret:
            refused.append(str(secret))
        except (InvalidInput, OSError) as failed:
            refused.append(failed.detail if isinstance(failed, InvalidInput) else str(failed))
        else:
            rows.append((cassette.service, cassette.name, len(cassette.exchanges), str(file)))
    if json:
        imported = [dict(zip(("service", "name", "exchanges", "file"), row, strict=True)) for row in rows]
        terminal.emit({"imported": imported, "refused": refused, "skipped": found.skipped})
    else:
        terminal.table(("SERVICE", "NAME", "EXCHANGES", "FILE"), rows, empty="Nothing was imported.")
        _tell_skipped(found.skipped)
    if refused:
        raise Failure(
            f"{len(refused)} of {len(found.cassettes)} cassettes are not written.",
            details=tuple(terminal.clean(each) for each in refused),
        )
    if not rows:
        raise Failure(f"{path} holds no exchange of a service that is known.")


def redactor(mocks: Iterable[MockService]) -> Redactor:
    """As the server's."""
    return Redactor({sign: shape for service in mocks for sign, shape in service.secrets.items()})


def _digest() -> Callable[[str, str], str]:
    """Masks are the same in all that one import writes, and tell nothing: their key is thrown away."""
    key = SystemClock().text(32).encode()
    return lambda place, value: blake2b(f"{place}\n{value}".encode(), key=key, digest_size=4).hexdigest()


def _tell_skipped(skipped: Sequence[str]) -> None:
    for line in skipped[:_SHOWN]:
        terminal.note(f"broker: left out: {terminal.clean(line)}")
    if len(skipped) > _SHOWN:
        terminal.note(f"broker: left out: {len(skipped) - _SHOWN} more (--json has them all)")


def _named(cassette: Cassette, service: MockService | None) -> Cassette:
    if service is None:
        return cassette
    named = [replace(each, operation=_operation(each, service)) for each in cassette.exchanges]
    return replace(cassette, exchanges=named)


def _operation(one: Recorded, service: MockService) -> str | None:
    query = one.target.partition("?")[2]
    request = Request(method=one.method, path=one.path, query=query, headers=Headers(pairs(one.request_headers)))
    found = service.contract().match(service.relocate(request))
    return None if found is None else found.operation.id


@commands.command(
    "show",
    epilog=examples(
        "broker cassette show way.yaml", "broker cassette show way.yaml 3", "broker cassette show way.yaml --json"
    ),
)
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A cassette.")],
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", min=1, help="One exchange in full; all of them when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """List a cassette's exchanges, or show one of them."""
    cassette = _read(file)
    if number is not None:
        if number > len(cassette.exchanges):
            raise Failure(f"{file} has {len(cassette.exchanges)} exchanges.", codes.MISSING)
        one = cassette.exchanges[number - 1]
        return (
            terminal.emit(document.plain(one))
            if json
            else terminal.show(terminal.clean(document.written([one]).rstrip()))
        )
    if json:
        return terminal.emit(
            {
                "service": cassette.service,
                "name": cassette.name,
                "exchanges": [document.plain(each) for each in cassette.exchanges],
            }
        )
    terminal.table(
        ("NUMBER", "OPERATION", "METHOD", "PATH", "STATUS", "RECORDED"),
        [
            (at, each.operation, each.method, each.path, each.status, terminal.moment(each.recorded_at))
            for at, each in enumerate(cassette.exchanges, 1)
        ],
        empty=f"{file} holds no exchange.",
    )
    return None


def _read(file: Path) -> Cassette:
    try:
        return document.read(file.read_bytes(), str(file))
    except OSError as unreadable:
        raise Failure(f"{file}: {unreadable.strerror}", codes.MISSING) from None
    except InvalidInput as wrong:
        raise Failure(terminal.clean(wrong.detail), codes.USAGE) from None


@commands.command("check", epilog=examples("broker cassette check cassettes", "broker cassette check way.yaml --json"))
def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A cassette, or a folder of them.")], json: Json = False
) -> None:
    """Look cassettes over: can they be read, do their calls exist, is anything in them that looks like a secret."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    mocks = services()
    keen = redactor(mocks.values())
    faults = [
        {"file": str(file), "exchange": at, "fault": fault}
        for file in files
        for at, fault in _faults(file, mocks, keen)
    ]
    if json:
        terminal.emit({"files": len(files), "faults": faults})
    else:
        for each in faults:
            where = f", exchange {each['exchange']}" if each["exchange"] else ""
            terminal.show(terminal.clean(f"{each['file']}{where}: {each['fault']}"))
    if not files:
        raise Failure(f"{path} holds no cassette.", codes.MISSING)
    if faults:
        raise Failure(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in {len(files)} cassettes.")
    if not json:
        terminal.show(f"{len(files)} {'cassette is' if len(files) == 1 else 'cassettes are'} in order.")


def _faults(file: Path, mocks: dict[str, MockService], keen: Redactor) -> Iterator[tuple[int | None, str]]:
    try:
        cassette = _read(file)
    except Failure as wrong:
        yield None, wrong.message
        return
    service = mocks.get(cassette.service)
    if service is None:
        yield None, f"there is no service {cassette.service}"
    for at, one in enumerate(cassette.exchanges, 1):
        for suspicion in scan.suspicions(one, keen):
            yield at, f"{suspicion.place}: {suspicion.why}"
        if service is not None and _operation(one, service) is None:
            yield at, f"{one.method} {one.path} is no call of {cassette.service}'s contract"


@commands.command(
    "to-probe",
    epilog=examples("broker cassette to-probe way.yaml", "broker cassette to-probe way.yaml --out probes/way.yaml"),
)
def to_probe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A cassette.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there; standard output when left out.")
    ] = None,
) -> None:
    """Make a probe of a cassette: its calls as steps, with ids that each side makes for itself."""
    try:
        text, left_out = probing.probe(_read(file))
    except InvalidInput as wrong:
        raise Failure(terminal.clean(wrong.detail)) from None
    for line in left_out:
        terminal.note(f"broker: left out: {terminal.clean(line)}")
    if out is None:
        return terminal.show(text.rstrip("\n"))
    try:
        out.write_text(text)
    except OSError as failed:
        raise Failure(f"{out}: {failed.strerror}") from None
    return terminal.note(f"{out} is written.")
