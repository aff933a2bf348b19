"""Mails into the mailbox, in the transaction of the call that sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from broker.storage.base import Transaction
from broker.storage.mail import IN_ROW
from mocks.base import Blob, Mail

_CHUNK = 1 << 20


async def file(transaction: Transaction, service: str, mails: Sequence[tuple[Mail, str]], at: datetime) -> None:
    """Each with its scope. Texts that are too long for a row become blobs, which count as what is stored does: raises
    QuotaReached."""
    for mail, scope in mails:
        texts = {form: text for form, text in (("text", mail.text), ("html", mail.html)) if text and len(text) > IN_ROW}
        bodies: dict[str, Blob] = {}
        for form, text in texts.items():
            content = text.encode("utf-8", "surrogatepass")
            bodies[form] = await transaction.keep(_chunks(content), len(content))
        transaction.add_mail(service, mail, at, scope, bodies)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
