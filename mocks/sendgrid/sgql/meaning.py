"""What a condition is true of: checked against the fields that there are, then asked of one row after another.

Null is unknown, as in SQL: what is compared with it is neither true nor false.
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from mocks.sendgrid.sgql.reading import moment
from mocks.sendgrid.sgql.tree import Function, Interval, Name, Node, Operation, Value, every
from mocks.sendgrid.sgql.words import Unreadable
from mocks.sendgrid.wildcards import matches

Type = Literal["text", "number", "time", "array", "map", "truth"]
#: A row: a value for each field, absent or None where there is none. Times are timezone-aware.
Row = Mapping[str, Any]

#: How many arguments each function takes.
_FUNCTIONS: Final = {"contains": 2, "array_contains": 2, "concat": 2, "length": 1, "lower": 1, "upper": 1, "now": 0}
_CONTAINING: Final = ("contains", "array_contains")

_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def check(tree: Node, fields: Mapping[str, Type]) -> None:
    """Raises Unreadable when the condition names what there is not, or uses it for what it is not."""
    for node in every(tree):
        if isinstance(node, Name) and node.name.lower() not in fields:
            # The sentence is the API's: an example of its OpenAPI document.
            raise Unreadable(f"invalid syntax: '{node.name}' is not a known field")
        if isinstance(node, Name) and node.key is not None and fields[node.name.lower()] != "map":
            raise Unreadable(f"'{node.name}' has no keys")
        if isinstance(node, Function) and node.name != "array":
            _check_function(node, fields)
    if _is_value(tree, fields):
        raise Unreadable("invalid syntax: a query is a condition")


def _is_value(tree: Node, fields: Mapping[str, Type]) -> bool:
    if isinstance(tree, Value):
        return not isinstance(tree.value, bool)
    if isinstance(tree, Name):
        return fields[tree.name.lower()] != "truth"
    if isinstance(tree, Function):
        return tree.name not in _CONTAINING
    return isinstance(tree, Operation) and (tree.operator in _CALCULATED or tree.operator == "negative")


def _check_function(node: Function, fields: Mapping[str, Type]) -> None:
    if node.name not in _FUNCTIONS:
        raise Unreadable(f"unknown function {node.name.upper()}")
    if len(node.arguments) != _FUNCTIONS[node.name]:
        raise Unreadable(f"{node.name.upper()} expects {_FUNCTIONS[node.name]} arguments")
    if node.name in _CONTAINING:
        held = node.arguments[0]
        if not isinstance(held, Name) or fields.get(held.name.lower()) not in ("array", "map"):
            # As the API answers (quoted in a question of 2025 about Email Activity).
            raise Unreadable("CONTAINS expects an array or map type as the first argument")


def holds(tree: Node, row: Row, now: datetime) -> bool:
    """Whether the condition is true of ``row``."""
    return _of(tree, row, now) is True


def _of(node: Node, row: Row, now: datetime) -> Any:
    if isinstance(node, Value):
        return node.value
    if isinstance(node, Name):
        value = row.get(node.name.lower())
        return value if node.key is None else (value or {}).get(node.key)
    if isinstance(node, Function):
        return _call(node, [_of(argument, row, now) for argument in node.arguments], now)
    if isinstance(node, Operation):
        return _operate(node, row, now)
    raise Unreadable("invalid syntax: a selection stands where a value should")


def _call(node: Function, values: list[Any], now: datetime) -> Any:
    if node.name == "now":
        return now
    if node.name == "array":
        return values
    first = values[0]
    if node.name in _CONTAINING:
        wanted = values[1] if isinstance(values[1], list) else [values[1]]
        return any(each in (first or ()) for each in wanted)
    if first is None or None in values:
        return None
    if node.name == "concat":
        return f"{first}{values[1]}"
    text = str(first)
    return len(text) if node.name == "length" else text.upper() if node.name == "upper" else text.lower()


def _operate(node: Operation, row: Row, now: datetime) -> Any:
    name = node.operator
    if name in ("and", "or"):
        return _joined(name == "or", [_of(part, row, now) for part in node.operands])
    values = [_of(part, row, now) for part in node.operands]
    if name == "is null":
        return values[0] is None
    if name == "is not null":
        return values[0] is not None
    negated = name.startswith("not ")
    found = _plain(name.removeprefix("not "), values)
    return (not found if found is not None else None) if negated else found


def _joined(decisive: bool, values: list[Any]) -> bool | None:
    """AND, and OR, of which true is ``decisive``."""
    if any(value is decisive for value in values):
        return decisive
    return None if any(value is None for value in values) else not decisive


def _plain(name: str, values: list[Any]) -> Any:
    if name == "not":
        return None if values[0] is None else not values[0]
    if name == "in":
        if values[0] is None:
            return None
        if isinstance(values[1], frozenset):  # what a selection selected
            return values[0] in values[1]
        return any(_compare("=", values[0], choice) is True for choice in values[1:])
    if any(value is None for value in values):
        return None
    if name == "like":
        return matches(_parts(str(values[1])), str(values[0]))
    if name == "between":
        return _joined(False, [_compare(">=", values[0], values[1]), _compare("<=", values[0], values[2])])
    if name == "negative":
        return -values[0] if _is_number(values[0]) else None
    if name in _CALCULATED:
        return _calculate(name, values[0], values[1])
    return _compare(name, values[0], values[1])


def _compare(name: str, left: Any, right: Any) -> bool | None:
    """Two values of one type, a text read as the time or the number that it is compared with."""
    if left is None or right is None:
        return None
    if isinstance(left, datetime) != isinstance(right, datetime):
        left, right = _time(left), _time(right)
    if _is_number(left) != _is_number(right):
        left, right = _number(left), _number(right)
    if left is None or right is None:
        return name == "!="
    try:
        return _COMPARED[name](left, right)
    except TypeError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return moment(str(value))
    except Unreadable:
        return None


def _number(value: Any) -> float | int | None:
    if _is_number(value):
        return value  # type: ignore[no-any-return]  # a number, by the line above
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _calculate(name: str, left: Any, right: Any) -> Any:
    if isinstance(right, Interval) and isinstance(left, datetime) and name in "+-":
        return _moved(left, right, 1 if name == "+" else -1)
    if name == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not (_is_number(left) and _is_number(right)):
        return None
    try:
        return _CALCULATED[name](left, right)
    except (ArithmeticError, OverflowError):
        return None


def _moved(start: datetime, by: Interval, sign: int) -> datetime | None:
    """``start`` and so many months and seconds, the day cut to the month that it comes to."""
    months = start.year * 12 + start.month - 1 + sign * by.months
    year, month = divmod(months, 12)
    try:
        day = min(start.day, monthrange(year, month + 1)[1])
        return start.replace(year=year, month=month + 1, day=day) + sign * by.rest
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC) if sign > 0 else datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def _parts(text: str) -> list[str]:
    """What stands between the wildcards of LIKE: ``%`` is anything, ``%%`` a percent sign."""
    found = [""]
    for word in re.findall(r"%%|%|[^%]+", text):
        if word == "%":
            found.append("")
        else:
            found[-1] += "%" if word == "%%" else word
    return found
