"""The helpers of a template: those of Handlebars that SendGrid's templates have, and SendGrid's own.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-handlebars (2026-11). A helper answers a value;
a block helper which of the block's two sides is rendered, and with what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mocks.sendgrid.handlebars import dates, values
from mocks.sendgrid.handlebars.faults import TemplateFault

Arguments = Sequence[Any]
Named = Mapping[str, Any]

_DEFAULT: Final = "default="


@dataclass(frozen=True, slots=True)
class Turn:
    """One rendering of a block's first side: its context, what ``@`` names, and what ``as |...|`` names."""

    context: Any
    at: Mapping[str, Any] | None = None
    named: Sequence[Any] = ()


def _taken(name: str, arguments: Arguments, most: int, least: int | None = None) -> Arguments:
    least = most if least is None else least
    if not least <= len(arguments) <= most:
        count = str(most) if least == most else f"{least} to {most}"
        raise TemplateFault(f"{name} takes {count} argument{'s' if count != '1' else ''}, not {len(arguments)}")
    return arguments


def _insert(arguments: Arguments) -> Any:
    value, *rest = _taken("insert", arguments, 2, 1)
    if value is None or value == "":
        return values.text(rest[0]).removeprefix(_DEFAULT) if rest else ""
    return value


def _length(arguments: Arguments) -> int:
    value = next(iter(_taken("length", arguments, 1, 0)), None)
    return len(value) if isinstance(value, (str, list)) else 0


def _format_date(arguments: Arguments) -> str:
    return dates.formatted(*_taken("formatDate", arguments, 3, 1))


def _lookup(arguments: Arguments) -> Any:
    value, name = _taken("lookup", arguments, 2)
    return values.member(value, values.text(name)) if values.truthy(value) else value


def _equals(arguments: Arguments) -> bool:
    return values.equal(*_taken("equals", arguments, 2))


def _not_equals(arguments: Arguments) -> bool:
    return not values.equal(*_taken("notEquals", arguments, 2))


def _greater(arguments: Arguments) -> bool:
    return values.greater(*_taken("greaterThan", arguments, 2))


def _less(arguments: Arguments) -> bool:
    left, right = _taken("lessThan", arguments, 2)
    return values.greater(right, left)


def _and(arguments: Arguments) -> bool:
    return all(map(values.truthy, _taken("and", arguments, 100, 1)))


def _or(arguments: Arguments) -> bool:
    return any(map(values.truthy, _taken("or", arguments, 100, 1)))


#: Comparisons: as a block they decide between its sides, inside of another call they are true or false.
COMPARISONS: Final[Mapping[str, Callable[[Arguments], bool]]] = {
    "equals": _equals,
    "notEquals": _not_equals,
    "greaterThan": _greater,
    "lessThan": _less,
    "and": _and,
    "or": _or,
}

#: Helpers that answer a value.
VALUES: Final[Mapping[str, Callable[[Arguments], Any]]] = {
    "insert": _insert,
    "length": _length,
    "formatDate": _format_date,
    "lookup": _lookup,
    **COMPARISONS,
}

#: Helpers that only stand before a block.
BLOCKS: Final = frozenset({"if", "unless", "each", "with"})


def turns(name: str, arguments: Arguments, named: Named, context: Any) -> Iterator[Turn] | None:
    """How often, and with what, the first side of a block is rendered; None: the other side is."""
    if name in COMPARISONS:
        return iter([Turn(context)]) if COMPARISONS[name](arguments) else None
    (value,) = _taken(name, arguments, 1)
    if name in ("if", "unless"):
        # includeZero lets 0 count as true: https://handlebarsjs.com/guide/builtin-helpers.html#if
        holds = values.truthy(value) or (
            values.truthy(named.get("includeZero")) and not values.empty(value) and value is not False
        )
        return iter([Turn(context)]) if holds == (name == "if") else None
    if name == "with":
        return None if values.empty(value) else iter([Turn(value, None, (value,))])
    return each(value) if isinstance(value, (list, dict)) and value else None


def each(value: Any) -> Iterator[Turn]:
    """The items of a list, or the members of an object, in the order in which JavaScript walks them."""
    members = list(enumerate(value)) if isinstance(value, list) else _ordered(value)
    for place, (key, item) in enumerate(members):
        at = {"key": key, "index": place, "first": place == 0, "last": place == len(members) - 1}
        yield Turn(item, at, (item, key))


def _ordered(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Whole numbers come first, in their order."""
    numbers = [name for name in value if _is_index(name)]
    if not numbers:
        return list(value.items())
    ordered = [(name, value[name]) for name in sorted(numbers, key=int)]
    return [*ordered, *((name, item) for name, item in value.items() if not _is_index(name))]


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 11 and str(int(name)) == name and int(name) < 2**32 - 1
