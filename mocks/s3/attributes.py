"""GetObjectAttributes: what HEAD and ListParts know, in one answer.

Source: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Record
from mocks.s3 import content
from mocks.s3.checksums import members
from mocks.s3.encryption import check_key_of
from mocks.s3.errors import invalid_request
from mocks.s3.versions import object_of, shown_version
from mocks.s3.violations import NO_ATTRIBUTES

_MOST_PARTS = 1000


async def get_object_attributes(call: Call) -> Any:
    """GET /bucket/key?attributes: only what x-amz-object-attributes asks for."""
    record = await object_of(call)
    check_key_of(call, record)
    wanted = set(call.params["ObjectAttributes"])
    if not wanted:
        raise invalid_request(NO_ATTRIBUTES)
    value: dict[str, Any] = {"LastModified": record["modified"], **shown_version(record)}
    if "ETag" in wanted:
        value["ETag"] = record["etag"]  # without quotes here, as the page's examples show
    if "Checksum" in wanted:
        value["Checksum"] = members(record["checksum"])
    if "StorageClass" in wanted:
        value["StorageClass"] = record["class"]
    if "ObjectSize" in wanted:
        value["ObjectSize"] = record["size"]
    if "ObjectParts" in wanted and record.get("parts"):
        value["ObjectParts"] = _parts(call, record, await content.parts_of(call.state, record))
    return value


def _parts(call: Call, record: Record, parts: list[Record]) -> dict[str, Any]:
    # Of an object without a checksum of its uploader's choice the parts are counted and not told
    # (API_GetObjectAttributesParts.html, Parts; an answer of S3 quoted in versitygw issue 1001).
    if not record.get("additional"):
        return {"TotalPartsCount": len(parts)}
    # What is below zero is passed over (versitygw issue 1806).
    limit, marker = call.params.get("MaxParts", _MOST_PARTS), max(call.params.get("PartNumberMarker", 0), 0)
    limit = min(limit, _MOST_PARTS) if limit >= 0 else _MOST_PARTS
    rest = [part for part in parts if part["number"] > marker]
    page = rest[:limit]
    return {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1]["number"] if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(rest) > limit,
        "Parts": [
            {"PartNumber": part["number"], "Size": part["size"], **members(part["checksum"], typed=False)}
            for part in page
        ],
    }
