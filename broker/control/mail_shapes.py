"""Mails as the control API tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from broker.control.shapes import ANYTHING, COUNT, MOMENT, TEXT, Schema, many, mapping, maybe, page, record, ref
from broker.inbox.words import links, snippet

_FILE: Schema = {
    **ANYTHING,
    "required": ["number", "filename", "content_type", "disposition", "size"],
    "properties": {"number": COUNT, "filename": TEXT, "content_type": TEXT, "disposition": TEXT, "size": COUNT},
}
_MAIL: dict[str, Schema] = {
    "id": TEXT,
    "service": TEXT,
    "sent_at": MOMENT,
    "scope": TEXT,
    "read": {"type": "boolean"},
    "size": {**COUNT, "description": "Bytes of the texts and files, about."},
    "message_id": {**TEXT, "description": "As in the header field of that name."},
    "sender": ANYTHING,
    "to": many(ANYTHING),
    "cc": many(ANYTHING),
    "bcc": many(ANYTHING),
    "reply_to": many(ANYTHING),
    "subject": TEXT,
    "snippet": {**TEXT, "description": "How the text begins."},
    "text": {**maybe(TEXT), "description": "null for none, and for one of more than 256 KiB: see text_size."},
    "html": {**maybe(TEXT), "description": "As text."},
    "text_size": maybe(COUNT),
    "html_size": maybe(COUNT),
    "headers": {**mapping(TEXT), "description": "Those that the application gave it."},
    "categories": many(TEXT),
    "custom": ANYTHING,
    "attachments": many(_FILE),
    "outcomes": {**mapping(TEXT), "description": "What is to become of it, by address."},
}
_LINK = record({"url": TEXT, "text": {**TEXT, "description": "What people read on it."}})

COMPONENTS: dict[str, Schema] = {
    "MailSummary": {**ANYTHING, "properties": _MAIL, "required": list(_MAIL)},
    "MailPage": page(ref("MailSummary")),
    "Mail": {
        **ANYTHING,
        "properties": {
            **_MAIL,
            "links": many(_LINK),
            "header_fields": many({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}),
        },
        "required": [*_MAIL, "links", "header_fields"],
    },
    "Mailbox": record({"mails": COUNT, "unread": COUNT}),
    "Marked": record({"mails": COUNT}),
}


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """A mail of a list."""
    shown = {name: value for name, value in found.items() if name not in ("bodies", "raw")}
    for form in ("text", "html"):
        blob = (found.get("bodies") or {}).get(form)
        value = found.get(form)
        shown[f"{form}_size"] = (
            blob["size"] if blob else None if value is None else len(value.encode("utf-8", "replace"))
        )
    shown["snippet"] = snippet(found)
    shown["attachments"] = [
        {**file, "number": number, "size": file["blob"]["size"]}
        for number, file in enumerate(found.get("attachments") or (), 1)
    ]
    return {**dict.fromkeys(("message_id",), ""), "outcomes": {}, **shown}


def mail(found: Mapping[str, Any], header_fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A mail with what is in it."""
    return {
        **summary(found),
        "links": links(found.get("text"), found.get("html")),
        "header_fields": [list(pair) for pair in header_fields],
    }
