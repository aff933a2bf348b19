"""An object's bytes: slices of stored blobs, which copies share instead of writing them again.

A segment is ``[blob id, start, stop]``. A blob counts as shared once a second segment refers to it; kind
``shared`` holds the count, and no record means one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from mocks.base import Blob, Record, State

Segment = list[Any]

_SHARED, _LAYOUT = "shared", "layout"
#: Segments after which other environments have their turn: an object may have ten thousand.
_A_TURN = 500
#: See ``annotating``: they are part of what goes with an object.
ANNOTATION = "annotation"


def whole(blob: Blob) -> list[Segment]:
    """The segments of a freshly written blob."""
    return [[blob.id, 0, blob.size]] if blob.size else []


async def segments_of(state: State, record: Record) -> list[Segment]:
    """The segments of an object: its own, or those of its layout when there are several."""
    if "segments" in record:
        return list(record["segments"])
    layout = await state.get(_LAYOUT, record["layout"])
    return list(layout["segments"]) if layout is not None else []


async def parts_of(state: State, record: Record) -> list[Record]:
    """The parts of an object that was uploaded in parts, else none: ``{"number", "size", "checksum"}``."""
    if not record.get("parts"):
        return []
    layout = await state.get(_LAYOUT, record["layout"])
    return list(layout["parts"]) if layout is not None else []


async def keep(state: State, record: Record, segments: list[Segment], parts: list[Record], layout_id: str) -> None:
    """Write the object's content into ``record``; many segments or parts go into a record of their own, so that
    listing reads small ones."""
    if len(segments) <= 1 and not parts:
        record["segments"] = segments
        return
    record["layout"] = layout_id
    if parts:
        record["parts"] = len(parts)
    await state.put(_LAYOUT, layout_id, {"segments": segments, "parts": parts})


async def share(state: State, segments: Sequence[Segment]) -> None:
    """One more object refers to these segments."""
    for number, (blob_id, _, _) in enumerate(segments, 1):
        if not number % _A_TURN:
            await asyncio.sleep(0)
        held = await state.get(_SHARED, blob_id)
        await state.put(_SHARED, blob_id, {"count": (held["count"] if held else 1) + 1})


async def discard(state: State, record: Record | None) -> None:
    """The object is gone or replaced: its layout and annotations go, and every blob that nothing else refers to."""
    if record is None:
        return
    await release(state, await segments_of(state, record))
    if "layout" in record:
        await state.delete(_LAYOUT, record["layout"])
    if "annotations" in record:
        where = f"{record['annotations']}/"
        while page := await state.page(ANNOTATION, order="key", prefix=where, limit=10):
            for annotation in page:
                await state.delete(ANNOTATION, where + annotation["name"])


async def release(state: State, segments: Sequence[Segment]) -> None:
    """These segments are referred to no more."""
    for number, (blob_id, _, _) in enumerate(segments, 1):
        if not number % _A_TURN:
            await asyncio.sleep(0)
        held = await state.get(_SHARED, blob_id)
        if held is None:
            await state.delete_blob(blob_id)
        elif held["count"] <= 2:
            await state.delete(_SHARED, blob_id)
        else:
            await state.put(_SHARED, blob_id, {"count": held["count"] - 1})


def cut(segments: Sequence[Segment], start: int, stop: int) -> list[Segment]:
    """The segments of the bytes ``[start, stop)``."""
    found: list[Segment] = []
    at = 0
    for blob_id, first, last in segments:
        size = last - first
        low, high = max(start - at, 0), min(stop - at, size)
        if low < high:
            found.append([blob_id, first + low, first + high])
        at += size
    return found


def read(state: State, segments: Sequence[Segment]) -> AsyncIterator[bytes]:
    """The bytes of the segments, all of which are held from now on: a deletion meanwhile does not cut the answer."""
    return _chained([state.read_blob(*segment) for segment in segments])


async def _chained(sources: Sequence[AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
    for source in sources:
        async for piece in source:
            yield piece
