"""Lists of objects (v1 and v2) and of uploads: byte order, prefixes rolled up, in memory of one page.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, API_ListObjects.html,
API_ListMultipartUploads.html, userguide/using-prefixes.html.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

from contracts.aws_read import query_pairs
from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3.errors import invalid_argument
from mocks.s3.principals import object_owner, upload_parties
from mocks.s3.records import OBJECT, bucket_of, ordered
from mocks.s3.regions import place
from mocks.s3.restoring import restore_status
from mocks.s3.tokens import from_token, to_token
from mocks.s3.uploads import ORDER, UPLOAD_ID, order_key
from mocks.s3.walking import BEYOND, Listing, Series, Walk, behind, first_batch, scan

_MOST = 1000
#: What a parameter of 32 bits can say.
_LARGEST = 2**31 - 1

OBJECTS = Series(OBJECT, lambda bucket, record: f"{bucket}/{record['key']}")
_UPLOADS = Series(ORDER, lambda bucket, record: order_key(bucket, record["key"], record["id"]), ordered)


def limit_of(call: Call, name: str, wire: str) -> int:
    """How many entries a page has at most. Raises InvalidArgument."""
    limit: int = call.params.get(name, _MOST)
    if limit < 0:
        # Two ways of spelling it (answers of S3 in brekkylab/backlot issue 192 and pull 176).
        told = "maxKeys" if wire == "max-keys" else wire
        raise invalid_argument(f"Argument {told} must be an integer between 0 and {_LARGEST}", told, limit)
    if limit > _LARGEST:
        raise invalid_argument(f"Provided {wire} not an integer or within integer range", wire, limit)
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


def entry(call: Call, record: Record, encode: Encoder) -> dict[str, Any]:
    """An object as every list shows it, but for its owner."""
    shown = {
        "Key": encode(record["key"]),
        "LastModified": record["modified"],
        "ETag": f'"{record["etag"]}"',
        "ChecksumAlgorithm": [record["checksum"][0]],
        "ChecksumType": record["checksum"][2],
        "Size": record["size"],
        "StorageClass": record["class"],
    }
    if "restore" in record and "OptionalObjectAttributes" in call.params.header:
        shown["RestoreStatus"] = restore_status(record, call.now)
    return shown


def owner_in(call: Call, bucket: Record, record: Record) -> dict[str, Any]:
    """The member of an entry that tells whose the object is."""
    return {"Owner": {"ID": object_owner(call, bucket, record)}}


async def _objects(call: Call, marker: str, *, owner: bool) -> tuple[Listing, Reply, Encoder]:
    """A page of objects and what both versions of the list answer of it, with owners or without."""
    bucket = await bucket_of(call)
    encode = Encoder(call)
    prefix, delimiter = call.params.get("Prefix", ""), call.params.get("Delimiter", "")
    limit = limit_of(call, "MaxKeys", "max-keys")
    name = bucket["name"]
    after = f"{name}/{behind(marker, prefix, delimiter)}" if marker else None
    walk = Walk(call.state, OBJECTS, name, prefix, after, batch=first_batch(delimiter, limit), most=limit + 1)
    listing = await scan([walk], prefix=prefix, delimiter=delimiter, limit=limit)
    value: dict[str, Any] = {
        "Name": name,
        "Prefix": encode(prefix),
        "MaxKeys": limit,
        "IsTruncated": listing.truncated,
        "Contents": [
            {**entry(call, record, encode), **(owner_in(call, bucket, record) if owner else {})}
            for record in listing.records
        ],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in listing.prefixes],
        **encode.optional(Delimiter=delimiter),
    }
    # A list tells where its bucket is (the headers of answers of S3, as tools log them).
    return listing, Reply(value, headers=[("x-amz-bucket-region", place(bucket))]), encode


async def list_objects_v2(call: Call) -> Any:
    """GET /bucket?list-type=2. A token is stronger than start-after."""
    params = call.params
    token, start = params.get("ContinuationToken"), params.get("StartAfter", "")
    if token == "":
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token")
    marker = from_token(token) if token is not None else start
    listing, reply, encode = await _objects(call, marker, owner=bool(params.get("FetchOwner")))
    value = reply.value
    value["KeyCount"] = len(listing.records) + len(listing.prefixes)
    if token is not None:
        value["ContinuationToken"] = token
    elif start:
        value["StartAfter"] = encode(start)
    if listing.truncated:
        value["NextContinuationToken"] = to_token(listing.last)
    return reply


async def list_objects(call: Call) -> Any:
    """GET /bucket. NextMarker only with a delimiter; without, the last key is the next marker."""
    params = call.params
    marker, delimiter = params.get("Marker", ""), params.get("Delimiter", "")
    _refuse_v2(call)
    listing, reply, encode = await _objects(call, marker, owner=True)
    value = reply.value
    value["Marker"] = encode(marker)
    if listing.truncated and delimiter:
        value["NextMarker"] = encode(listing.last)
    return reply


def _refuse_v2(call: Call) -> None:
    """Of version 2's parameters S3 refuses one in version 1 (its answer is quoted in versitygw issue 2004)."""
    if "start-after=" in call.request.query and any(
        name == "start-after" for name, _ in query_pairs(call.request.query)
    ):
        message = "startAfter only supported in REST.GET.BUCKET with list-type=2"
        raise ServiceError(400, "InvalidArgument", message, details={"ArgumentName": "start-after"})


async def list_multipart_uploads(call: Call) -> Any:
    """GET /bucket?uploads: by key, then by age."""
    bucket = (await bucket_of(call))["name"]
    encode, params = Encoder(call), call.params
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    key_marker, id_marker = params.get("KeyMarker", ""), params.get("UploadIdMarker", "")
    limit = limit_of(call, "MaxUploads", "max-uploads")
    after: str | None = None
    if key_marker:
        _check_upload_id(id_marker)
        after = f"{bucket}/{ordered(behind(key_marker, prefix, delimiter))}"
        if not after.endswith(BEYOND):
            # Without an upload's id every upload of the marker's key is passed over.
            after = order_key(bucket, key_marker, id_marker or BEYOND)
    walk = Walk(call.state, _UPLOADS, bucket, prefix, after, batch=first_batch(delimiter, limit), most=limit + 1)
    listing = await scan([walk], prefix=prefix, delimiter=delimiter, limit=limit)
    value: dict[str, Any] = {
        "Bucket": bucket,
        "KeyMarker": encode(key_marker),
        "UploadIdMarker": id_marker if key_marker else "",
        "Prefix": encode(prefix),
        "MaxUploads": limit,
        "IsTruncated": listing.truncated,
        "Uploads": [_upload(call, record, encode) for record in listing.records],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in listing.prefixes],
        **encode.optional(Delimiter=delimiter),
    }
    # Also where nothing follows (an answer of S3 quoted in versitygw issue 2144).
    if listing.truncated or listing.records:
        value["NextKeyMarker"] = encode(listing.last)
        ends_with_upload = listing.records and listing.records[-1]["key"] == listing.last
        value["NextUploadIdMarker"] = listing.records[-1]["id"] if ends_with_upload else ""
    return value


def _check_upload_id(marker: str) -> None:
    """Raises InvalidArgument for what cannot be an upload's id (an answer of S3 quoted in versitygw issue 1797)."""
    if marker and not UPLOAD_ID.match(marker):
        raise invalid_argument("Invalid uploadId marker", "upload-id-marker", marker[:128])


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
