"""Mails in the words of Mailpit's API, so that helpers of tests that know it can read them.

Names and meanings are those of its published document:
https://github.com/axllent/mailpit/blob/develop/server/ui/api/v1/swagger.json (v1, 2026-11). Tags are categories.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from broker.inbox.words import snippet

Mail = Mapping[str, Any]

_CID = re.compile(r"""(["'(=]\s*)cid:([^"'()\s>]{1,500})""", re.IGNORECASE)


def address(person: Mapping[str, str]) -> dict[str, str]:
    """One person."""
    return {"Name": person.get("name") or "", "Address": person["email"]}


def _addresses(found: Sequence[Mapping[str, str]] | None) -> list[dict[str, str]]:
    return [address(person) for person in found or ()]


def _head(mail: Mail) -> dict[str, Any]:
    return {
        "ID": mail["id"],
        "MessageID": (mail.get("message_id") or "").strip("<>"),
        "From": address(mail["sender"]),
        "To": _addresses(mail.get("to")),
        "Cc": _addresses(mail.get("cc")),
        "Bcc": _addresses(mail.get("bcc")),
        "ReplyTo": _addresses(mail.get("reply_to")),
        "Subject": mail["subject"],
        "Tags": tags(mail),
        "Size": mail["size"],
        "Username": "",
    }


def tags(mail: Mail) -> list[str]:
    """The categories."""
    return [str(category) for category in mail.get("categories") or ()]


def summary(mail: Mail) -> dict[str, Any]:
    """A mail of a list."""
    return {
        **_head(mail),
        "Read": bool(mail["read"]),
        "Created": mail["sent_at"],
        "Attachments": len(mail.get("attachments") or ()),
        "Snippet": snippet(mail),
    }


def message(mail: Mail) -> dict[str, Any]:
    """One mail, its long texts in it."""
    files = [_file(file, number) for number, file in enumerate(mail.get("attachments") or (), 1)]
    inline = [_is_inline(file) for file in mail.get("attachments") or ()]
    return {
        **_head(mail),
        "Date": mail["sent_at"],
        "HTML": mail.get("html") or "",
        "Text": mail.get("text") or "",
        "ReturnPath": mail["sender"]["email"],
        "Attachments": [file for file, inside in zip(files, inline, strict=True) if not inside],
        "Inline": [file for file, inside in zip(files, inline, strict=True) if inside],
        "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
    }


def _is_inline(file: Mapping[str, Any]) -> bool:
    return file.get("disposition") == "inline" or bool(file.get("content_id"))


def _file(file: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "PartID": str(number),
        "FileName": file["filename"],
        "ContentType": file["content_type"],
        "ContentID": (file.get("content_id") or "").strip("<>"),
        "Size": file["blob"]["size"],
    }


def header_fields(found: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """By name, in the order of the alphabet."""
    by_name: dict[str, list[str]] = {}
    for name, value in found:
        by_name.setdefault("-".join(word.capitalize() for word in name.split("-")), []).append(value)
    return dict(sorted(by_name.items()))


def with_pictures(html: str, mail: Mail) -> str:
    """The HTML with its inline pictures at their addresses here."""
    parts = {
        (file.get("content_id") or "").strip("<>"): str(number)
        for number, file in enumerate(mail.get("attachments") or (), 1)
        if file.get("content_id")
    }

    def placed(found: re.Match[str]) -> str:
        number = parts.get(found.group(2))
        if number is None:
            return found.group()
        return f"{found.group(1)}../api/v1/message/{quote(str(mail['id']), safe='')}/part/{number}"

    return _CID.sub(placed, html) if parts else html
