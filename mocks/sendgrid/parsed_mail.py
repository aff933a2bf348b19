"""A mail in the form that inbound parse posts: its parts as fields of multipart/form-data, or whole.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook (default and raw
parameters, 2026-11); order and boundary as in posts that people keep as test data. Text is posted in its own character
set, which ``charsets`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from typing import Any, Final

import orjson

from mocks import mime

#: What every post of SendGrid's has between its parts.
_BOUNDARY: Final = "xYzZY"
_MAIL: Final = "message/rfc822"
#: What every spam filter takes for spam: https://spamassassin.apache.org/gtube/
_GTUBE: Final = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_SIGNED_BY: Final = re.compile(r"\bd\s*=\s*([\w.-]+)", re.IGNORECASE)
#: What would end a part's head too early.
_UNSAFE: Final = re.compile(r'[\r\n"]')

#: Name, content, and for a file its name and media type.
Part = tuple[str, bytes, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Post:
    """The body of a post in pieces, and the media type that it has."""

    media: str
    pieces: Sequence[bytes]


def written(raw: bytes, *, to: Sequence[str], sender: str, client: str, whole: bool, spam_check: bool) -> Post:
    """``whole``: the message as it came, instead of its parts."""
    message = mime.parsed(raw)
    parts = _whole(raw) if whole else _parted(message, raw)
    spam = _spam(raw) if spam_check else {}
    placed = list(_placed(parts, message, {"to": list(to), "from": sender}, client, spam))
    boundary = _BOUNDARY
    # A message that has it too gets another one, where SendGrid's own could not be read.
    while any(f"\n--{boundary}".encode() in content for _, content, _, _ in placed):
        boundary += "Y"
    return Post(f"multipart/form-data; boundary={boundary}", list(_multipart(placed, boundary)))


def subject(raw: bytes) -> str:
    """The message's subject, decoded."""
    return _decoded(mime.parsed(raw), "subject")


class _Parts:
    """Fields of a post by name, its files, and the character sets of what was taken out of the message."""

    def __init__(self) -> None:
        self.fields: dict[str, bytes] = {}
        self.files: list[Part] = []
        self.told: dict[str, dict[str, Any]] = {}
        self.charsets: dict[str, str] = {}
        self.content_ids: dict[str, str] = {}


def _whole(raw: bytes) -> _Parts:
    parts = _Parts()
    parts.fields["email"] = raw
    return parts


def _parted(message: Message, raw: bytes) -> _Parts:
    parts = _Parts()
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    parts.fields["headers"] = head.replace(b"\r\n", b"\n") + b"\n"
    for part in _leaves(message):
        if _beside(part) or not _texts(parts, part):
            _attach(parts, part)
    return parts


def _leaves(part: Message) -> Iterator[Message]:
    """The parts that hold no others; a mail in the mail is one."""
    payload = part.get_payload()
    if not isinstance(payload, list) or part.get_content_type() == _MAIL:
        yield part
        return
    for each in payload:
        if isinstance(each, Message):
            yield from _leaves(each)


def _beside(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _texts(parts: _Parts, part: Message) -> bool:
    """Take a text of the message itself; False for what is none, or a second one."""
    name = {"text/plain": "text", "text/html": "html"}.get(part.get_content_type())
    if name is None or name in parts.fields:
        return False
    parts.fields[name] = _content(part)
    parts.charsets[name] = part.get_content_charset() or "us-ascii"
    return True


def _attach(parts: _Parts, part: Message) -> None:
    name = f"attachment{len(parts.files) + 1}"
    filename = part.get_filename() or ""
    media = part.get_content_type()
    told: dict[str, Any] = {"filename": filename, "name": filename, "type": media}
    if charset := part.get_content_charset():
        told["charset"] = charset
    if content_id := (part.get("content-id") or "").strip().strip("<>"):
        told["content-id"] = content_id
        parts.content_ids[content_id] = name
    parts.told[name] = told
    parts.files.append((name, _content(part), filename, media))


def _content(part: Message) -> bytes:
    if part.get_content_type() == _MAIL:
        payload = part.get_payload()
        return payload[0].as_bytes() if isinstance(payload, list) and isinstance(payload[0], Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _placed(
    parts: _Parts, message: Message, envelope: Mapping[str, Any], client: str, spam: Mapping[str, str]
) -> Iterator[Part]:
    """All fields, in SendGrid's order."""
    heads = {name: _decoded(message, name) for name in ("to", "cc", "from", "subject")}
    charsets = {**{name: "UTF-8" for name, value in heads.items() if value}, **parts.charsets}
    fields: dict[str, bytes | str | None] = {
        "headers": parts.fields.get("headers"),
        "dkim": _signed(message),
        "content-ids": orjson.dumps(parts.content_ids) if parts.content_ids else None,
        "email": parts.fields.get("email"),
        "to": heads["to"],
        "cc": heads["cc"] or None,
        "html": parts.fields.get("html"),
        "from": heads["from"],
        "text": parts.fields.get("text"),
        "sender_ip": client,
    }
    yield from _given(fields)
    yield from parts.files
    fields = {
        "attachment-info": orjson.dumps(parts.told) if parts.told else None,
        "envelope": orjson.dumps(envelope),
        "attachments": None if "email" in parts.fields else str(len(parts.files)),
        "subject": heads["subject"],
        "spam_report": spam.get("report"),
        "spam_score": spam.get("score"),
        "charsets": orjson.dumps(charsets),
        "SPF": "pass",
    }
    yield from _given(fields)


def _given(fields: Mapping[str, bytes | str | None]) -> Iterator[Part]:
    for name, value in fields.items():
        if value is not None:
            yield name, value.encode() if isinstance(value, str) else value, None, None


def _decoded(message: Message, name: str) -> str:
    """A header's text, its encoded words read."""
    value = " ".join(str(message.get(name) or "").split())
    try:
        return str(make_header(decode_header(value))).encode("utf-8", "replace").decode()
    except (LookupError, ValueError):
        return value.encode("utf-8", "replace").decode()


def _signed(message: Message) -> str:
    """The result for each domain that signed. No signature is checked here: what is there passes."""
    found = [match[1] for value in message.get_all("dkim-signature", ()) if (match := _SIGNED_BY.search(str(value)))]
    return "{" + ", ".join(f"@{domain} : pass" for domain in found) + "}" if found else "none"


def _spam(raw: bytes) -> Mapping[str, str]:
    """SpamAssassin's words for what it takes for spam, and for what it does not. Nothing else is looked for."""
    score, rule = ("1000.0", "GTUBE") if _GTUBE in raw else ("0.0", "none")
    report = f"Spam detection software has looked at this message: score {score}, rules {rule}."
    return {"report": report, "score": score}


def _multipart(parts: Sequence[Part], boundary: str) -> Iterator[bytes]:
    for name, content, filename, media in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if filename is not None:
            head += f'; filename="{_UNSAFE.sub("_", filename)}"\r\nContent-Type: {media}'
        yield f"{head}\r\n\r\n".encode("utf-8", "replace")
        yield content
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()
