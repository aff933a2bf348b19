"""ListObjectVersions: every version and delete marker by key, and of a key the newest first.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html and
userguide/list-obj-version-enabled-bucket.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mocks.base import Call, Record, State
from mocks.s3.errors import invalid_argument
from mocks.s3.listing import OBJECTS, Encoder, entry, limit_of, owner_in
from mocks.s3.records import END, OBJECT, bucket_of, ordered
from mocks.s3.version_ids import NULL, NUMBERS, checked, number_of
from mocks.s3.versions import VERSION, newest_apart, null_number, number, place, place_of, version
from mocks.s3.walking import BEYOND, Listing, Series, Walk, behind, first_batch, scan

_APART = Series(VERSION, place_of, ordered)


@dataclass(slots=True)
class _Start:
    """Where a listing begins. ``objects`` and ``apart`` are the record keys after which they go on; ``standing`` is the
    current object of the marker's key when it is older than the marker; ``seen`` is a key whose newest version came
    before."""

    objects: str | None = None
    apart: str | None = None
    standing: Record | None = None
    seen: str = ""


async def list_object_versions(call: Call) -> Any:
    """GET /bucket?versions."""
    bucket = await bucket_of(call)
    params, encode = call.params, Encoder(call)
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    key_marker, id_marker = params.get("KeyMarker", ""), _id_marker(call)
    limit = limit_of(call, "MaxKeys", "max-keys")
    start = await _start(call.state, bucket, key_marker, id_marker, prefix, delimiter)
    listing = await scan(
        _walks(call.state, bucket, prefix, start, first_batch(delimiter, limit), limit + 1),
        prefix=prefix,
        delimiter=delimiter,
        limit=limit,
    )
    value: dict[str, Any] = {
        "Name": bucket["name"],
        "Prefix": encode(prefix),
        "KeyMarker": encode(key_marker),
        "VersionIdMarker": id_marker or "",
        "MaxKeys": limit,
        "IsTruncated": listing.truncated,
        "CommonPrefixes": [{"Prefix": encode(each)} for each in listing.prefixes],
        **_entries(call, bucket, listing, start.seen, encode),
        **encode.optional(Delimiter=delimiter),
    }
    if listing.truncated:
        value["NextKeyMarker"] = encode(listing.last)
        if listing.records and listing.records[-1]["key"] == listing.last:
            value["NextVersionIdMarker"] = version(listing.records[-1])
    return value


def _id_marker(call: Call) -> str | None:
    """The id after which a listing goes on (the sentence: answers of S3 in aws-sdk-go issue 5054 and versitygw issues
    1811 and 2174). Raises InvalidArgument."""
    marker: str | None = call.params.get("VersionIdMarker")
    if marker is None:
        return None
    if not call.params.get("KeyMarker"):
        message = "A version-id marker cannot be specified without a key marker."
        raise invalid_argument(message, "version-id-marker", marker[:128])
    return checked(marker, "version-id-marker")


def _walks(state: State, bucket: Record, prefix: str, start: _Start, batch: int, most: int) -> list[Walk]:
    """Current objects, which come before what lies apart of the same key."""
    name = bucket["name"]
    objects = Walk(state, OBJECTS, name, prefix, start.objects, batch=batch, most=most)
    if start.standing is not None:
        objects.begin_with(start.standing)
    if "versioning" not in bucket:
        return [objects]
    return [objects, Walk(state, _APART, name, prefix, start.apart, batch=batch, most=most)]


async def _start(
    state: State, bucket: Record, key_marker: str, id_marker: str | None, prefix: str, delimiter: str
) -> _Start:
    """Behind the marker's key; with an id behind that version, whether or not it is still there."""
    name = bucket["name"]
    if not key_marker:
        return _Start()
    after = behind(key_marker, prefix, delimiter)
    if id_marker is None or after.endswith(BEYOND):
        end = "" if after.endswith(BEYOND) else END + BEYOND
        return _Start(f"{name}/{after}", f"{name}/{ordered(after)}{end}")
    standing = await state.get(OBJECT, f"{name}/{key_marker}")
    if id_marker != NULL:
        marked = number_of(id_marker)
    else:
        # A null version that is gone was anywhere: its key is listed again, rather than that something is passed over.
        found = await null_number(state, bucket, key_marker, standing)
        marked = NUMBERS - 1 if found is None else found
    newest = standing or await newest_apart(state, bucket, key_marker)
    return _Start(
        f"{name}/{key_marker}",
        # Every id of the marker's number comes before this.
        place(name, key_marker, marked, BEYOND),
        standing if standing is not None and number(standing) < marked and key_marker.startswith(prefix) else None,
        key_marker if newest is not None and number(newest) >= marked else "",
    )


def _entries(call: Call, bucket: Record, listing: Listing, seen: str, encode: Encoder) -> dict[str, Any]:
    """Versions and delete markers. The first one of its key is the latest, unless it was ``seen`` on a page before."""
    versions: list[dict[str, Any]] = []
    markers: list[dict[str, Any]] = []
    for record in listing.records:
        shown = {"VersionId": version(record), "IsLatest": record["key"] != seen, **owner_in(call, bucket, record)}
        seen = record["key"]
        if record.get("marker"):
            markers.append({"Key": encode(seen), "LastModified": record["modified"], **shown})
        else:
            versions.append({**entry(call, record, encode), **shown})
    return {"Versions": versions, "DeleteMarkers": markers}
