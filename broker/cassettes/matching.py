"""Which recorded exchange answers a call: its operation and its parameters, whatever their order and spelling.

A masked value in the recording fits any value, an id or a time of the caller's own making fits another of its kind, and
the name of the environment that recorded fits the one that plays. Each is bound to what was sent, so that answers echo
it. A call that was recorded more than once gets one answer after the other, then the last one again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lxml import etree

from broker.cassettes.masking import EMAIL, MASK, PHONE
from broker.cassettes.recorded import Body, Recorded, inside, pairs
from broker.redact import HIDDEN
from contracts.form import FormError, tree
from contracts.xml import MalformedXML, parse

#: A call or a recorded request as its parameters: place -> text.
Leaves = Mapping[str, str]

_HOLE = re.compile(rf"{MASK.pattern}|{re.escape(HIDDEN)}")
#: What a caller makes anew at every run: ids of its own, and times. In a recording they fit any of their kind.
_KIN = (
    re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](?::[0-9.]{2,10})?(?:Z|[+-][0-9:]{4,6})?"),
    re.compile(r"20[0-9]{6}T[0-9]{6}Z"),
    re.compile(r"(?<![0-9A-Za-z_.-])[12][0-9]{9}(?:[0-9]{3})?(?![0-9A-Za-z_.-])"),
)
_LOOSE = re.compile("|".join([_HOLE.pattern, *(kind.pattern for kind in _KIN)]))
#: Header fields that decide what is answered. Others may differ: but of several that fit the closest is taken.
_DECIDING = re.compile(r"range|prefer|if-(?:none-)?match|if-(?:un)?modified-since|.*-copy-source.*|.*-account")
#: Header fields that are another every time.
_PASSING = re.compile(
    r"idempotency-key|.*(?:request|correlation|invocation|trace).*|.*-sdk-.*|(?:.*-)?date|.*checksum.*|.*sha256"
    r"|content-(?:md5|length|encoding)|baggage|.*trailer|.*decoded.*"
)
_BIRTH = re.compile(r"\.(?:dob|date_of_birth|birthdate)(?:\[\d+\])*\.[^.\[\]]+(?:\[\d+\])*\Z")
#: Query parameters of a signature.
_SIGNING = re.compile(
    r"x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token)", re.IGNORECASE
)
#: Holes of one text, and tries to fill them.
_HOLES, _TRIES = 200, 500
#: Characters of what may stand where a mask does.
_LONGEST = 4000
#: Exchanges that are compared for the nearest one.
_NEAREST = 300
#: Differences that a message names.
_NAMED = 6
_SHOWN = 60


def leaves(path: str, query: Mapping[str, Any], body: Body, headers: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Every parameter by its place: ``path[2]``, ``query.limit``, ``header.range``, ``body.items[0].price``.
    ``headers`` are as a cassette holds them."""
    found = {f"path[{at}]": unquote(each) for at, each in enumerate(path.split("/")) if each}
    found.update(_of_pairs("query", {name: value for name, value in query.items() if not _SIGNING.fullmatch(name)}))
    for name, value in (headers or {}).items():
        if _PASSING.fullmatch(name):
            continue
        text = ", ".join(value) if isinstance(value, list) else str(value)
        # A boundary is drawn anew for every body.
        found[f"header.{name}"] = text.partition(";")[0].strip().lower() if name == "content-type" else text
    match body.form:
        case "form":
            found.update(_of_pairs("body", body.value))
        case "json":
            found.update(_flat("body", body.value))
        case "digest":
            found["body"] = f"sha256 {body.value.get('sha256')}"
        case "none":
            pass
        case "base64":
            raw = body.raw()
            found["body"] = _unbound((inside(raw) or raw).decode("latin-1"))
        case _:
            found["body"] = _canonical(str(body.value))
    # A day of birth is masked as a number, which any other one fits.
    return {place: "1" if text and _BIRTH.search(place) else text for place, text in found.items()}


def of(one: Recorded) -> dict[str, str]:
    """Those of a recorded request."""
    return leaves(one.path, one.query, one.request, one.request_headers)


def _canonical(text: str) -> str:
    """XML without what carries no meaning, parts without their boundary, other text as it is."""
    text = text.strip()
    if text.startswith("<"):
        try:
            return etree.tostring(parse(text.encode()), method="c14n").decode()
        except (MalformedXML, ValueError, etree.LxmlError):
            return text
    return _unbound(text)


def _unbound(text: str) -> str:
    if not text.startswith("--"):
        return text
    boundary = text.partition("\n")[0].strip()
    return text.replace(boundary, "--") if 4 < len(boundary) < 80 else text


def _of_pairs(place: str, found: Mapping[str, Any]) -> dict[str, str]:
    """Bracketed names are a tree, in whatever spelling: ``a[]``, ``a[0]`` and ``a`` twice are one list."""
    try:
        return dict(_flat(place, listed(tree(pairs(found)))))
    except FormError:
        return {f"{place}.{name}": value for name, value in pairs(found)}


def listed(value: Any) -> Any:
    """A tree of bracketed names with its lists as such."""
    if isinstance(value, list):
        return [listed(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {""}:
        return listed(value[""])
    if value and all(key.isdecimal() for key in value):
        return [listed(value[key]) for key in sorted(value, key=int)]
    return {key: listed(member) for key, member in value.items()}


def _flat(place: str, value: Any) -> Iterator[tuple[str, str]]:
    waiting = [(place, value)]
    while waiting:
        here, each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += [(f"{here}.{key}", member) for key, member in each.items()]
            if not each:
                yield here, "{}"
        elif isinstance(each, list):
            waiting += [(f"{here}[{at}]", member) for at, member in enumerate(each)]
            if not each:
                yield here, "[]"
        elif isinstance(each, bool):
            yield here, "true" if each else "false"
        else:
            yield here, "" if each is None else str(each)


@dataclass(slots=True)
class Progress:
    """How far one environment, by its ``name``, is with one cassette: the exchanges that it has had, and its own values
    for what the recording has in their places."""

    name: str = ""
    had: set[int] = field(default_factory=set)
    bound: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Fit:
    """``distance`` counts what differs and does not matter."""

    at: int
    bound: Mapping[str, str]
    distance: int


class Player:
    """One cassette with its requests taken apart, shared by all who play it."""

    def __init__(self, exchanges: Sequence[Recorded], operations: Sequence[str], environment: str = "") -> None:
        """``operations`` names the operation of each exchange, as today's contract knows it; ``environment`` is whose
        name stands in the recording's values."""
        self.exchanges = exchanges
        self._name = re.compile(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])") if environment else None
        self._leaves = [of(each) for each in exchanges]
        self._by_operation: dict[str, list[int]] = {}
        #: By all that decides, and by where it stands: most calls are looked for among few.
        self._same: dict[tuple[str, frozenset[tuple[str, str]]], list[int]] = {}
        self._alike: dict[tuple[str, frozenset[str]], list[int]] = {}
        for at, operation in enumerate(operations):
            decisive = _decisive(self._leaves[at])
            self._by_operation.setdefault(operation, []).append(at)
            self._same.setdefault((operation, decisive), []).append(at)
            self._alike.setdefault((operation, frozenset(place for place, _ in decisive)), []).append(at)

    def find(self, operation: str, asked: Leaves, progress: Progress) -> Recorded | None:
        """The answer to a call, if one was recorded; moves ``progress`` on."""
        decisive = _decisive(asked)
        candidates = self._same.get((operation, decisive))
        if candidates is None:
            candidates = self._alike.get((operation, frozenset(place for place, _ in decisive)), [])
        fits = [fit for at in candidates if (fit := self._fit(at, asked, progress.name)) is not None]
        if not fits:
            return None
        agreeing = [fit for fit in fits if _agrees(fit.bound, progress.bound)] or fits
        least = min(fit.distance for fit in agreeing)
        closest = [fit for fit in agreeing if fit.distance == least]
        chosen = next((fit for fit in closest if fit.at not in progress.had), closest[-1])
        progress.had.add(chosen.at)
        progress.bound.update(chosen.bound)
        return self.exchanges[chosen.at]

    def own(self, value: Any, progress: Progress) -> Any:
        """A recorded value with the caller's own values in their places."""
        return _own(value, progress.bound, self._name) if progress.bound else value

    def _fit(self, at: int, asked: Leaves, name: str) -> _Fit | None:
        recorded = self._leaves[at]
        if recorded == asked:
            return _Fit(at, {}, 0)
        bound: dict[str, str] = {}
        distance = 0
        other = [(recorded.get(place), asked.get(place), place) for place in {**recorded, **asked}]
        # Short ones first: they are masks as a whole, and tell who is meant in long ones.
        for wanted, sent, place in sorted(other, key=lambda each: len(each[0] or "")):
            if wanted == sent:
                continue
            if wanted is None or sent is None or not self._binds(wanted, sent, bound, name):
                if not _is_passing(place):
                    return None
                distance += 1
        return _Fit(at, bound, distance + sum(_HOLE.fullmatch(key) is None for key in bound))

    def _binds(self, wanted: str, sent: str, bound: dict[str, str], name: str) -> bool:
        """Whether a text fits that holds masks, ids of the caller's own making, times, or the environment's name;
        notes what stands where they do."""
        found: dict[str, str] = {}
        if self._name is not None and (old := self._name.search(wanted)) is not None and name:
            wanted = self._name.sub(name, wanted)
            if old.group() != name:
                found[old.group()] = name
        if not _agrees(found, bound):
            return False
        found = bound | found
        if wanted != sent and not _bind(wanted, sent, found):
            return False
        bound.update(found)
        return True

    def nearest(self, operation: str, asked: Leaves, progress: Progress) -> str:
        """Why nothing fits, in words: the closest recorded exchange, and what differs."""
        candidates = self._by_operation.get(operation)
        if not candidates:
            known = ", ".join(sorted(name for name in self._by_operation if name)[:10])
            return f"It holds no {operation}; it holds {known or 'nothing'}."
        # Of many, those with about as many parameters.
        close = sorted(candidates, key=lambda at: abs(len(self._leaves[at]) - len(asked)))[:_NEAREST]
        described = ((at, self._differences(at, asked, progress.name)) for at in sorted(close))
        best, found = min(described, key=lambda each: len(each[1]))
        words = "; ".join(found[:_NAMED]) + (f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
        return f"The closest of {len(candidates)} is exchange {best + 1} ({self.exchanges[best].target}): {words}."

    def _differences(self, at: int, asked: Leaves, name: str) -> list[str]:
        recorded, out = self._leaves[at], []
        for place, wanted in recorded.items():
            if _is_passing(place):
                continue
            if place not in asked:
                out.append(f"{place} was recorded and is missing here")
            elif wanted != asked[place] and not self._binds(wanted, asked[place], {}, name):
                # What is sent where a secret was recorded may be one.
                here = "other" if HIDDEN in wanted else _short(asked[place])
                out.append(f"{place} was recorded as {_short(wanted)} and is {here} here")
        return out + [
            f"{place} was not recorded" for place in asked if place not in recorded and not _is_passing(place)
        ]


def _decisive(found: Leaves) -> frozenset[tuple[str, str]]:
    return frozenset((place, text) for place, text in found.items() if not _is_passing(place))


def _is_passing(place: str) -> bool:
    return place.startswith("header.") and _DECIDING.fullmatch(place.removeprefix("header.")) is None


def _agrees(found: Mapping[str, str], bound: Mapping[str, str]) -> bool:
    """Whether one recorded value stands for one value of the caller's throughout."""
    return all(_is_same(bound.get(key, value), value) for key, value in found.items())


def _is_same(one: str, other: str) -> bool:
    """As masks take it, which tell neither capitals nor blanks around a value."""
    return one.strip().lower() == other.strip().lower()


def _bind(wanted: str, sent: str, bound: dict[str, str]) -> bool:
    """Whether what stands in the holes of a recorded text can make it the text that was sent; notes what does. It gives
    up after some tries, so that nothing that is sent takes long."""
    holes = _LOOSE.findall(wanted)
    if not holes or len(holes) > _HOLES:
        return False
    pieces = _LOOSE.split(wanted)
    if not sent.startswith(pieces[0]) or not sent.endswith(pieces[-1]):
        return False
    # A member may hold something else than its name says, so what stands for an address may be none: but first it is.
    found = _filled(sent, holes, pieces, bound, strict=True) or _filled(sent, holes, pieces, bound, strict=False)
    if found is None:
        return False
    bound.update(found)
    return True


def _filled(
    sent: str, holes: Sequence[str], pieces: Sequence[str], bound: dict[str, str], *, strict: bool
) -> dict[str, str] | None:
    """The first way to fill them, from left to right; all of ``bound`` is in it."""
    tries = iter(range(_TRIES))
    # For each hole that is filled: where its value begins, the further places where it may end, what was known before.
    ways: list[tuple[int, Iterator[int], dict[str, str]]] = []
    at, known = len(pieces[0]), bound
    while True:
        ways.append((at, _ends(sent, at, holes[len(ways)], pieces, len(ways), strict), known))
        while True:
            begun, ends, before = ways[-1]
            end = next(ends, None)
            if end is not None and next(tries, None) is None:
                return None
            if end is None:
                ways.pop()
                if not ways:
                    return None
                continue
            filled = _with(before, holes[len(ways) - 1], sent[begun:end])
            if filled is not None:
                break
        at, known = end + len(pieces[len(ways)]), filled
        if len(ways) == len(holes):
            return known


def _with(bound: dict[str, str], hole: str, value: str) -> dict[str, str] | None:
    """One value more, if it is the hole's: one value stands for one value throughout."""
    if hole in (HIDDEN, value):
        return bound
    if not _is_same(bound.get(hole, value), value):
        return None
    return bound if hole in bound else {**bound, hole: value}


def _ends(sent: str, at: int, hole: str, pieces: Sequence[str], number: int, strict: bool) -> Iterator[int]:
    """Where the value in a hole may end: the piece after it must follow."""
    piece = pieces[number + 1]
    if _HOLE.fullmatch(hole) is None:
        kin = next(kind for kind in _KIN if kind.fullmatch(hole))
        found = kin.match(sent, at)
        if found and sent.startswith(piece, found.end()) and _closes(sent, found.end(), pieces, number):
            yield found.end()
        return
    shape = EMAIL if hole.endswith("@example.com") else PHONE if hole.startswith("+") else None
    seen = shape.match(sent, at) if shape is not None else None
    if seen and sent.startswith(piece, seen.end()) and _closes(sent, seen.end(), pieces, number):
        yield seen.end()
    if shape is not None and strict:
        return
    if number + 2 == len(pieces):
        if at < len(sent) - len(piece) <= at + _LONGEST:
            yield len(sent) - len(piece)
        return
    # Without a piece between them, where one ends and the next begins nobody can know.
    stop = sent.find(piece, at + 1)
    while at < stop <= at + _LONGEST:
        yield stop
        stop = sent.find(piece, stop + 1)


def _closes(sent: str, end: int, pieces: Sequence[str], number: int) -> bool:
    return number + 2 < len(pieces) or end + len(pieces[-1]) == len(sent)


def _own(value: Any, bound: Mapping[str, str], name: re.Pattern[str] | None) -> Any:
    if isinstance(value, dict):
        return {key: _own(member, bound, name) for key, member in value.items()}
    if isinstance(value, list):
        return [_own(member, bound, name) for member in value]
    if isinstance(value, str):
        if name is not None:
            value = name.sub(lambda found: bound.get(found.group(), found.group()), value)
        return _LOOSE.sub(lambda found: bound.get(found.group(), found.group()), value)
    if isinstance(value, int) and not isinstance(value, bool) and str(value) in bound:
        return int(bound[str(value)])
    return value


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
