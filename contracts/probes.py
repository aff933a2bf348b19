"""Probes: scenarios of calls, written as data, that are asked of our mock and of the real provider alike.

They stand in ``contracts/library/<service>/probes/*.yaml``; docs/drift.md describes the format. This module reads them,
says what is wrong with its line, and makes requests of steps. It sends nothing.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import yaml

from contracts.comparison import Answer, Hints
from contracts.exchange import Headers, Request

_LIBRARY = Path(__file__).parent / "library"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VARIABLE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")
_BODIES = ("form", "json", "body", "repeat")
_STEP = {"call", "query", "headers", "capture", "expect", "compare", *_BODIES}
#: What every step may use without a capture: text that is the same on both sides and another in every run.
RUN = "run"
#: Bytes of a repeated body: parts of uploads have 5 MiB at the least.
_LONGEST = 6 << 20


class ProbeFault(ValueError):
    """A file of probes that cannot be used: every fault with its line and key."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{name}: " + "; ".join(self.faults))


class Uncaptured(LookupError):
    """A step needs what an earlier one did not get; the argument is its name."""


class Number(str):
    """A number that was captured, as it is written: JSON gets it back as one."""

    __slots__ = ()


#: By name, of earlier answers.
Captured = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call. Texts may hold ``${name}``: what an earlier step captured. In JSON a text that is nothing else is the
    value as it was captured, a number for instance."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Any = None
    json: Any = None
    body: str | None = None
    #: How often ``body`` is repeated.
    times: int = 1
    #: Name -> where in the answer: ``id``, ``data.0.id``, ``header.etag``.
    capture: Mapping[str, str] = field(default_factory=dict)
    expect: int | None = None
    compare: Hints = field(default_factory=Hints)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps that build on each other. ``shared`` ones call operations about the whole account."""

    name: str
    service: str
    steps: Sequence[Step]
    shared: bool = False


def load(service: str, pattern: str = "*", folder: Path = _LIBRARY) -> list[Scenario]:
    """The scenarios of a service whose names the pattern fits, in order of files. Raises ProbeFault."""
    found: list[Scenario] = []
    for path in sorted((folder / service / "probes").glob("*.yaml")):
        found += parse(path.read_text(), service, path.name)
    names = [scenario.name for scenario in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProbeFault(service, [f"there are two scenarios called {name}" for name in twice])
    return [scenario for scenario in found if fnmatch.fnmatchcase(scenario.name, pattern)]


def parse(text: str, service: str, name: str = "probes") -> list[Scenario]:
    """The scenarios of one file. Raises ProbeFault."""
    reader = _Reader()
    value = reader.value(text)
    if not reader.faults:
        scenarios = reader.scenarios(value, service)
    if reader.faults:
        raise ProbeFault(name, reader.faults)
    return scenarios


class _Reader:
    """Reads one file, collecting faults."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._lines: dict[tuple[str | int, ...], int] = {}

    def value(self, text: str) -> Any:
        """The YAML value; where each key stands is remembered."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            self._mark((), node)
            return yaml.safe_load(text)
        except yaml.YAMLError as wrong:
            mark = getattr(wrong, "problem_mark", None)
            where = f"line {mark.line + 1}: " if mark else ""
            self.faults.append(f"{where}not YAML: {getattr(wrong, 'problem', wrong)}")
            return None

    def _mark(self, place: tuple[str | int, ...], node: Any) -> None:
        if node is None or len(place) > 8:
            return
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*place, str(key.value))
                if inner in self._lines:
                    self._fault(inner, "stands twice")
                self._lines[inner] = key.start_mark.line + 1
                self._mark(inner, value)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._mark((*place, number), value)

    def _fault(self, place: tuple[str | int, ...], message: str) -> None:
        line = next((self._lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self._lines), 1)
        self.faults.append(f"line {line}, {'.'.join(map(str, place)) or 'the file'}: {message}")

    def _known(self, place: tuple[str | int, ...], value: Any, keys: set[str]) -> Mapping[str, Any]:
        """The mapping; faults for what it must not hold, and an empty one in place of anything else."""
        if not isinstance(value, dict):
            self._fault(place, "must be a mapping")
            return {}
        for key in value:
            if key not in keys:
                self._fault((*place, str(key)), f"unknown key; known ones are {', '.join(sorted(keys))}")
        return value

    def scenarios(self, value: Any, service: str) -> list[Scenario]:
        whole = self._known((), value, {"version", "service", "compare", "scenarios"})
        if whole.get("version") != 1:
            self._fault(("version",), "must be 1")
        if whole.get("service") != service:
            self._fault(("service",), f"must be {service}, as the folder says")
        if not isinstance(whole.get("scenarios"), dict):
            self._fault(("scenarios",), "must be a mapping of names to scenarios")
            return []
        every = self._hints(("compare",), whole.get("compare", {}))
        return [self._scenario(str(name), body, service, every) for name, body in whole["scenarios"].items()]

    def _scenario(self, name: str, value: Any, service: str, every: Hints) -> Scenario:
        place: tuple[str | int, ...] = ("scenarios", name)
        if not _NAME.fullmatch(name):
            self._fault(place, "a name is of small letters and digits, with hyphens between")
        body = self._known(place, value, {"about", "shared", "steps"})
        steps = body.get("steps")
        if not isinstance(steps, list) or not steps:
            self._fault((*place, "steps"), "must be a list of calls")
            steps = []
        known = {RUN}
        made = []
        for number, each in enumerate(steps):
            step = self._step((*place, "steps", number), each, known)
            step = replace(step, compare=every.joined(step.compare))
            known |= set(step.capture)
            made.append(step)
        return Scenario(name, service, made, shared=body.get("shared") is True)

    def _step(self, place: tuple[str | int, ...], value: Any, known: set[str]) -> Step:
        body = self._known(place, value, _STEP)
        method, _, path = str(body.get("call", "")).partition(" ")
        if method not in _METHODS or not path.startswith("/"):
            self._fault((*place, "call"), "must be a method and a path, like POST /v1/things")
        if sum(each in body for each in ("form", "json", "body")) > 1:
            self._fault(place, "has either form, json or body")
        for name in sorted({*_VARIABLE.findall(str(body))} - known):
            self._fault(place, f"no step before it captures {name}")
        capture, query, headers = (self._texts(place, body, key) for key in ("capture", "query", "headers"))
        expect, times = body.get("expect"), body.get("repeat", 1)
        if expect is not None and not isinstance(expect, int):
            self._fault((*place, "expect"), "must be a status")
        if not isinstance(times, int) or times < 1 or times * len(str(body.get("body", ""))) > _LONGEST:
            self._fault((*place, "repeat"), "must be a number; a body has at most 6 MiB")
            times = 1
        return Step(
            method=method,
            path=path,
            query=query,
            headers={name.lower(): str(each) for name, each in headers.items()},
            form=body.get("form"),
            json=body.get("json"),
            body=None if "body" not in body else str(body["body"]),
            times=times,
            capture=capture,
            expect=expect,
            compare=self._hints((*place, "compare"), body.get("compare", {})),
        )

    def _texts(self, place: tuple[str | int, ...], body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = body.get(key, {})
        if not isinstance(found, dict):
            self._fault((*place, key), "must be a mapping")
            return {}
        return found

    def _hints(self, place: tuple[str | int, ...], value: Any) -> Hints:
        body = self._known(place, value, {"ignore", "unordered", "headers"})
        for key, each in body.items():
            if not isinstance(each, list) or not all(isinstance(one, str) for one in each):
                self._fault((*place, key), "must be a list of texts")
                return Hints()
        return Hints(
            body.get("ignore", ()), body.get("unordered", ()), [one.lower() for one in body.get("headers", ())]
        )


def variables(step: Step) -> set[str]:
    """The names that the step uses: ``run``, and what it needs of earlier answers."""
    parts = (step.path, step.query, step.headers, step.form, step.json, step.body)
    return set(_VARIABLE.findall(str(parts)))


def request(step: Step, captured: Captured) -> Request:
    """The step's request, without host and credential. Raises Uncaptured."""
    path, _, fixed = step.path.partition("?")
    query = "&".join(filter(None, (_filled(fixed, captured), _encoded(step.query, captured))))
    headers = [(name, _filled(value, captured)) for name, value in step.headers.items()]
    body, media = b"", None
    if step.form is not None:
        body, media = _encoded(step.form, captured).encode(), "application/x-www-form-urlencoded"
    elif step.json is not None:
        body, media = orjson.dumps(_deep(step.json, captured)), "application/json"
    elif step.body is not None:
        body = _filled(step.body, captured).encode() * step.times
    if media is not None and "content-type" not in step.headers:
        headers.append(("content-type", media))
    if body or step.method in ("POST", "PUT", "PATCH"):
        headers.append(("content-length", str(len(body))))
    whole = _VARIABLE.sub(lambda found: quote(_value(found[1], captured), safe="/"), path)
    return Request(method=step.method, path=whole, query=query, headers=Headers(headers), body=body)


def capture(step: Step, answer: Answer) -> dict[str, str]:
    """What the step captures of an answer; what is not there is left out."""
    found: dict[str, str] = {}
    for name, where in step.capture.items():
        head, _, rest = where.partition(".")
        value = answer.headers.get(rest) if head == "header" else _at(answer.value, where)
        if isinstance(value, str | int) and not isinstance(value, bool):
            found[name] = value if isinstance(value, str) else Number(value)
    return found


def _at(value: Any, where: str) -> Any:
    for name in where.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _value(name: str, captured: Captured) -> str:
    if name not in captured:
        raise Uncaptured(name)
    return captured[name]


def _filled(text: Any, captured: Captured) -> str:
    if isinstance(text, bool):
        return "true" if text else "false"
    return _VARIABLE.sub(lambda found: _value(found[1], captured), str(text))


def _deep(value: Any, captured: Captured) -> Any:
    if isinstance(value, dict):
        return {name: _deep(each, captured) for name, each in value.items()}
    if isinstance(value, list):
        return [_deep(each, captured) for each in value]
    if not isinstance(value, str):
        return value
    alone = _VARIABLE.fullmatch(value)
    kept = None if alone is None else _value(alone[1], captured)
    return int(kept) if isinstance(kept, Number) else _filled(value, captured)


def _encoded(value: Any, captured: Captured) -> str:
    """Bracketed names: ``card[number]=...&expand[0]=...``; a parameter without a value is its name alone."""
    pairs = [(name, None if each is None else _filled(each, captured)) for name, each in _pairs(value, "")]
    return "&".join(quote(name, safe="[]") if each is None else urlencode([(name, each)]) for name, each in pairs)


def _pairs(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _pairs(each, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _pairs(each, f"{name}[{number}]")
    else:
        yield name, value
