"""Mails as the storage tells them, and the sending of some."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from broker.backends import filing
from broker.storage.base import EnvironmentStore
from mocks.base import Attachment, Blob, Mail

PAGE = (
    "<html><head><title>no</title><style>p{color:red}</style></head><body><p>Pay <b>no</b>w</p>"
    "<script>alert(1)</script><p>Or <a href='https://shop.test/pay?a=1&amp;b=2'>pay <i>here</i></a></p></body></html>"
)


def found(**changes: Any) -> dict[str, Any]:
    """A mail with two recipients."""
    return {
        "id": "m1",
        "service": "alpha",
        "scope": "",
        "read": False,
        "size": 2048,
        "sent_at": "2026-11-27T10:00:00+00:00",
        "sender": {"email": "shop@example.com", "name": "The Shop"},
        "to": [{"email": "ada@example.com", "name": "Ada"}],
        "cc": [{"email": "bob@example.com"}],
        "bcc": [],
        "reply_to": [],
        "subject": "Your receipt",
        "text": "Thank you,\nAda.",
        "html": None,
        "headers": {},
        "categories": ["Receipt"],
        "custom": {"message_id": "x", "custom_args": {"order": "7"}},
        "attachments": [],
        "message_id": "<m1@example.com>",
        "outcomes": {},
        **changes,
    }


def file(name: str = "a.pdf", **changes: Any) -> dict[str, Any]:
    """A file of a mail."""
    plain = {"content_type": "application/pdf", "disposition": "attachment", "content_id": None}
    return {"filename": name, **plain, "blob": {"id": f"blob of {name}", "size": 3}, **changes}


async def send(store: EnvironmentStore, *mails: Mail, at: datetime, scope: str = "") -> None:
    """As a call of a mock sends them."""
    call = store.begin("alpha")
    await call.start()
    await filing.file(call, "alpha", [(mail, scope) for mail in mails], at)
    await call.commit()


async def stored(store: EnvironmentStore, content: bytes) -> Blob:
    """Bytes for a mail of the service alpha."""
    call = store.begin("alpha")
    blob = await call.write_blob(chunks(content))
    await call.commit()
    return blob


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def mail(id: str = "m1", *, files: Sequence[Attachment] = (), **changes: Any) -> Mail:
    """From the shop to Ada."""
    fields: Mapping[str, Any] = {
        "sender": {"email": "shop@example.com", "name": "The Shop"},
        "to": [{"email": "ada@example.com", "name": "Ada"}],
        "subject": "Your receipt",
        "text": "Thank you",
    }
    return Mail(id=id, attachments=files, **{**fields, **changes})
