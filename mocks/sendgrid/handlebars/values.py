"""What JSON values are to a template: whether they count as true, how they are written, compared and walked into.

Handlebars is JavaScript, and SendGrid's templates answer as JavaScript does: lists are written with commas, 1.0 as 1,
and ``equals`` compares loosely ("the equals helper will also attempt to coerce data types",
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-handlebars, 2026-11).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;", "=": "&#x3D;"}
)
#: Numbers from here on are written with an exponent.
_LARGE: Final = 1e21


def escaped(text: str) -> str:
    """``text`` with what HTML would read replaced, as Handlebars does it."""
    return text.translate(_ESCAPES)


def truthy(value: Any) -> bool:
    """Whether ``if`` takes it for true: not false, null, 0, empty text and the empty list."""
    return bool(value) or isinstance(value, dict)


def empty(value: Any) -> bool:
    """Whether ``with`` takes it for nothing: as for ``if``, but 0 is something."""
    return not truthy(value) and (value is False or not isinstance(value, (int, float)))


def _free(steps: int) -> None:
    """What costs nobody anything."""


def text(value: Any, spend: Callable[[int], None] = _free) -> str:
    """The value as it is written into a mail. ``spend`` hears how many items of lists that takes, by fours."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, (list, tuple)):
        spend(1 + len(value) // 4)
        return ",".join([text(item, spend) for item in value])
    return "[object Object]" if isinstance(value, dict) else str(value)


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _LARGE:
        return str(int(value))
    written = repr(value)
    if "e" not in written:
        return written
    digits, _, exponent = written.partition("e")
    if -7 < int(exponent) < 21:
        return format(Decimal(written), "f")
    return f"{digits}e{int(exponent):+d}"


def member(value: Any, name: str) -> Any:
    """``value.name``: None where there is no such thing."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, (list, str)):
        if name == "length":
            return len(value)
        if len(name) < 10 and name.isascii() and name.isdecimal() and int(name) < len(value):
            return value[int(name)]
    return None


def number(value: Any) -> float:
    """The value as JavaScript makes a number of it; NaN for what is none, and for null, too."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.strip() or "0") if "_" not in value else math.nan
        except ValueError:
            return math.nan
    return math.nan


def flat(value: Any, spend: Callable[[int], None] = _free) -> Any:
    """What a list or an object is compared as: its text."""
    return text(value, spend) if isinstance(value, (list, dict)) else value


def equal(left: Any, right: Any) -> bool:
    """Loosely: 3 equals "3". Two lists or objects are equal where they are the same one; beside anything else they are
    to be ``flat``."""
    if left is None or right is None:
        return left is right
    if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number(left) == number(right)


def greater(left: Any, right: Any) -> bool:
    """Texts by their letters, anything else by its number; lists and objects are to be ``flat``."""
    if isinstance(left, str) and isinstance(right, str):
        return left > right
    return number(left) > number(right)


def same(left: Any, right: Any) -> bool:
    """Whether two contexts are the same thing: lists and objects by identity, anything else by its value."""
    if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
        return left is right
    return type(left) is type(right) and bool(left == right)
