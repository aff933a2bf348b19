"""Copies of bounces and spam reports, to whom the account wants to have them.

https://www.twilio.com/docs/sendgrid/ui/account-and-settings/mail (forward bounce, forward spam; 2026-11). What they say
is wording of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Mail, Record
from mocks.sendgrid import messages
from mocks.sendgrid.settings import Settings, enabled

#: By event: the setting that forwards it, and what it is called.
_FORWARDED: Final = {"bounce": ("forward_bounce", "Bounce"), "spamreport": ("forward_spam", "Spam report")}
_FROM: Final = {"email": "no-reply@sendgrid.com", "name": "SendGrid"}


def forward(call: Call, account: Settings, sent: Record, address: str, event: str, details: Mapping[str, Any]) -> None:
    """Tell of ``event``, if somebody wants to hear of it: a mail to an address of theirs."""
    setting, title = _FORWARDED.get(event, ("", ""))
    wanted = enabled(account, setting)
    if not wanted or not wanted.get("email"):
        return
    key = messages.key(sent["message_id"], sent["place"])
    lines = [f"{title} of {address}", f"Subject: {sent['subject']}", f"Message: {key}"]
    if details.get("reason"):
        lines.append(f"Reason: {details['reason']}")
    call.send_mail(
        Mail(
            id=f"{call.new_id('', 22)}.0",
            sender=_FROM,
            to=[{"email": wanted["email"]}],
            subject=f"{title}: {sent['subject']}",
            text="\n".join(lines) + "\n",
            custom={"forwarded": event, "of": key},
        )
    )
