"""Conditions on recipients, as segments and searches have them: a field, an operator, a value, joined by and, or.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-segments/create-a-segment (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from mocks.base import Record
from mocks.sendgrid.errors import Fault, refused

_DAY: Final = 86_400
#: The operators of each type of field.
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "date": frozenset(["eq", "ne", "lt", "gt", "empty", "not_empty", "is within"]),
    "text": frozenset(["contains", "eq", "ne", "empty", "not_empty"]),
    "number": frozenset(["eq", "ne", "lt", "gt", "empty", "not_empty"]),
    "campaign": frozenset(["eq", "ne"]),
}
#: Clicks and opens of a campaign: of none here, since no campaign is sent.
_CAMPAIGNS: Final = ("clicks.campaign_identifier", "opens.campaign_identifier")
_MOST: Final = 100
#: Digits of a Unix time, and of a number of days.
_LONGEST: Final = 12
_LONGEST_DAYS: Final = 5


def check(conditions: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> None:
    """Raises ServiceError for what is no condition on these fields; wording ours."""
    if not conditions:
        raise refused([Fault("at least one condition is required", "conditions")])
    if len(conditions) > _MOST:
        raise refused([Fault(f"there are at most {_MOST} conditions", "conditions")])
    for place, each in enumerate(conditions):
        joined = each.get("and_or") or ""
        if bool(place) != bool(joined):
            raise refused([Fault("and_or is empty in the first condition, and in no other", "and_or")])
        kind = _type(each["field"], types)
        if kind is None:
            raise refused([Fault(f"{each['field']} is no field", "field")])
        if each["operator"] not in _OPERATORS[kind]:
            raise refused([Fault(f"{each['operator']} is no operator of a {kind}", "operator")])
        if kind == "date" and each["operator"] in ("eq", "ne", "lt", "gt") and moment(each["value"]) is None:
            raise refused([Fault(f"{each['value']} is no date", "value")])


def _type(name: str, types: Mapping[str, str]) -> str | None:
    return "campaign" if name in _CAMPAIGNS else types.get(name)


def holds(conditions: Sequence[Mapping[str, Any]], row: Mapping[str, Any], types: Mapping[str, str], now: int) -> bool:
    """Whether they are true of a recipient, ``row`` its fields by name: ``and`` binds before ``or``."""
    groups: list[bool] = []
    for each in conditions:
        found = _one(each, row.get(each["field"]), _type(each["field"], types), now)
        if each.get("and_or") == "and" and groups:
            groups[-1] = groups[-1] and found
        else:
            groups.append(found)
    return any(groups)


def row_of(recipient: Record, custom: Sequence[Record]) -> dict[str, Any]:
    """A recipient's fields by name."""
    own = {field["name"]: recipient["custom"].get(str(field["id"])) for field in custom}
    told = {name: recipient.get(name) for name in ("email", "first_name", "last_name")}
    return {**own, **told, "created_at": recipient["created"], "updated_at": recipient["updated"]}


def _one(condition: Mapping[str, Any], held: Any, kind: str | None, now: int) -> bool:
    how, value = str(condition["operator"]), str(condition["value"])
    if how in ("empty", "not_empty"):
        return (held is None or held == "") is (how == "empty")
    if kind == "campaign" or held is None or held == "":
        return how == "ne"
    if kind == "date":
        return _dated(how, moment(held), value, now)
    if kind == "number":
        return _compared(how, float(held), _number(value))
    text, wanted = str(held).lower(), value.lower()
    return wanted in text if how == "contains" else (text == wanted) == (how == "eq")


def _dated(how: str, held: int | None, value: str, now: int) -> bool:
    if held is None:
        return how == "ne"
    if how == "is within":
        days = value.isascii() and value.isdigit() and len(value) <= _LONGEST_DAYS
        start = now - int(value) * _DAY if days else moment(value)
        return start is not None and start <= held <= now
    wanted = moment(value)
    if wanted is None:
        return how == "ne"
    if "/" in value:  # a day, not a second
        held -= held % _DAY
    return _compared(how, held, wanted)


def _compared(how: str, held: float, wanted: float | None) -> bool:
    if wanted is None:
        return how == "ne"
    return {"eq": held == wanted, "ne": held != wanted, "lt": held < wanted, "gt": held > wanted}[how]


def moment(value: Any) -> int | None:
    """The Unix time of a date: MM/DD/YYYY, ISO 8601, or a Unix time itself."""
    text = str(value).strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= _LONGEST else None
    try:
        if "/" in text:
            month, day, year = map(int, text.split("/"))
            return int(datetime(year, month, day, tzinfo=UTC).timestamp())
        found = datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
