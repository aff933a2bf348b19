"""Ids among a request's parameters, by shape alone: where no handler looks up what a caller refers to.

Read from the text as it was sent, and cheaply; what looks like an id and is none belongs to no environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from contracts.exchange import Request

#: An id that ``new_id`` made, a prefix and at least thirteen drawn characters, or a UUID of the generic engine.
_ID = (
    r"[A-Za-z][0-9A-Za-z_]{0,40}_[0-9A-Za-z]{13,64}"
    r"|[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?a[0-9a-f]{3}-?[0-9a-f]{12}"
)
_PAIR = re.compile(rf"(?:^|&)([^&=]{{1,200}})=({_ID})(?=&|\Z)")
_MEMBER = re.compile(rf'"([^"\\]{{1,200}})"\s*:\s*"({_ID})"')
#: What callers write down for themselves is text, whatever it looks like.
_NOTES = "metadata"


def in_query(request: Request) -> Iterator[tuple[str, str]]:
    """``(parameter, id)`` of the query."""
    return _pairs(request.query)


def in_body(request: Request) -> Iterator[tuple[str, str]]:
    """``(parameter, id)`` of a body that is a form or JSON, and in memory."""
    text = request.body.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        return ((found[1], found[2]) for found in _MEMBER.finditer(text))
    return _pairs(text)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for found in _PAIR.finditer(text):
        name = unquote(found[1])
        if not name.startswith(_NOTES):
            yield name, found[2]


def noun(parameter: str) -> str:
    """What a parameter names: ``price`` for ``items[0][price]``."""
    steps = re.findall(r"[^\[\]]+", parameter)
    return next((step for step in reversed(steps) if not step.isdigit()), parameter)
