"""Batch ids, which group mails so that they can be cancelled together.

https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends (2026-11).
"""

from __future__ import annotations

from mocks.base import Call, Record
from mocks.sendgrid.errors import Fault, refused

KIND = "mail.batch"


async def create(call: Call) -> Record:
    """A new batch id."""
    batch = {"batch_id": call.new_id("", 32)}
    await call.state.put(KIND, batch["batch_id"], batch)
    return batch


async def validate(call: Call) -> Record:
    """The batch id when it was made here; 400 otherwise, as the endpoint answers instead of a 404."""
    batch = await call.state.get(KIND, str(call.params["batch_id"]))
    if batch is None:
        raise refused([Fault("invalid batch id")])
    return batch
