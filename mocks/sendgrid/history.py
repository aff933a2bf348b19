"""What has happened to the recipients of a message so far: kept in its record, where statistics and Email Activity find
it, so that counting costs a send nothing of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Record

_MEMBER: Final = "history"
#: What is kept of an event beside its name, moment and recipient, where the mail's own way told it.
_KEPT: Final = ("reason", "type", "bounce_classification", "attempt", "url", "useragent", "ip")
#: So many events of a message are kept, and so many more for each recipient: a link that is followed for ever fills no
#: store.
_MOST: Final = 1_000
_MOST_EACH: Final = 10


def remember(sent: Record, address: str, event: str, at: int, details: Mapping[str, Any]) -> None:
    """Add an event to the record of its message, which the caller stores. ``at`` is a Unix time."""
    known: list[Record] = sent.setdefault(_MEMBER, [])
    if len(known) < _MOST or len(known) < _MOST + _MOST_EACH * _recipients(sent):
        kept = {name: details[name] for name in _KEPT if details.get(name) is not None}
        known.append({"event": event, "at": at, "to": address, **kept})


def _recipients(sent: Record) -> int:
    return sum(len(sent.get(kind) or ()) for kind in ("to", "cc", "bcc"))


def by_recipient(sent: Mapping[str, Any]) -> Mapping[str, Sequence[Record]]:
    """The events of each recipient, by the address as the message has it."""
    found: dict[str, list[Record]] = {}
    for each in of(sent):
        found.setdefault(each["to"], []).append(each)
    return found


def of(sent: Mapping[str, Any], address: str | None = None) -> Sequence[Record]:
    """The events of a message, those of one recipient alone where ``address`` is given, in the order that they
    happened in: ``event``, ``at``, ``to`` and what else was told."""
    known: Sequence[Record] = sent.get(_MEMBER, ())
    if address is None:
        return known
    return [each for each in known if each["to"].lower() == address.lower()]
