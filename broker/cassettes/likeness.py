"""How like a recorded answer another one is: status, error, object, fields, types, lists, values, echoes. Pure.

Every member of either answer is one point; one that is missing costs as many points as values are in it. What differs
by nature (ids, times, addresses, random text) only has to be there and of the same type. Nothing here repeats a value
of a recording, but for words that belong to the API, short numbers, and yes, no and nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from broker.cassettes.masking import MASK
from broker.redact import HIDDEN, names_secret
from contracts.comparison import Answer, json_type, masked

#: What is looked at, in the order of reports.
Aspect = Literal["status", "error", "object", "fields", "types", "lists", "values", "echo"]
ASPECTS: tuple[Aspect, ...] = ("status", "error", "object", "fields", "types", "lists", "values", "echo")

#: Words that are shown: codes and kinds. Others may be somebody's name.
_WORD = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
#: Texts that follow from the call: words, and numbers written as text.
_FIXED = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,40}\Z|[0-9]{1,9}(?:\.[0-9]{1,12})?\Z")
#: ``cus_9s6XKzkNRiz8i3``: a kind, and what follows it.
_ID = re.compile(r"((?:[a-z]{2,12}_)+)[A-Za-z0-9]{6,}\Z")
_LOOSE_ID = re.compile(r"(?=[^ ]*[0-9A-Z])[A-Za-z0-9_.-]{8,255}\Z")
_ID_NAME = re.compile(r"id|.*(?:_id|Id|ID)")
#: Members that name the kind of an object, that tell one error from another, and whose words are of the caller or of
#: chance.
_KIND = "object"
_CODES = frozenset({"code", "type", "decline_code", "error_code", "error_type", "Code"})
_FREE = frozenset(
    {"id", "name", "nickname", "description", "fingerprint", "invoice_prefix", "client_secret", "message", "Message"}
    | {"network_transaction_id", "authorization_code", "risk_score", "RequestId", "HostId"}
)
#: Numbers from here on may be times.
_TIMES = 1_000_000_000

Path = tuple[str | int, ...]
#: A value of the recording -> what ours must be in its place; None where nobody knows.
Expected = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """``place`` has no numbers of list members: ``items[].price.active``."""

    aspect: Aspect
    place: str
    message: str


@dataclass(slots=True)
class Likeness:
    """``points`` are all that was looked at, ``lost`` those that were wrong, by aspect. ``wrong`` names an aspect that
    is so wrong that nothing else counts."""

    points: int = 0
    lost: dict[Aspect, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    wrong: Aspect | None = None

    @property
    def score(self) -> float:
        """From 0 to 1: 0 for another status, kind of error or kind of object, else the share of what was right."""
        return 1.0 - sum(self.losses().values())

    def losses(self) -> Mapping[Aspect, float]:
        """What each aspect takes of the score."""
        if self.wrong is not None:
            return {self.wrong: 1.0}
        return {aspect: lost / self.points for aspect, lost in self.lost.items()}

    def right(self) -> None:
        """One point that was as it should be."""
        self.points += 1

    def differs(self, aspect: Aspect, path: Path, message: str, weight: int = 1) -> None:
        """Points that were not."""
        self.points += weight
        self.lost[aspect] = self.lost.get(aspect, 0) + weight
        self.differences.append(Difference(aspect, shown(path), message))

    def point(self, aspect: Aspect, right: bool, path: Path, message: str) -> None:
        """One that may be either."""
        if right:
            self.right()
        else:
            self.differs(aspect, path, message)


def compare(recorded: Answer, ours: Answer, expected: Expected) -> Likeness:
    """The recorded answer and ours; ``expected`` knows the caller's values and the ids that both sides know."""
    found = Likeness()
    if recorded.status != ours.status:
        found.differs("status", (), f"recorded {recorded.status}, ours {ours.status}{_code_of(ours)}")
        found.wrong = "status"
    elif recorded.kind != ours.kind:
        found.differs("types", (), f"recorded a body of {recorded.kind}, ours of {ours.kind}", _size(recorded.value))
    elif recorded.kind == "bytes":
        found.point("values", recorded.value == ours.value, (), "other bytes")
    elif recorded.kind != "none":
        _Sides(found, recorded.status >= 400, recorded.kind == "xml", expected).values((), recorded.value, ours.value)
    return found


def _code_of(answer: Answer) -> str:
    """Why ours refused, for the one who reads the report: its code, in brackets."""
    if answer.status < 400:
        return ""
    codes = [
        value
        for path, value in leaves(answer.value)
        if path and path[-1] in _CODES and isinstance(value, str) and re.fullmatch(r"[A-Za-z_]{3,60}", value)
    ]
    return f" ({', '.join(dict.fromkeys(codes))})" if codes else ""


class _Sides:
    """One comparison under way."""

    def __init__(self, found: Likeness, error: bool, xml: bool, expected: Expected) -> None:
        self._found = found
        self._error = error
        self._xml = xml
        self._expected = expected

    def values(self, path: Path, one: Any, other: Any) -> None:
        kind, given = _kind(one), _kind(other)
        if self._xml and kind != given and "list" in (kind, given):
            # One element of a name, and several: they look different, and are lists both.
            one, other = (each if isinstance(each, list) else [] if each == "" else [each] for each in (one, other))
            kind = given = "list"
        if kind != given:
            self._other_kind(path, one, other)
        elif isinstance(one, dict):
            self._objects(path, one, other)
        elif isinstance(one, list):
            self._lists(path, one, other)
        elif one is None:
            self._found.right()
        else:
            self._scalars(path, one, other)

    def _other_kind(self, path: Path, one: Any, other: Any) -> None:
        aspect: Aspect = "values" if one is None or other is None else "types"
        weight = max(_size(one), _size(other))
        if self._code(path):
            aspect = self._found.wrong = "error"
        self._found.differs(aspect, path, f"recorded {_told(path, one)}, ours {_told(path, other)}", weight)

    def _objects(self, path: Path, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
        for name in [*one, *(name for name in other if name not in one)]:
            here = (*path, name)
            if name not in other:
                if self._code(here):
                    self._found.wrong = "error"
                self._found.differs("fields", here, f"missing in ours; recorded {_kind(one[name])}", _size(one[name]))
            elif name not in one:
                if self._code(here):
                    self._found.wrong = "error"
                self._found.differs("fields", here, f"only in ours: {_kind(other[name])}", _size(other[name]))
            else:
                self.values(here, one[name], other[name])
        if not one and not other:
            self._found.right()

    def _lists(self, path: Path, one: list[Any], other: list[Any]) -> None:
        beyond = one[len(other) :] + other[len(one) :]
        if beyond:
            self._found.differs(
                "lists", path, f"recorded {len(one)} long, ours {len(other)}", sum(_size(each) for each in beyond)
            )
        elif not one:
            self._found.right()
        for at, (left, right) in enumerate(zip(one, other, strict=False)):
            self.values((*path, at), left, right)

    def _scalars(self, path: Path, one: Any, other: Any) -> None:
        name = path[-1] if path else ""
        words = f"recorded {_told(path, one)}, ours {_told(path, other)}"
        moment = isinstance(one, bool | int | float) and (isinstance(one, bool) or abs(one) >= _TIMES)
        wanted = None if moment else self._expected(str(one))
        if self._code(path):
            self._found.point("error", one == other, path, words)
            if one != other:
                self._found.wrong = "error"
        elif name == _KIND and isinstance(one, str):
            self._found.point("object", one == other, path, words)
            if one != other and len(path) == 1:
                self._found.wrong = "object"
        elif wanted is not None:
            self._found.point("echo", str(other) == wanted, path, "not the value that the caller or an answer gave")
        elif _fixed(name, one):
            self._found.point("values", one == other, path, words)
        elif _ID_NAME.fullmatch(str(name)) and (left := _ID.match(str(one))) and (right := _ID.match(str(other))):
            self._found.point("values", left[1] == right[1], path, f"recorded {left[1]}…, ours {right[1]}…")
        else:
            self._found.right()

    def _code(self, path: Path) -> bool:
        """Whether this tells one error from another: a code in the envelope, not in an object that it carries."""
        return self._error and bool(path) and path[-1] in _CODES and len(path) <= 3


def _fixed(name: str | int, value: Any) -> bool:
    """Whether a value follows from the call, and not from chance, time or account."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return abs(value) < _TIMES and name not in _FREE
    if name in _FREE or HIDDEN in value or MASK.search(value):
        return False
    return _FIXED.match(value) is not None and masked(value) == value


def leaves(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value that holds no others, with its place."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, dict):
            waiting += [((*path, name), member) for name, member in each.items()]
        elif isinstance(each, list):
            waiting += [((*path, at), member) for at, member in enumerate(each)]
        else:
            yield path, each


def named_ids(value: Any) -> set[str]:
    """The ids in an answer that stand at members which say so. A caller's own metadata name none."""
    return {
        each
        for path, each in leaves(value)
        if path and isinstance(each, str) and each and "metadata" not in path and _names_id(str(path[-1]), each)
    }


def _names_id(name: str, text: str) -> bool:
    return name in ("id", "Id", "ID") or (_ID_NAME.fullmatch(name) is not None and _LOOSE_ID.match(text) is not None)


def ids(one: Any, other: Any) -> Iterator[tuple[str, str, bool]]:
    """Pairs of texts at the same places that are ids, or look so: recorded, ours, and whether the place says so."""
    waiting: list[tuple[Any, Any, str | int]] = [(one, other, "")]
    while waiting:
        left, right, name = waiting.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            waiting += [(member, right[key], key) for key, member in left.items() if key in right]
        elif isinstance(left, list) and isinstance(right, list):
            waiting += [(*pair, at) for at, pair in enumerate(zip(left, right, strict=False))]
        elif isinstance(left, str) and isinstance(right, str) and left and right:
            if name in _FREE and name != "id":
                continue
            if _ID_NAME.fullmatch(str(name)):
                yield left, right, True
            elif left != right and left.partition("_")[0] == right.partition("_")[0]:
                yield from [(left, right, False)] if _LOOSE_ID.match(left) and _LOOSE_ID.match(right) else ()


def shown(path: Path) -> str:
    """``items[].price.active``."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _size(value: Any) -> int:
    """How many points a value is worth that is not there: the values in it, at least one."""
    return max(1, sum(1 for _ in leaves(value)))


def _kind(value: Any) -> str:
    found = json_type(value)
    return "list" if found == "array" else found


def _told(path: Path, value: Any) -> str:
    """A value where it belongs to the API, else what kind it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, dict | list):
        return _kind(value)
    if path and (path[-1] in _FREE or names_secret(str(path[-1]))):
        return "another" if isinstance(value, str) else "a number"
    if isinstance(value, int | float):
        return str(value) if abs(value) < _TIMES else "a time"
    return value if _WORD.match(value) and masked(value) == value else "a text"
