"""CopyObject and UploadPartCopy: the copy refers to the source's bytes, which are read only when a digest is missing.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html and API_UploadPartCopy.html.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from mocks.base import Call, Record, ServiceError
from mocks.s3 import annotating, content
from mocks.s3.checksums import FULL, members
from mocks.s3.conditions import check_source, check_write
from mocks.s3.digests import ALGORITHMS, DEFAULT, Algorithm, Digest, encoded, md5, through
from mocks.s3.encryption import check_key_of, check_part, is_plain, tag, told, told_later
from mocks.s3.errors import invalid_argument, invalid_request
from mocks.s3.lifecycle_headers import expiry
from mocks.s3.metadata import read_metadata
from mocks.s3.notifications import notify
from mocks.s3.objects import LARGEST_PUT
from mocks.s3.principals import check_account_id, check_expected
from mocks.s3.records import OBJECT, address, bucket_of, named_bucket
from mocks.s3.restoring import check_copyable
from mocks.s3.uploads import check_number, put_part, refuse_metadata, upload_of
from mocks.s3.versions import find, store, written_version

#: Headers that UploadPartCopy refuses (answers of S3 quoted in libs3 issue 80 and AWS.jl issue 695).
_OF_NO_PART = ("content-md5", "x-amz-metadata-directive")
_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}\Z")
#: Bytes that are read without letting other calls in: a fifth of a second.
QUICK = 64 * 1024**2

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied. ``where`` is its record key; ``named`` tells that the caller named its version."""

    where: str
    named: bool
    record: Record
    segments: list[content.Segment]


async def _source(call: Call) -> Source:
    """The object in x-amz-copy-source, if its conditions hold. Raises NoSuchBucket, NoSuchKey, 412."""
    text, named, version_id = call.params["CopySource"].partition("?versionId=")
    expected = call.params.header.get("ExpectedSourceBucketOwner")
    if expected is not None:
        check_account_id(expected)
    try:
        # A plus is a space here, as in a query (aws-sdk-js issue 1821, aws-cli issue 614).
        where = unquote_to_bytes(text.replace("+", " ")).decode().removeprefix("/")
    except UnicodeDecodeError as error:
        raise invalid_argument("Invalid copy source encoding.", "x-amz-copy-source") from error
    bucket, slash, key = where.partition("/")
    if not _BUCKET.match(bucket):
        # ARNs of access points too, of which there are none here (aws-sdk-php issue 2299; versitygw issue 1388).
        raise invalid_argument("Invalid copy source bucket name", "x-amz-copy-source", text[:256])
    if not slash or not key:
        # An answer of S3 quoted in versitygw issue 1389.
        raise invalid_argument("Invalid copy source object key", "x-amz-copy-source", text[:256])
    source_bucket = await named_bucket(call.state, bucket)
    if expected is not None:
        check_expected(call, source_bucket, expected)
    record = await _found(call, source_bucket, key, version_id if named else None)
    check_key_of(call, record, "CopySource")
    check_copyable(call, record)
    check_source(call.params, record)
    return Source(where, bool(named), record, await content.segments_of(call.state, record))


async def _found(call: Call, bucket: Record, key: str, version_id: str | None) -> Record:
    try:
        return await find(call.state, bucket, key, version_id)
    except ServiceError as error:
        if error.status != 405:
            raise
        message = "The source of a copy request may not specifically refer to a delete marker by version id."
        raise invalid_request(message) from error


def _source_version(source: Source) -> dict[str, Any]:
    return {"CopySourceVersionId": source.record["version"]} if "version" in source.record else {}


async def copy_object(call: Call) -> Any:
    """PUT /bucket/key with x-amz-copy-source."""
    bucket = await bucket_of(call)
    source = await _source(call)
    if source.record["size"] > LARGEST_PUT:
        raise _too_large()
    replaces = call.params.get("MetadataDirective", "COPY") == "REPLACE"
    _refuse_idle(call, bucket, source, replaces)
    given = await read_metadata(call, bucket)
    fields = _fields(call, source.record, given, replaces)
    algorithm = ALGORITHMS[call.params.get("ChecksumAlgorithm", source.record["checksum"][0])]
    etag, checksum = await _digests(call, source, source.segments, algorithm)
    # Reading a long source ended the exclusive phase: what was read before may be gone.
    bucket = await bucket_of(call)
    etag = tag(call, fields, etag)
    existing = await call.state.get(OBJECT, address(call))
    check_write(call.params, existing, call.params["Key"])
    # The copy's references come first, so that a copy onto itself never lets go of the bytes.
    await content.share(call.state, source.segments)
    record: Record = {**fields, "size": source.record["size"], "etag": etag, "checksum": checksum}
    await content.keep(call.state, record, source.segments, [], call.new_id("layout_", 24))
    record |= await annotating.copied(call, source.record)
    await store(call, bucket, record, existing)
    await notify(call, bucket, "ObjectCreated:Copy", record)
    result = {"ETag": f'"{etag}"', "LastModified": record["modified"], **members(checksum)}
    return {
        "CopyObjectResult": result,
        **told(call, fields),
        **written_version(record),
        **_source_version(source),
        **await expiry(call.state, bucket, record),
    }


def _too_large() -> ServiceError:
    return invalid_request(
        f"The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST_PUT}"
    )


def _refuse_idle(call: Call, bucket: Record, source: Source, replaces: bool) -> None:
    """Raises InvalidRequest for a copy onto itself that changes nothing. What the bucket's own encryption sets counts
    as a change (what AWS told, in moto issue 6300)."""
    changes = (
        "StorageClass",
        "WebsiteRedirectLocation",
        "ServerSideEncryption",
        "SSECustomerAlgorithm",
        "ChecksumAlgorithm",
    )
    if source.where != address(call) or source.named:
        return
    changed = replaces or "encryption" in bucket.get("configured", ())
    if not changed and not any(name in call.params for name in changes):
        raise invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )


def _fields(call: Call, source: Record, given: Record, replaces: bool) -> Record:
    """Metadata of the copy: the source's or the request's, tags apart; storage class and encryption never follow."""
    kept = ("owner", "acl", "class", "encryption", "customer_key", "retention", "hold")
    fields: Record = {name: given[name] for name in kept if name in given}
    chosen = given if replaces else source
    fields["system"] = dict(chosen["system"])
    if chosen.get("meta"):
        fields["meta"] = chosen["meta"]
    if "WebsiteRedirectLocation" in call.params:
        fields["system"]["WebsiteRedirectLocation"] = call.params["WebsiteRedirectLocation"]
    elif not replaces:
        # "This value is unique to each object and is not copied" (API_CopyObject.html).
        fields["system"].pop("WebsiteRedirectLocation", None)
    tags = given if call.params.get("TaggingDirective", "COPY") == "REPLACE" else source
    if tags.get("tags"):
        fields["tags"] = tags["tags"]
    return fields


async def _digests(
    call: Call, source: Source, segments: Sequence[content.Segment], algorithm: Algorithm
) -> tuple[str, list[str]]:
    """MD5 and checksum of what is copied, which is in one piece now: read only when the source does not tell them."""
    name, value, kind = source.record["checksum"]
    known = kind == FULL and algorithm.name == name and list(segments) == source.segments
    if known and "-" not in source.record["etag"] and is_plain(source.record):
        return source.record["etag"], [name, value, FULL]
    running_md5, running_sum = md5(), algorithm.start()
    pieces = through(content.read(call.state, segments), Digest((running_md5, running_sum)))
    if sum(stop - start for _, start, stop in segments) <= QUICK:
        async for _ in pieces:
            pass
    else:
        await _meanwhile(call, source, pieces)
    return running_md5.digest().hex(), [algorithm.name, encoded(running_sum.digest()), FULL]


async def _meanwhile(call: Call, source: Source, pieces: AsyncIterator[bytes]) -> None:
    """Read to the end while other calls go on, which writing a blob allows, of no bytes here. Raises OperationAborted
    when the source is another one then (API/ErrorResponses.html)."""
    try:
        nothing = await call.state.write_blob(_unwritten(pieces))
    except LookupError as error:
        raise _changed() from error
    await call.state.delete_blob(nothing.id)
    if (await _source(call)).segments != source.segments:
        raise _changed()


async def _unwritten(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece[:0]


def _changed() -> ServiceError:
    message = "A conflicting conditional operation is currently in progress against this resource. Please try again."
    return ServiceError(409, "OperationAborted", message)


async def upload_part_copy(call: Call) -> Any:
    """PUT /bucket/key?partNumber=N&uploadId=ID with x-amz-copy-source."""
    check_number(call.params["PartNumber"])
    refuse_metadata(call)
    for name in _OF_NO_PART:
        if name in call.request.headers:
            value = call.request.headers.get(name) or ""
            raise invalid_argument("The specified header is not valid in this context", name, value[:256])
    upload = await upload_of(call)
    check_part(call, upload)
    source = await _source(call)
    start, stop = _range(call.params.get("CopySourceRange"), source.record["size"])
    if stop - start > LARGEST_PUT:
        raise _too_large()
    segments = content.cut(source.segments, start, stop)
    algorithm = ALGORITHMS[upload["algorithm"]] if upload["algorithm"] else DEFAULT
    digest, checksum = await _digests(call, source, segments, algorithm)
    upload = await upload_of(call)
    etag = tag(call, upload["fields"], digest)
    await content.share(call.state, segments)
    part: Record = {
        "number": call.params["PartNumber"],
        "size": stop - start,
        "etag": etag,
        "checksum": checksum,
        "segments": segments,
    }
    await put_part(call, upload, part)
    result = {"ETag": f'"{etag}"', "LastModified": part["modified"]}
    if upload["algorithm"]:
        result |= members(checksum, typed=False)
    return {"CopyPartResult": result, **told_later(call, upload["fields"]), **_source_version(source)}


def _range(text: str | None, size: int) -> tuple[int, int]:
    """``[start, stop)`` of x-amz-copy-source-range: the whole source without one. Raises InvalidArgument."""
    if text is None:
        return 0, size
    form = _RANGE.match(text.strip())
    if form is None:
        message = (
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
            "the zero-based offsets of the first and last bytes to copy"
        )
        raise invalid_argument(message, "x-amz-copy-source-range", text[:64])
    first, last = int(form[1]), int(form[2])
    if first > last or last >= size:
        message = f"Range specified is not valid for source object of size: {size}"
        raise invalid_argument(message, "x-amz-copy-source-range", text[:64])
    return first, last + 1
