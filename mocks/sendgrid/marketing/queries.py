"""What searches and segments ask of contacts: SGQL conditions, and the selections of the second version.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/marketing-campaigns-v2-segmentation-query-reference
(2026-11): ``SELECT contact_id, updated_at FROM contact_data [JOIN event_data ON contact_id] WHERE ...``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final

from mocks.base import Call, Record
from mocks.sendgrid import history, stats
from mocks.sendgrid.marketing import fields, people
from mocks.sendgrid.sgql.meaning import Row, Type, check, holds
from mocks.sendgrid.sgql.reading import moment, read, read_select
from mocks.sendgrid.sgql.tree import Function, Name, Node, Operation, Select, Value
from mocks.sendgrid.sgql.words import Unreadable

CONTACTS: Final = "contact_data"
EVENTS: Final = "event_data"
#: So many combinations of a contact's events are looked at, and so many tables joined: limits of ours.
_MOST_ROWS: Final = 10_000
_MOST_TABLES: Final = 4

_OF_CONTACTS: Final[Mapping[str, Type]] = {
    **{name: "text" for name, kind, _ in fields.RESERVED if kind == "Text"},
    **{name: "time" for name, kind, _ in fields.RESERVED if kind == "Date"},
    "alternate_emails": "array",
    "list_ids": "array",
}
_OF_EVENTS: Final[Mapping[str, Type]] = {
    "contact_id": "text",
    "event_source": "text",
    "event_type": "text",
    "event_timestamp": "time",
    "mc_singlesend_id": "text",
    "mc_auto_id": "text",
    "mc_auto_step_id": "text",
    "url": "text",
}
_LAST: Final = {"last_clicked": "click", "last_opened": "open", "last_emailed": "delivered"}
_TYPES: Final[Mapping[str, Type]] = {"Text": "text", "Number": "number", "Date": "time"}


@dataclass(slots=True)
class World:
    """What queries are asked of: a row for each contact, and the rows of its events by its id."""

    now: datetime
    custom: Sequence[Record]
    contacts: list[Record] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    events: dict[str, list[Row]] = field(default_factory=dict)

    def types(self) -> dict[str, Type]:
        """The fields of contacts, the account's own among them."""
        return {**_OF_CONTACTS, **{each["name"].lower(): _TYPES[each["field_type"]] for each in self.custom}}


async def world(call: Call, contacts: Sequence[Record] | None = None) -> World:
    """All contacts of the account, or these alone, with what happened to their mails."""
    found = World(call.now, await fields.custom(call.state))
    found.contacts = [each async for each in people.every(call.state)] if contacts is None else list(contacts)
    by_address = {address: each["id"] for each in found.contacts for address in people.addresses(each)}
    if by_address:
        async for sent in stats.every(call.state):
            for happened in history.of(sent):
                contact_id = by_address.get(happened["to"].lower())
                if contact_id is not None:
                    found.events.setdefault(contact_id, []).append(_event(contact_id, happened))
    for contact in found.contacts:
        found.rows[contact["id"]] = _row(contact, found.custom, found.events.get(contact["id"], ()))
    return found


def condition(query: str, types: Mapping[str, Type]) -> Node:
    """The tree of an SGQL condition on contacts and their events. Raises Unreadable."""
    tree = read(query)
    check(tree, {**_OF_EVENTS, **types})
    return tree


def chosen(tree: Node, found: World) -> list[Record]:
    """The contacts that a condition is true of: with any one of their events, where it asks for events."""
    return [contact for contact in found.contacts if _any(tree, found, contact["id"])]


def _any(tree: Node, found: World, contact_id: str) -> bool:
    row = found.rows[contact_id]
    events = found.events.get(contact_id, ())
    return holds(tree, row, found.now) or any(holds(tree, {**event, **row}, found.now) for event in events)


def selection(query: str, types: Mapping[str, Type]) -> Select:
    """The tree of a selection of contacts. Raises Unreadable."""
    tree = read_select(query)
    columns = {_bare(each.name) for each in tree.columns if isinstance(each, Name)}
    if "contact_id" not in columns or "updated_at" not in columns:
        raise Unreadable("a query selects contact_id and updated_at")
    _check_select(tree, types)
    return tree


def _check_select(tree: Select, types: Mapping[str, Type]) -> None:
    if len(tree.tables) > _MOST_TABLES:
        raise Unreadable(f"a query joins at most {_MOST_TABLES} tables")
    known: dict[str, Type] = {}
    for table in reversed(tree.tables):
        if table.name not in (CONTACTS, EVENTS):
            raise Unreadable(f"'{table.name}' is not a known table")
        its = types if table.name == CONTACTS else {**_OF_EVENTS, "updated_at": "time"}
        known.update(its)
        known.update({f"{table.alias.lower()}.{name}": kind for name, kind in its.items()})
    for column in tree.columns:
        if not isinstance(column, Name):
            raise Unreadable("a query selects columns")
        check(Operation("is null", (column,)), known)
    for on in tree.joins:
        check(Operation("is null", (on,)), known)
        if not all(_bare(each.name) == "contact_id" for each in _names(on)):
            raise Unreadable("tables are joined on contact_id")
    if tree.where is not None:
        for inner in _selects(tree.where):
            _check_select(inner, types)
        check(_filled(tree.where, lambda select: frozenset()), known)


def selected(tree: Select, found: World) -> list[Record]:
    """The contacts that a selection is true of."""
    where = None if tree.where is None else _filled(tree.where, lambda inner: _ids(inner, found))
    return [contact for contact in found.contacts if _joined(tree, where, found, contact["id"])]


def _ids(tree: Select, found: World) -> frozenset[str]:
    return frozenset(contact["id"] for contact in selected(tree, found))


def _joined(tree: Select, where: Node | None, found: World, contact_id: str) -> bool:
    """Whether a row of the joined tables, each the contact's own, is chosen."""
    rows = [
        [found.rows[contact_id]] if table.name == CONTACTS else found.events.get(contact_id, [])
        for table in tree.tables
    ]
    for number, combined in enumerate(product(*rows)):
        if number >= _MOST_ROWS:
            return False
        row: dict[str, Any] = {}
        for table, part in zip(reversed(tree.tables), reversed(combined), strict=True):
            row.update(part)
            row.update({f"{table.alias.lower()}.{name}": value for name, value in part.items()})
        if where is None or holds(where, row, found.now):
            return True
    return False


def _filled(node: Node, ids: Any) -> Node:
    """The condition with each selection inside of it replaced by what it selects."""
    if isinstance(node, Select):
        return Value(ids(node))
    if isinstance(node, Operation):
        return Operation(node.operator, tuple(_filled(part, ids) for part in node.operands))
    return node


def _selects(node: Node) -> Iterator[Select]:
    if isinstance(node, Select):
        yield node
    elif isinstance(node, Operation):
        for part in node.operands:
            yield from _selects(part)


def _names(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Operation | Function):
        for part in node.operands if isinstance(node, Operation) else node.arguments:
            yield from _names(part)


def _bare(name: str) -> str:
    return name.lower().rpartition(".")[2]


def _event(contact_id: str, happened: Mapping[str, Any]) -> Row:
    return {
        "contact_id": contact_id,
        "event_source": "mail",
        "event_type": happened["event"],
        "event_timestamp": datetime.fromtimestamp(happened["at"], UTC),
        "updated_at": datetime.fromtimestamp(happened["at"], UTC),
        "url": happened.get("url"),
    }


def _row(contact: Record, custom: Sequence[Record], events: Sequence[Row]) -> Row:
    row: dict[str, Any] = {name: contact.get(name) or None for name in people.TOLD}
    email = contact.get("email") or ""
    row |= {
        "contact_id": contact["id"],
        "list_ids": contact["list_ids"],
        "alternate_emails": contact.get("alternate_emails") or [],
        "email_domains": email.rpartition("@")[2] or None,
        "created_at": datetime.fromtimestamp(contact["created"], UTC),
        "updated_at": datetime.fromtimestamp(contact["updated"], UTC),
    }
    for name, kind in _LAST.items():
        moments = [each["event_timestamp"] for each in events if each["event_type"] == kind]
        row[name] = max(moments, default=None)
    held = contact["custom_fields"]
    for each in custom:
        value = held.get(each["id"])
        row[each["name"].lower()] = _day(value) if each["field_type"] == "Date" and value else value
    return row


def _day(text: str) -> datetime | None:
    """The time that a date field holds: ISO 8601, or a month, day and year with slashes."""
    parts = text.split("/")
    if len(parts) == 3:
        text = f"{parts[2]}-{parts[0]:0>2}-{parts[1]:0>2}"
    try:
        return moment(text)
    except Unreadable:
        return None


def told(query: str) -> Record:
    """The tree of a condition as JSON, as ``query_json`` shows it."""
    return {"contacts": _told(read(query))}


def _told(node: Node) -> Any:
    if isinstance(node, Value):
        return {"t": "literal", "v": str(node.value)}
    if isinstance(node, Name):
        return {"t": "field", "v": node.name}
    if isinstance(node, Function):
        return {"t": "function", "v": node.name, "args": [_told(part) for part in node.arguments]}
    if isinstance(node, Select):
        return {"t": "selection"}
    first, *rest = [_told(part) for part in node.operands]
    shown: Record = {"op": node.operator, "l": first}
    if rest:
        shown["r"] = rest[0] if len(rest) == 1 else rest
    return shown
