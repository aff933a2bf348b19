"""What is kept with an object besides its bytes: system headers, user metadata, tags, storage class."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import parse_qsl

from mocks.base import Call, Record, ServiceError
from mocks.s3 import lock
from mocks.s3.access.given import object_acl
from mocks.s3.bucket_tagging import check_tags
from mocks.s3.encryption import encryption
from mocks.s3.errors import invalid_argument, invalid_storage_class, not_implemented
from mocks.s3.principals import object_ownership, primary

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
_TAGS = 10
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_TAG_HEADER = (
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
    "without tag name duplicates."
)
#: API_PutObject.html, x-amz-website-redirect-location: 2 KB.
_LONGEST_REDIRECT = 2048
#: The classes of general purpose buckets (userguide/storage-class-intro.html); the model names those of others, too.
_CLASSES = frozenset(
    {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
    }
)


async def read_metadata(call: Call, bucket: Record) -> Record:
    """The fields of an object record that a write's headers give. Raises ServiceError for what S3 refuses."""
    params = call.params.header
    _refuse_unsupported(call, bucket)
    owner = object_ownership(call, bucket)
    fields: Record = {
        **owner,
        **object_acl(call, bucket, owner.get("owner") or primary(call).canonical_id),
        "system": {name: params[name] for name in _KEPT if name in params},
    }
    _check_redirect(params.get("WebsiteRedirectLocation"))
    encoding = _content_encoding(params.get("ContentEncoding"))
    if encoding:
        fields["system"]["ContentEncoding"] = encoding
    fields["system"].setdefault("ContentType", DEFAULT_TYPE)
    if params.get("Metadata"):
        fields["meta"] = user_metadata(params["Metadata"])
    fields["class"] = params.get("StorageClass", "STANDARD")
    if fields["class"] not in _CLASSES:
        raise invalid_storage_class(fields["class"])
    fields |= await encryption(call, bucket)
    fields |= lock.given(call, bucket)
    if params.get("Tagging"):
        fields["tags"] = header_tags(params["Tagging"])
    return fields


def _refuse_unsupported(call: Call, bucket: Record) -> None:
    params = call.params.header
    if "WriteOffsetBytes" in params:
        raise not_implemented("x-amz-write-offset-bytes outside directory buckets")


def _content_encoding(text: str | None) -> str:
    # aws-chunked is the transport's and not stored; other encodings beside it are kept (sigv4-streaming.html).
    if text is None or "aws-chunked" not in text.lower():
        return text or ""
    names = [name.strip() for name in text.split(",")]
    return ",".join(name for name in names if name and name.lower() != "aws-chunked")


def _check_redirect(location: str | None) -> None:
    """Raises InvalidRedirectLocation (userguide/how-to-page-redirect.html; the sentence: aws-cli issue 1130)."""
    if location is None:
        return
    if not location.startswith(("http://", "https://", "/")):
        message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        raise ServiceError(400, "InvalidRedirectLocation", message)
    if len(location) > _LONGEST_REDIRECT:
        message = f"The length of website redirect location cannot exceed {_LONGEST_REDIRECT} characters."
        raise ServiceError(400, "InvalidRedirectLocation", message)


def user_metadata(given: Mapping[str, str]) -> dict[str, str]:
    """User metadata within its limit: the bytes of names and values together. Values are text; what arrives encoded as
    RFC 2047 says is decoded (UsingMetadata.html)."""
    stored = {name: value if value.isascii() and "=?" not in value else _unwrapped(value)
              for name, value in given.items()}  # fmt: skip
    size = sum(len(name.encode()) + len(value.encode()) for name, value in stored.items())
    if size > USER_METADATA_BYTES:
        raise ServiceError(
            400,
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            details={"Size": str(size), "MaxSizeAllowed": str(USER_METADATA_BYTES)},
        )
    return stored


def _unwrapped(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value


def _mailable(value: str) -> str:
    """Metadata as a header may carry it: what is not US-ASCII as RFC 2047 encodes it (UsingMetadata.html)."""
    if value.isascii() and value.isprintable():
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


def header_tags(text: str) -> list[list[str]]:
    """The tags of an x-amz-tagging header, ``a=1&b=2``. A key alone has an empty value, and what lies between two ``&``
    may be nothing (versitygw issues 1215 and 1216)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise invalid_argument(_TAG_HEADER, "x-amz-tagging", text[:256]) from error
    keys = {key for key, _ in pairs}
    if len(keys) != len(pairs) or "" in keys or _BROKEN_ESCAPE.search(text):
        raise invalid_argument(_TAG_HEADER, "x-amz-tagging", text[:256])
    return checked_tags(pairs)


def checked_tags(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Tags within S3's limits. Raises InvalidTag or BadRequest."""
    if len(pairs) > _TAGS:
        raise ServiceError(400, "BadRequest", f"Object tags cannot be greater than {_TAGS}")
    check_tags([{"Key": key, "Value": value} for key, value in pairs])
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
        value["Metadata"] = {name: _mailable(text) for name, text in record["meta"].items()}
    if record["class"] != "STANDARD":
        # "Amazon S3 returns this header for all objects except for S3 Standard" (API_HeadObject.html).
        value["StorageClass"] = record["class"]
    if "version" in record:
        value["VersionId"] = record["version"]
    if record.get("tags"):
        value["TagCount"] = len(record["tags"])
    return value
