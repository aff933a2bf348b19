"""A stored mail as a message: what the standard library's parser, and people, read in it."""

from __future__ import annotations

import base64
import email
from collections.abc import AsyncIterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from broker.inbox.composing import base64_lines, compose, fields
from tests.broker.inbox.samples import PAGE, chunks, file, found


async def read(blob_id: str) -> AsyncIterator[bytes]:
    for number in range(3):
        yield f"{blob_id} {number};".encode() * 50


async def message(mail: dict[str, Any]) -> tuple[bytes, EmailMessage]:
    raw = b"".join([piece async for piece in compose(mail, read)])
    parsed = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    for part in parsed.walk():
        assert part.defects == [], part.as_string()
    return raw, parsed


async def test_a_plain_text() -> None:
    raw, parsed = await message(found(text="hi\n.\nüñ\n"))
    assert parsed.get_content_type() == "text/plain"
    assert parsed.get_content() == "hi\r\n.\r\nüñ\r\n"
    assert parsed["from"] == "The Shop <shop@example.com>"
    assert (parsed["to"], parsed["cc"], parsed["subject"]) == (
        "Ada <ada@example.com>",
        "bob@example.com",
        "Your receipt",
    )
    assert (parsed["message-id"], parsed["date"].datetime.isoformat()) == (
        "<m1@example.com>",
        "2026-11-27T10:00:00+00:00",
    )
    assert b"\n" not in raw.replace(b"\r\n", b"")


async def test_both_forms_with_files_and_pictures() -> None:
    files = [file("a.pdf"), file("lögo.png", disposition="inline", content_id="<logo>", content_type="image/png; x=y")]
    _, parsed = await message(found(html=PAGE, attachments=files))
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    body = parsed.get_body(("html",))
    assert body is not None
    assert body.get_content() == PAGE
    (attached,) = parsed.iter_attachments()
    assert attached.get_content() == b"".join([piece async for piece in read("blob of a.pdf")])
    picture = next(part for part in parsed.walk() if part.get_content_type() == "image/png")
    assert (picture["content-id"], picture.get_filename()) == ("<logo>", "lögo.png")


async def test_without_html_pictures_are_files() -> None:
    _, parsed = await message(found(attachments=[file("x.png", content_id="logo", content_type="image/png")]))
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/mixed", "text/plain", "image/png"]


async def test_nothing_in_a_field_makes_another() -> None:
    evil = "x\r\nBcc: everybody@example.com\r\n\r\nbody"
    _, parsed = await message(
        found(
            subject=evil,
            message_id=f"<{evil}>",
            sender={"email": "a@example.com", "name": evil},
            to=[{"email": f"b@example.com{evil}"}],
            headers={"X-One": evil, "Bad Name": "x", "Subject": "another", "X\r\nY": "z"},
            attachments=[file(evil, content_type=f"text/plain{evil}", content_id=evil)],
        )
    )
    assert "bcc" not in parsed
    assert parsed.get_all("subject") == [parsed["subject"]]
    assert parsed["x-one"].startswith("x Bcc: everybody")
    assert "another" not in parsed["subject"]


async def test_texts_of_any_kind() -> None:
    long_line = "x" * 5000
    _, parsed = await message(found(text=long_line))
    assert parsed.get_content() == long_line
    huge = "ü\n" * 200_000
    _, parsed = await message(found(text=huge))
    assert (parsed["content-transfer-encoding"], parsed.get_content()) == ("base64", huge)
    _, parsed = await message(found(text=None, html=None))
    assert parsed.get_content() == ""
    _, parsed = await message(found(text=None, bodies={"html": {"id": "long", "size": 9}}))
    assert parsed.get_content_type() == "text/html"
    assert parsed.get_content().startswith("long 0;long 0;")


async def test_people_beyond_ascii() -> None:
    raw, parsed = await message(
        found(to=[{"email": "ü@example.com", "name": 'A "B"'}, {"email": "c@d.org", "name": "Ö"}])
    )
    assert b'"A \\"B\\"" <\xc3\xbc@example.com>' in raw
    assert "Ö <c@d.org>" in parsed["to"]


async def test_a_thousand_recipients() -> None:
    to = [{"email": f"person{number}@example.com", "name": "Pérson"} for number in range(1000)]
    raw, _ = await message(found(to=to))
    assert max(map(len, raw.split(b"\r\n"))) < 200


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 2048, 300_001])
async def test_bytes_as_lines(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    parts = [content[at : at + 1000] for at in range(0, size, 1000)]
    lines = b"".join([piece async for piece in base64_lines(chunks(*parts))])
    assert base64.b64decode(lines) == content
    assert all(len(line) == 76 for line in lines.split(b"\r\n")[:-2])


def test_fields_as_people_read_them() -> None:
    assert ("Subject", "Grüße") in fields(found(subject="Grüße"))
    assert ("Message-ID", "<m1@mail.invalid>") in fields(found(message_id=""))
