"""Reads a policy document: YAML or JSON text to a validated value, or every fault with its line and key.

The published JSON Schema (broker/policy.schema.json) holds the format; this module words its verdicts
for people and adds what a schema cannot say: duplicate keys, unknown services, exclusive members.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from broker.errors import InvalidInput
from broker.policy.faults import Faults, Place
from broker.policy.injected import LONGEST
from broker.policy.rules import pause
from broker.settings import INBOX, duration

#: Bytes of a policy; the largest sensible one is a few kilobytes.
MAX_BYTES = 128 * 1024
_SCHEMA = Path(__file__).parent.parent / "policy.schema.json"

#: Raises InvalidInput for an address that webhooks must not go to.
CheckUrl = Callable[[str], object]


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


def read(
    document: str | bytes | Mapping[str, Any], services: Collection[str], check_url: CheckUrl | None = None
) -> dict[str, Any]:
    """The document as a valid mapping; raises InvalidInput with all faults."""
    faults = Faults()
    value = _plain(document, faults) if isinstance(document, Mapping) else _from_text(document, faults)
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


def _plain(document: Mapping[str, Any], faults: Faults) -> Any:
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


def _from_text(document: str | bytes, faults: Faults) -> Any:
    from broker.policy import yaml_text  # PyYAML costs start-up time, and no server needs it before a policy arrives

    raw = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    if len(raw) > MAX_BYTES:
        faults.add((), f"a policy has at most {MAX_BYTES // 1024} KiB")
        return None
    return yaml_text.parse(raw, faults)


def _word_error(error: jsonschema_rs.ValidationError, value: Any, services: Collection[str], faults: Faults) -> None:
    """One verdict of the schema, for people."""
    place = _place(value, error.instance_path)
    instance: Any = error.instance
    kind: Any = error.kind
    match kind.name:
        case "additionalProperties":
            known = _known_keys(error)
            for name in kind.unexpected:
                faults.add((*place, name), _unknown_key(name, known, services if not place else ()))
        case "required":
            faults.add(place, f"the key {kind.property} is missing")
        case "enum":
            faults.add(place, f"must be one of {', '.join(kind.options)}{_meant(instance, kind.options)}")
        case "const":
            faults.add(place, f"must be {kind.expected_value}")
        case "type":
            faults.add(place, f"must be {_article(kind.types[0])}, not {_kind(instance)}")
        case "pattern":
            faults.add(place, _PATTERNS[_definition(error)])
        case _:
            faults.add(place, _lowered(error.message))


_PATTERNS = {
    "ttl": "must be a duration like 7d, 12h, 90m or 1d12h",
    "cassette": "must be a name: letters, digits, dots, _ and -, up to 100 of them",
    "delay": "must be a duration like 250ms, 5s, 2m or 1h",
    "request": "must be a method and a path, like POST /v1/charges (* for any method)",
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


def _beyond_schema(value: Mapping[str, Any], services: Collection[str], faults: Faults) -> None:
    """What the schema cannot say."""
    if isinstance(ttl := value.get("ttl"), str):
        _check_duration(ttl, ("ttl",), faults)
    for name, body in _mappings(value.get("services")):
        place = ("services", name)
        if name not in services and not _is_own(body):
            known = ", ".join(sorted(services)) or "none"
            faults.add(place, f"unknown service{_meant(name, services)}; known ones are {known}")
        if _is_own(body):
            _check_own(name, body, services, faults)
        if not isinstance(body, dict):
            continue
        for part in ("rules", "faults"):
            for index, rule in _items(body.get(part)):
                if isinstance(rule, dict):
                    _check_subject(rule, (*place, part, index), faults)
        for index, fault in _items(body.get("faults")):
            if isinstance(fault, dict):
                _check_fault(fault, (*place, "faults", index), faults)
        for index, wait in _items(body.get("webhook_retries")):
            if isinstance(wait, str) and "ms" not in wait:
                _check_duration(wait, (*place, "webhook_retries", index), faults)


def _check_subject(rule: Mapping[str, Any], place: Place, faults: Faults) -> None:
    if ("operation" in rule) == ("request" in rule):
        faults.add(place, "must have either operation or request")
    if isinstance(rule.get("request"), str) and not _plain_wildcards(rule["request"]):
        faults.add(
            (*place, "request"),
            "** must be a whole segment and stand once; the other segments have one * or {name} at the most",
        )


def _check_fault(fault: Mapping[str, Any], place: Place, faults: Faults) -> None:
    """What an injected fault must say for something to go wrong, and for one thing only."""
    if not any(fault.get(name) for name in ("status", "latency", "reset")):
        faults.add(place, "must have status, latency or reset: something has to go wrong")
    if fault.get("reset") is True and "status" in fault:
        faults.add(place, "must have either status or reset: a connection that is reset brings no answer")
    if "status" not in fault:
        for name in ("code", "message", "details"):
            if name in fault:
                faults.add((*place, name), "is a part of an error: give its status as well")
    if isinstance(latency := fault.get("latency"), str):
        try:
            too_long = pause(latency) > LONGEST
        except ValueError:
            return  # the shape is the schema's to refuse
        if too_long:
            faults.add((*place, "latency"), "must be 5m at the most")


#: A service of the policy's own: a DNS label, and the beginning of the names of its variables.
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
#: Modes that reach a provider.
_REAL = ("sandbox", "record")


def _is_own(body: Any) -> bool:
    """Whether the policy says where the contract of a service is."""
    return isinstance(body, dict) and isinstance(body.get("contract"), str)


def _check_own(name: str, body: Mapping[str, Any], services: Collection[str], faults: Faults) -> None:
    """What a service must be whose contract the policy names."""
    place = ("services", name)
    if name not in services and not _NAME.fullmatch(name):
        faults.add(
            place, "must be a name of 1 to 40 of a-z, 0-9 and -, beginning with a letter: it is part of addresses"
        )
    if name == INBOX:
        faults.add(place, "must be another name: an environment's mails are read there")
    modes: list[tuple[Place, Any]] = [((*place, "mode"), body.get("mode"))]
    modes += [
        ((*place, "rules", index, "mode"), rule.get("mode"))
        for index, rule in _items(body.get("rules"))
        if isinstance(rule, dict)
    ]
    for at, mode in modes if name not in services else ():
        if mode in _REAL:
            faults.add(at, f"there is no driver for {name}: a service that is made from a document has no mode {mode}")


def _plain_wildcards(request: str) -> bool:
    """Whether its pattern is matched in linear time: a policy comes from a pull request, and is asked on every call."""
    segments = request.partition(" ")[2].split("/")
    many = [segment for segment in segments if "**" in segment]
    singles = (segment.count("*") + segment.count("{") for segment in segments if segment not in many)
    return many in ([], ["**"]) and all(count <= 1 for count in singles)


def _check_targets(value: Mapping[str, Any], check_url: CheckUrl, faults: Faults) -> None:
    for name, body in _mappings(value.get("services")):
        for index, target in _items(body.get("webhooks") if isinstance(body, dict) else None):
            try:
                check_url(target["url"])
            except InvalidInput as refused:
                faults.add(("services", name, "webhooks", index, "url"), refused.detail)


def _check_duration(text: str, place: Place, faults: Faults) -> None:
    try:
        duration(text)
    except ValueError as wrong:
        if "range" in str(wrong):  # the shape is the schema's to refuse
            faults.add(place, str(wrong))


def _mappings(value: Any) -> Iterator[tuple[str, Any]]:
    yield from value.items() if isinstance(value, dict) else ()


def _items(value: Any) -> Iterator[tuple[int, Any]]:
    yield from enumerate(value) if isinstance(value, list) else ()


def _place(value: Any, path: Sequence[str | int]) -> Place:
    """A validator's path as keys and indexes: it takes a key that looks like a number for an index."""
    found: list[str | int] = []
    for step in path:
        here = str(step) if isinstance(value, dict) else step
        found.append(here)
        try:
            value = value[here]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(found)


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "yes/no", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")


def _article(kind: str) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "text", "boolean": "yes or no", "null": "nothing"}
    return names.get(kind, f"an {kind}" if kind[0] in "aeiou" else f"a {kind}")


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
