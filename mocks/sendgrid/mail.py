"""Mail Send: checks a message as SendGrid does and puts one mail per personalization into the mailbox.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send (2026-11).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from mocks.base import Attachment, Call, Mail, Reply
from mocks.sendgrid import wording
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.mail_rules import Body, decoded, faults

#: "The total message size should not exceed 30MB": the overview page of Mail Send.
MOST_BYTES: Final = 30 * 1024 * 1024
_CHUNK: Final = 64 * 1024

#: The mailbox keeps the whole mail of every personalization, and substitutes in each: a limit of ours, not SendGrid's.
MOST_WORK: Final = 256 * 1024 * 1024

#: What an application may want to assert on and a mail has no place for, by its name in the request.
_KEPT: Final = (
    "template_id",
    "batch_id",
    "asm",
    "ip_pool_name",
    "mail_settings",
    "tracking_settings",
    "send_at",
)
_KEPT_OF_BLOCK: Final = ("dynamic_template_data", "substitutions", "send_at")


async def send(call: Call) -> Reply:
    """202 with the message's id; 200 in sandbox mode, where the message is only checked."""
    if len(call.request.body) > MOST_BYTES:
        raise refused([Fault(wording.TOO_LARGE)], 413)
    body = call.params.body
    if body is None:  # the document does not mark the body as required
        raise refused([Fault("Bad Request")])
    if found := faults(body, call.now):
        raise refused(found)
    if _enabled(body, "sandbox_mode"):
        # "200 OK: Your message is valid, but it is not queued to be delivered" (the errors page).
        return Reply(status=200)
    if _work(body) > MOST_WORK:
        message = (
            "This mailbox keeps a mail for every personalization, and these would be too large together: send fewer "
            "personalizations at once, a shorter content or fewer substitutions."
        )
        raise refused([Fault(message, "personalizations")], 413)
    message_id = call.new_id("", 22)
    attachments = await _attachments(call, body)
    for place, block in enumerate(body["personalizations"]):
        call.send_mail(_mail(body, block, f"{message_id}.{place}", message_id, attachments))
    return Reply(headers=[("x-message-id", message_id)])


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


def _mail(body: Body, block: Body, mail_id: str, message_id: str, attachments: Sequence[Attachment]) -> Mail:
    """The mail of one personalization: what it names wins over what the message names."""
    tags = _tags(body, block)
    return Mail(
        id=mail_id,
        sender=_person(block.get("from") or body["from"]),
        to=_people(block["to"]),
        cc=_people(block.get("cc")),
        bcc=_people(block.get("bcc")),
        reply_to=_people([body["reply_to"]] if body.get("reply_to") else body.get("reply_to_list")),
        subject=_substituted(block.get("subject") or body.get("subject") or "", tags),
        text=_content(body, "text", tags),
        html=_content(body, "html", tags),
        headers={**(body.get("headers") or {}), **(block.get("headers") or {})},
        categories=list(body.get("categories") or ()),
        custom=_custom(body, block, message_id),
        attachments=attachments,
    )


def _person(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"email": entry["email"], **({"name": entry["name"]} if entry.get("name") else {})}


def _people(entries: Sequence[Mapping[str, Any]] | None) -> list[dict[str, str]]:
    return [_person(entry) for entry in entries or ()]


#: The content type behind each form of a mail, which is also the name of the footer's member.
_FORMS: Final = {"text": "text/plain", "html": "text/html"}


def _content(body: Body, form: str, tags: Mapping[str, str]) -> str | None:
    """The message in one form, substituted, with the footer that the mail settings ask for."""
    text = next((part["value"] for part in body.get("content") or () if part["type"].lower() == _FORMS[form]), None)
    if text is None:
        return None
    footer = body["mail_settings"]["footer"].get(form) if _enabled(body, "footer") else None
    return _substituted(text, tags) + (footer or "")


def _tags(body: Body, block: Body) -> Mapping[str, str]:
    """Substitution tags and their values, the sections inside of values filled in."""
    sections = body.get("sections") or {}
    return {tag: _substituted(value, sections) for tag, value in (block.get("substitutions") or {}).items()}


def _substituted(text: str, tags: Mapping[str, str]) -> str:
    """``text`` with every tag replaced, the longest first, so that ``-name-`` does not break ``-name-2-``."""
    for tag in sorted(filter(None, tags), key=len, reverse=True):
        text = text.replace(tag, tags[tag])
    return text


def _custom(body: Body, block: Body, message_id: str) -> dict[str, Any]:
    kept: dict[str, Any] = {"message_id": message_id}
    if custom := {**(body.get("custom_args") or {}), **(block.get("custom_args") or {})}:
        kept["custom_args"] = custom
    kept.update({name: body[name] for name in _KEPT if body.get(name) is not None})
    kept.update({name: block[name] for name in _KEPT_OF_BLOCK if block.get(name) is not None})
    if others := [part for part in body.get("content") or () if part["type"].lower() not in _FORMS.values()]:
        kept["content"] = others
    return kept
