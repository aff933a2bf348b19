"""Buckets and their current objects, for people who look through them. Earlier versions stay behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from mocks.base import Record, State
from mocks.browsing import Browsing, File, Folder, Top
from mocks.s3 import content
from mocks.s3.listing import OBJECTS
from mocks.s3.records import BUCKET, OBJECT, address_in
from mocks.s3.walking import Walk, behind, first_batch, scan

_DELIMITER: Final = "/"
#: Buckets of one look.
_BUCKETS: Final = 1000


async def tops(state: State) -> Sequence[Top]:
    """The buckets of all accounts, by name."""
    found = await state.page(BUCKET, order="key", limit=_BUCKETS)
    return [Top(name=each["name"], made_at=each["created"], facts=_told(each)) for each in found]


def _told(bucket: Record) -> Mapping[str, str]:
    facts = {"Region": bucket["region"]}
    if "versioning" in bucket:
        facts["Versioning"] = bucket["versioning"]
    if bucket.get("configured"):
        facts["Configured"] = ", ".join(bucket["configured"])
    return facts


async def folder(state: State, top: str, prefix: str, after: str, limit: int) -> Folder | None:
    """Common prefixes and objects below a prefix, together at most ``limit``."""
    if await state.get(BUCKET, top) is None:
        return None
    marker = f"{top}/{behind(after, prefix, _DELIMITER)}" if after else None
    walk = Walk(state, OBJECTS, top, prefix, marker, batch=first_batch(_DELIMITER, limit), most=limit + 1)
    found = await scan([walk], prefix=prefix, delimiter=_DELIMITER, limit=limit)
    return Folder(found.prefixes, [_file(each) for each in found.records], found.last if found.truncated else None)


def _file(record: Record) -> File:
    facts = {"ETag": record["etag"], "Storage class": record["class"]}
    if "version" in record:
        facts["Version"] = record["version"]
    facts |= {name: value for name, value in record["system"].items() if isinstance(value, str)}
    facts |= {f"x-amz-meta-{name}": value for name, value in (record.get("meta") or {}).items()}
    facts |= {f"Tag {name}": value for name, value in dict(record.get("tags") or {}).items()}
    media = facts.pop("ContentType", "binary/octet-stream")
    return File(name=record["key"], size=record["size"], changed_at=record["modified"], media=media, facts=facts)


async def read(state: State, top: str, name: str) -> tuple[File, AsyncIterator[bytes]] | None:
    """An object as it is stored, whoever may read it."""
    bucket = await state.get(BUCKET, top)
    record = None if bucket is None else await state.get(OBJECT, address_in(bucket, name))
    if record is None or "size" not in record:
        return None
    return _file(record), content.read(state, await content.segments_of(state, record))


BROWSING: Final = Browsing(tops, folder, read)
