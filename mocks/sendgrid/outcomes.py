"""What becomes of a mail by the address that it goes to: a pattern of this mock's own, so that an application can be
shown every end that a mail can have.

The word is the local part of the address, or what follows a plus in it, of any domain: ``bounce@example.com`` and
``ada+bounce@example.com`` both bounce. Every other address gets its mail at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: The policy's option that switches the pattern off.
OPTION: Final = "outcomes"
#: Seconds after which a deferred mail is delivered, by the environment's clock.
SECOND_TRY: Final = 600


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a mail's way, ``after`` so many seconds. ``listed`` is the suppression list that the address is on
    from then on."""

    event: str
    details: Mapping[str, Any] = field(default_factory=dict)
    after: int = 0
    listed: str | None = None


_PROCESSED: Final = Step("processed")
_DELIVERED: Final = Step("delivered")

#: What happens to the mail of an address without a word.
USUAL: Final = (_PROCESSED, _DELIVERED)

_NOBODY: Final = {
    "type": "bounce",
    "status": "5.1.1",
    "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
    "bounce_classification": "Invalid Address",
}
_REFUSED: Final = {
    "type": "blocked",
    "status": "5.7.1",
    "reason": "550 5.7.1 The message was rejected by the receiving server.",
    "bounce_classification": "Reputation",
}
_LATER: Final = {"response": "451 4.3.0 Try again later", "attempt": "1"}
_BOUNCE: Final = (_PROCESSED, Step("bounce", _NOBODY, listed="bounces"))
_BLOCK: Final = (_PROCESSED, Step("bounce", _REFUSED, listed="blocks"))
_DEFER: Final = (_PROCESSED, Step("deferred", _LATER), Step("delivered", after=SECOND_TRY))
_DROP: Final = (Step("dropped", {"reason": "Invalid", "status": "5.0.0"}, listed="invalid_emails"),)
_SPAM: Final = (*USUAL, Step("spamreport", listed="spam_reports"))

#: What happens by the word in the address.
PLANS: Final[Mapping[str, Sequence[Step]]] = {
    "bounce": _BOUNCE,
    "block": _BLOCK,
    "blocked": _BLOCK,
    "defer": _DEFER,
    "deferred": _DEFER,
    "drop": _DROP,
    "dropped": _DROP,
    "invalid": _DROP,
    "spam": _SPAM,
    "spamreport": _SPAM,
    "unsubscribe": (*USUAL, Step("unsubscribe", listed="unsubscribes")),
    "open": (*USUAL, Step("open")),
    "click": (*USUAL, Step("open"), Step("click")),
}


def plan(address: str, options: Mapping[str, Any]) -> Sequence[Step]:
    """What happens to the mail of ``address``, in order."""
    head, _, tag = address.rpartition("@")[0].lower().partition("+")
    found = PLANS.get(tag) or PLANS.get(head)
    return USUAL if found is None or options.get(OPTION) == "none" else found
