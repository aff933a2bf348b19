"""Segments: the contacts that a query is true of, in both versions of the API.

https://www.twilio.com/docs/sendgrid/api-reference/segmenting-contacts-v2 and
https://www.twilio.com/docs/sendgrid/api-reference/segmenting-contacts (2026-11). A segment is asked anew whenever it is
looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from mocks.base import Call, Handler, Record, Reply, State
from mocks.sendgrid import ids
from mocks.sendgrid.marketing import jobs, lists, people, queries
from mocks.sendgrid.marketing.answers import itself, missing, moment, wrong
from mocks.sendgrid.marketing.queries import World
from mocks.sendgrid.sgql.words import Unreadable

Version = Literal["1", "2"]

KIND: Final = "mc_segment"
#: How many segments an account has at most: a limit of ours.
MOST: Final = 1_000
_MOST_PARENTS: Final = 50
#: "Currently, only 2 are allowed" a day: SendGrid's OpenAPI document (max_refreshes).
MOST_REFRESHES: Final = 2
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_HOUR: Final = 3_600
_DAY: Final = 86_400


async def every(state: State, version: Version | None = None) -> list[Record]:
    """The account's segments, the oldest first."""
    where = {"version": version} if version else None
    return list(await state.page(KIND, order="oldest", where=where, limit=MOST))


async def of(call: Call, contacts: Sequence[Record]) -> Mapping[str, Sequence[str]]:
    """The segments that each of ``contacts`` is in: contact id -> segment ids."""
    found: dict[str, list[str]] = {}
    known = await every(call.state)
    if known:
        world = await queries.world(call, contacts)
        for segment in known:
            for contact in members(segment, world):
                found.setdefault(contact["id"], []).append(segment["id"])
    return found


def members(segment: Mapping[str, Any], world: World) -> list[Record]:
    """The contacts of ``world`` that are in the segment; nobody where its query means nothing any more."""
    parent = segment["parent_list_id"]
    try:
        if segment["version"] == "2":
            found = queries.selected(queries.selection(segment["query_dsl"], world.types()), world)
        else:
            found = queries.chosen(queries.condition(segment["query_dsl"], world.types()), world)
    except Unreadable:
        return []
    return [contact for contact in found if not parent or parent in contact["list_ids"]]


def create(version: Version) -> Handler:
    """POST: a new segment; its name is no other's, and its query can be asked."""

    async def handler(call: Call) -> Record:
        sent = call.params.body or {}
        if await call.state.count(KIND) >= MOST:
            raise wrong(f"an account has at most {MOST} segments")
        await _refuse_twin(call, sent["name"])
        world = await queries.world(call)
        _check(version, sent["query_dsl"], world)
        now = int(call.now.timestamp())
        segment = {
            "id": ids.uuid(call),
            "name": sent["name"],
            "query_dsl": sent["query_dsl"],
            "parent_list_id": await _parent(call, sent),
            "version": version,
            "created": now,
            "updated": now,
        }
        await _store(call, segment)
        return _whole(call, segment, world)

    return handler


def list_all(version: Version) -> Handler:
    """GET: all segments, or those of some lists, or of none."""

    async def handler(call: Call) -> Record:
        query = call.params.query
        parents = [each.strip() for each in (query.get("parent_list_ids") or "").split(",") if each.strip()]
        if len(parents) > _MOST_PARENTS:
            raise wrong(f"parent_list_ids has at most {_MOST_PARENTS} ids", "parent_list_ids")
        orphans = bool(query.get("no_parent_list_id"))
        found = [
            segment
            for segment in await every(call.state, version)
            if not (parents or orphans)
            or segment["parent_list_id"] in parents
            or (orphans and not segment["parent_list_id"])
        ]
        world = await queries.world(call) if found else None
        shown = [_summary(call, segment, members(segment, world)) for segment in found if world is not None]
        return {"results": shown, **({"_metadata": itself(call, "segments/2.0")} if version == "2" else {})}

    return handler


def retrieve(version: Version) -> Handler:
    """GET: one segment with a sample of its contacts, which the second version leaves out when asked to."""

    async def handler(call: Call) -> Record:
        segment = await _named(call, version)
        found = _whole(call, segment, await queries.world(call))
        if version == "2" and call.params.query.get("contacts_sample") is False:
            found["contacts_sample"] = []
        if version == "1" and call.params.query.get("query_json"):
            found["query_json"] = queries.told(segment["query_dsl"])
        return found

    return handler


def update(version: Version) -> Handler:
    """PATCH: another name or query."""

    async def handler(call: Call) -> Record:
        sent = call.params.body or {}
        segment = await _named(call, version)
        if sent.get("name") and sent["name"].lower() != segment["name"].lower():
            await _refuse_twin(call, sent["name"])
        world = await queries.world(call)
        if sent.get("query_dsl"):
            _check(version, sent["query_dsl"], world)
        told = {name: sent[name] for name in ("name", "query_dsl") if sent.get(name)}
        if "parent_list_ids" in sent or "parent_list_id" in sent:
            told["parent_list_id"] = await _parent(call, sent)
        segment = {**segment, **told, "updated": int(call.now.timestamp())}
        await _store(call, segment)
        return _whole(call, segment, world)

    return handler


def delete(version: Version) -> Handler:
    """DELETE: 202; its contacts stay."""

    async def handler(call: Call) -> Reply:
        await call.state.delete(KIND, (await _named(call, version))["id"])
        return Reply({} if version == "1" else None, 202)

    return handler


async def delete_many(call: Call) -> Reply:
    """202; 200 with those that are not there, where there are such."""
    wanted = dict.fromkeys((call.params.body or {}).get("ids") or ())
    if not wanted:
        raise wrong("ids is required", "ids")
    errors = [{"id": key, "error": "segment not found"} for key in wanted if not await call.state.delete(KIND, key)]
    return Reply({"errors": errors}, 200) if errors else Reply({}, 202)


async def refresh(call: Call) -> Reply:
    """202: a segment is asked anew, as it always is; twice a day at most, a day of UTC here."""
    segment = await _named(call, "2")
    if not _ZONE.fullmatch(call.params.body["user_time_zone"]):
        raise wrong("user_time_zone must be in the IANA time zone format", "user_time_zone")
    used = _refreshed(call, segment)
    if len(used) >= MOST_REFRESHES:
        raise wrong("this segment has been refreshed as often as a day allows", None, 429)
    await _store(call, {**segment, "refreshed": [*used, int(call.now.timestamp())]})
    return Reply(await jobs.done(call, "refresh", requested_count=1), 202)


def _refreshed(call: Call, segment: Mapping[str, Any]) -> list[int]:
    """When the segment was refreshed today."""
    midnight = int(call.now.timestamp()) // _DAY * _DAY
    return [at for at in segment.get("refreshed", ()) if at >= midnight]


def _check(version: Version, query: str, world: World) -> None:
    try:
        if version == "2":
            queries.selection(query, world.types())
        else:
            queries.condition(query, world.types())
    except Unreadable as why:
        raise wrong(str(why), "query_dsl") from None


async def _parent(call: Call, sent: Mapping[str, Any]) -> str | None:
    """The list that the segment is within. "It allows only one such list id for now": the contract's description."""
    told = [*(sent.get("parent_list_ids") or ()), *([sent["parent_list_id"]] if sent.get("parent_list_id") else ())]
    if len(set(told)) > 1:
        raise wrong("a segment has at most one parent list", "parent_list_ids")
    known = await lists.known(call, told)
    return known[0] if known else None


async def _store(call: Call, segment: Record) -> None:
    index = {"version": segment["version"], "name": segment["name"].lower()}
    await call.state.put(KIND, segment["id"], segment, index)


async def _refuse_twin(call: Call, name: str) -> None:
    if await call.state.page(KIND, where={"name": name.lower()}, limit=1):
        raise wrong("a segment with that name already exists", "name")


async def _named(call: Call, version: Version) -> Record:
    segment_id = str(call.params.path["segment_id"])
    segment = await call.state.get(KIND, segment_id)
    if segment is None or segment["version"] != version:
        raise missing("segment", segment_id)
    return segment


def _summary(call: Call, segment: Record, found: Sequence[Record]) -> Record:
    asked = int(call.now.timestamp())
    parent = segment["parent_list_id"]
    shown = {
        "id": segment["id"],
        "name": segment["name"],
        "contacts_count": len(found),
        "created_at": moment(segment["created"]),
        "updated_at": moment(segment["updated"]),
        "sample_updated_at": moment(asked),
        "next_sample_update": moment(asked + _HOUR),
    }
    if segment["version"] == "1":
        return {**shown, **({"parent_list_id": parent} if parent else {})}
    return {
        **shown,
        "parent_list_ids": [parent] if parent else [],
        "query_version": "2",
        "status": {"query_validation": "VALID"},
        "_metadata": itself(call, f"segments/2.0/{segment['id']}"),
    }


def _whole(call: Call, segment: Record, world: World) -> Record:
    found = members(segment, world)
    sample = [people.shown(call, contact, world.custom, [segment["id"]]) for contact in found[: people.SAMPLE]]
    summary = _summary(call, segment, found)
    if segment["version"] == "1":
        summary["parent_list_ids"] = [segment["parent_list_id"]] if segment["parent_list_id"] else []
    else:
        used = _refreshed(call, segment)
        summary |= {"refreshes_used": len(used), "max_refreshes": MOST_REFRESHES}
        if segment.get("refreshed"):
            summary["last_refreshed_at"] = moment(segment["refreshed"][-1])
    return {**summary, "query_dsl": segment["query_dsl"], "contacts_sample": sample}
