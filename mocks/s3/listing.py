"""Lists of objects (v1 and v2) and of uploads: byte order, prefixes rolled up, in memory of one page.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, API_ListObjects.html,
API_ListMultipartUploads.html, userguide/using-prefixes.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from mocks.base import Call, Record, State
from mocks.s3.errors import invalid_argument
from mocks.s3.principals import object_owner, upload_parties
from mocks.s3.records import OBJECT, bucket_of
from mocks.s3.tokens import from_token, to_token
from mocks.s3.uploads import ORDER, order_key

_MOST = 1000
#: Longer than any key: a text that ends so sorts after every key with the text before it as prefix.
_BEYOND = "\U0010ffff" * 257


@dataclass(slots=True)
class Listing:
    """One page. ``last`` is the key or prefix that it ends with."""

    records: list[Record] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    truncated: bool = False


async def scan(
    state: State, kind: str, bucket: str, *, prefix: str, delimiter: str, after: str | None, limit: int
) -> Listing:
    """At most ``limit`` records and rolled-up prefixes together, after the record key ``after``. A prefix's keys are
    skipped by one seek, however many they are."""
    found = Listing()
    base = f"{bucket}/"
    batch = min(limit + 1, 100) if delimiter else limit + 1
    while True:
        page = await state.page(kind, order="key", prefix=base + prefix, after=after, limit=batch)
        rolled = ""
        for record in page:
            if rolled and record["key"].startswith(rolled):
                continue
            if len(found.records) + len(found.prefixes) >= limit:
                found.truncated = True
                return found
            rolled = rolled_up(record["key"], prefix, delimiter)
            found.last = rolled or record["key"]
            if rolled:
                found.prefixes.append(rolled)
            else:
                found.records.append(record)
        if len(page) < batch:
            return found
        last = page[-1]
        if rolled and last["key"].startswith(rolled):
            after = base + rolled + _BEYOND
        else:
            after = order_key(bucket, last["key"], last["id"]) if kind == ORDER else base + last["key"]


def rolled_up(key: str, prefix: str, delimiter: str) -> str:
    """The common prefix that stands for ``key``, "" when the key stands for itself."""
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""


def _after(bucket: str, marker: str, prefix: str, delimiter: str) -> str | None:
    """The record key after which a listing goes on: behind all keys of a prefix when the marker is one."""
    if not marker:
        return None
    skips = marker.startswith(prefix) and rolled_up(marker, prefix, delimiter) == marker
    return f"{bucket}/{marker}{_BEYOND if skips else ''}"


def _limit(call: Call, name: str, wire: str) -> int:
    limit: int = call.params.get(name, _MOST)
    if limit < 0:
        message = f"Argument {name[:1].lower()}{name[1:]} must be an integer between 0 and 2147483647"
        raise invalid_argument(message, wire, limit)
    return min(limit, _MOST)


class Encoder:
    """Names as the caller wants them: as they are, or percent-encoded with ``encoding-type=url``."""

    def __init__(self, call: Call) -> None:
        self.type: str | None = call.params.get("EncodingType")

    def __call__(self, name: str) -> str:
        return quote_plus(name, safe="/*") if self.type == "url" else name

    def optional(self, **names: str | None) -> dict[str, Any]:
        """The members that have a value, encoded."""
        held = {member: self(name) for member, name in names.items() if name}
        return {**held, "EncodingType": self.type} if self.type else held


def _contents(
    call: Call, bucket: Record, records: Sequence[Record], encode: Encoder, *, owner: bool
) -> list[dict[str, Any]]:
    return [
        {
            "Key": encode(record["key"]),
            "LastModified": record["modified"],
            "ETag": f'"{record["etag"]}"',
            "ChecksumAlgorithm": [record["checksum"][0]],
            "ChecksumType": record["checksum"][2],
            "Size": record["size"],
            "StorageClass": record["class"],
            **({"Owner": {"ID": object_owner(call, bucket, record)}} if owner else {}),
        }
        for record in records
    ]


async def _objects(call: Call, after: str | None, *, owner: bool) -> tuple[Listing, dict[str, Any], Encoder]:
    """A page of objects and the members that both versions of the list have, with owners or without."""
    bucket = await bucket_of(call)
    encode = Encoder(call)
    prefix, delimiter = call.params.get("Prefix", ""), call.params.get("Delimiter", "")
    limit = _limit(call, "MaxKeys", "max-keys")
    if limit:
        listing = await scan(
            call.state, OBJECT, bucket["name"], prefix=prefix, delimiter=delimiter, after=after, limit=limit
        )
    else:
        listing = Listing()
    value: dict[str, Any] = {
        "Name": bucket["name"],
        "Prefix": encode(prefix),
        "MaxKeys": limit,
        "IsTruncated": listing.truncated,
        "Contents": _contents(call, bucket, listing.records, encode, owner=owner),
        "CommonPrefixes": [{"Prefix": encode(name)} for name in listing.prefixes],
        **encode.optional(Delimiter=delimiter),
    }
    return listing, value, encode


async def list_objects_v2(call: Call) -> Any:
    """GET /bucket?list-type=2. A token is stronger than start-after."""
    params = call.params
    token, start = params.get("ContinuationToken"), params.get("StartAfter", "")
    if token == "":
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token")
    marker = from_token(token) if token is not None else start
    after = _after(params["Bucket"], marker, params.get("Prefix", ""), params.get("Delimiter", ""))
    listing, value, encode = await _objects(call, after, owner=bool(params.get("FetchOwner")))
    value["KeyCount"] = len(listing.records) + len(listing.prefixes)
    if token is not None:
        value["ContinuationToken"] = token
    if start:
        value["StartAfter"] = encode(start)
    if listing.truncated:
        value["NextContinuationToken"] = to_token(listing.last)
    return value


async def list_objects(call: Call) -> Any:
    """GET /bucket. NextMarker only with a delimiter; without, the last key is the next marker."""
    params = call.params
    marker, delimiter = params.get("Marker", ""), params.get("Delimiter", "")
    after = _after(params["Bucket"], marker, params.get("Prefix", ""), delimiter)
    listing, value, encode = await _objects(call, after, owner=True)
    value["Marker"] = encode(marker)
    if listing.truncated and delimiter:
        value["NextMarker"] = encode(listing.last)
    return value


async def list_multipart_uploads(call: Call) -> Any:
    """GET /bucket?uploads: by key, then by age."""
    bucket = (await bucket_of(call))["name"]
    encode, params = Encoder(call), call.params
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    key_marker, id_marker = params.get("KeyMarker", ""), params.get("UploadIdMarker", "")
    limit = _limit(call, "MaxUploads", "max-uploads")
    after = _after(bucket, key_marker, prefix, delimiter)
    if after is not None and not after.endswith(_BEYOND):
        # Without an upload's id every upload of the marker's key is passed over.
        after = order_key(bucket, key_marker, id_marker or _BEYOND)
    listing = (
        await scan(call.state, ORDER, bucket, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        if limit
        else Listing()
    )
    value: dict[str, Any] = {
        "Bucket": bucket,
        "KeyMarker": encode(key_marker),
        "UploadIdMarker": id_marker if key_marker else "",
        "Prefix": encode(prefix),
        "MaxUploads": limit,
        "IsTruncated": listing.truncated,
        "Uploads": [_upload(call, record, encode) for record in listing.records],
        "CommonPrefixes": [{"Prefix": encode(name)} for name in listing.prefixes],
        **encode.optional(Delimiter=delimiter),
    }
    if listing.truncated:
        value["NextKeyMarker"] = encode(listing.last)
        ends_with_upload = listing.records and listing.records[-1]["key"] == listing.last
        value["NextUploadIdMarker"] = listing.records[-1]["id"] if ends_with_upload else ""
    return value


def _upload(call: Call, record: Record, encode: Encoder) -> dict[str, Any]:
    value = {
        "UploadId": record["id"],
        "Key": encode(record["key"]),
        "Initiated": record["initiated"],
        "StorageClass": record["fields"]["class"],
        **upload_parties(call, record),
    }
    if record["algorithm"]:
        value |= {"ChecksumAlgorithm": record["algorithm"], "ChecksumType": record["type"]}
    return value
