"""The scalar half of made-up values: strings by format, pattern and name; numbers within their bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from email.utils import format_datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import jsonschema_rs

from contracts import patterns

_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"


def _matching(expression: str) -> Callable[[str], object]:
    return re.compile(expression).fullmatch


def _day(value: str) -> object:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) and date.fromisoformat(value)


def _moment(value: str) -> object:
    return re.fullmatch(rf"\d{{4}}-\d{{2}}-\d{{2}}[Tt ]{_TIME}", value) and date.fromisoformat(value[:10])


#: Whether a string is of a format: truth, or ValueError. Formats that are not listed are not looked at.
_FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "uuid": _matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "date": _day,
    "date-time": _moment,
    "date-time-rfc-2822": _matching(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}"),
    "time": _matching(_TIME),
    "duration": _matching(r"P(\d+W|(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)"),
    "email": _matching(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*"),
    "hostname": _matching(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*"),
    "uri": _matching(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"),
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
    "decimal": _matching(r"-?\d+(\.\d+)?"),
}


def iso(moment: datetime) -> str:
    """``2026-01-01T00:00:00Z``."""
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def unix(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def uuid_of(dice: int) -> str:
    """A version 4 UUID that is the same for the same ``dice``."""
    digits = f"{(dice * 0x9E3779B97F4A7C15F39CC0605CEDC835 + dice) % 2**128:032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


#: A made-up string by format: (name, dice, now) -> text.
_MAKERS: Final[Mapping[str, Callable[[str, int, datetime], str]]] = {
    "uuid": lambda name, dice, now: uuid_of(dice),
    "date": lambda name, dice, now: now.date().isoformat(),
    "date-time": lambda name, dice, now: iso(now),
    "date-time-rfc-2822": lambda name, dice, now: format_datetime(now),
    "time": lambda name, dice, now: now.strftime("%H:%M:%SZ"),
    "duration": lambda name, dice, now: "PT1H",
    "email": lambda name, dice, now: f"user-{dice % 10_000}@example.com",
    "uri": lambda name, dice, now: f"https://example.com/{name or 'resource'}",
    "url": lambda name, dice, now: f"https://example.com/{name or 'resource'}",
    "hostname": lambda name, dice, now: "example.com",
    # Addresses of RFC 5737 and RFC 3849: documentation only, never routed.
    "ipv4": lambda name, dice, now: f"192.0.2.{dice % 254 + 1}",
    "ipv6": lambda name, dice, now: f"2001:db8::{dice % 65_535 + 1:x}",
    "decimal": lambda name, dice, now: "0",
    "int64": lambda name, dice, now: "0",
    "byte": lambda name, dice, now: "AA==",
    "binary": lambda name, dice, now: "",
    "phone-number": lambda name, dice, now: "+15005550006",
    "iso-country-code": lambda name, dice, now: "US",
    "currency": lambda name, dice, now: "usd",
    "http-method": lambda name, dice, now: "POST",
}

#: Ends of a moment behind its seconds (RFC 3339, section 5.6).
_ENDS: Final = (".000Z", "+00:00", ".000000Z", ".000+00:00", ".0Z", ".00Z", ".000000+00:00", ".0000000Z", ".000000000Z")

#: Formats that a name gives away where the schema states none.
_NAMES: Final = (
    (re.compile(r"(^|_)e?mail$"), "email"),
    (re.compile(r"(^|_)(url|uri|href|link)$"), "uri"),
    (re.compile(r"(^|_)ip(_address)?$"), "ipv4"),
    (re.compile(r"(^|_)(domain|hostname)$"), "hostname"),
    (re.compile(r"(^|_)country(_code)?$"), "iso-country-code"),
    (re.compile(r"(^|_)currency$"), "currency"),
)


def kind_of(value: Any, kinds: frozenset[str]) -> str | None:
    """Which of the JSON types ``kinds`` ``value`` is of, None when it is of none of them."""
    if isinstance(value, bool):
        found = ["boolean"]
    elif isinstance(value, str):
        found = ["string"]
    elif isinstance(value, int):
        found = ["integer", "number"]
    elif isinstance(value, float):
        found = ["number", "integer"] if value.is_integer() and abs(value) < 2**53 else ["number"]
    elif isinstance(value, Mapping):
        found = ["object"]
    elif isinstance(value, list):
        found = ["array"]
    else:
        found = ["null"]
    return next((kind for kind in found if kind in kinds), None)


def fits(flat: Mapping[str, Any], value: Any) -> bool:
    """Whether a scalar keeps the schema's limits; its type has been looked at already."""
    if isinstance(value, str):
        return _text_fits(flat, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number_fits(flat, value)
    return True


def _text_fits(flat: Mapping[str, Any], value: str) -> bool:
    if not flat.get("minLength", 0) <= len(value) <= flat.get("maxLength", len(value)):
        return False
    form = _FORMS.get(flat.get("format", ""))
    if form is not None and not _is(form, value):
        return False
    return "pattern" not in flat or _found(flat["pattern"], value)


def _is(form: Callable[[str], object], value: str) -> bool:
    try:
        return bool(form(value))
    except ValueError:
        return False


@lru_cache(4096)
def _expression(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    """The very matcher that answers are checked with: Python's takes for ever over what was written to make it."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _found(pattern: str, value: str) -> bool:
    matcher = _expression(pattern)
    return matcher is not None and matcher.is_valid(value)


def _number_fits(flat: Mapping[str, Any], value: float) -> bool:
    return (
        value >= flat.get("minimum", value)
        and value <= flat.get("maximum", value)
        and ("exclusiveMinimum" not in flat or value > flat["exclusiveMinimum"])
        and ("exclusiveMaximum" not in flat or value < flat["exclusiveMaximum"])
        and ("multipleOf" not in flat or _is_multiple(value, flat["multipleOf"]))
    )


def _is_multiple(value: float, step: float) -> bool:
    """Whether ``step`` goes into ``value``, as near as binary fractions can tell (0.3 is three times 0.1)."""
    return math.isclose(value / step, round(value / step), abs_tol=1e-9)


def text(flat: Mapping[str, Any], name: str, dice: int, *, now: datetime, is_time: bool = False) -> str:
    """A string of ``flat``, plausible for a member called ``name``."""
    if "pattern" in flat and "format" not in flat:
        return _patterned(flat, name, dice, now)
    form = flat.get("format") or next((form for known, form in _NAMES if known.search(name)), "")
    if not form and is_time:
        form = "date-time"
    maker = _MAKERS.get(form)
    made = maker(name, dice, now) if maker else f"{name or 'text'}-{dice % 65_536:04x}"
    if not _text_fits(flat, made) and form == "date-time":
        # Narrow limits mean one way to write a moment: with parts of seconds, or with an offset.
        begin = made[:-1]
        made = next((one for end in _ENDS if _text_fits(flat, one := begin + end)), made)
    return made if _text_fits(flat, made) else _patterned(flat, name, dice, now)


def _patterned(flat: Mapping[str, Any], name: str, dice: int, now: datetime) -> str:
    """A string for a pattern or for narrow limits: known forms first, then one made from the pattern."""
    least = flat.get("minLength", 0)
    if "pattern" in flat:
        for form in ("email", "uri", "uuid", "date-time", "date"):
            if _text_fits(flat, made := _MAKERS[form](name, dice, now)):
                return made
        made_up = patterns.sample(flat["pattern"], dice, least, found=lambda text: _found(flat["pattern"], text))
        if made_up is not None and _text_fits(flat, made_up):
            return made_up
    made = f"{name or 'text'}-{dice % 65_536:04x}"
    return made.ljust(least, "x")[: flat.get("maxLength", max(least, len(made)))]


def number(flat: Mapping[str, Any], kinds: frozenset[str], moment: datetime | None) -> int | float:
    """A number of ``flat``: ``moment`` where it is a time, else the one nearest to zero within the limits."""
    whole = "integer" in kinds
    if moment is not None and _number_fits(flat, unix(moment)):
        return unix(moment)
    step = flat.get("multipleOf", 1 if whole else 0.5)
    low = flat.get("minimum", flat["exclusiveMinimum"] + step if "exclusiveMinimum" in flat else None)
    high = flat.get("maximum", flat["exclusiveMaximum"] - step if "exclusiveMaximum" in flat else None)
    found = max(0, low) if low is not None else 0
    if high is not None and found > high:
        found = high
    if "multipleOf" in flat:
        found = math.ceil(found / step) * step
    return math.ceil(found) if whole else found
