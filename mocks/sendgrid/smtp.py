"""Mail that comes by SMTP: the message in the words of Mail Send, which sends it.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-smtp (2026-11): the user is
``apikey``, the password an API key. Addresses of the envelope that the header fields do not name get blind copies.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, Final

from mocks import mime
from mocks.base import Call
from mocks.sendgrid import mail, smtpapi, wire
from mocks.sendgrid.mail_rules import RESERVED
from mocks.submitting import Submission, Submitted

#: Fields that the message has in its body's words, or that say how its body was written.
_TAKEN: Final = RESERVED | {
    "date",
    "message-id",
    "mime-version",
    "x-smtpapi",
    "broker-scope",
    "sender",
    "return-path",
    "bcc",
}
_CHUNK: Final = 256 * 1024
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,250}>")
_FIELD: Final = re.compile(r"[!-9;-~]+")


async def submit(call: Call, submitted: Submitted) -> str:
    """Send it; answers the message's id."""
    header = smtpapi.read(_field(submitted.message, "x-smtpapi"))
    body = written(submitted, header)
    # What the header asks to be put into the mail is not in the message as it came.
    blob = None if header else await call.state.write_blob(_chunks(submitted.raw), len(submitted.raw))
    message_id = await mail.accept(call, body, raw=blob, smtp_id=_message_id(submitted.message))
    return message_id or call.new_id("", 22)


SUBMISSION: Final = Submission(wire.SMTP_USER, "POST_mail-send", submit)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def _message_id(message: Message) -> str:
    found = _MESSAGE_ID.search(str(message.get("message-id") or ""))
    return found.group() if found else ""


def written(submitted: Submitted, header: smtpapi.Header) -> dict[str, Any]:
    """The body of Mail Send that says the same."""
    message = submitted.message
    people = _people(message, submitted.recipients)
    senders = _persons(message, "from") or [{"email": submitted.sender}]
    forms, files = _parts(message)
    found: dict[str, Any] = {
        "personalizations": smtpapi.blocks(header, people),
        "from": senders[0],
        "subject": _field(message, "subject") or "",
        "content": [{"type": kind, "value": text} for kind, text in forms.items()]
        or [{"type": "text/plain", "value": ""}],
        **smtpapi.message(header),
    }
    if replies := _persons(message, "reply-to"):
        found["reply_to_list"] = replies
    if files:
        found["attachments"] = files
    if fields := dict(_own_fields(message)):
        found["headers"] = fields
    return found


def _people(message: Message, recipients: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Who gets it, as the header fields name them: only the envelope says whom it goes to."""
    envelope = {address.lower(): address for address in recipients}
    found: dict[str, list[Mapping[str, str]]] = {"to": [], "cc": [], "bcc": []}
    for kind in ("to", "cc"):
        for person in _persons(message, kind):
            if envelope.pop(person["email"].lower(), None) is not None:
                found[kind].append(person)
    found["bcc"] = [{"email": address} for address in envelope.values()]
    if not found["to"]:
        # Mail Send wants somebody to send to.
        first = "cc" if found["cc"] else "bcc"
        found["to"], found[first] = found[first], []
    return found


def _persons(message: Message, field: str) -> list[Mapping[str, str]]:
    texts = [str(value) for value in message.get_all(field, ())]
    return [
        {"email": address, **({"name": _decoded(name)} if name else {})}
        for name, address in mime.addresses(texts)
        if "@" in address
    ]


def _field(message: Message, name: str) -> str | None:
    value = message.get(name)
    return None if value is None else _decoded(str(value))


def _decoded(value: str) -> str:
    value = re.sub(r"\r?\n[ \t]*", " ", value)
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, UnicodeError):
        return value.encode("utf-8", "replace").decode()


def _own_fields(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in message.items():
        if name.lower() not in _TAKEN and not name.lower().startswith("content-") and _FIELD.fullmatch(name):
            yield name, _decoded(str(value))


def _parts(message: Message) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The texts by their media type, and the files."""
    forms: dict[str, str] = {}
    files: list[dict[str, str]] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        attached = part.get_content_disposition() == "attachment" or part.get_filename() is not None
        if kind in ("text/plain", "text/html") and kind not in forms and not attached:
            forms[kind] = _text(part)
        else:
            files.append(_file(part, kind, len(files) + 1))
    return {kind: forms[kind] for kind in ("text/plain", "text/html") if kind in forms}, files


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _file(part: Message, kind: str, number: int) -> dict[str, str]:
    content = part.get_payload(decode=True)
    given = part.get_filename()
    found = {
        "content": base64.b64encode(content if isinstance(content, bytes) else b"").decode(),
        "type": kind,
        "filename": _decoded(given) if given else f"part-{number}",
        "disposition": "inline" if part.get_content_disposition() == "inline" else "attachment",
    }
    if content_id := part.get("content-id"):
        found["content_id"] = str(content_id).strip().strip("<>")
    return found
