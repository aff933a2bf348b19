"""Control routes of cassettes: which there are, what of them was lost, and the files themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from broker.cassettes import document
from broker.cassettes.scan import LooksSecret
from broker.cassettes.yaml_events import MAX_BYTES
from broker.control.answering import Answer, Ask, Route
from broker.control.forms import moment
from broker.control.parts import Parts
from broker.control.shapes import COUNT, MOMENT, TEXT, Schema, many, maybe, record, ref
from broker.errors import Conflict, InvalidInput, NotFound
from broker.recording import Recording

_ONE = "/_broker/v1/cassettes/{service}/{cassette}"
#: Seconds for what was answered lately to be written.
_PATIENCE = 5.0

_LOST: Schema = record(
    {
        "at": MOMENT,
        "operation": TEXT,
        "why": {"type": "string", "enum": ["secret", "failed", "dropped"]},
        "message": TEXT,
    },
    about="An exchange that is not in its cassette.",
)

COMPONENTS: dict[str, Schema] = {
    "Cassette": record(
        {
            "service": TEXT,
            "name": TEXT,
            "environment": {**maybe(TEXT), "description": "Who recorded it; null for one that was imported."},
            "exchanges": COUNT,
            "bytes": COUNT,
            "changed_at": maybe(MOMENT),
            "lost": {**many(_LOST), "description": "What was not written since the server started, the latest twenty."},
        },
        about="A cassette; one of which everything was lost has no exchanges and no time.",
    ),
    "CassetteList": record({"items": many(ref("Cassette"))}),
    "DeletedCassette": record({"service": TEXT, "name": TEXT, "deleted": {"type": "boolean"}}),
}


async def list_cassettes(parts: Parts, ask: Ask) -> Any:
    """By service and name."""
    recording = await _settled(parts)
    names = dict.fromkeys([*await asyncio.to_thread(recording.shelf.names), *recording.record.lost])
    return {"items": [await _described(recording, *each) for each in sorted(names)]}


async def download(parts: Parts, ask: Ask) -> Answer:
    """The file as it is."""
    recording = await _settled(parts)
    path = recording.shelf.path(ask.path["service"], ask.path["cassette"])
    try:
        return Answer(text=await asyncio.to_thread(path.read_bytes), media="application/yaml")
    except FileNotFoundError:
        raise _absent(ask) from None


async def upload(parts: Parts, ask: Ask) -> Any:
    """Masked and scanned as what is recorded is."""
    recording = await _settled(parts)
    service, name = ask.path["service"], ask.path["cassette"]
    recording.shelf.path(service, name)
    cassette = await asyncio.to_thread(document.read, ask.body["text"].encode(), "the upload")
    if cassette.service != service:
        raise InvalidInput(f"the cassette is one of {cassette.service[:100]}, not of {service}")
    if recording.record.is_recording(service, name):
        raise Conflict(f"the cassette {name} of {service} is being recorded: close that environment first")
    cassette.name = name
    try:
        await asyncio.to_thread(recording.shelf.put, cassette)
    except LooksSecret as secret:
        raise InvalidInput(str(secret)) from None
    return await _described(recording, service, name)


async def delete(parts: Parts, ask: Ask) -> Any:
    """Also one that is being recorded: it begins anew then."""
    recording = await _settled(parts)
    service, name = ask.path["service"], ask.path["cassette"]
    deleted = await asyncio.to_thread(recording.shelf.delete, service, name)
    if recording.record.lost.pop((service, name), None) is None and not deleted:
        raise _absent(ask)
    return {"service": service, "name": name, "deleted": deleted}


async def _settled(parts: Parts) -> Recording:
    """What was answered so far is written. Raises NotFound."""
    if parts.recording is None:
        raise NotFound("this server keeps no cassettes")
    try:
        await asyncio.wait_for(parts.recording.record.flush(), _PATIENCE)
    except TimeoutError:
        pass  # a slow disk: what is there is shown
    return parts.recording


async def _described(recording: Recording, service: str, name: str) -> dict[str, Any]:
    recorder = await asyncio.to_thread(recording.shelf.recorder, service, name)
    size = await asyncio.to_thread(recording.shelf.size, service, name)
    return {
        "service": service,
        "name": name,
        "environment": (recorder or ("", ""))[0] or None,
        "exchanges": 0 if size is None else size.exchanges,
        "bytes": 0 if size is None else size.bytes,
        "changed_at": None if size is None else moment(datetime.fromtimestamp(int(size.changed), UTC)),
        "lost": [
            {"at": moment(each.at), "operation": each.operation, "why": each.why, "message": each.words}
            for each in recording.record.lost.get((service, name), ())
        ],
    }


def _absent(ask: Ask) -> NotFound:
    return NotFound(f"there is no cassette {ask.path['cassette'][:100]} of {ask.path['service'][:100]}")


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/_broker/v1/cassettes",
        id="listCassettes",
        about="List the cassettes of this server, with what could not be written into them.",
        respond=list_cassettes,
        replies={200: ref("CassetteList")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_ONE,
        id="downloadCassette",
        about="Download a cassette: YAML, as it is on the disk.",
        respond=download,
        replies={200: TEXT},
        other_media=("application/yaml",),
        json=False,
        errors=(NotFound,),
    ),
    Route(
        method="PUT",
        path=_ONE,
        id="uploadCassette",
        about="Upload a cassette, in place of one of that name: masked, and refused with what looks like a secret.",
        respond=upload,
        body=record({"text": {**TEXT, "description": "The cassette as YAML."}}),
        from_text=lambda text: {"text": text},
        max_body=MAX_BYTES,
        # Its faults are named without quoting it.
        secret=True,
        replies={200: ref("Cassette")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="DELETE",
        path=_ONE,
        id="deleteCassette",
        about="Delete a cassette: its name may be recorded anew, by any environment.",
        respond=delete,
        replies={200: ref("DeletedCassette")},
        errors=(NotFound,),
    ),
)
