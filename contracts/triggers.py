"""Triggers: for a type of event, the calls that make a provider emit it, written as data.

They stand in ``contracts/library/<service>/triggers/<type>.yaml``, one file a type; docs/events.md has the format. What
a call changes is changed in truth, and all the events that go with it come too. This module reads the files, says what
is wrong with them, and makes requests of their calls. It sends nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from contracts import probes
from contracts.exchange import Request
from contracts.probes import Step

_LIBRARY = Path(__file__).parent / "library"
#: ``${customer:id}``, ``${customer:subscriptions.data.0}``, ``${clock:frozen_time+3600}``, ``${now-60}``, ``${new}``.
_REFERENCE = re.compile(r"\$\{(?:(now|new)|([a-z][a-z0-9_]*):([A-Za-z0-9_.]+))([+-][0-9]+)?\}")
_NAME = "^[a-z][a-z0-9_]*$"
_OBJECT = {"type": "object"}
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["about", "steps"],
    "additionalProperties": False,
    "properties": {
        "about": {"type": "string", "minLength": 1},
        "after": {"type": "string"},
        "steps": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "call"],
                "additionalProperties": False,
                "not": {"required": ["form", "json"]},
                "properties": {
                    "name": {"type": "string", "pattern": _NAME},
                    "call": {"type": "string", "pattern": "^(GET|POST|PUT|PATCH|DELETE) /[!-~]+$"},
                    "query": _OBJECT,
                    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                    "form": _OBJECT,
                    "json": _OBJECT,
                    "status": {"type": "integer", "minimum": 200, "maximum": 599},
                    "person": {"const": True},
                },
            },
        },
    },
}


class TriggerFault(ValueError):
    """A file that cannot be used, and every fault of it."""

    def __init__(self, type: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{type}: " + "; ".join(self.faults))


class Unset(LookupError):
    """A call needs what an earlier answer did not have; the argument is the reference."""


class UnknownTrigger(LookupError):
    """No such type; ``near`` are those that are written like it."""

    def __init__(self, type: str, near: Sequence[str]) -> None:
        self.near = tuple(near)
        super().__init__(type)


class UnknownPlace(ValueError):
    """A change is of no call, or of one that has no such parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerCall:
    """One call, whose answer is known to later ones by ``name``. ``status`` is the one that it has to have; None is
    any success. ``person``: somebody with a browser and without a key submits a page's form."""

    name: str
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    status: int | None = None
    person: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """The calls that bring about an event of ``type``, in their order."""

    type: str
    service: str
    about: str
    calls: Sequence[TriggerCall]

    @property
    def main(self) -> TriggerCall:
        """The call that a change without a name is of: the last one that has parameters."""
        return next((call for call in reversed(self.calls) if call.form and not call.person), self.calls[-1])


@cache
def load(service: str, folder: Path = _LIBRARY) -> Mapping[str, Trigger]:
    """All of a service, by type, in order of types; empty for a service that has none. Raises TriggerFault."""
    texts = {path.stem: path.read_text() for path in sorted((folder / service / "triggers").glob("*.yaml"))}
    return parse(service, texts)


def types(folder: Path = _LIBRARY) -> Sequence[str]:
    """Of all services, without reading a file."""
    return sorted(path.stem for path in folder.glob("*/triggers/*.yaml"))


def parse(service: str, texts: Mapping[str, str]) -> Mapping[str, Trigger]:
    """Of the texts of files, by type. Raises TriggerFault."""
    files = {name: _checked(name, text) for name, text in texts.items()}
    return {name: Trigger(name, service, files[name]["about"], _calls(name, files)) for name in files}


def find(known: Mapping[str, Trigger], type: str) -> Trigger:
    """Raises UnknownTrigger."""
    found = known.get(type)
    if found is None:
        below = [each for each in known if each.startswith(type + ".")]
        raise UnknownTrigger(type, below or difflib.get_close_matches(type, known, n=5, cutoff=0.5))
    return found


def _checked(type: str, text: str) -> Mapping[str, Any]:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as wrong:
        raise TriggerFault(type, [f"not YAML: {wrong}"]) from None
    faults = [
        f"{'.'.join(map(str, error.instance_path)) or 'the file'}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(dict(SCHEMA)).iter_errors(value)
    ]
    if faults:
        raise TriggerFault(type, faults)
    checked: Mapping[str, Any] = value
    return checked


def _calls(type: str, files: Mapping[str, Mapping[str, Any]]) -> Sequence[TriggerCall]:
    """Those of what comes before it, and its own."""
    chain, each = [type], files[type].get("after")
    while each is not None:
        if each not in files or each in chain:
            raise TriggerFault(type, [f"after: {each} is {'itself' if each in chain else 'no trigger'}"])
        chain.append(each)
        each = files[each].get("after")
    calls = [_call(step) for name in reversed(chain) for step in files[name]["steps"]]
    faults, known = [], set[str]()
    for call in calls:
        if call.name in known:
            faults.append(f"two calls are named {call.name}")
        faults += [f"{call.name}: no call before it is named {name}" for name in sorted(_named(call) - known)]
        known.add(call.name)
    if faults:
        raise TriggerFault(type, faults)
    return calls


def _named(call: TriggerCall) -> set[str]:
    """The calls whose answers it needs."""
    texts = _texts((call.path, call.query, call.headers, call.form, call.json))
    return {found[2] for text in texts for found in _REFERENCE.finditer(text) if found[2]}


def _call(step: Mapping[str, Any]) -> TriggerCall:
    method, _, path = step["call"].partition(" ")
    return TriggerCall(
        name=step["name"],
        method=method,
        path=path,
        query=step.get("query", {}),
        headers={name.lower(): text for name, text in step.get("headers", {}).items()},
        form=step.get("form", {} if method == "POST" and "json" not in step else None),
        json=step.get("json"),
        status=step.get("status"),
        person=step.get("person", False),
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def changed(trigger: Trigger, put: Mapping[str, str], removed: Sequence[str] = ()) -> Trigger:
    """The trigger with other parameters: ``put`` maps ``[name:]path`` to values, ``removed`` lists those that go.
    Raises UnknownPlace."""
    calls = {call.name: call for call in trigger.calls}
    for place, value in [*put.items(), *((place, None) for place in removed)]:
        call, path = _placed(trigger, calls, place)
        part = "json" if call.json is not None else "query" if call.form is None else "form"
        tree = _with(getattr(call, part), path, value, place)
        calls[call.name] = replace(call, **{part: tree})
    return replace(trigger, calls=list(calls.values()))


def _placed(trigger: Trigger, calls: Mapping[str, TriggerCall], place: str) -> tuple[TriggerCall, list[str]]:
    name, colon, rest = place.partition(":")
    name, rest = (name, rest) if colon else (trigger.main.name, place)
    if name not in calls:
        raise UnknownPlace(f"{place}: {trigger.type} makes {', '.join(calls)}, and no {name}")
    path = [part for part in re.split(r"[.\[\]]+", rest) if part]
    if not path:
        raise UnknownPlace(f"{place}: names no parameter; write {name}:parameter")
    return calls[name], path


def _with(tree: Any, path: Sequence[str], value: str | None, place: str) -> Any:
    """The parameters with another value at a path, or without it. None takes away."""
    head, rest = path[0], path[1:]
    if isinstance(tree, list):
        if not head.isdecimal() or int(head) > len(tree):
            raise UnknownPlace(f"{place}: {head} is no number of an entry there")
        number = int(head)
        inner = tree[number] if number < len(tree) else {}
        if value is None and not rest:
            return tree[:number] + tree[number + 1 :]
        return [*tree[:number], _with(inner, rest, value, place) if rest else value, *tree[number + 1 :]]
    known = dict(tree) if isinstance(tree, Mapping) else {}
    if rest:
        known[head] = _with(known.get(head, {}), rest, value, place)
    elif value is None:
        known.pop(head, None)
    else:
        known[head] = value
    return known


def request(call: TriggerCall, answers: Mapping[str, Any], now: int, new: str = "") -> Request:
    """The call's request, without host and credential. ``answers`` are the earlier ones by name, ``now`` is the time in
    seconds since 1970, ``new`` a text that no trigger had before. What a value of JSON is nothing but is put there as
    it is, a number as a number. Raises Unset."""
    known = {"now": now, "new": new}

    def deep(value: Any, *, typed: bool = False) -> Any:
        if isinstance(value, str):
            whole = _REFERENCE.fullmatch(value) if typed else None
            return _meant(whole, answers, known) if whole else _REFERENCE.sub(written, value)
        if isinstance(value, Mapping):
            return {name: deep(each, typed=typed) for name, each in value.items()}
        if isinstance(value, list):
            return [deep(each, typed=typed) for each in value]
        return value

    def written(found: re.Match[str]) -> str:
        return str(_meant(found, answers, known))

    step = Step(
        method=call.method,
        path=deep(call.path),
        query=deep(call.query),
        headers=deep(call.headers),
        form=deep(call.form),
        json=deep(call.json, typed=True),
    )
    try:
        return probes.request(step, {})
    except probes.Uncaptured as missing:
        raise Unset("${" + str(missing.args[0]) + "}") from None


def _meant(found: re.Match[str], answers: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    value = known.get(found[1])
    if not found[1]:
        value = answers.get(found[2])
        for part in found[3].split("."):
            if isinstance(value, Mapping):
                value = value.get(part)
            elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            else:
                value = None
    if value is None or isinstance(value, Mapping | list):
        raise Unset(found[0])
    if found[4]:
        if not isinstance(value, int):
            raise Unset(found[0])
        value += int(found[4])
    return value
