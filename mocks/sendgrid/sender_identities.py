"""Sender identities, of Marketing Campaigns old and new: who a campaign is from.

https://www.twilio.com/docs/sendgrid/api-reference/senders (2026-11), whose document lists the sentences of the errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import domains, numbers, senders
from mocks.sendgrid.errors import Fault, refused, told

#: "You may create up to 100 unique sender identities."
MOST: Final = 100
_REQUIRED: Final = ("address", "city", "country")
_TEXTS: Final = ("nickname", "address", "address_2", "city", "state", "zip", "country")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


async def create(call: Call) -> Record:
    """A new identity, and the mail that verifies it where its domain is not authenticated."""
    if await call.state.count(senders.IDENTITY) >= MOST:
        message = f"You've reached your limit of {MOST} sender identities. Please delete one or more and try again."
        raise told(400, message, "")
    sent = call.params.body or {}
    await _check(call, sent, None, whole=True)
    number = await numbers.following(call.state, senders.IDENTITY)
    now = int(call.now.timestamp())
    record: Record = {name: sent.get(name) or "" for name in _TEXTS}
    record |= {"id": number, "from": dict(sent["from"]), "reply_to": dict(sent.get("reply_to") or sent["from"])}
    verified = await domains.authenticated(call, sent["from"]["email"].rpartition("@")[2].lower())
    record |= {"verified": verified, "locked": False, "created_at": now, "updated_at": now}
    await _put(call, record)
    if not record["verified"]:
        await _ask(call, record)
    return record


async def list_all(call: Call) -> Record:
    """All identities, by id."""
    return {"result": list(await call.state.page(senders.IDENTITY, order="key", limit=MOST))}


async def retrieve(call: Call) -> Record:
    return await _stored(call)


async def edit(call: Call) -> Record:
    """What is named is changed; "updates to from.email require re-verification"."""
    record = await _stored(call)
    if record["locked"]:
        raise told(403, "You may only update a sender identity when it is unlocked.", "locked")
    sent = call.params.body or {}
    await _check(call, sent, record["id"], whole=False)
    changed = {**record, **{name: sent[name] or "" for name in _TEXTS if name in sent}}
    for name in ("from", "reply_to"):
        if sent.get(name):
            changed[name] = {**record[name], **sent[name]}
    changed["updated_at"] = int(call.now.timestamp())
    moved = changed["from"]["email"].lower() != record["from"]["email"].lower()
    if moved:
        changed["verified"] = await domains.authenticated(call, changed["from"]["email"].rpartition("@")[2].lower())
    await _put(call, changed)
    if moved and not changed["verified"]:
        await _ask(call, changed)
    return changed


async def delete(call: Call) -> None:
    """204; not while a campaign is from it."""
    record = await _stored(call)
    if record["locked"]:
        raise told(403, "You may only delete a sender identity when it is unlocked.", "locked")
    await call.state.delete(senders.IDENTITY, numbers.key(record["id"]))


async def resend(call: Call) -> None:
    """204: the verification mail once more."""
    record = await _stored(call)
    if record["verified"]:
        raise told(400, "The Sender Identity is already verified.  No email sent.", "")
    await _ask(call, record)


async def found(call: Call, number: int) -> Record | None:
    """The identity of that id."""
    return await call.state.get(senders.IDENTITY, numbers.key(number))


async def _stored(call: Call) -> Record:
    record = await found(call, int(call.params.path["sender_id"]))
    if record is None:
        raise told(404, "resource not found", "id")
    return record


async def _put(call: Call, record: Record) -> None:
    index = {**senders.index(record["from"]["email"], record["verified"]), "nickname": record["nickname"]}
    await call.state.put(senders.IDENTITY, numbers.key(record["id"]), record, index)


async def _ask(call: Call, record: Record) -> None:
    sender = record["from"]
    await senders.ask(call, senders.IDENTITY, numbers.key(record["id"]), sender["email"], sender.get("name") or "")


async def _check(call: Call, sent: Record, number: int | None, *, whole: bool) -> None:
    """Raises for all that is wrong at once. Of an edit only what it names is looked at."""
    faults = [
        Fault(f"{name} is required.", name)
        for name in ("nickname", *_REQUIRED)
        if (whole or name in sent) and not sent.get(name)
    ]
    faults += _address_faults(sent, whole)
    if sent.get("nickname"):
        twins: Any = await call.state.page(senders.IDENTITY, limit=1, where={"nickname": sent["nickname"]})
        if twins and twins[0]["id"] != number:
            faults.append(Fault("You already have a sender identity with the same nickname.", "nickname"))
    if faults:
        raise refused(faults)


def _address_faults(sent: Record, whole: bool) -> list[Fault]:
    faults = []
    sender, reply = sent.get("from"), sent.get("reply_to")
    if (whole or sender is not None) and not (sender or {}).get("email"):
        if whole or "email" in (sender or {}):
            faults.append(Fault("from_email is required.", "from_email"))
    elif sender and sender.get("email") and not _ADDRESS.fullmatch(sender["email"]):
        faults.append(Fault("From email is not a valid email address.", "from_email"))
    if reply and reply.get("email") and not _ADDRESS.fullmatch(reply["email"]):
        faults.append(Fault("Reply to email is not a valid email address.", "reply_to"))
    return faults


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_v3-senders": list_all,
    "POST_senders": create,
    "POST_marketing-senders": create,
    "GET_v3-senders-sender_id": retrieve,
    "PATCH_v3-senders-sender_id": edit,
    "DELETE_v3-senders-sender_id": delete,
    "POST_v3-senders-sender_id-resend_verification": resend,
}
