"""An answer on its way back: the account's bucket names become the application's, everything else passes.

What an object holds is never looked at, nor are keys: only elements and fields that name a bucket.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from contracts import xml
from contracts.exchange import UNSET, Response
from sandboxes.base import Marker, Outgoing
from sandboxes.s3.answers import whole
from sandboxes.s3.lists import own_only
from sandboxes.s3.references import real_names

#: Elements that name a bucket: of lists and uploads, and of errors (API/ErrorResponses.html).
_NAMING = frozenset(
    {b"Bucket", b"BucketName", b"BucketArn", b"Endpoint", b"Location", b"Message", b"Name", b"Resource"}
)
#: Elements of errors that repeat what was signed, and with which credential: the account's own, which stays here.
_SIGNED = re.compile(
    rb"<(AWSAccessKeyId|SignatureProvided|StringToSign|StringToSignBytes|CanonicalRequest|CanonicalRequestBytes"
    rb"|Token-\d+)>.*?</\1>",
    re.DOTALL,
)
_FIELDS = frozenset({"location", "x-amz-bucket-arn"})
_LOCATION = re.compile(rb"<Location>[^<]*</Location>")


def inbound(call: Outgoing, response: Response, marker: Marker) -> Response:
    """A list of buckets passes that was narrowed, because its names were mapped there."""
    if call.operation.id == "ListBuckets" and response.status < 300:
        return response if response.value is not UNSET else own_only(call, response, marker)
    names = {real: name for name, real in real_names(call, marker).items() if real != name}
    headers = [(name, _renamed(value, names) if name in _FIELDS else value) for name, value in response.headers]
    mapped = replace(response, headers=headers)
    if call.operation.streams_response and response.status < 400:
        return mapped
    if response.stream is not None:
        mapped.headers = [pair for pair in headers if pair[0] != "content-length"]
        mapped.stream = _gathered(call, response, names)
        return mapped
    mapped.body = _body(call, response, names)
    if len(mapped.body) != len(response.body):
        mapped.headers = [(n, str(len(mapped.body)) if n == "content-length" else value) for n, value in headers]
    return mapped


async def _gathered(call: Outgoing, response: Response, names: Mapping[str, str]) -> AsyncIterator[bytes]:
    """A long answer, whole: a name may stand anywhere in it."""
    yield _body(call, await whole(response), names)


def _body(call: Outgoing, response: Response, names: Mapping[str, str]) -> bytes:
    body = response.body
    if response.status >= 400:
        body = _SIGNED.sub(b"", body)
    elif call.operation.id == "CompleteMultipartUpload":
        body = _LOCATION.sub(lambda _: _here(call), body, count=1)
    for real, name in names.items():
        body = _mapped(body, real.encode("utf-8", "replace"), xml.escape(name).encode("utf-8", "replace"))
    return body


def _here(call: Outgoing) -> bytes:
    """The object's address as the application reached it."""
    request = call.request
    text = f"{request.scheme}://{request.host}{request.sent_path or request.path}"
    return f"<Location>{xml.escape(text)}</Location>".encode("utf-8", "replace")


def _mapped(body: bytes, real: bytes, name: bytes) -> bytes:
    """Looked for from the name, not from the elements: a page of a thousand keys names its bucket once."""
    pieces, taken = [], 0
    at = body.find(real)
    while at >= 0:
        opened = body.rfind(b"<", 0, at)
        if body[opened + 1 : body.find(b">", opened)] in _NAMING:
            pieces += [body[taken:at], name]
            taken = at + len(real)
        at = body.find(real, at + len(real))
    return b"".join([*pieces, body[taken:]]) if pieces else body


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for real, name in names.items():
        # A new bucket's Location is its path or its own host; the application reaches neither but through its path.
        text = f"/{name}" if real in text and "://" in text else text.replace(real, name)
    return text
