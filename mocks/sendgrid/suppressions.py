"""The suppression lists of an account: bounces, blocks, invalid addresses, spam reports, global unsubscribes.

https://www.twilio.com/docs/sendgrid/api-reference/bounces-api and its neighbours for the other lists (2026-11). Nothing
but deliveries, and for the last list ``unsubscribes.py``, puts addresses on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mocks.base import Call, Handler, Missing, Record, Reply
from mocks.sendgrid import paging, suppressing
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.wildcards import matches

#: "The maximum page size for this endpoint is 500 items per page": SendGrid's OpenAPI document.
MOST: Final = 500


def list_of(name: str) -> Handler:
    """GET: the addresses on the list, the newest first, between ``start_time`` and ``end_time``, both inclusive."""

    async def handler(call: Call) -> Reply:
        query = call.params.query
        earliest, latest = query.get("start_time"), query.get("end_time")
        if earliest is not None and latest is not None and earliest > latest:
            raise refused([Fault("start_time must be before end_time", "start_time")])  # wording ours
        matches = _matching(query.get("email"))
        found = [
            record
            for record in await suppressing.entries(call.state, name, order="newest")
            if (earliest is None or record["created"] >= earliest)
            and (latest is None or record["created"] <= latest)
            and matches(record["address"])
        ]
        return paging.page(call, [shown(record) for record in found], MOST)

    return handler


def one_of(name: str) -> Handler:
    """GET of one address: a list of it alone, or of nothing."""

    async def handler(call: Call) -> list[Record]:
        record = await suppressing.entry(call.state, name, str(call.params.path["email"]))
        return [shown(record)] if record else []

    return handler


def delete_many(name: str) -> Handler:
    """DELETE: ``delete_all``, or those in ``emails``, never both. 204 whoever of them was on the list."""

    async def handler(call: Call) -> None:
        sent = call.params.body or {}
        if sent.get("delete_all") and sent.get("emails"):
            raise refused([Fault("You can not have both `emails` and `delete_all` set.")])
        if not sent.get("delete_all") and not sent.get("emails"):
            raise refused([Fault("emails or delete_all is required")])
        if sent.get("delete_all"):
            await suppressing.clear(call.state, name)
        for address in sent.get("emails") or ():
            await suppressing.remove(call.state, name, address)

    return handler


def delete_one(name: str) -> Handler:
    """DELETE of one address: 204 once, then 404 (SendGrid's docs, issue 6194)."""

    async def handler(call: Call) -> None:
        address = str(call.params.path["email"])
        if not await suppressing.remove(call.state, name, address):
            raise Missing("suppression", address, "email")

    return handler


def shown(record: Record) -> Record:
    """An entry as its list shows it."""
    members = ("created", "email", *suppressing.DETAILS[record["list"]])
    return {member: record[member] for member in members}


def _matching(pattern: str | None) -> Callable[[str], bool]:
    """What ``email`` asks for: addresses that begin with it, ``%`` standing for anything."""
    if not pattern:
        return lambda address: True
    parts = pattern.lower().split("%")
    return lambda address: matches(parts, address, whole=False)
