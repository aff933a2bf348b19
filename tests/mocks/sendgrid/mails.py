"""What is in an environment's mailbox."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness


async def newest_mail(sendgrid: Harness) -> dict[str, Any]:
    """The mail that was sent last."""
    store = await sendgrid.store()
    return dict((await store.mailbox.mails(limit=1))[0])
