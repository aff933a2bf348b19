"""Values as they are compared: texts of the wire, which have no types, addresses and header fields, whose case says
nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final


class _Missing:
    """The type of MISSING, so that null stays a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


#: What a place holds where there is nothing.
MISSING: Final = _Missing()


class Wire(str):
    """A text of a query, a form or a header field: it equals the number, or the truth, that it spells."""

    __slots__ = ()


class Address(str):
    """A mail address: the same in any case."""

    __slots__ = ()


class Fields(dict[str, Any]):
    """Header fields, found in any case. Their names are in lower case."""


def equal(expected: Any, actual: Any) -> bool:
    """Whether they are the same JSON value. 1 is 1.0 and not true."""
    if isinstance(actual, Address) and isinstance(expected, str):
        return actual.casefold() == expected.casefold()
    if isinstance(actual, Wire) and not isinstance(expected, str | list | dict):
        return _spelled(expected, actual)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(map(equal, expected, actual))
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and len(expected) == len(actual)
            and all(name in actual and equal(value, actual[name]) for name, value in expected.items())
        )
    return bool(expected == actual)


def _spelled(expected: Any, actual: str) -> bool:
    if expected is None:
        return actual in ("", "null")
    if isinstance(expected, bool):
        return actual == ("true" if expected else "false")
    return bool(number(Wire(actual)) == expected)


def number(value: Any) -> float | int | None:
    """The number that a value is, or spells on the wire."""
    if isinstance(value, Wire):
        try:
            found = float(value) if len(value) <= 40 else math.nan
        except ValueError:
            return None
        return found if math.isfinite(found) else None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def kind(value: Any) -> str:
    """The JSON type of a value, or ``missing``."""
    if value is MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


#: Characters of a text, and entries of an array or object, that an explanation shows.
_SHOWN, _ENTRIES = 200, 10


def shown(value: Any, depth: int = 3) -> Any:
    """The value as an explanation shows it: no longer than people read. None where there is nothing."""
    if value is MISSING:
        return None
    if isinstance(value, str):
        return str(value) if len(value) <= _SHOWN else value[:_SHOWN] + f"... ({len(value)} characters)"
    if isinstance(value, list):
        if depth == 0:
            return f"[{len(value)} entries]"
        rest = [f"... {len(value) - _ENTRIES} more"] if len(value) > _ENTRIES else []
        return [shown(each, depth - 1) for each in value[:_ENTRIES]] + rest
    if isinstance(value, Mapping):
        if depth == 0:
            return f"{{{len(value)} members}}"
        return {str(name): shown(each, depth - 1) for name, each in list(value.items())[:_ENTRIES]}
    return value
