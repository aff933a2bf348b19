"""Control routes that look into what an environment's mocks hold: their records, and files where a service has any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import orjson

from broker.control.answering import Answer, Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ANYTHING, COUNT, TEXT, Schema, many, mapping, maybe, record, ref
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.policy import Policy
from broker.redact import Redactor
from broker.storage.base import Environment, EnvironmentStore
from mocks.base import MockService, State
from mocks.browsing import Browsing, File

#: Entries of a page, unless said.
_PAGE = 100

COMPONENTS: dict[str, Schema] = {
    "KindList": record(
        {"items": many(record({"kind": TEXT, "count": COUNT}))}, about="What the mock of a service holds, by kind."
    ),
    "RecordPage": record(
        {"items": many(record({"key": TEXT, "record": ANYTHING})), "next": maybe(TEXT)},
        about="What a mock holds of a kind, secrets hidden. How a record looks is the mock's own and may change.",
    ),
    "Record": record({"kind": TEXT, "key": TEXT, "record": ANYTHING}),
    "Top": record({"name": TEXT, "made_at": TEXT, "facts": mapping(TEXT)}, about="A folder that stands in no other."),
    "TopList": record({"items": many(ref("Top"))}),
    "File": record(
        {"name": TEXT, "size": COUNT, "changed_at": TEXT, "media": TEXT, "facts": mapping(TEXT)},
        about="`name` is all of its name below the top folder.",
    ),
    "Folder": record({"folders": many(TEXT), "files": many(ref("File")), "next": maybe(TEXT)}),
}


async def _opened(parts: Parts, ask: Ask) -> tuple[Environment, EnvironmentStore, MockService]:
    environment = await parts.environments.get_open(ask.path["name"])
    known = parts.environments.services_of(Policy.from_normalised(environment.policy))
    service = known.get(ask.path["service"])
    if service is None:
        raise NotFound(f"no service is called {ask.path['service'][:100]}; known ones are {', '.join(known)}")
    return environment, await parts.environments.store(environment), service


async def list_kinds(parts: Parts, ask: Ask) -> Any:
    """By name; every record is counted."""
    _, store, service = await _opened(parts, ask)
    found = (await store.inventory())["records"].get(service.name, {})
    return {"items": [{"kind": kind, "count": count} for kind, count in sorted(found.items())]}


async def list_records(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    _, store, service = await _opened(parts, ask)
    query, limit = ask.query, ask.query.get("limit", _PAGE)
    found = await store.records(service.name, query["kind"], after=query.get("after"), limit=limit + 1)
    items = [{"key": key, "record": _shown(service, each)} for key, each in found[:limit]]
    return {"items": items, "next": items[-1]["key"] if len(found) > limit else None}


async def show_record(parts: Parts, ask: Ask) -> Any:
    """One."""
    _, store, service = await _opened(parts, ask)
    kind, key = ask.query["kind"], ask.query["key"]
    found = await store.record(service.name, kind, key)
    if found is None:
        raise NotFound(f"{service.name} has no {kind[:100]} called {key[:200]}")
    return {"kind": kind, "key": key, "record": _shown(service, found)}


def _shown(service: MockService, found: Mapping[str, Any]) -> Any:
    """Without what must never be shown; JSON all the same."""
    return orjson.loads(Redactor(service.secrets).text(orjson.dumps(found).decode()))


async def _browsed(parts: Parts, ask: Ask) -> tuple[Browsing, EnvironmentStore, MockService]:
    _, store, service = await _opened(parts, ask)
    if service.browsing is None:
        raise NotFound(f"{service.name} keeps no files")
    return service.browsing, store, service


@asynccontextmanager
async def _looking(store: EnvironmentStore, service: MockService) -> AsyncIterator[State]:
    """The service's memory, for reading: whatever happens, nothing of it is changed."""
    state = store.begin(service.name)
    try:
        yield state
    finally:
        await state.rollback()


async def _file(
    browsing: Browsing, store: EnvironmentStore, service: MockService, ask: Ask
) -> tuple[File, AsyncIterator[bytes]]:
    async with _looking(store, service) as state:
        found = await browsing.read(state, ask.path["top"], ask.query["file"])
    if found is None:
        raise NotFound(f"{ask.path['top'][:200]} has no file {ask.query['file'][:200]}")
    return found


async def list_tops(parts: Parts, ask: Ask) -> Any:
    """By name."""
    browsing, store, service = await _browsed(parts, ask)
    async with _looking(store, service) as state:
        return {"items": [asdict(each) for each in await browsing.tops(state)]}


async def list_folder(parts: Parts, ask: Ask) -> Any:
    """By name, folders and files together."""
    browsing, store, service = await _browsed(parts, ask)
    query, top, limit = ask.query, ask.path["top"], ask.query.get("limit", _PAGE)
    async with _looking(store, service) as state:
        found = await browsing.folder(state, top, query.get("prefix", ""), query.get("after", ""), limit)
    if found is None:
        raise NotFound(f"{service.name} has no folder {top[:200]}")
    return {"folders": list(found.folders), "files": [asdict(each) for each in found.files], "next": found.next}


async def show_file(parts: Parts, ask: Ask) -> Any:
    """What is told of it, without its bytes."""
    browsing, store, service = await _browsed(parts, ask)
    return asdict((await _file(browsing, store, service, ask))[0])


async def download(parts: Parts, ask: Ask) -> Answer:
    """As it is stored, to be saved: no browser shows or runs it here."""
    browsing, store, service = await _browsed(parts, ask)
    file, pieces = await _file(browsing, store, service, ask)
    base = file.name.rstrip("/").rpartition("/")[2] or "file"
    headers = {
        "content-length": str(file.size),
        # RFC 6266, RFC 8187: one form for every name.
        "content-disposition": f"attachment; filename*=UTF-8''{quote(base, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Answer(stream=_held(store, pieces), media="application/octet-stream", headers=headers)


async def _held(store: EnvironmentStore, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The store stays open while somebody takes them."""
    store.users += 1
    try:
        async for piece in pieces:
            yield piece
    finally:
        store.users -= 1


_SERVICE = "/_broker/v1/environments/{name}/services/{service}"
_FILES = _SERVICE + "/files"
_ERRORS = (NotFound, Conflict, EnvironmentClosed)
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
_KIND = Query(
    "kind", {"type": "string", "minLength": 1, "maxLength": 300}, "What is kept: a name of the kinds.", required=True
)
_FILE = Query("file", _TEXT, "All of its name below the top folder.", required=True)
_LIMIT = Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said.")
_AFTER = Query("after", _TEXT, "The `next` of the page before.")

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_SERVICE + "/kinds",
        id="listKinds",
        about="Say what a service's mock holds for an environment, by kind.",
        respond=list_kinds,
        replies={200: ref("KindList")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_SERVICE + "/records",
        id="listRecords",
        about="List what a service's mock holds of a kind, newest first, secrets hidden.",
        respond=list_records,
        query=(_KIND, _AFTER, _LIMIT),
        replies={200: ref("RecordPage")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_SERVICE + "/record",
        id="showRecord",
        about="Show one record of a service's mock, secrets hidden.",
        respond=show_record,
        query=(_KIND, Query("key", _TEXT, "Its key.", required=True)),
        replies={200: ref("Record")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_FILES,
        id="listTops",
        about="List the top folders (buckets) of a service that keeps files.",
        respond=list_tops,
        replies={200: ref("TopList")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_FILES + "/{top}",
        id="listFolder",
        about="List what a folder holds, by name: folders and files.",
        respond=list_folder,
        query=(
            Query("prefix", {"type": "string", "maxLength": 2000}, "The folder below the top one, with its slash."),
            _AFTER,
            _LIMIT,
        ),
        replies={200: ref("Folder")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_FILES + "/{top}/file",
        id="showFile",
        about="Show what is told of a file.",
        respond=show_file,
        query=(_FILE,),
        replies={200: ref("File")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_FILES + "/{top}/content",
        id="downloadFile",
        about="Download a file as it is stored, whoever may read it at the service.",
        respond=download,
        query=(_FILE,),
        replies={200: {"type": "string", "format": "binary"}},
        json=False,
        other_media=("application/octet-stream",),
        errors=_ERRORS,
    ),
)
