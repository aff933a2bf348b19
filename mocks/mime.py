"""Messages as they come (RFC 5322, MIME), from whoever may write anything: Python's parser, its depth bounded."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from typing import Final

#: How deep parts may stand in parts.
DEEPEST: Final = 100
#: Every line is held against the boundaries of all parts that it stands in: so many comparisons take ten seconds.
_MOST: Final = 100_000_000


class Unreadable(ValueError):
    """No message can be made of it; says why."""


def parsed(raw: bytes) -> Message:
    """The message. Raises Unreadable."""
    if raw.lower().count(b"boundary") * raw.count(b"\n") > _MOST:
        raise Unreadable("the message has too many parts for so many lines")
    try:
        message = message_from_bytes(raw)
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    level: Sequence[Message] = [message]
    for _ in range(DEEPEST + 1):
        level = [part for each in level if each.is_multipart() for part in _parts(each)]
        if not level:
            return message
    raise Unreadable(_TOO_DEEP)


def addresses(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Names and addresses that header fields hold; none where they cannot be read, as with comments in comments
    without an end."""
    try:
        return getaddresses(list(texts))
    except RecursionError:
        return []


def _parts(message: Message) -> Sequence[Message]:
    content = message.get_payload()
    return [part for part in content if isinstance(part, Message)] if isinstance(content, list) else []


_TOO_DEEP: Final = f"the message's parts stand in each other more than {DEEPEST} deep"
