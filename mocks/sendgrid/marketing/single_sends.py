"""Single sends: mails to lists, segments or all contacts; drafted, scheduled, copied, searched.

https://www.twilio.com/docs/sendgrid/api-reference/single-sends (2026-11). How they leave is campaigns' business. A/B
tests are made in SendGrid's app alone: here no single send is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from mocks.base import Call, Handler, Record, ServiceError
from mocks.sendgrid import agenda, designs, groups, ids, sender_identities, token_pages
from mocks.sendgrid.designs import iso
from mocks.sendgrid.errors import Fault, refused, told
from mocks.sendgrid.marketing import campaigns
from mocks.sendgrid.marketing.campaigns import KIND as KIND
from mocks.sendgrid.plain_text import plain

#: Limits of ours: how many there may be, and how many a page has.
MOST: Final = 5_000
_PAGE: Final = 50
_MOST_CATEGORIES: Final = 1_000
_LONGEST: Final = 100
#: What an email_config has that nobody filled in.
_EMPTY: Final[Mapping[str, Any]] = {
    "subject": "",
    "html_content": "",
    "plain_content": "",
    "generate_plain_content": True,
    "editor": "code",
    "suppression_group_id": None,
    "custom_unsubscribe_url": None,
    "sender_id": None,
    "ip_pool": None,
}
_CONTENT: Final = ("subject", "html_content", "plain_content", "generate_plain_content", "editor")
_SHORT: Final = ("id", "name", "status", "categories", "send_at", "updated_at", "created_at")


async def create(call: Call) -> Record:
    """A new draft."""
    if await call.state.count(KIND) >= MOST:
        raise told(400, f"an account has at most {MOST} single sends")  # wording ours
    sent = call.params.body or {}
    now = iso(call.now)
    record: Record = {
        "id": ids.uuid(call),
        "name": sent["name"],
        "status": "draft",
        "categories": [],
        "send_to": {"list_ids": [], "segment_ids": [], "all": False},
        "email_config": dict(_EMPTY),
        "created_at": now,
        "updated_at": now,
    }
    return await _put(call, await _changed(call, record, sent))


async def _changed(call: Call, record: Record, sent: Mapping[str, Any]) -> Record:
    """The single send with what is named changed, and nothing else."""
    config = {**record["email_config"], **(sent.get("email_config") or {})}
    if design_id := (sent.get("email_config") or {}).get("design_id"):
        design = await designs.found(call, str(design_id))
        if design is None:
            raise told(400, "design not found", "email_config.design_id")  # wording ours
        config |= {name: design[name] for name in _CONTENT}
    if config["generate_plain_content"]:
        config["plain_content"] = plain(config["html_content"])
    if sent.get("send_at") and _moment(sent["send_at"]) <= call.now:
        raise told(400, "send_at must be in the future", "send_at")  # wording ours
    whole = {name: sent[name] for name in ("name", "categories", "send_at") if sent.get(name) is not None}
    return {**record, **whole, "send_to": {**record["send_to"], **(sent.get("send_to") or {})}, "email_config": config}


def _moment(written: str) -> datetime:
    read = datetime.fromisoformat(written)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


async def _put(call: Call, record: Record) -> Record:
    await call.state.put(KIND, record["id"], record)
    return record


async def list_all(call: Call) -> Record:
    """A page of them, in short, the newest first."""
    found, metadata = await token_pages.page(call, KIND, _size(call), lambda why: told(400, why, "page_token"))
    return {"result": [_short(one) for one in found], "_metadata": metadata}


def _size(call: Call) -> int:
    size = call.params.query.get("page_size")
    if size is not None and int(size) < 1:
        raise told(400, "page_size must be a positive number", "page_size")  # wording ours
    return _PAGE if size is None else min(int(size), 100)


def _short(one: Record) -> Record:
    return {name: one[name] for name in _SHORT if name in one} | {"is_abtest": False, "abtest": None}


async def search(call: Call) -> Record:
    """Those whose name contains what is given, that have one of the statuses, and one of the categories."""
    sent = call.params.body or {}
    name, statuses = (sent.get("name") or "").lower(), sent.get("status") or ()
    wanted = set(sent.get("categories") or ())
    every = await call.state.page(KIND, limit=MOST)
    found = [
        one
        for one in every
        if name in one["name"].lower()
        and (not statuses or one["status"] in statuses)
        and (not wanted or wanted & set(one["categories"]))
    ]
    size, token = _size(call), call.params.query.get("page_token")
    places = [place for place, one in enumerate(found) if one["id"] == token] if token else [-1]
    if not places:
        raise told(400, "invalid page token", "page_token")  # wording ours
    start = places[0] + 1
    metadata: dict[str, Any] = {"self": token_pages.address(call, token), "count": len(found)}
    if start + size < len(found):
        metadata["next"] = token_pages.address(call, found[start + size - 1]["id"])
    if start > 0:
        metadata["prev"] = token_pages.address(call, found[start - size - 1]["id"] if start > size else None)
    return {"result": [_short(one) for one in found[start : start + size]], "_metadata": metadata}


async def categories(call: Call) -> Record:
    """The categories of all of them, the latest thousand."""
    known: dict[str, None] = {}
    for one in await call.state.page(KIND, limit=MOST):
        known.update(dict.fromkeys(one["categories"]))
    return {"categories": list(known)[:_MOST_CATEGORIES]}


async def retrieve(call: Call) -> Record:
    return await _stored(call)


async def edit(call: Call) -> Record:
    """202: what is named is changed; of what is on its way nothing is."""
    record = await _stored(call)
    if record["status"] == "triggered":
        raise told(400, "a single send that was sent cannot be changed", "status")  # wording ours
    changed = await _changed(call, record, call.params.body or {})
    if record["status"] == "scheduled" and changed["send_at"] != record["send_at"]:
        await _unplan(call, record)
        await campaigns.plan(call, record["id"], int(_moment(changed["send_at"]).timestamp()))
    return await _put(call, {**changed, "updated_at": iso(call.now)})


async def duplicate(call: Call) -> Record:
    """A draft with the same content."""
    record = await _stored(call)
    name = (call.params.body or {}).get("name") or f"Copy of {record['name']}"[:_LONGEST]
    now = iso(call.now)
    copy = {**record, "id": ids.uuid(call), "name": name, "status": "draft", "created_at": now, "updated_at": now}
    copy.pop("send_at", None)
    return await _put(call, copy)


async def delete(call: Call) -> None:
    """204; what was scheduled does not leave."""
    await _forget(call, await _stored(call))


async def delete_many(call: Call) -> None:
    """204: all of them, or none where one is not there."""
    # Clients that encode the whole query send an encoded comma, which separates ids as well.
    asked: Sequence[str] = call.params.query.get("ids") or ()
    wanted = [one for part in asked for one in str(part).split(",") if one]
    if not wanted:
        raise told(400, "ids is required", "ids")  # wording ours
    found = [await call.state.get(KIND, one) for one in dict.fromkeys(wanted)]
    for record in found:
        if record is None:
            raise _missing()
    for record in found:
        await _forget(call, record or {})


async def _forget(call: Call, record: Record) -> None:
    await _unplan(call, record)
    await call.state.delete(KIND, record["id"])


async def _unplan(call: Call, record: Record) -> None:
    if record["status"] == "scheduled":
        at = int(_moment(record["send_at"]).timestamp())
        await agenda.drop(call.state, {"at": at, "name": campaigns.name_of(call, record["id"])})


async def schedule(call: Call) -> Record:
    """201: it leaves at its time, by the environment's clock, or now."""
    record = await _stored(call)
    if record["status"] == "triggered":
        raise told(400, "the single send was sent already", "status")  # wording ours
    await _refuse_incomplete(call, record)
    asked = str((call.params.body or {})["send_at"])
    moment = call.now if asked == "now" else _moment(asked)
    if moment < call.now:
        raise told(400, "send_at must be in the future", "send_at")  # wording ours
    await _unplan(call, record)
    at = int(moment.timestamp())
    record = {**record, "status": "scheduled", "send_at": iso(moment.astimezone(UTC).replace(microsecond=0))}
    await _put(call, {**record, "updated_at": iso(call.now)})
    await campaigns.plan(call, record["id"], at)
    return {"send_at": record["send_at"], "status": "scheduled"}


async def unschedule(call: Call) -> Record:
    """It is a draft again."""
    record = await _stored(call)
    if record["status"] != "scheduled":
        raise told(400, "the single send is not scheduled", "status")  # wording ours
    await _unplan(call, record)
    await _put(call, {**record, "status": "draft", "updated_at": iso(call.now)})
    return {"send_at": record["send_at"], "status": "draft"}


async def _refuse_incomplete(call: Call, record: Record) -> None:
    """What a single send needs before it leaves, by the descriptions of its members. Wording ours."""
    to, config = record["send_to"], record["email_config"]
    faults = []
    if not (to["all"] or to["list_ids"] or to["segment_ids"]):
        faults.append(Fault("list_ids, segment_ids or all must be provided", "send_to"))
    faults += [
        Fault(f"{name} is required", f"email_config.{name}")
        for name in ("subject", "html_content", "sender_id")
        if not config[name]
    ]
    if not (config["suppression_group_id"] or config["custom_unsubscribe_url"]):
        message = "suppression_group_id or custom_unsubscribe_url must be provided"
        faults.append(Fault(message, "email_config.suppression_group_id"))
    if config["sender_id"]:
        sender = await sender_identities.found(call, config["sender_id"])
        if sender is None or not sender["verified"]:
            faults.append(Fault("the sender is not there or not verified", "email_config.sender_id"))
    if config["suppression_group_id"] and await groups.group(call, config["suppression_group_id"]) is None:
        faults.append(Fault("the unsubscribe group is not there", "email_config.suppression_group_id"))
    if faults:
        raise refused(faults)


async def _stored(call: Call) -> Record:
    record = await call.state.get(KIND, str(call.params.path["id"]))
    if record is None:
        raise _missing()
    return record


def _missing() -> ServiceError:
    return told(404, "single send not found", "id")  # wording ours


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_marketing-singlesends": list_all,
    "POST_marketing-singlesends": create,
    "DELETE_marketing-singlesends": delete_many,
    "POST_marketing-singlesends-search": search,
    "GET_marketing-singlesends-categories": categories,
    "GET_marketing-singlesends-id": retrieve,
    "PATCH_marketing-singlesends-id": edit,
    "POST_marketing-singlesends-id": duplicate,
    "DELETE_marketing-singlesends-id": delete,
    "PUT_marketing-singlesends-id-schedule": schedule,
    "DELETE_marketing-singlesends-id-schedule": unschedule,
}
