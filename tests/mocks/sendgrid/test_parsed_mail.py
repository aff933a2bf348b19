"""A mail in the form that inbound parse posts, read by what applications read it with."""

from __future__ import annotations

import io
import json
from email.message import EmailMessage
from typing import Any, NamedTuple

import pytest
from werkzeug.formparser import parse_form_data

from mocks.sendgrid import parsed_mail

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


class File(NamedTuple):
    """One that was posted."""

    filename: str | None
    mimetype: str
    content: bytes


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Ada Lovelace <ada@example.org>"
    made["To"] = "Inbox <inbox@parse.example.com>"
    made["Cc"] = "copy@example.org"
    made["Subject"] = "Größe und Grüße"
    made["DKIM-Signature"] = "v=1; a=rsa-sha256; d=example.org; s=x; b=abc"
    made.set_content("Hallo.\n")
    made.add_alternative("<p>Grüße</p>", subtype="html", charset="iso-8859-1")
    made.add_attachment(b"\x00\x01%PDF", maintype="application", subtype="pdf", filename='a "b".pdf', cid="<pic@x>")
    made.add_attachment("one,two", filename="t.csv", subtype="csv")
    return made


def posted(raw: bytes, **changes: Any) -> tuple[dict[str, str], dict[str, File], list[str]]:
    """Fields, files, and all names in their order."""
    asked = {"to": ["inbox@parse.example.com"], "sender": "ada@example.org", "client": "192.0.2.1"}
    post = parsed_mail.written(raw, **{**asked, "whole": False, "spam_check": False, **changes})
    body = b"".join(post.pieces)
    names = [line.split(b'"')[1].decode() for line in body.split(b"\r\n") if line.startswith(b"Content-Disposition: ")]
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": post.media,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    _, form, files = parse_form_data(environ)
    kept = {name: File(each.filename, each.mimetype, each.read()) for name, each in files.items()}
    for each in files.values():
        each.close()
    return form.to_dict(), kept, names


def test_its_parts_are_fields() -> None:
    form, files, names = posted(message().as_bytes())
    assert names == [
        "headers",
        "dkim",
        "content-ids",
        "to",
        "cc",
        "html",
        "from",
        "text",
        "sender_ip",
        "attachment1",
        "attachment2",
        "attachment-info",
        "envelope",
        "attachments",
        "subject",
        "charsets",
        "SPF",
    ]
    assert form["subject"] == "Größe und Grüße"
    assert (form["from"], form["cc"]) == ("Ada Lovelace <ada@example.org>", "copy@example.org")
    assert form["to"] == "Inbox <inbox@parse.example.com>"
    assert form["text"] == "Hallo.\n"
    assert json.loads(form["envelope"]) == {"to": ["inbox@parse.example.com"], "from": "ada@example.org"}
    assert (form["sender_ip"], form["SPF"], form["dkim"], form["attachments"]) == (
        "192.0.2.1",
        "pass",
        "{@example.org : pass}",
        "2",
    )
    assert form["headers"].startswith("From: Ada Lovelace <ada@example.org>\nTo: ")
    assert "Hallo" not in form["headers"]
    assert files["attachment1"].content == b"\x00\x01%PDF"
    assert (files["attachment1"].filename, files["attachment1"].mimetype) == ("a _b_.pdf", "application/pdf")
    told = json.loads(form["attachment-info"])
    assert told["attachment1"] == {
        "filename": 'a "b".pdf',
        "name": 'a "b".pdf',
        "type": "application/pdf",
        "content-id": "pic@x",
    }
    assert told["attachment2"]["charset"] == "utf-8"
    assert json.loads(form["content-ids"]) == {"pic@x": "attachment1"}


def test_text_keeps_its_character_set_which_is_told() -> None:
    post = parsed_mail.written(
        message().as_bytes(), to=["a@b.example"], sender="", client="", whole=False, spam_check=False
    )
    assert "<p>Grüße</p>".encode("iso-8859-1") in b"".join(post.pieces)
    form, _, _ = posted(message().as_bytes())
    assert json.loads(form["charsets"]) == {
        "to": "UTF-8",
        "cc": "UTF-8",
        "from": "UTF-8",
        "subject": "UTF-8",
        "text": "utf-8",
        "html": "iso-8859-1",
    }


def test_the_whole_mail() -> None:
    raw = message().as_bytes()
    form, files, names = posted(raw, whole=True)
    assert names == ["dkim", "email", "to", "cc", "from", "sender_ip", "envelope", "subject", "charsets", "SPF"]
    assert form["email"].startswith("From: Ada")
    assert files == {}
    post = parsed_mail.written(raw, to=[], sender="", client="", whole=True, spam_check=False)
    assert raw in post.pieces


def test_spam_is_looked_for_where_it_is_asked_for() -> None:
    made = message()
    form, _, names = posted(made.as_bytes(), spam_check=True)
    assert form["spam_score"] == "0.0"
    assert names.index("spam_report") < names.index("spam_score") < names.index("charsets")
    made = EmailMessage()
    made.set_content(GTUBE)
    form, _, _ = posted(made.as_bytes(), spam_check=True)
    assert float(form["spam_score"]) > 5
    assert "GTUBE" in form["spam_report"]


def test_a_mail_in_a_mail_is_an_attachment_and_what_follows_too() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("inner text")
    outer = EmailMessage()
    outer["From"] = "a@example.org"
    outer.set_content("outer text")
    outer.add_attachment(inner)
    outer.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="x.bin")
    form, files, _ = posted(outer.as_bytes())
    assert form["text"] == "outer text\n"
    assert b"Subject: Inner" in files["attachment1"].content
    assert files["attachment2"].content == b"x"


def test_what_would_end_a_part_too_early_does_not() -> None:
    made = EmailMessage()
    made.set_content("a\n--xYzZY--\nb\n")
    form, _, _ = posted(made.as_bytes())
    assert form["text"].splitlines() == ["a", "--xYzZY--", "b"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header at all",
        b"Subject: =?nowhere?q?x?=\n\n\xff\xfe",
        b"Subject: \xff\n\nx",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain; charset=nowhere\n\nx",
        b"Content-Type: multipart/mixed\n\nbroken",
        b"Content-Transfer-Encoding: base64\n\n!!!",
        b'Content-Type: a/b; name="\r\n x"\nContent-Disposition: attachment; filename="a\\"b"\n\nx',
    ],
)
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    form, _, names = posted(raw)
    assert {"headers", "dkim", "envelope", "charsets"} <= set(names)
    assert form["SPF"] == "pass"
