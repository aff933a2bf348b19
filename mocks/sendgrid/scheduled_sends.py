"""Batches of scheduled messages that are paused or cancelled.

https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends (2026-11); sentences as its first description
told them (github.com/sendgrid/docs pull request 1276) and as answers quoted in sendgrid-nodejs issue 1245.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import batches, scheduling
from mocks.sendgrid.errors import told
from mocks.sendgrid.scheduling import STATUS

#: "You can't pause or cancel more than 10 different batches at one time."
MOST: Final = 10


async def create(call: Call) -> Record:
    """Pause or cancel a batch."""
    sent = call.params.body or {}
    batch_id = sent["batch_id"]
    if await call.state.get(batches.KIND, batch_id) is None:
        raise told(400, "invalid batch id", "batch_id")
    if await call.state.get(STATUS, batch_id) is not None:
        raise told(400, "a status for this batch id exists, try PATCH to update the status")
    if await call.state.count(STATUS) >= MOST:
        raise told(400, "max limit reached")
    record = {"batch_id": batch_id, "status": sent["status"]}
    await call.state.put(STATUS, batch_id, record)
    return record


async def list_all(call: Call) -> list[Record]:
    """All batches of which anything was said: those that just wait are not among them (sendgrid-nodejs issue 1245)."""
    return list(await call.state.page(STATUS, order="oldest", limit=MOST))


async def retrieve(call: Call) -> list[Record]:
    """One batch, in a list; an empty list when nothing was said of it."""
    found = await call.state.get(STATUS, str(call.params.path["batch_id"]))
    return [found] if found else []


async def update(call: Call) -> None:
    """Another status: 204."""
    record = await _stored(call)
    await call.state.put(STATUS, record["batch_id"], {**record, "status": call.params.body["status"]})
    await scheduling.resume(call, record["batch_id"])


async def delete(call: Call) -> None:
    """Nothing is said of the batch any more: what is yet to leave leaves, and what was held back leaves now."""
    record = await _stored(call)
    await call.state.delete(STATUS, record["batch_id"])
    await scheduling.resume(call, record["batch_id"])


async def _stored(call: Call) -> Record:
    record = await call.state.get(STATUS, str(call.params.path["batch_id"]))
    if record is None:
        raise told(404, "batch id not found")
    return record


OPERATIONS: Final[Mapping[str, Handler]] = {
    "POST_user-scheduled_sends": create,
    "GET_user-scheduled_sends": list_all,
    "GET_user-scheduled_sends-batch_id": retrieve,
    "PATCH_user-scheduled_sends-batch_id": update,
    "DELETE_user-scheduled_sends-batch_id": delete,
}
