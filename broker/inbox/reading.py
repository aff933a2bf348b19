"""The parts of one mail as they are handed out: texts, files, header fields, and how a browser may treat them.

A mail is somebody else's text: whatever it holds, it never becomes active content of this server's origin.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import quote

from broker.inbox.composing import Mail, compose, fields, media
from broker.storage.base import EnvironmentStore

#: Bytes of a message in which its head is looked for.
_HEAD = 256 << 10

#: Nothing runs, nothing is fetched, and what is shown has no origin: https://www.w3.org/TR/CSP3/#directive-sandbox
SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
#: Of everything that comes out of a mail.
GUARDED: Mapping[str, str] = {
    "content-security-policy": SANDBOX,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
MEDIA = {"text": "text/plain; charset=utf-8", "html": "text/html; charset=utf-8"}


def raw(store: EnvironmentStore, mail: Mail) -> AsyncIterator[bytes]:
    """A mail as the message that travelled, or would have."""
    if mail.get("raw"):
        return store.mailbox.read(mail, mail["raw"]["id"])

    def read(blob_id: str) -> AsyncIterator[bytes]:
        try:
            return store.mailbox.read(mail, blob_id)
        except LookupError:
            return _once(b"")  # it went with another mail that had it

    return compose(mail, read)


def text(store: EnvironmentStore, mail: Mail, form: str) -> AsyncIterator[bytes] | None:
    """The text in one form, ``text`` or ``html``; None where the mail has none."""
    blob = (mail.get("bodies") or {}).get(form)
    if blob is not None:
        return store.mailbox.read(mail, blob["id"])
    return None if mail.get(form) is None else _once(str(mail[form]).encode("utf-8", "replace"))


async def whole(store: EnvironmentStore, mail: Mail) -> dict[str, Any]:
    """The mail with its long texts in it."""
    found = dict(mail)
    for form, blob in (mail.get("bodies") or {}).items():
        content = b"".join([chunk async for chunk in store.mailbox.read(mail, blob["id"])])
        found[form] = content.decode("utf-8", "replace")
    return found


async def _once(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content


def attached(file: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The media type and header fields of an attachment: it is saved, never shown."""
    return media(file["content_type"]), {
        **GUARDED,
        "content-disposition": disposition(file["filename"]),
        "content-length": str(file["blob"]["size"]),
    }


def disposition(filename: str) -> str:
    """``attachment`` with a file's name: RFC 6266, in ASCII and as it is."""
    plain = re.sub(r'[^ !#-\[\]-~]|"', "_", filename)[:200] or "attachment"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename[:200], safe='')}"


async def header_fields(store: EnvironmentStore, mail: Mail) -> list[tuple[str, str]]:
    """All header fields in their order, decoded."""
    if not mail.get("raw"):
        return fields(mail)
    head = b""
    async for chunk in store.mailbox.read(mail, mail["raw"]["id"]):
        head += chunk
        if b"\r\n\r\n" in head or b"\n\n" in head or len(head) > _HEAD:
            break
    parsed = BytesHeaderParser().parsebytes(head[:_HEAD])
    return [(name, decoded(str(value))) for name, value in parsed.items()]


def decoded(value: str) -> str:
    """A header field's value as people read it: RFC 2047; what cannot be decoded stays as it is."""
    value = re.sub(r"\r?\n[ \t]*", " ", value)
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, UnicodeError):
        return value.encode("utf-8", "replace").decode()
