"""A bucket's stored configurations: what is put is what is got, until it is deleted or the bucket is.

A record of kind ``configuration`` under ``BUCKET/NAME``, or ``BUCKET/NAME/ID`` where a bucket has several of a name.
The bucket's record lists the names that exist (``configured``), so that asking for an absent one reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, State
from mocks.s3.records import BUCKET

#: Its key is ``BUCKET/NAME`` or ``BUCKET/NAME/ID``.
CONFIGURATION = "configuration"

_PAGE = 100


async def configuration(state: State, bucket: Record, name: str) -> Any | None:
    """What is configured under ``name``, None when nothing is."""
    if name not in bucket.get("configured", ()):
        return None
    found = await state.get(CONFIGURATION, f"{bucket['name']}/{name}")
    return None if found is None else found["value"]


async def configure(call: Call, bucket: Record, name: str, value: Any | None) -> None:
    """Store what is configured under ``name``; None removes it. Writes the bucket's record where its names change."""
    where = f"{bucket['name']}/{name}"
    if value is None:
        await call.state.delete(CONFIGURATION, where)
    else:
        await call.state.put(CONFIGURATION, where, {"value": storable(value)})
    await _mark(call.state, bucket, name, there=value is not None)


async def numbered(state: State, bucket: Record, name: str, id_: str) -> Any | None:
    """The configuration ``id_`` of several of a name, None when there is none."""
    if name not in bucket.get("configured", ()):
        return None
    found = await state.get(CONFIGURATION, f"{bucket['name']}/{name}/{id_}")
    return None if found is None else found["value"]


async def number(call: Call, bucket: Record, name: str, id_: str, value: Any | None) -> None:
    """Store one of several configurations of a name under its id; None removes it."""
    where = f"{bucket['name']}/{name}/"
    if value is None:
        await call.state.delete(CONFIGURATION, where + id_)
    else:
        await call.state.put(CONFIGURATION, where + id_, {"id": id_, "value": storable(value)})
    left = value is not None or await call.state.page(CONFIGURATION, order="key", prefix=where, limit=1)
    await _mark(call.state, bucket, name, there=bool(left))


async def several(state: State, bucket: Record, name: str, after: str = "", limit: int = _PAGE) -> Sequence[Record]:
    """At most ``limit`` of the configurations of a name, in the order of their ids: ``{"id", "value"}``."""
    if name not in bucket.get("configured", ()):
        return ()
    where = f"{bucket['name']}/{name}/"
    return await state.page(
        CONFIGURATION, order="key", prefix=where, after=where + after if after else None, limit=limit
    )


async def discard_configurations(state: State, bucket: Record) -> None:
    """The bucket is deleted, and so are all of its configurations."""
    if not bucket.get("configured"):
        return
    for name in bucket["configured"]:
        where = f"{bucket['name']}/{name}"
        await state.delete(CONFIGURATION, where)
        while page := await state.page(CONFIGURATION, order="key", prefix=f"{where}/", limit=_PAGE):
            for record in page:
                await state.delete(CONFIGURATION, f"{where}/{record['id']}")


async def _mark(state: State, bucket: Record, name: str, *, there: bool) -> None:
    """Note in the bucket's record whether anything is configured under ``name``."""
    names = set(bucket.get("configured", ()))
    if there == (name in names):
        return
    bucket["configured"] = sorted(names ^ {name})
    await state.put(BUCKET, bucket["name"], bucket)


def storable(value: Any) -> Any:
    """A request's members as JSON values: a time is the text that S3 writes."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {name: storable(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [storable(held) for held in value]
    return value
