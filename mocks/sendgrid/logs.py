"""Email Logs: what became of each recipient's mail, asked for in a body that no log of an address keeps.

https://www.twilio.com/docs/sendgrid/api-reference/email-logs (2026-11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mocks.base import Call, Missing, Record, State
from mocks.sendgrid import accounts, activity, stats
from mocks.sendgrid.errors import Fault, forbidden, refused
from mocks.sendgrid.happenings import READING_AGENT, SENDING_ADDRESS, smtp_id
from mocks.sendgrid.sgql.meaning import Type, check, holds
from mocks.sendgrid.sgql.reading import read
from mocks.sendgrid.sgql.tree import Function, Name, Node, Operation
from mocks.sendgrid.sgql.words import Unreadable

_USUAL: Final = 10
_SHOWN: Final = 100

_FIELDS: Final[Mapping[str, Type]] = {
    "sg_message_id": "text",
    "subject": "text",
    "to_email": "text",
    "status": "text",
    "reason": "text",
    "categories": "array",
    "sg_message_id_created_at": "time",
}
#: How each field may be asked for: the table of the endpoint's description.
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    **{name: frozenset(["="]) for name in ("sg_message_id", "subject", "to_email", "reason")},
    **{name: frozenset(["in"]) for name in ("status", "categories")},
    "sg_message_id_created_at": frozenset([">", "<", ">=", "<="]),
}
#: What a mail is after each event; a bounce that is a block, and the rest, are told below.
_STATUS: Final[Mapping[str, str]] = {
    "processed": "processed",
    "dropped": "dropped",
    "deferred": "deferred",
    "bounce": "bounced",
}
_READ: Final = frozenset(["open", "click", "group_unsubscribe", "group_resubscribe"])


async def search(call: Call) -> Record:
    """The mails that the query is true of, those that were sent last first."""
    sent = call.params.body or {}
    tree = _condition(sent.get("query"))
    state = await _asked(call, sent.get("subusers") or ())
    found = [row async for row in activity.rows(state)]
    chosen = []
    for row in reversed(found):
        told = _summary(row)
        asked = {**told, "categories": row["categories"], "sg_message_id_created_at": _created(row)}
        if tree is None or holds(tree, asked, call.now):
            chosen.append(told)
    return {"messages": chosen[: int(sent.get("limit") or _USUAL)]}


async def retrieve(call: Call) -> Record:
    """One mail with its newest hundred events."""
    wanted = str(call.params.path["sg_message_id"])
    subuser = call.params.query.get("subuser")
    row = await activity.one(await _asked(call, [subuser] if subuser else []), wanted)
    if row is None:
        raise Missing("message", wanted, "sg_message_id")
    named = {name: row[name] for name in ("template_id", "asm_group_id") if row[name] is not None}
    return {
        **{name: row[name] for name in ("from_email", "subject", "to_email")},
        "sg_message_id": row["msg_id"],
        "status": _status(row),
        **named,
        "teammate": "",
        "api_key_id": "",
        "events": [_event(row, place) for place in range(len(row["history"]))][-_SHOWN:],
        "client_ip": row["originating_ip"],
        "category": row["categories"],
        "custom_args": row["unique_args"],
        "outbound_ip": row["outbound_ip"],
        "outbound_ip_type": "shared",
    }


async def _asked(call: Call, subusers: list[str] | tuple[()]) -> State:
    """The records of the account that is asked for: the caller's, or those of a subuser of its, by the user's id."""
    if not subusers:
        return call.state
    if not accounts.name(call):
        for record, state in await stats.subusers(call):
            if str(record.get("id")) == subusers[0]:
                return state
    raise forbidden()


def _condition(query: str | None) -> Node | None:
    """What a query asks; None where there is none. Raises ServiceError."""
    if not (query or "").strip():
        return None
    try:
        tree = read(str(query))
        check(tree, _FIELDS)
        parts = tree.operands if isinstance(tree, Operation) and tree.operator == "and" else (tree,)
        return Operation("and", tuple(_part(part) for part in parts))
    except Unreadable as why:
        raise refused([Fault(str(why), "query")]) from None


def _part(node: Node) -> Node:
    """One of the conditions that a query joins with AND. Raises Unreadable."""
    if not isinstance(node, Operation) or not isinstance(node.operands[0], Name):
        raise Unreadable("a query is conditions on fields, joined with AND")
    name = node.operands[0].name.lower()
    if node.operator not in _OPERATORS[name]:
        raise Unreadable(f"{name} is asked for with {', '.join(sorted(_OPERATORS[name])).upper()}")
    if name == "categories":
        return Function("array_contains", (node.operands[0], Function("array", node.operands[1:])))
    return node


def _summary(row: Record) -> Record:
    told: Record = {
        **{name: row[name] for name in ("from_email", "subject", "to_email")},
        "sg_message_id": row["msg_id"],
        "status": _status(row),
        "sg_message_id_created_at": activity.iso(row["sent"]["created"]),
    }
    reasons = [reason for happened in row["history"] if (reason := _reason(happened))]
    return {**told, **({"reason": reasons[-1]} if reasons else {})}


def _created(row: Record) -> datetime:
    return datetime.fromtimestamp(row["sent"]["created"], UTC)


def _reason(happened: Mapping[str, Any]) -> str | None:
    if happened["event"] == "delivered":
        return "250 OK"
    return happened.get("reason")


def _status(row: Record) -> str:
    """What the mail is after all that happened to it."""
    status = "processed"
    for happened in row["history"]:
        event = happened["event"]
        if event == "bounce" and happened.get("type") == "blocked":
            status = "blocked"
        else:
            status = _STATUS.get(event, "delivered")
    return status


def _event(row: Record, place: int) -> Record:
    """An event in the words of the event webhook, the sender's arguments in a member of their own."""
    happened = row["history"][place]
    event = happened["event"]
    mark = hashlib.blake2b(f"{row['msg_id']}/{place}".encode(), digest_size=11).hexdigest()
    found: Record = {
        "event": event,
        "email": row["to_email"],
        "sg_message_id": row["msg_id"],
        "sg_event_id": mark,
        "timestamp": happened["at"],
        "custom_args": row["unique_args"],
    }
    if row["categories"]:
        found["category"] = row["categories"]
    if event not in ("open", "click", "unsubscribe"):
        found["smtp-id"] = smtp_id(row["sent"])
    if event == "delivered":
        found |= {"response": "250 OK", "ip": SENDING_ADDRESS, "tls": 1}
    elif event == "deferred":
        found |= {"response": "400 try again later", "attempt": str(happened.get("attempt") or 1)}
    elif event in _READ:
        found["useragent"] = happened.get("useragent") or READING_AGENT
    known = ("reason", "type", "bounce_classification", "url")
    return {**found, **{name: happened[name] for name in known if happened.get(name)}}
