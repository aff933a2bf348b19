"""Reads a policy document: YAML or JSON text to a validated value, or every fault with its line and key.

The published JSON Schema (broker/policy.schema.json) holds the format; this module words its verdicts
for people and adds what a schema cannot say: duplicate keys, unknown services, exclusive members.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import yaml

from broker.errors import InvalidInput
from broker.settings import duration

#: Bytes of a policy; the largest sensible one is a few kilobytes.
MAX_BYTES = 128 * 1024
_MAX_DEPTH = 40
_MAX_VALUES = 20_000
_SCHEMA = Path(__file__).with_name("policy.schema.json")

Place = tuple[str | int, ...]
#: Raises InvalidInput for an address that webhooks must not go to.
CheckUrl = Callable[[str], object]

#: What YAML calls the values that JSON has too. Everything else, times included, is taken as text or refused.
_TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
_PLAIN_TAGS = {
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
}


@cache
def schema_bytes() -> bytes:
    """The published JSON Schema, as it is served."""
    return _SCHEMA.read_bytes()


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema."""
    found: dict[str, Any] = orjson.loads(schema_bytes())
    return found


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


class _Faults:
    """Collects faults with their place in the text."""

    def __init__(self) -> None:
        self.marks: dict[Place, yaml.Mark] = {}
        self.found: list[dict[str, Any]] = []

    def add(self, place: Place, message: str, mark: yaml.Mark | None = None) -> None:
        """``mark`` overrides where the place stands in the text."""
        fault: dict[str, Any] = {}
        mark = mark or self._nearest(place)
        if mark is not None:
            fault = {"line": mark.line + 1, "column": mark.column + 1}
        fault |= {"key": dotted(place), "message": message}
        if fault not in self.found:
            self.found.append(fault)

    def _nearest(self, place: Place) -> yaml.Mark | None:
        for length in range(len(place), -1, -1):
            if place[:length] in self.marks:
                return self.marks[place[:length]]
        return None

    def stop(self) -> None:
        """Raise when there is any."""
        if not self.found:
            return
        self.found.sort(key=lambda fault: (fault.get("line", 0), fault.get("column", 0)))
        count = len(self.found)
        lines = "; ".join(worded(fault) for fault in self.found[:20])
        raise InvalidInput(
            f"The policy has {count} {'fault' if count == 1 else 'faults'}: {lines}", errors=self.found[:100]
        )


def worded(fault: Mapping[str, Any]) -> str:
    """One line for people: ``line 3, services.x.mdoe: unknown key; did you mean mode?``"""
    where = [f"line {fault['line']}"] if "line" in fault else []
    where += [fault["key"]] if fault.get("key") else []
    return ", ".join(where) + ": " + fault["message"] if where else str(fault["message"])


def dotted(place: Place) -> str:
    """``services.x.rules[0].mode``."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def read(
    document: str | bytes | Mapping[str, Any], services: Collection[str], check_url: CheckUrl | None = None
) -> dict[str, Any]:
    """The document as a valid mapping; raises InvalidInput with all faults."""
    faults = _Faults()
    value = _plain(document, faults) if isinstance(document, Mapping) else _parsed(document, faults)
    faults.stop()
    if not isinstance(value, dict):
        faults.add((), f"a policy is a mapping of keys, not {_kind(value)}; the smallest one is: version: 1")
        faults.stop()
    for error in _validator().iter_errors(value):
        _word_error(error, value, services, faults)
    _beyond_schema(value, services, faults)
    if check_url is not None and not faults.found:
        _check_targets(value, check_url, faults)
    faults.stop()
    found: dict[str, Any] = value
    return found


def _plain(document: Mapping[str, Any], faults: _Faults) -> Any:
    """A mapping that came as JSON: the same value, without anything JSON cannot say."""
    try:
        text = orjson.dumps(document)
        if len(text) > MAX_BYTES:
            faults.add((), f"a policy has at most {MAX_BYTES // 1024} KiB")
            return None
        return orjson.loads(text)
    except (TypeError, ValueError, RecursionError) as wrong:
        faults.add((), f"not a JSON value: {wrong}")
        return None


def _parsed(document: str | bytes, faults: _Faults) -> Any:
    """YAML or JSON text to a value, with the place of every key noted."""
    try:
        raw = document.encode() if isinstance(document, str) else document
        text = raw.decode("utf-8-sig")
    except UnicodeError:
        faults.add((), "the text is not UTF-8")
        return None
    if len(raw) > MAX_BYTES:
        faults.add((), f"a policy has at most {MAX_BYTES // 1024} KiB")
        return None
    if text.lstrip().startswith("{"):
        # JSON may be indented with tabs, which YAML refuses; inside JSON strings they cannot stand unescaped.
        text = text.replace("\t", " ")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as wrong:
        problem = wrong.problem or "not readable"
        faults.add((), f"not valid YAML: {problem}", mark=wrong.problem_mark or wrong.context_mark)
        return None
    except yaml.YAMLError as wrong:
        faults.add((), "not valid YAML: " + " ".join(str(wrong).split())[:200])
        return None
    except RecursionError:
        faults.add((), "nested too deeply")
        return None
    if node is None:
        faults.add((), "the policy is empty; the smallest one is: version: 1")
        return None
    return _Builder(faults).build(node, ())


class _Builder:
    """Nodes to values. Bounded, because aliases let a short text name an endless value."""

    def __init__(self, faults: _Faults) -> None:
        self._faults = faults
        self._count = 0
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, place: Place) -> Any:
        """The node's value; faults are noted and leave None."""
        self._count += 1
        self._faults.marks.setdefault(place, node.start_mark)
        if len(place) > _MAX_DEPTH or self._count > _MAX_VALUES:
            if self._count <= _MAX_VALUES + 1:
                self._faults.add(place[:5], "nested too deeply, or too many values", mark=node.start_mark)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._faults.add(place, "a key must be text", mark=key_node.start_mark)
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in found:
                first = self._faults.marks[here].line + 1
                self._faults.add(here, f"stands twice (first on line {first}); keep one", mark=key_node.start_mark)
                continue
            self._faults.marks[here] = key_node.start_mark
            found[key] = self.build(value_node, here)
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag not in _PLAIN_TAGS:
            self._faults.add(place, f"the YAML tag {node.tag} is not supported; write plain text", mark=node.start_mark)
            return None
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            self._faults.add(place, "not a readable number", mark=node.start_mark)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._faults.add(place, "must be a finite number", mark=node.start_mark)
            return None
        return value


def _word_error(error: jsonschema_rs.ValidationError, value: Any, services: Collection[str], faults: _Faults) -> None:
    """One verdict of the schema, for people."""
    place: Place = tuple(error.instance_path)
    kind: Any = error.kind
    match kind.name:
        case "additionalProperties":
            known = _known_keys(error)
            for name in kind.unexpected:
                faults.add((*place, name), _unknown_key(name, known, services if not place else ()))
        case "required":
            faults.add(place, f"the key {kind.property} is missing")
        case "enum":
            faults.add(place, f"must be one of {', '.join(kind.options)}{_meant(_at(value, place), kind.options)}")
        case "const":
            faults.add(place, f"must be {kind.expected_value}")
        case "type":
            faults.add(place, f"must be {_article(kind.types[0])}, not {_kind(_at(value, place))}")
        case "pattern":
            faults.add(place, _PATTERNS[_definition(error)])
        case _:
            faults.add(place, _lowered(error.message))


_PATTERNS = {
    "ttl": "must be a duration like 7d, 12h, 90m or 1d12h",
    "delay": "must be a duration like 250ms, 5s, 2m or 1h",
    "rule": "must be a method and a path, like POST /v1/charges (* for any method)",
    "webhook": "must be an http or https address without user, password and fragment",
}


def _definition(error: jsonschema_rs.ValidationError) -> str:
    """The name under ``$defs`` whose pattern was broken; the path follows references."""
    return str(error.schema_path[1])


def _known_keys(error: jsonschema_rs.ValidationError) -> list[str]:
    """The keys that the schema beside a broken ``additionalProperties`` names."""
    node: Any = schema()
    for step in error.schema_path[:-1]:
        node = node[step]
    return list(node["properties"])


def _unknown_key(name: str, known: Sequence[str], services: Collection[str]) -> str:
    if name in services:
        return f"unknown key; services stand below the key services (services: {{{name}: ...}})"
    return f"unknown key{_meant(name, known) or '; known ones are ' + ', '.join(known)}"


def _meant(name: Any, known: Collection[str]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _beyond_schema(value: Mapping[str, Any], services: Collection[str], faults: _Faults) -> None:
    """What the schema cannot say."""
    if isinstance(ttl := value.get("ttl"), str):
        _check_duration(ttl, ("ttl",), faults)
    for name, body in _mappings(value.get("services")):
        place = ("services", name)
        if name not in services:
            known = ", ".join(sorted(services)) or "none"
            faults.add(place, f"unknown service{_meant(name, services)}; known ones are {known}")
        if not isinstance(body, dict):
            continue
        for index, rule in _items(body.get("rules")):
            if isinstance(rule, dict) and ("operation" in rule) == ("request" in rule):
                faults.add((*place, "rules", index), "must have either operation or request")
        for index, wait in _items(body.get("webhook_retries")):
            if isinstance(wait, str) and "ms" not in wait:
                _check_duration(wait, (*place, "webhook_retries", index), faults)


def _check_targets(value: Mapping[str, Any], check_url: CheckUrl, faults: _Faults) -> None:
    for name, body in _mappings(value.get("services")):
        for index, target in _items(body.get("webhooks") if isinstance(body, dict) else None):
            try:
                check_url(target["url"])
            except InvalidInput as refused:
                faults.add(("services", name, "webhooks", index, "url"), refused.detail)


def _check_duration(text: str, place: Place, faults: _Faults) -> None:
    try:
        duration(text)
    except ValueError as wrong:
        if "range" in str(wrong):  # the shape is the schema's to refuse
            faults.add(place, str(wrong))


def _mappings(value: Any) -> Iterator[tuple[str, Any]]:
    yield from value.items() if isinstance(value, dict) else ()


def _items(value: Any) -> Iterator[tuple[int, Any]]:
    yield from enumerate(value) if isinstance(value, list) else ()


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "yes/no", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")


def _article(kind: str) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "text", "boolean": "yes or no", "null": "nothing"}
    return names.get(kind, f"an {kind}" if kind[0] in "aeiou" else f"a {kind}")


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
