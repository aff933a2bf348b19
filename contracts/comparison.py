"""Two answers to the same call side by side: what of the real one our mock does not say as well.

``before`` of a finding is the mock's side, ``after`` the real one's: what a preview showed, and what production says.
Ids, times, addresses and tokens differ always; they are compared by their shape. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from contracts.answer import Answer as Answer
from contracts.answer import read as read
from contracts.contract import Violation
from contracts.drift import Finding, Severity
from contracts.hints import Hints as Hints
from contracts.hints import below
from contracts.masking import masked as masked

#: Every rule of this module, how much it matters, and what it means: documentation is made from it.
RULES: Mapping[str, tuple[Severity, str]] = {
    "status-changed": ("breaking", "The real side answers with another status."),
    "error-code-changed": ("breaking", "Its error has another code or type."),
    "field-removed": ("breaking", "It lacks a field that the mock gives."),
    "field-added": ("breaking", "It gives a field that the mock lacks."),
    "field-null": ("risky", "A field that one side lacks is null or empty on the other."),
    "type-changed": ("breaking", "A field has another type."),
    "null-changed": ("risky", "A field is null on one side only."),
    "value-changed": ("risky", "A number, a boolean or a word differs."),
    "enum-value-added": ("risky", "It answers with a value that the contract does not list."),
    "text-changed": ("safe", "A text for people differs."),
    "length-changed": ("risky", "A list has another number of elements."),
    "order-changed": ("risky", "A list has the same elements in another order."),
    "elements-changed": ("risky", "A list has other elements, which are therefore not compared."),
    "body-changed": ("breaking", "The body is of another kind: JSON, XML, bytes, none."),
    "root-changed": ("risky", "The outermost element of the XML has another name."),
    "bytes-changed": ("risky", "Opaque bytes differ."),
    "header-removed": ("breaking", "It lacks a header field that matters."),
    "header-added": ("risky", "It has a header field that matters, and the mock does not."),
    "header-changed": ("risky", "A header field that matters has another value."),
    "event-missing": ("breaking", "It does not send an event that the mock sends."),
    "event-added": ("risky", "It sends an event that the mock does not send."),
    "event-order-changed": ("risky", "It sends the same events in another order."),
    "unexpected-status": ("risky", "Both sides answer with another status than the probe expects."),
}

#: Header fields that matter to clients, whatever the call; probes name further ones.
HEADERS = frozenset({"content-type", "etag", "location", "content-range", "retry-after", "allow"})
#: What stands for a captured text.
_CAPTURED = re.compile(r"\$\{[a-z0-9_]+\}")
#: Members that tell one error from another.
_CODES = frozenset({"code", "type", "decline_code", "error_code", "error_type", "Code"})
#: What stands for a captured text.
_CAPTURED = re.compile(r"\$\{[a-z0-9_]+\}")
#: Members that tell one element of a list from another.
_NAMING = ("id", "Key", "Name", "PartNumber", "key", "name")
_LONGEST_FACT = 60
_LONGEST_WORD = 40

#: Seconds since the epoch between 2001 and 2286.
_EPOCH = range(1_000_000_000, 10_000_000_000)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,59}")
#: A number in XML, too short to be one of a telephone.
_COUNT = re.compile(r"-?[0-9]{1,5}")


def compare(service: str, operation: str, mock: Answer, real: Answer, hints: Hints | None = None) -> list[Finding]:
    """What differs, once each. After another status only the kind of error is worth a look."""
    sides = _Sides(service, operation, mock, real, hints or Hints())
    if mock.status != real.status:
        sides.find("status-changed", "status", f"answers {real.status}", mock.status, real.status)
    else:
        sides.headers()
        sides.body()
    unique = {finding.key: finding for finding in sides.found}
    return list(unique.values())


def compare_events(service: str, scenario: str, mock: Sequence[str], real: Sequence[str]) -> list[Finding]:
    """The types of events that a scenario led to, in order."""
    sent, heard = Counter(mock), Counter(real)
    found = [
        finding(service, None, "event-missing", f"events.{scenario}.{one}", "is not sent", one, None)
        for one in sent - heard
    ]
    found += [
        finding(service, None, "event-added", f"events.{scenario}.{one}", "is sent as well", None, one)
        for one in heard - sent
    ]
    if not found and list(mock) != list(real):
        at = next(place for place, (one, other) in enumerate(zip(mock, real, strict=True)) if one != other)
        found = [
            finding(
                service, None, "event-order-changed", f"events.{scenario}", "come in another order", mock[at], real[at]
            )
        ]
    return found


def finding(
    service: str, operation: str | None, rule: str, place: str, message: str, before: Any = None, after: Any = None
) -> Finding:
    """A finding of one of RULES."""
    return Finding(
        service=service,
        operation=operation,
        rule=rule,
        place=place,
        severity=RULES[rule][0],
        message=f"{place.rpartition('.')[2]}: {message}",
        before=before,
        after=after,
    )


class _Sides:
    """One comparison under way."""

    def __init__(self, service: str, operation: str, mock: Answer, real: Answer, hints: Hints) -> None:
        self._service = service
        self._operation = operation
        self._mock = mock
        self._real = real
        self._hints = hints
        self._both = mock.captured.keys() & real.captured.keys()
        self.found: list[Finding] = []

    def find(self, rule: str, place: str, message: str, before: Any = None, after: Any = None) -> None:
        """Note it, unless the probe says not to."""
        if not self._hints.ignores(place):
            whole = f"response.{self._mock.status}.{place}"
            self.found.append(finding(self._service, self._operation, rule, whole, message, before, after))

    def headers(self) -> None:
        """Those that matter."""
        for name in sorted({*HEADERS, *self._hints.headers}):
            mock, real = self._mock.headers.get(name), self._real.headers.get(name)
            place = f"header.{name}"
            if name == "content-type" and "none" in (self._mock.kind, self._real.kind):
                continue
            if name == "content-type" and mock and real:
                mock, real = mock.partition(";")[0].strip().lower(), real.partition(";")[0].strip().lower()
            if mock == real:
                continue
            if real is None:
                self.find("header-removed", place, "is not sent")
            elif mock is None:
                self.find("header-added", place, "is sent, and the mock sends none")
            elif self._masked(mock, self._mock) != self._masked(real, self._real):
                self.find("header-changed", place, "has another value", _fact(mock), _fact(real))

    def body(self) -> None:
        """The values, from the outside inwards."""
        mock, real = self._mock, self._real
        if mock.kind != real.kind:
            self.find("body-changed", "body", f"is {real.kind}", mock.kind, real.kind)
        elif mock.kind == "bytes":
            if mock.value != real.value:
                self.find("bytes-changed", "body", "differs", len(mock.value), len(real.value))
        elif mock.kind == "xml":
            [(root, inner)], [(other, theirs)] = mock.value.items(), real.value.items()
            if root != other:
                self.find("root-changed", f"body.{root}", f"is called {other}", root, other)
            self._values(f"body.{root}", inner, theirs)
        else:
            self._values("body", mock.value, real.value)

    def _values(self, place: str, mock: Any, real: Any) -> None:
        if self._hints.ignores(place):
            return
        one, other = json_type(mock), json_type(real)
        if one != other:
            if "null" in (one, other):
                self.find("null-changed", place, f"is {other} and not {one}", one, other)
            elif self._mock.kind == "xml" and {one, other} == {"object", "string"} and "" in (mock, real):
                self._objects(place, mock or {}, real or {})
            elif self._mock.kind == "xml" and _alike_in_xml(mock, real):
                # One element and several of a name look different; none and an empty one too.
                self._lists(place, _as_list(mock), _as_list(real))
            else:
                self.find("type-changed", place, f"is {other} and not {one}", one, other)
        elif isinstance(mock, dict):
            self._objects(place, mock, real)
        elif isinstance(mock, list):
            self._lists(place, mock, real)
        else:
            self._scalars(place, mock, real)

    def _objects(self, place: str, mock: Mapping[str, Any], real: Mapping[str, Any]) -> None:
        if self._differ(mock.get("id"), real.get("id")):
            # Another object: how it differs beyond that tells nothing.
            return self._scalars(f"{place}.id", mock["id"], real["id"])
        for name in mock:
            where = f"{place}.{name}"
            if name in real:
                self._values(where, mock[name], real[name])
            elif _empty(mock[name]):
                self.find("field-null", where, "is missing, and empty in the mock", json_type(mock[name]), None)
            else:
                self.find("field-removed", where, "is missing", json_type(mock[name]), None)
        for name in real:
            where = f"{place}.{name}"
            if name in mock:
                continue
            if _empty(real[name]):
                self.find(
                    "field-null", where, "is there and empty, and missing in the mock", None, json_type(real[name])
                )
            else:
                self.find("field-added", where, "is missing in the mock", None, json_type(real[name]))
        return None

    def _differ(self, mock: Any, real: Any) -> bool:
        """Whether these are ids of which the probe knows one, and the other is not that."""
        if not isinstance(mock, str) or not isinstance(real, str):
            return False
        one, other = self._masked(mock, self._mock), self._masked(real, self._real)
        return one != other and (one.startswith("${") or other.startswith("${"))

    def _lists(self, place: str, mock: list[Any], real: list[Any]) -> None:
        # In XML one element and several of a name are at the same place: which it is depends on the day.
        inner = place if self._mock.kind == "xml" else f"{place}[]"
        if len(mock) != len(real):
            self.find("length-changed", place, f"has {len(real)} elements", len(mock), len(real))
        ours = [self._canonical(each, self._mock) for each in mock]
        theirs = [self._canonical(each, self._real) for each in real]
        if ours != theirs and Counter(ours) == Counter(theirs):
            if not any(below(place, each) for each in self._hints.unordered):
                self.find("order-changed", place, "has the same elements in another order")
            return
        if any(below(place, each) for each in self._hints.unordered):
            mock = [one for _, one in sorted(zip(ours, mock, strict=True), key=lambda pair: pair[0])]
            real = [one for _, one in sorted(zip(theirs, real, strict=True), key=lambda pair: pair[0])]
        for one, other in self._pairs(place, mock, real):
            self._values(inner, one, other)

    def _pairs(self, place: str, mock: list[Any], real: list[Any]) -> list[tuple[Any, Any]]:
        """Elements that are about the same: by what they are called, where that is known, else by position."""
        ours, theirs = self._names(mock, self._mock), self._names(real, self._real)
        named = dict(zip(theirs, real, strict=True))
        common = [name for name in ours if name[0] and name in named]
        ordered = not any(below(place, each) for each in self._hints.unordered)
        if ordered and common != [name for name in theirs if name in common]:
            self.find("order-changed", place, "has the same elements in another order")
        left = [(name[0], each) for name, each in zip(ours, mock, strict=True) if name not in common]
        rest = [(name[0], each) for name, each in zip(theirs, real, strict=True) if name not in common]
        pairs = [(each, named[name]) for name, each in zip(ours, mock, strict=True) if name in common]
        if left and rest and any(name for name, _ in (*left, *rest)):
            self.find("elements-changed", place, "has other elements")
            return pairs
        return [*pairs, *((one, other) for (_, one), (_, other) in zip(left, rest, strict=False))]

    def _names(self, values: list[Any], side: Answer) -> list[tuple[str, int]]:
        """What each element is called, and how many before it are called the same; "" where nothing tells."""
        seen: Counter[str] = Counter()
        found = []
        for each in values:
            name = self._name(each, side) if isinstance(each, dict) else ""
            found.append((name, seen[name]))
            seen[name] += 1
        return found

    def _name(self, element: Mapping[str, Any], side: Answer) -> str:
        """By a member that is there to tell it from others, else by what the probe's own it mentions."""
        members = (element.get(name) for name in _NAMING)
        for member in members:
            name = self._masked(member, side) if isinstance(member, str) else ""
            if name and "<" not in name:
                return name
        mentioned = sorted(set(_CAPTURED.findall(self._canonical(element, side).decode())))
        return f"{element.get('type', '')} {mentioned}" if mentioned else ""

    def _scalars(self, place: str, mock: Any, real: Any) -> None:
        if mock == real:
            return
        if isinstance(mock, bool) or not isinstance(mock, str):
            if isinstance(mock, int) and isinstance(real, int) and mock in _EPOCH and real in _EPOCH:
                return
            self.find("value-changed", place, f"is {real}", mock, real)
            return
        one, other = self._masked(mock, self._mock), self._masked(real, self._real)
        if one == other:
            return
        if self._mock.status >= 400 and place.rpartition(".")[2] in _CODES:
            self.find("error-code-changed", place, f"is {_fact(other)}", _fact(one), _fact(other))
        elif all(_WORD.fullmatch(each) or _COUNT.fullmatch(each) for each in (mock, real)):
            self.find("value-changed", place, f"is {_fact(other)}", _fact(one), _fact(other))
        elif _prose(mock) or _prose(real):
            self.find("text-changed", place, "has other words")
        else:
            # What is no word may be of somebody: an address, a number of a telephone.
            self.find("value-changed", place, "differs")

    def _masked(self, text: str, side: Answer) -> str:
        for name, value in side.captured.items():
            if value and name in self._both and value in text:
                # As a whole: a key that is called "a" is no part of an id.
                whole = rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])"
                text = re.sub(whole, f"${{{name}}}", text)
        return masked(text)

    def _canonical(self, value: Any, side: Answer) -> bytes:
        """The same for two values that differ in nothing but ids, times and the like, and in words for people."""
        return orjson.dumps(self._plain(value, side), option=orjson.OPT_SORT_KEYS)

    def _plain(self, value: Any, side: Answer) -> Any:
        if isinstance(value, dict):
            return {name: self._plain(each, side) for name, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each, side) for each in value]
        if isinstance(value, str):
            return self._masked(value, side)
        return 0 if isinstance(value, int) and not isinstance(value, bool) and value in _EPOCH else value


def place(violation: Violation) -> str:
    """Where it is, as findings say it: ``body.data[].status``."""
    steps = ("[]" if isinstance(step, int) else f".{step}" for step in violation.pointer)
    return violation.place + "".join(steps)


def word(value: Any) -> str | None:
    """The value, if it is a short word such as an enum's; None of anything that may be somebody's."""
    if not isinstance(value, str) or len(value) > _LONGEST_WORD or not _WORD.fullmatch(value):
        return None
    return value if masked(value) == value else None


def types(value: Any, place: str = "body") -> Iterator[tuple[str, str]]:
    """Every place of a value with its type: ``("body.data[].id", "string")``, each pair once."""
    seen: set[tuple[str, str]] = set()
    waiting = [(place, value)]
    while waiting:
        at, node = waiting.pop()
        if (at, json_type(node)) not in seen:
            seen.add((at, json_type(node)))
            yield at, json_type(node)
        if isinstance(node, dict):
            waiting += [(f"{at}.{name}", each) for name, each in node.items()]
        elif isinstance(node, list):
            waiting += [(f"{at}[]", each) for each in node]


def json_type(value: Any) -> str:
    """The JSON type of a value; ``bytes`` for what is none."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array" if isinstance(value, list | tuple) else "bytes"


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _alike_in_xml(mock: Any, real: Any) -> bool:
    return isinstance(mock, list) or isinstance(real, list) or "" in (mock, real)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else ([] if value == "" else [value])


def _prose(text: str) -> bool:
    return len(text.split()) > 1


def _fact(text: str) -> str:
    """Short, and without what may be an id or a secret."""
    return masked(text)[:_LONGEST_FACT]
