"""``--where``: one condition of a match as people write it in a shell.

``PLACE=VALUE`` is equal, ``!=`` not, ``~=`` a regular expression, ``*=`` contains, ``^=`` begins and ``$=`` ends with,
``> >= < <=`` compare; a place alone is there, ``!PLACE`` is not. A value that is JSON is that value, any other a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_CONDITION = re.compile(r"\s*([^=!~*^$<>]+?)\s*(!=|~=|\*=|\^=|\$=|>=|<=|=|>|<)\s?(.*)", re.DOTALL)
_PLACE = re.compile(r"\s*(!?)\s*([^=!~*^$<>]+?)\s*")
_QUOTED = re.compile(r"\[\*\]")
_OPERATORS = {
    "!=": "$ne",
    "~=": "$regex",
    "*=": "$contains",
    "^=": "$startsWith",
    "$=": "$endsWith",
    ">": "$gt",
    ">=": "$gte",
    "<": "$lt",
    "<=": "$lte",
}
#: What these compare is a text, whatever it looks like.
_TEXTUAL = frozenset({"~=", "^=", "$="})
#: Stands for ``[*]`` while a condition is taken apart, whose star is no operator.
_ANY = "[\0]"


def condition(text: str) -> tuple[str, Any]:
    """A place and what is expected there; raises ValueError."""
    masked = _QUOTED.sub(_ANY, text.removeprefix("$."))
    found = _CONDITION.fullmatch(masked)
    if found is None:
        alone = _PLACE.fullmatch(masked)
        if alone is None:
            raise ValueError(f"{text!r} is no condition: write PLACE=VALUE, PLACE~=REGEX, PLACE>1, PLACE or !PLACE")
        return _unmasked(alone.group(2)), {"$exists": not alone.group(1)}
    place, operator, value = _unmasked(found.group(1)), found.group(2), _unmasked(found.group(3))
    if operator == "=":
        return place, _value(value)
    return place, {_OPERATORS[operator]: value if operator in _TEXTUAL else _value(value)}


def _unmasked(text: str) -> str:
    return text.replace(_ANY, "[*]")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def match(conditions: Sequence[str], rest: dict[str, Any] | None = None) -> dict[str, Any]:
    """All of them, and ``rest``, as one match; raises ValueError."""
    found: dict[str, Any] = dict(rest or {})
    for text in conditions:
        place, wanted = condition(text)
        found[place] = {"$and": [found[place], wanted]} if place in found else wanted
    return found
