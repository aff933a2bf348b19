"""Answers of S3 and STS, read: their errors' code and words, and success or Refused."""

from __future__ import annotations

from contracts import xml
from contracts.exchange import Response
from sandboxes.base import Refused


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
