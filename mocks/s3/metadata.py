"""What is kept with an object besides its bytes: system headers, user metadata, tags, storage class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from mocks.base import Call, Record, ServiceError
from mocks.s3.encryption import encryption
from mocks.s3.errors import invalid_argument, invalid_request, not_implemented
from mocks.s3.principals import enforced, object_ownership

#: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html, "User-defined object metadata".
USER_METADATA_BYTES = 2048
DEFAULT_TYPE = "binary/octet-stream"

#: System metadata that comes back as it was sent, by member.
_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "WebsiteRedirectLocation",
)
#: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
_TAGS, _TAG_KEY, _TAG_VALUE = 10, 128, 256

#: ACLs that a bucket without ACLs accepts (API_PutObject.html, x-amz-acl; about-object-ownership.html).
_HARMLESS_ACLS = frozenset({"private", "bucket-owner-full-control"})


async def read_metadata(call: Call, bucket: Record) -> Record:
    """The fields of an object record that a write's headers give. Raises ServiceError for what S3 refuses."""
    params = call.params.header
    _refuse_unsupported(call, bucket)
    fields: Record = {
        **object_ownership(call, bucket),
        "system": {name: params[name] for name in _KEPT if name in params},
    }
    encoding = _content_encoding(params.get("ContentEncoding"))
    if encoding:
        fields["system"]["ContentEncoding"] = encoding
    fields["system"].setdefault("ContentType", DEFAULT_TYPE)
    if params.get("Metadata"):
        fields["meta"] = user_metadata(params["Metadata"])
    fields["class"] = params.get("StorageClass", "STANDARD")
    fields |= await encryption(call, bucket)
    if params.get("Tagging"):
        fields["tags"] = header_tags(params["Tagging"])
    return fields


def _refuse_unsupported(call: Call, bucket: Record) -> None:
    params = call.params.header
    acl = params.get("ACL")
    grants = any(name in params for name in ("GrantRead", "GrantReadACP", "GrantWriteACP", "GrantFullControl"))
    if enforced(bucket) and (grants or (acl is not None and acl not in _HARMLESS_ACLS)):
        raise ServiceError(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
    if any(name.startswith("ObjectLock") for name in params):
        raise invalid_request("Bucket is missing Object Lock Configuration")
    if "WriteOffsetBytes" in params:
        raise not_implemented("x-amz-write-offset-bytes outside directory buckets")


def _content_encoding(text: str | None) -> str:
    # aws-chunked is the transport's and not stored; other encodings beside it are kept (sigv4-streaming.html).
    names = [name.strip() for name in (text or "").split(",")]
    return ",".join(name for name in names if name and name.lower() != "aws-chunked")


def user_metadata(given: Mapping[str, str]) -> dict[str, str]:
    """User metadata within its limit: the bytes of names and values together."""
    size = sum(len(name.encode()) + len(value.encode("latin-1", "replace")) for name, value in given.items())
    if size > USER_METADATA_BYTES:
        raise ServiceError(
            400,
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            details={"Size": str(size), "MaxSizeAllowed": str(USER_METADATA_BYTES)},
        )
    return dict(given)


def header_tags(text: str) -> list[list[str]]:
    """The tags of an x-amz-tagging header, ``a=1&b=2``."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."  # noqa: E501 - S3's own sentence
        raise invalid_argument(message, "x-amz-tagging", text[:256]) from error
    return checked_tags(pairs)


def checked_tags(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Tags within S3's limits. Raises InvalidTag or BadRequest."""
    if len(pairs) > _TAGS:
        raise ServiceError(400, "BadRequest", f"Object tags cannot be greater than {_TAGS}")
    if len({key for key, _ in pairs}) != len(pairs):
        raise ServiceError(400, "InvalidTag", "Cannot provide multiple Tags with the same key")
    for key, value in pairs:
        if not 0 < len(key) <= _TAG_KEY:
            raise ServiceError(400, "InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > _TAG_VALUE:
            raise ServiceError(400, "InvalidTag", "The TagValue you have provided is invalid")
        if key.lower().startswith("aws:"):
            raise ServiceError(400, "InvalidTag", "System tags cannot be added/updated by requester")
    return [[key, value] for key, value in pairs]


def shown(record: Record) -> dict[str, Any]:
    """The members of GET and HEAD that metadata gives."""
    value: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": record["modified"],
        "ETag": f'"{record["etag"]}"',
        **record["system"],
    }
    if record.get("meta"):
        value["Metadata"] = record["meta"]
    if record["class"] != "STANDARD":
        # "Amazon S3 returns this header for all objects except for S3 Standard" (API_HeadObject.html).
        value["StorageClass"] = record["class"]
    if "version" in record:
        value["VersionId"] = record["version"]
    if record.get("tags"):
        value["TagCount"] = len(record["tags"])
    return value
