"""The rules of Mail Send on a message's own settings.

https://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html (mail_settings), and for filters that exclude each
other https://www.twilio.com/docs/sendgrid/ui/sending-email/index-suppressions (bypass suppressions), 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from mocks.sendgrid import wording
from mocks.sendgrid.addresses import is_address
from mocks.sendgrid.errors import Fault

#: The filter that no other goes with, and the others.
_ALL: Final = "bypass_list_management"
_SOME: Final = ("bypass_spam_management", "bypass_bounce_management", "bypass_unsubscribe_management")


def settings(body: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    """What is wrong with the mail settings of a message."""
    told: Mapping[str, Any] = body.get("mail_settings") or {}
    yield from _copies(_on(told, "bcc"))
    yield from _spam(_on(told, "spam_check"))
    if _on(told, _ALL):
        for name in _SOME:
            if _on(told, name):
                # Wording ours: the page tells that they cannot be combined, not how it is said.
                yield _fault(f"{name} cannot be combined with {_ALL}.", name)


def _on(told: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    found = told.get(name)
    return found if found and found.get("enable") else None


def _copies(bcc: Mapping[str, Any] | None) -> Iterator[Fault]:
    if bcc is None:
        return
    if not bcc.get("email"):
        yield _fault("You must include a recipient object when using the bcc mail setting.", "bcc.email")
    elif not is_address(bcc["email"]):
        yield _fault(wording.BAD_ADDRESS, "bcc.email")


def _spam(check: Mapping[str, Any] | None) -> Iterator[Fault]:
    if check is None:
        return
    if check.get("threshold") is None:
        message = "You must include the spam check threshold when using the spam check mail setting."
        yield _fault(message, "spam_check.threshold")
    if not check.get("post_to_url"):
        message = "You must include the url to post to when using the spam check mail setting."
        yield _fault(message, "spam_check.post_to_url")
    elif not check["post_to_url"].startswith(("http://", "https://")):
        message = "The `post_to_url` parameter must start with `http://` or `https://`."
        yield _fault(message, "spam_check.post_to_url")


def _fault(message: str, place: str) -> Fault:
    field = f"mail_settings.{place}"
    return Fault(message, field, wording.link(field))
