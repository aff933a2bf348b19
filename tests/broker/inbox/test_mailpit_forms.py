"""Mails in the words of Mailpit's document: its names, and nothing missing."""

from __future__ import annotations

from broker.inbox import mailpit_forms as forms
from tests.broker.inbox.samples import file, found

MAIL = found(
    attachments=[file("a.pdf"), file("l.png", content_type="image/png", disposition="inline", content_id="<logo>")]
)


def test_a_mail_of_a_list() -> None:
    assert forms.summary(MAIL) == {
        "ID": "m1",
        "MessageID": "m1@example.com",
        "Read": False,
        "From": {"Name": "The Shop", "Address": "shop@example.com"},
        "To": [{"Name": "Ada", "Address": "ada@example.com"}],
        "Cc": [{"Name": "", "Address": "bob@example.com"}],
        "Bcc": [],
        "ReplyTo": [],
        "Subject": "Your receipt",
        "Created": "2026-11-27T10:00:00+00:00",
        "Tags": ["Receipt"],
        "Size": 2048,
        "Attachments": 2,
        "Snippet": "Thank you, Ada.",
        "Username": "",
    }


def test_one_mail() -> None:
    shown = forms.message(MAIL)
    assert (shown["Text"], shown["HTML"], shown["Date"]) == ("Thank you,\nAda.", "", "2026-11-27T10:00:00+00:00")
    assert shown["Attachments"] == [
        {"PartID": "1", "FileName": "a.pdf", "ContentType": "application/pdf", "ContentID": "", "Size": 3}
    ]
    assert [(part["PartID"], part["ContentID"]) for part in shown["Inline"]] == [("2", "logo")]
    assert shown["ReturnPath"] == "shop@example.com"


def test_header_fields_by_name() -> None:
    told = [("x-b", "1"), ("Subject", "x"), ("X-B", "2")]
    assert list(forms.header_fields(told).items()) == [("Subject", ["x"]), ("X-B", ["1", "2"])]


def test_pictures_of_the_mail_itself() -> None:
    html = "<img src=\"cid:logo\"><img src='cid:other'>url(cid:logo) text cid:logo"
    assert forms.with_pictures(html, MAIL) == (
        "<img src=\"../api/v1/message/m1/part/2\"><img src='cid:other'>url(../api/v1/message/m1/part/2) text cid:logo"
    )
    assert forms.with_pictures(html, found()) == html
