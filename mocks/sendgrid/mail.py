"""Mail Send: checks a message as SendGrid does and puts one mail per personalization into the mailbox.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send (2026-11).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from mocks.base import Attachment, Blob, Call, Reply
from mocks.sendgrid import account_rules, bounds, scheduling, wording
from mocks.sendgrid.delivering import begun, deliver
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.mail_rules import Body, decoded, faults

#: "The total message size should not exceed 30MB": the overview page of Mail Send.
MOST_BYTES: Final = 30 * 1024 * 1024
_CHUNK: Final = 64 * 1024
#: What a message that comes by SMTP can do without.
_MAY_BE_EMPTY: Final = ("content", "subject")
#: So many personalizations are sent before other environments have their turn.
_A_TURN: Final = 20

#: The mailbox keeps the whole mail of every personalization, and substitutes in each: a limit of ours, not SendGrid's.
MOST_WORK: Final = bounds.MOST


async def send(call: Call) -> Reply:
    """202 with the message's id; 200 in sandbox mode, where the message is only checked."""
    if len(call.request.body) > MOST_BYTES:
        raise refused([Fault(wording.TOO_LARGE)], 413)
    body = call.params.body
    if body is None:  # the document does not mark the body as required
        raise refused([Fault("Bad Request")])
    message_id = await accept(call, body)
    if message_id is None:
        # "200 OK: Your message is valid, but it is not queued to be delivered" (the errors page).
        return Reply(status=200)
    return Reply(headers=[("x-message-id", message_id)])


async def accept(call: Call, body: Body, *, raw: Blob | None = None, smtp_id: str | None = None) -> str | None:
    """Check a message and send it; answers its id, None in sandbox mode. ``smtp_id`` is the Message-ID of one that
    came by SMTP, "" for none, and ``raw`` the whole of it: it may be empty, which Mail Send does not take."""
    found = faults(body, call.now)
    if smtp_id is not None:
        found = [fault for fault in found if (fault.field or "").partition(".")[0] not in _MAY_BE_EMPTY]
    if found:
        raise refused(found)
    await account_rules.check(call, body)
    if _enabled(body, "sandbox_mode"):
        return None
    if _work(body) > MOST_WORK:
        message = (
            "This mailbox keeps a mail for every personalization, and these would be too large together: send fewer "
            "personalizations at once, a shorter content or fewer substitutions."
        )
        raise refused([Fault(message, "personalizations")], 413)
    message_id = call.new_id("", 22)
    attachments = await _attachments(call, body)
    sending = await begun(call, body, message_id, attachments)
    sending.raw, sending.smtp_id = raw, smtp_id or ""
    later = []
    now = call.now.timestamp()
    for place, block in enumerate(body["personalizations"]):
        at = block.get("send_at") or body.get("send_at") or 0
        if at > now:
            later.append((place, int(at)))
        else:
            await deliver(sending, place)
        if not (place + 1) % _A_TURN:
            await asyncio.sleep(0)
    if later:
        await scheduling.keep(sending, later)
    if raw is not None and not sending.raw_kept:
        await call.state.delete_blob(raw.id)
    return message_id


def _enabled(body: Body, setting: str) -> bool:
    settings = body.get("mail_settings") or {}
    return bool((settings.get(setting) or {}).get("enable"))


def _work(body: Body) -> int:
    """How many characters are looked through and stored for the mails of a message."""
    length = sum(len(part["value"]) for part in body.get("content") or ())
    return sum(length * (1 + len(block.get("substitutions") or ())) for block in body["personalizations"])


async def _attachments(call: Call, body: Body) -> Sequence[Attachment]:
    """The attached files, their bytes written beside the state. They are shared by the message's mails."""
    written = []
    for attachment in body.get("attachments") or ():
        blob = await call.state.write_blob(_chunks(decoded(attachment["content"]) or b""))
        written.append(
            Attachment(
                filename=attachment["filename"],
                content_type=attachment.get("type") or "application/octet-stream",
                blob=blob,
                disposition=attachment.get("disposition") or "attachment",
                content_id=attachment.get("content_id"),
            )
        )
    return written


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
