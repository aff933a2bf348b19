"""``formatDate``: a moment in the words of a format.

``{{formatDate timeStamp dateFormat timezoneOffset}}``: the moment in ISO 8601, the format as
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-handlebars (2026-11) lists its letters, and an
offset such as -0800, UTC without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from mocks.sendgrid.handlebars.faults import TemplateFault

#: What is written for what is no moment.
INVALID: Final = "Invalid date"
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})")
#: Numbers from here on are milliseconds since 1970, smaller ones seconds.
_MILLISECONDS: Final = 1e11
#: How long a format, a moment or an offset may be: a bound of ours.
LONGEST: Final = 500
_DEFAULT: Final = "YYYY-MM-DDTHH:mm:ssZ"
_LETTERS: Final = re.compile(
    r"\[[^\[\]]*\]|YYYY|YY|MMMM|MMM|MM|Mo|M|DDDD|DDD|Do|DD|D|dddd|ddd|dd|do|d|HH|H|hh|h|kk|k|mm|m|ss|s|S{1,9}|A|a|ZZ|Z"
    r"|zz|z|X|x|Q|E"
)
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - one line
)
_DAYS: Final = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()  # noqa: SIM905 - one line


def formatted(moment: Any, pattern: Any = None, offset: Any = None) -> str:
    """The moment in that format; ``Invalid date`` for what is none."""
    read = _moment(moment)
    zone = _zone(offset)
    pattern = pattern if isinstance(pattern, str) and pattern else _DEFAULT
    if len(pattern) > LONGEST:
        raise TemplateFault("the format of a date is too long")
    if read is None or zone is None:
        return INVALID
    try:
        local = read.astimezone(zone)
    except OverflowError:
        return INVALID
    return _LETTERS.sub(lambda found: _piece(found[0], local), pattern)


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, str) and len(value) <= LONGEST:
            read = datetime.fromisoformat(value.strip())
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _zone(offset: Any) -> timezone | None:
    if offset is None or offset == "":
        return UTC
    if not isinstance(offset, str) or len(offset) > LONGEST:
        return None
    found = _OFFSET.fullmatch(offset.strip())
    if offset.strip() in ("Z", "UTC"):
        return UTC
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    apart = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(apart if found[1] == "+" else -apart)


def _piece(letters: str, local: datetime) -> str:
    if letters.startswith("["):
        return letters[1:-1]
    if letters.startswith("S"):
        return f"{local.microsecond:06d}000"[: len(letters)]
    return _PIECES[letters](local)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _weekday(local: datetime) -> int:
    return local.isoweekday() % 7


def _apart(local: datetime, colon: str) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


_PIECES: Final[Mapping[str, Callable[[datetime], str]]] = {
    "YYYY": lambda at: f"{at.year:04d}",
    "YY": lambda at: f"{at.year % 100:02d}",
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02d}",
    "Mo": lambda at: _ordinal(at.month),
    "M": lambda at: str(at.month),
    "DDDD": lambda at: f"{at.timetuple().tm_yday:03d}",
    "DDD": lambda at: str(at.timetuple().tm_yday),
    "Do": lambda at: _ordinal(at.day),
    "DD": lambda at: f"{at.day:02d}",
    "D": lambda at: str(at.day),
    "dddd": lambda at: _DAYS[_weekday(at)],
    "ddd": lambda at: _DAYS[_weekday(at)][:3],
    "dd": lambda at: _DAYS[_weekday(at)][:2],
    "do": lambda at: _ordinal(_weekday(at)),
    "d": lambda at: str(_weekday(at)),
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour % 12 or 12:02d}",
    "h": lambda at: str(at.hour % 12 or 12),
    "kk": lambda at: f"{at.hour or 24:02d}",
    "k": lambda at: str(at.hour or 24),
    "mm": lambda at: f"{at.minute:02d}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02d}",
    "s": lambda at: str(at.second),
    "A": lambda at: "AM" if at.hour < 12 else "PM",
    "a": lambda at: "am" if at.hour < 12 else "pm",
    "ZZ": lambda at: _apart(at, ""),
    "Z": lambda at: _apart(at, ":"),
    "zz": lambda at: "",
    "z": lambda at: "",
    "X": lambda at: str(int(at.timestamp())),
    "x": lambda at: str(int(at.timestamp() * 1000)),
    "Q": lambda at: str((at.month + 2) // 3),
    "E": lambda at: str(at.isoweekday()),
}
