"""Messages that leave later: kept whole until their ``send_at`` by the environment's clock.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/scheduling-parameters, and of batches
https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from mocks.base import Attachment, Blob, Call, Record, State
from mocks.sendgrid import accounts, agenda
from mocks.sendgrid.delivering import Sending, begun, deliver

#: A message of which something is yet to leave, by its id.
KIND: Final = "scheduled_message"
#: What was said of a batch: ``batch_id`` and ``status``, which is pause or cancel.
STATUS: Final = "scheduled_send"

#: The agenda's word for a personalization that leaves.
LEAVES: Final = "leaves"

#: "When a paused batch passes 72 hours after its send_at time, SendGrid discards the messages as Expired."
EXPIRES: Final = 72 * 3600
_PAGE: Final = 200


async def keep(sending: Sending, later: Sequence[tuple[int, int]]) -> None:
    """Keep the personalizations of a message whose time is to come: (place, Unix time)."""
    call = sending.call
    body = {name: value for name, value in sending.body.items() if name != "attachments"}
    files = [asdict(one) for one in sending.attachments]
    whole: Record = {"body": body, "attachments": files, "left": len(later), "mailed": False}
    await call.state.put(KIND, sending.message_id, whole)
    account = accounts.name(call)
    for place, at in later:
        name = f"{sending.message_id}.{place}"
        told = {"account": account, "message": sending.message_id, "place": place, "batch": _batch(account, body)}
        await agenda.put(call.state, at, LEAVES, name, scope=call.scope, **told)


def _batch(account: str, body: Mapping[str, Any]) -> str | None:
    return f"{account}/{body['batch_id']}" if body.get("batch_id") else None


@dataclass(slots=True)
class Leaving:
    """What leaves in one transaction: a message of many personalizations is read once."""

    call: Call
    _known: dict[str, Record] = field(default_factory=dict)

    async def leave(self, entry: Record) -> None:
        """The time of one personalization has come: it is sent, unless its batch is cancelled or paused."""
        status = await status_of(self.call.state, entry)
        if status == "pause" and not entry.get("held"):
            await agenda.put(self.call.state, **{**entry, "at": entry["at"] + EXPIRES, "held": True})
            return
        whole = await self._message(entry["message"])
        if whole is None:
            return
        if status is None:
            whole["mailed"] |= await deliver(await self._sending(entry["message"], whole), entry["place"])
        whole["left"] -= 1
        await self._settle(entry["message"], whole)

    async def _message(self, message_id: str) -> Record | None:
        if message_id not in self._known:
            found = await self.call.state.get(KIND, message_id)
            if found is None:
                return None
            self._known = {message_id: found}
        return self._known[message_id]

    async def _sending(self, message_id: str, whole: Record) -> Sending:
        files = [Attachment(**{**one, "blob": Blob(**one["blob"])}) for one in whole["attachments"]]
        return await begun(self.call, whole["body"], message_id, files)

    async def _settle(self, message_id: str, whole: Record) -> None:
        """Forget a message that has left, and its files, if no mail has them."""
        if whole["left"]:
            await self.call.state.put(KIND, message_id, whole)
            return
        await self.call.state.delete(KIND, message_id)
        if not whole["mailed"]:
            for one in whole["attachments"]:
                await self.call.state.delete_blob(one["blob"]["id"])


async def status_of(state: State, entry: Mapping[str, Any]) -> str | None:
    """What was said of the entry's batch."""
    if not entry.get("batch"):
        return None
    found = await state.get(STATUS, entry["batch"].rpartition("/")[2])
    return str(found["status"]) if found else None


async def resume(call: Call, batch_id: str) -> None:
    """Something else was said of a batch: what it held back is looked at again, now."""
    batch = f"{accounts.name(call)}/{batch_id}"
    while held := await agenda.held(call.state, batch, _PAGE):
        for entry in held:
            await agenda.move(call.state, entry, int(call.now.timestamp()), held=False)
