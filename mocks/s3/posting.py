"""POST Object: an object from a browser's form, within the policy that it was signed with.

Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and userguide/HTTPPOSTForms.html.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from contracts.exchange import Form, Response
from mocks.base import Call, ServiceError
from mocks.s3.access.authorize import demand_write
from mocks.s3.digests import ALGORITHMS
from mocks.s3.errors import access_denied
from mocks.s3.forms import fields_of, unfold
from mocks.s3.objects import LARGEST_PUT, check_key, write_object
from mocks.s3.post_policy import read_policy
from mocks.s3.post_signatures import missing_field
from mocks.s3.records import bucket_of

_STATUSES = {"200": 200, "201": 201}


async def post_object(call: Call) -> Any:
    """POST /bucket with a form: the file streams into storage, and its size is checked as it does."""
    form = await _form(call)
    bucket = await bucket_of(call)
    fields = fields_of(form)
    if not fields.get("key"):
        raise missing_field("key")
    sizes = (0, LARGEST_PUT)
    if call.credential is not None:
        policy = read_policy(fields.get("policy", ""))
        policy.check({**fields, "bucket": bucket["name"]})
        if policy.sizes is not None:
            sizes = (policy.sizes[0], min(policy.sizes[1], LARGEST_PUT))
    elif "policy" in fields:
        raise missing_field("AWSAccessKeyId")
    await demand_write(call, bucket, fields["key"])
    if form.filename is None:
        raise ServiceError(
            400, "IncorrectNumberOfFilesInPostRequest", "POST requires exactly one file upload per request."
        )
    check_key(fields["key"])
    assert call.request.stream is not None  # noqa: S101 - a form with a file has one
    call.request = replace(call.request, stream=_within(call.request.stream, *sizes))
    named = call.params.get("ChecksumAlgorithm")
    value = await write_object(call, ALGORITHMS[named] if named else None)
    return _answer(call, fields, value)


async def _form(call: Call) -> Form:
    """The form that the call is. Raises what was wrong with it."""
    if call.request.form is None:
        # Signed in its header, as no browser does: the form was not looked into on the way here.
        call.request = await unfold(call.request)
        if call.request.form is None:
            condition = "Bucket POST must be of the enclosure-type multipart/form-data"
            message = "At least one of the pre-conditions you specified did not hold"
            raise ServiceError(412, "PreconditionFailed", message, details={"Condition": condition})
        if call.credential is not None:
            raise access_denied("A form is signed in its fields, not in a header.")
    if call.request.form.broken is not None:
        raise call.request.form.broken
    return call.request.form


async def _within(pieces: AsyncIterator[bytes], least: int, most: int) -> AsyncIterator[bytes]:
    """The pieces of a file whose size is in the range, both ends included. One that is too large is read to its end,
    since S3 says how large it is."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size <= most:
            yield piece
    if size > most:
        details = {"ProposedSize": size, "MaxSizeAllowed": most}
        message = "Your proposed upload exceeds the maximum allowed size"
        raise ServiceError(400, "EntityTooLarge", message, details=details)
    if size < least:
        details = {"ProposedSize": size, "MinSizeAllowed": least}
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise ServiceError(400, "EntityTooSmall", message, details=details)


def _answer(call: Call, fields: Mapping[str, str], value: dict[str, Any]) -> Response:
    """Where the browser goes, or the status that it asked for; a document with 201 alone."""
    bucket, key, etag = call.params["Bucket"], fields["key"], value["ETag"]
    request = call.request
    at = f"{request.scheme}://{request.host}{(request.sent_path or request.path).rstrip('/')}/{quote(key)}"
    status = _STATUSES.get(fields.get("success_action_status", ""), 204)
    told = {"Location": at, "Bucket": bucket, "Key": key, "EntityTag": etag} if status == 201 else {}
    target = fields.get("success_action_redirect", fields.get("redirect", ""))
    response = call.contract.write(call.operation, {**value, **told}, status)
    if _is_address(target):
        query = urlencode({"bucket": bucket, "key": key, "etag": etag}, quote_via=quote)
        response.status, at = 303, f"{target}{'&' if urlsplit(target).query else '?'}{query}"
    response.headers.append(("location", at))
    if response.status == 201:
        response.body = _unqualified(response.body)
    else:
        response.body = b""
        response.headers = [(name, text) for name, text in response.headers if name != "content-type"]
    return response


def _unqualified(document: bytes) -> bytes:
    """The document that S3 writes without a namespace, which the other documents of the contract have."""
    start = document.index(b"<PostResponse")
    return document[:start] + b"<PostResponse" + document[document.index(b">", start) :]


def _is_address(target: str) -> bool:
    """ "If Amazon S3 cannot interpret the URL, it ignores the field" (HTTPPOSTForms.html)."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
