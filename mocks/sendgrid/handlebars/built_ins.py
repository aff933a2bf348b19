"""The helpers of a template: those of Handlebars that SendGrid's templates have, and SendGrid's own.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-handlebars (2026-11). A helper answers a value;
a block helper which of the block's two sides is rendered, and with what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mocks.sendgrid.handlebars import dates, values
from mocks.sendgrid.handlebars.faults import TemplateFault, Work

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


def _flat(value: Any, work: Work) -> Any:
    """A value as it is compared, once what it costs to look at is counted."""
    found = values.flat(value, work.step)
    work.look(found)
    return found


def _same(arguments: Arguments, work: Work) -> bool:
    left, right = arguments
    if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        return left is right
    return values.equal(_flat(left, work), _flat(right, work))


def _insert(arguments: Arguments, work: Work) -> Any:
    value, *rest = _taken("insert", arguments, 2, 1)
    if value is None or value == "":
        return values.text(_flat(rest[0], work)).removeprefix(_DEFAULT) if rest else ""
    return value


def _length(arguments: Arguments, work: Work) -> int:
    value = next(iter(_taken("length", arguments, 1, 0)), None)
    return len(value) if isinstance(value, (str, list)) else 0


def _format_date(arguments: Arguments, work: Work) -> str:
    return dates.formatted(*_taken("formatDate", arguments, 3, 1))


def _lookup(arguments: Arguments, work: Work) -> Any:
    value, name = _taken("lookup", arguments, 2)
    return values.member(value, values.text(_flat(name, work))) if values.truthy(value) else value


def _equals(arguments: Arguments, work: Work) -> bool:
    return _same(_taken("equals", arguments, 2), work)


def _not_equals(arguments: Arguments, work: Work) -> bool:
    return not _same(_taken("notEquals", arguments, 2), work)


def _greater(arguments: Arguments, work: Work) -> bool:
    left, right = _taken("greaterThan", arguments, 2)
    return values.greater(_flat(left, work), _flat(right, work))


def _less(arguments: Arguments, work: Work) -> bool:
    left, right = _taken("lessThan", arguments, 2)
    return values.greater(_flat(right, work), _flat(left, work))


def _and(arguments: Arguments, work: Work) -> bool:
    return all(map(values.truthy, _taken("and", arguments, 100, 1)))


def _or(arguments: Arguments, work: Work) -> bool:
    return any(map(values.truthy, _taken("or", arguments, 100, 1)))


#: Comparisons: as a block they decide between its sides, inside of another call they are true or false.
COMPARISONS: Final[Mapping[str, Callable[[Arguments, Work], bool]]] = {
    "equals": _equals,
    "notEquals": _not_equals,
    "greaterThan": _greater,
    "lessThan": _less,
    "and": _and,
    "or": _or,
}

#: Helpers that answer a value.
VALUES: Final[Mapping[str, Callable[[Arguments, Work], Any]]] = {
    "insert": _insert,
    "length": _length,
    "formatDate": _format_date,
    "lookup": _lookup,
    **COMPARISONS,
}

#: Helpers that only stand before a block.
BLOCKS: Final = frozenset({"if", "unless", "each", "with"})


def turns(name: str, arguments: Arguments, named: Named, context: Any, work: Work) -> Iterator[Turn] | None:
    """How often, and with what, the first side of a block is rendered; None: the other side is."""
    if name in COMPARISONS:
        return iter([Turn(context)]) if COMPARISONS[name](arguments, work) else None
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
