"""CompleteMultipartUpload: the parts become one object, without a byte being moved.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html and userguide/qfacts.html.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from string import hexdigits
from typing import Any

from mocks.base import Call, Missing, Record, ServiceError
from mocks.s3 import content
from mocks.s3.checksums import COMPOSITE, FULL, combined, composite, members, type_mismatch
from mocks.s3.conditions import check_write
from mocks.s3.digests import ALGORITHMS, DEFAULT, Algorithm, decoded
from mocks.s3.encryption import check_part
from mocks.s3.errors import bad_digest, invalid_argument, invalid_request, malformed_xml, no_such_upload
from mocks.s3.lifecycle_headers import expiry
from mocks.s3.notifications import notify
from mocks.s3.records import OBJECT, address, bucket_of
from mocks.s3.uploads import forget, parts_of, upload_of
from mocks.s3.versions import store, written_version

#: Every part but the last: 5 MiB.
SMALLEST_PART = 5 * 1024**2


async def complete_multipart_upload(call: Call) -> Any:
    """POST /bucket/key?uploadId=ID."""
    wanted = (call.params.get("MultipartUpload") or {}).get("Parts") or []
    formed = bool(wanted) and all("PartNumber" in item and "ETag" in item for item in wanted)
    try:
        upload = await upload_of(call)
    except Missing as missing:
        if not formed or missing.resource != "upload":
            raise
        return await _again(call, wanted)
    if not formed:
        raise malformed_xml()
    if any(name in call.params.header for name in ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")):
        check_part(call, upload)
    parts = await _chosen(call, upload, wanted)
    _check_sizes(parts)
    size = sum(part["size"] for part in parts)
    if call.params.get("MpuObjectSize", size) != size:
        raise invalid_request("The provided 'x-amz-mp-object-size' header value does not match what was computed.")
    checksum = _checksum(call, upload, parts)
    existing = await call.state.get(OBJECT, address(call))
    check_write(call.params, existing, call.params["Key"])
    etag = _etag([part["etag"] for part in parts])
    record: Record = {**upload["fields"], "size": size, "etag": etag, "checksum": checksum}
    if upload["algorithm"]:
        record["additional"] = True
    segments = [segment for part in parts for segment in part["segments"]]
    shown = [{"number": p["number"], "size": p["size"], "checksum": p["checksum"]} for p in parts]
    await content.keep(call.state, record, segments, shown, upload["id"])
    bucket = await bucket_of(call)
    await store(call, bucket, record, existing)
    await forget(call.state, upload, kept=frozenset(part["number"] for part in parts))
    await notify(call, bucket, "ObjectCreated:CompleteMultipartUpload", record)
    return await _answer(call, bucket, record)


async def _again(call: Call, wanted: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same answer to a caller who repeats a request that was carried out, as long as its object is the current one
    (userguide/mpuoverview.html: whoever hears nothing asks again). Raises NoSuchUpload."""
    existing = await call.state.get(OBJECT, address(call))
    digits = [str(item["ETag"]).strip('"') for item in wanted]
    # An upload's layout bears its id, and the object's ETag tells which parts it was made of.
    if (
        existing is None
        or existing.get("layout") != call.params["UploadId"]
        or any(len(each) != 32 or not set(each) <= set(hexdigits) for each in digits)
        or existing["etag"] != _etag(digits)
    ):
        raise no_such_upload(call.params["UploadId"])
    return await _answer(call, await bucket_of(call), existing)


async def _answer(call: Call, bucket: Record, record: Record) -> dict[str, Any]:
    request, encryption = call.request, record["encryption"]
    told = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
    return {
        "Location": f"{request.scheme}://{request.host}{request.sent_path or request.path}",
        "Bucket": call.params["Bucket"],
        "Key": record["key"],
        "ETag": f'"{record["etag"]}"',
        **members(record["checksum"]),
        **{name: encryption[name] for name in told if name in encryption},
        **written_version(record),
        **await expiry(call.state, bucket, record),
    }


async def _chosen(call: Call, upload: Record, wanted: Sequence[Mapping[str, Any]]) -> list[Record]:
    """The stored parts that the caller lists. Raises InvalidArgument, InvalidPartOrder or InvalidPart."""
    numbers: list[int] = [item["PartNumber"] for item in wanted]
    if min(numbers) < 1:
        # An answer of S3 quoted in versitygw issue 1072.
        raise invalid_argument("PartNumber must be >= 1", "PartNumber", min(numbers))
    if any(earlier >= later for earlier, later in pairwise(numbers)):
        message = (
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        )
        raise ServiceError(400, "InvalidPartOrder", message, details={"UploadId": upload["id"]})
    listed = set(numbers)
    stored = {part["number"]: part async for part in parts_of(call.state, upload["id"]) if part["number"] in listed}
    return [_checked(item, stored.get(item["PartNumber"]), upload) for item in wanted]


def _checked(item: Mapping[str, Any], part: Record | None, upload: Record) -> Record:
    """The stored part, if what the caller says of it is true."""
    algorithm = ALGORITHMS[upload["algorithm"]] if upload["algorithm"] else None
    etag = str(item["ETag"]).strip('"')
    told = item.get(algorithm.member) if algorithm else None
    if part is None or part["etag"] != etag or (told is not None and told != part["checksum"][1]):
        raise ServiceError(
            400,
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, "
            "or the specified entity tag may not match the part's entity tag.",
            details={"UploadId": upload["id"], "PartNumber": str(item["PartNumber"]), "ETag": etag},
        )
    if algorithm and upload["type"] == COMPOSITE and told is None:
        name = algorithm.name.lower()
        raise invalid_request(
            f"The upload was created using a {name} checksum. The complete request must include the checksum "
            f"for each part. It was missing for part {item['PartNumber']} in the request."
        )
    return part


def _check_sizes(parts: Sequence[Record]) -> None:
    for part in parts[:-1]:
        if part["size"] < SMALLEST_PART:
            raise ServiceError(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                details={
                    "ProposedSize": str(part["size"]),
                    "MinSizeAllowed": str(SMALLEST_PART),
                    "PartNumber": str(part["number"]),
                    "ETag": part["etag"],
                },
            )


def _etag(parts: Sequence[str]) -> str:
    total = hashlib.md5(b"".join(map(bytes.fromhex, parts)), usedforsecurity=False)
    return f"{total.hexdigest()}-{len(parts)}"


def _checksum(call: Call, upload: Record, parts: Sequence[Record]) -> list[str]:
    """The object's checksum, compared with what the caller says of the whole. Raises BadDigest."""
    algorithm = ALGORITHMS[upload["algorithm"]] if upload["algorithm"] else DEFAULT
    kind = call.params.get("ChecksumType", upload["type"])
    if kind != upload["type"]:
        raise invalid_request(
            f"The upload was created using the {upload['type']} checksum mode. "
            "The complete request must use the same checksum mode."
        )
    other = next((each for each in ALGORITHMS.values() if each is not algorithm and each.member in call.params), None)
    if other is not None:
        raise type_mismatch(algorithm, other)
    digests = [(_digest(algorithm, part), part["size"]) for part in parts]
    whole = kind == FULL
    value = combined(algorithm, digests) if whole else composite(algorithm, [digest for digest, _ in digests])
    told = call.params.get(algorithm.member)
    if told is not None and told not in (value, value.partition("-")[0]):
        raise bad_digest(algorithm.name)
    return [algorithm.name, value, kind]


def _digest(algorithm: Algorithm, part: Record) -> bytes:
    digest = decoded(part["checksum"][1], algorithm.size) if part["checksum"][0] == algorithm.name else None
    assert digest is not None  # noqa: S101 - every part is hashed with the upload's algorithm
    return digest
