"""A stored mail as the message that would have travelled (RFC 5322, MIME), written piece by piece.

A mail that came whole is answered as it came; this is for those that an API described.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr
from typing import Any

Mail = Mapping[str, Any]
#: The bytes of a blob of the mail, by its id.
Read = Callable[[str], AsyncIterator[bytes]]

_CRLF = b"\r\n"
#: Whole lines of base64 in a piece.
_PIECE = 57 * 2048
#: Bytes of a text that is written readably; a longer one is base64.
_READABLE = 256 << 10
#: RFC 5322 section 2.1.1.
_LONGEST_LINE = 998
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")


def fields(mail: Mail) -> list[tuple[str, str]]:
    """The header fields as people read them, without those that tell how the body is written."""
    found = [
        ("Date", format_datetime(datetime.fromisoformat(mail["sent_at"]))),
        ("From", ", ".join(people([mail["sender"]]))),
        *(
            (name, ", ".join(people(mail[kind])))
            for name, kind in (("To", "to"), ("Cc", "cc"), ("Reply-To", "reply_to"))
            if mail.get(kind)
        ),
        ("Subject", _clean(mail["subject"])),
        ("Message-ID", _clean(mail.get("message_id") or f"<{mail['id']}@mail.invalid>")),
        ("MIME-Version", "1.0"),
    ]
    taken = {name.lower() for name, _ in found}
    for name, value in (mail.get("headers") or {}).items():
        if FIELD_NAME.fullmatch(name) and name.lower() not in taken:
            found.append((name, _clean(str(value))))
    return found


def people(found: Sequence[Mapping[str, str]]) -> list[str]:
    """``Ada Lovelace <ada@example.com>``."""
    return [
        f"{_clean(person['name'])} <{_clean(person['email'])}>" if person.get("name") else _clean(person["email"])
        for person in found
    ]


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def _head(mail: Mail) -> bytes:
    addresses = {"From": [mail["sender"]], "To": mail.get("to"), "Cc": mail.get("cc"), "Reply-To": mail.get("reply_to")}
    lines = []
    for name, value in fields(mail):
        if name in addresses:
            lines.append(f"{name}: " + ",\r\n ".join(_address(person) for person in addresses[name] or ()))
        else:
            lines.append(f"{name}: {_folded(name, value)}")
    return "".join(line + "\r\n" for line in lines).encode("utf-8", "replace")


def _address(person: Mapping[str, str]) -> str:
    name, email = _clean(person.get("name") or ""), _clean(person["email"])
    try:
        return formataddr((name, email), "utf-8")
    except UnicodeError:
        # An address beyond ASCII travels as it is, RFC 6532.
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{email}>' if name else email


def _folded(name: str, value: str) -> str:
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")


# -- the body ----------------------------------------------------------------------------------------------


async def compose(mail: Mail, read: Read) -> AsyncIterator[bytes]:
    """The whole message."""
    yield _head(mail)
    files = list(mail.get("attachments") or ())
    inline = [file for file in files if file.get("content_id")] if _has(mail, "html") else []
    attached = [file for file in files if file not in inline]
    key = hashlib.sha256(str(mail["id"]).encode()).hexdigest()[:24]
    async for piece in _mixed(mail, attached, inline, key, read):
        yield piece


def _has(mail: Mail, form: str) -> bool:
    return mail.get(form) is not None or (mail.get("bodies") or {}).get(form) is not None


async def _mixed(
    mail: Mail, attached: Sequence[Any], inline: Sequence[Any], key: str, read: Read
) -> AsyncIterator[bytes]:
    if not attached:
        async for piece in _related(mail, inline, key, read):
            yield piece
        return
    boundary = f"mixed-{key}"
    yield f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n".encode()
    async for piece in _related(mail, inline, key, read):
        yield piece
    async for piece in _files(attached, boundary, read):
        yield piece


async def _related(mail: Mail, inline: Sequence[Any], key: str, read: Read) -> AsyncIterator[bytes]:
    if not inline:
        async for piece in _alternative(mail, key, read):
            yield piece
        return
    boundary = f"related-{key}"
    yield f"Content-Type: multipart/related; boundary={boundary}\r\n\r\n--{boundary}\r\n".encode()
    async for piece in _alternative(mail, key, read):
        yield piece
    async for piece in _files(inline, boundary, read):
        yield piece


async def _alternative(mail: Mail, key: str, read: Read) -> AsyncIterator[bytes]:
    forms = [form for form in ("text", "html") if _has(mail, form)] or ["text"]
    if len(forms) == 1:
        async for piece in _text(mail, forms[0], read):
            yield piece
        return
    boundary = f"alternative-{key}"
    yield f"Content-Type: multipart/alternative; boundary={boundary}\r\n\r\n".encode()
    for form in forms:
        yield f"--{boundary}\r\n".encode()
        async for piece in _text(mail, form, read):
            yield piece
        yield _CRLF
    yield f"--{boundary}--\r\n".encode()


async def _text(mail: Mail, form: str, read: Read) -> AsyncIterator[bytes]:
    head = f"Content-Type: text/{'plain' if form == 'text' else 'html'}; charset=utf-8\r\n"
    blob = (mail.get("bodies") or {}).get(form)
    if blob is not None:
        yield (head + "Content-Transfer-Encoding: base64\r\n\r\n").encode()
        async for piece in base64_lines(read(blob["id"])):
            yield piece
        return
    content = (mail.get(form) or "").encode("utf-8", "surrogatepass")
    encoding, written = _readably(content)
    yield f"{head}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + written


def _readably(content: bytes) -> tuple[str, bytes]:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if content.isascii() and b"\x00" not in content and max(map(len, lines)) <= _LONGEST_LINE:
        return "7bit", _CRLF.join(lines)
    if len(content) <= _READABLE:
        return "quoted-printable", quopri.encodestring(b"\n".join(lines)).replace(b"\n", _CRLF)
    return "base64", base64.encodebytes(content).replace(b"\n", _CRLF)


async def _files(files: Sequence[Any], boundary: str, read: Read) -> AsyncIterator[bytes]:
    for file in files:
        yield f"\r\n--{boundary}\r\n".encode() + "".join(f"{line}\r\n" for line in _file_head(file)).encode() + _CRLF
        async for piece in base64_lines(read(file["blob"]["id"])):
            yield piece
    yield f"\r\n--{boundary}--\r\n".encode()


def _file_head(file: Mapping[str, Any]) -> Iterator[str]:
    name = _parameter(file["filename"])
    yield f"Content-Type: {media(file['content_type'])}; name{name}"
    yield "Content-Transfer-Encoding: base64"
    kind = "inline" if file.get("disposition") == "inline" else "attachment"
    yield f"Content-Disposition: {kind}; filename{name}"
    if file.get("content_id"):
        yield f"Content-ID: <{_clean(file['content_id']).strip('<>')}>"


def media(text: str) -> str:
    """A media type without its parameters; what is none becomes bytes."""
    found = text.partition(";")[0].strip()
    return found if _MEDIA.fullmatch(found) else "application/octet-stream"


def _parameter(name: str) -> str:
    """A file's name as the value of a parameter, ``=`` included: RFC 2231 beyond ASCII."""
    name = _clean(name)
    if name.isascii():
        return '="' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "*=" + encode_rfc2231(name, "utf-8")


async def base64_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes as lines of base64."""
    left = b""
    async for chunk in chunks:
        left += chunk
        whole = len(left) - len(left) % 57
        for at in range(0, whole, _PIECE):
            yield base64.encodebytes(left[at : min(at + _PIECE, whole)]).replace(b"\n", _CRLF)
        left = left[whole:]
    if left:
        yield base64.encodebytes(left).replace(b"\n", _CRLF)
