"""Answers of S3 and STS, read: whole, and their errors' code and words."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import replace

from lxml import etree

from contracts import xml
from contracts.exchange import Response
from sandboxes.base import Refused, Unreachable

#: Bytes of an answer that is no object; the longest are pages of a thousand long keys.
_LONGEST = 32 << 20
_FORBIDDEN = re.compile(rb"&#x(?:[0-8bcef]|1[0-9a-f]);")


async def whole(response: Response) -> Response:
    """With its body in memory. Raises Unreachable for one that is too long to be an answer of S3's."""
    if response.stream is None:
        return response
    held = bytearray()
    try:
        async for piece in response.stream:
            held += piece
            if len(held) > _LONGEST:
                raise Unreachable(f"an answer of more than {_LONGEST >> 20} MiB")
    finally:
        if isinstance(response.stream, AsyncGenerator):
            await response.stream.aclose()
    return replace(response, body=bytes(held), stream=None)


def parsed(response: Response, *, lenient: bool = False) -> etree._Element:
    """The body's outermost element. ``lenient``: control characters in keys, which S3 repeats as references that XML
    1.0 forbids, become question marks. Raises Refused for what is no XML."""
    try:
        return xml.parse(_FORBIDDEN.sub(b"?", response.body) if lenient else response.body)
    except xml.MalformedXML as error:
        raise Refused(response.status, f"the provider's answer cannot be read: {error}") from None


def code_of(response: Response) -> str:
    """The error's code (``NoSuchBucket``); "" where the body has none."""
    return _told(response)[0]


def refused(response: Response, what: str) -> Refused:
    """What the provider refused to do, with its own words."""
    words = ": ".join(filter(None, _told(response))) or f"status {response.status}"
    return Refused(response.status, f"{what}: {words}")


def _told(response: Response) -> tuple[str, str]:
    try:
        root = xml.parse(response.body)
    except xml.MalformedXML:
        return "", ""
    # STS wraps its errors, S3 does not.
    error = root if xml.local_name(root) == "Error" else root.find("{*}Error")
    if error is None:
        return "", ""
    return error.findtext("{*}Code") or "", error.findtext("{*}Message") or ""
