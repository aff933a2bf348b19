"""What a document says is sent: callbacks to the address that a call names, webhooks when an object is made, changed or
deleted.

The event that is stored holds the method and the body that are sent, under an id and a type of our own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from contracts import generate, scalars
from contracts.contract import ResourceShape
from contracts.exchange import Headers, Request
from contracts.generate import Either, Schema
from contracts.openapi import OpenApiContract
from mocks.base import Call, Reply, Result, State, Target
from mocks.generic.roles import Deed

#: Where the addresses of a call's callbacks wait for the end of the call.
_WAITING: Final = "generic.callbacks"
_KEY: Final = "now"
#: An expression of https://spec.openapis.org/oas/v3.0.3#runtime-expressions, alone or in braces.
_EXPRESSION: Final = re.compile(r"\{(\$[^{}]{1,300})\}")
_URL: Final = re.compile(r"https?://[!-~]{1,2000}")

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: What a webhook's name calls a deed.
_DEEDS: Final[Mapping[str, Deed]] = {
    **dict.fromkeys(("create", "created", "creation", "new", "add", "added", "made", "insert", "inserted"), "create"),
    **dict.fromkeys(("update", "updated", "change", "changed", "modified", "edited", "patched"), "update"),
    **dict.fromkeys(("delete", "deleted", "deletion", "remove", "removed", "destroyed"), "delete"),
}
#: What stands in such names and says nothing.
_FILLERS: Final = frozenset({"on", "event", "webhook", "hook", "notification", "was", "is", "has", "been", "a", "the"})
#: Members that hold the object in the body of a webhook, the likeliest first.
_WRAPPERS: Final = ("data", "object", "payload", "resource", "record", "entity", "item", "body", "content")
#: Members that say what happened.
_TYPES: Final = ("type", "event", "event_type", "eventType", "event_name", "eventName", "topic", "action", "name")


def deed_of(name: str, shapes: Sequence[str]) -> tuple[str, Deed] | None:
    """The resource, one of ``shapes``, and what is done to it, where a webhook's name tells both: ``contact.created``,
    ``newContact``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    deeds = {_DEEDS[word] for word in words if word in _DEEDS}
    nouns = {_one(word) for word in words if word not in _DEEDS and word not in _FILLERS}
    if len(deeds) != 1 or not nouns:
        return None
    for shape in shapes:
        whole = {_one(word.lower()) for part in shape.split(".") for word in _WORDS.findall(part)}
        last = {_one(word.lower()) for word in _WORDS.findall(shape.rpartition(".")[2])}
        if nouns in (whole, last):
            return shape, next(iter(deeds))
    return None


def _one(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


async def call_back(call: Call, callbacks: Sequence[Mapping[str, Any]], contract: OpenApiContract, result: Any) -> None:
    """Emit the callbacks whose address the call, or its answer, tells."""
    found: list[dict[str, str]] = []
    for callback in callbacks:
        url = address(callback["url"], call, result)
        if url is None:
            continue
        event = f"callback.{callback['name']}"
        sent = _told(result)
        given: Any = {**call.params.path, **_members(call.params.body), **_members(sent)}
        body = generate.example(callback["schema"], contract.schemas, seed=call.seed, given=given, now=call.now)
        _emit(call, event, callback["method"], body)
        found.append({"url": url, "type": event})
    if found:
        await call.state.put(_WAITING, _KEY, {"targets": found})


async def targets(state: State, unseal: Callable[[str], str]) -> Sequence[Target]:
    """Where the callbacks of the call that ends go, once; nothing signs them."""
    waiting = await state.get(_WAITING, _KEY)
    if waiting is None:
        return ()
    await state.delete(_WAITING, _KEY)
    return [Target(one["url"], "", (one["type"],)) for one in waiting["targets"]]


def send(
    call: Call, webhook: Mapping[str, Any], contract: OpenApiContract, shape: ResourceShape, record: Mapping[str, Any]
) -> None:
    """Emit a webhook about an object."""
    schema: Schema = webhook["schema"]
    flat = generate.flattened(schema, contract.schemas)
    properties: Mapping[str, Any] = flat.get("properties", {})
    noun = shape.name.rpartition(".")[2]
    wrapper = next((name for name in (noun, *_WRAPPERS) if name in properties and name not in record), None)
    given: dict[str, Any] = dict(record)
    if wrapper is not None:
        inside = generate.flattened(properties[wrapper], contract.schemas).get("properties", {})
        deeper = next((name for name in ("object", noun) if name in inside and name not in record), None)
        inner = dict(record) if deeper is None else {deeper: dict(record)}
        given = {wrapper: inner, **dict.fromkeys(_TYPES, webhook["name"])}
        given |= {"id": call.new_id("evt_"), "created": Either((scalars.unix(call.now), scalars.iso(call.now)))}
    body = generate.example(schema, contract.schemas, seed=call.seed, given=given, now=call.now)
    # A document may leave open what is sent: then it is the object.
    _emit(call, webhook["name"], webhook["method"], body if schema else dict(record))


def _emit(call: Call, event: str, method: str, body: Any) -> None:
    call.emit(event, {"id": call.new_id("evt_"), "type": event, "method": method.upper(), "body": body})


def signed(payload: Mapping[str, Any], target: Target, time: datetime) -> Request:
    """The delivery of an event. With a secret it is signed as https://www.standardwebhooks.com says: ``webhook-id``,
    ``webhook-timestamp``, and ``webhook-signature: v1,base64(HMAC-SHA256(key, "id.timestamp.body"))``."""
    body = orjson.dumps(payload["body"])
    url = urlsplit(target.url)
    fields = [("content-type", "application/json"), ("user-agent", "preview-broker")]
    if target.secret:
        stamp = str(int(time.timestamp()))
        text = f"{payload['id']}.{stamp}.".encode() + body
        secrets = [target.secret, *(secret for secret, until in target.also if time < until)]
        signature = " ".join(f"v1,{_signature(secret, text)}" for secret in secrets)
        fields += [
            ("webhook-id", str(payload["id"])),
            ("webhook-timestamp", stamp),
            ("webhook-signature", signature),
        ]
    return Request(
        method=str(payload["method"]),
        path=url.path or "/",
        query=url.query,
        headers=Headers(fields),
        body=body,
        host=url.netloc,
        scheme=url.scheme,
    )


def secret(text: Callable[[int, str], str]) -> tuple[str, None]:
    """The ``make`` of a credential that signs deliveries so."""
    key = text(32, string.ascii_letters + string.digits)
    return "whsec_" + base64.b64encode(key.encode()).decode(), None


def _signature(secret: str, text: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def address(template: str, call: Call, result: Result) -> str | None:
    """The address that a callback's expression means; None where a part of it is nowhere told, or it is no address."""
    wanted = "{" + template + "}" if template.startswith("$") else template
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        value = evaluated(found[1], call, result)
        missing = missing or value is None
        return value or ""

    url = _EXPRESSION.sub(fill, wanted)
    return url if not missing and _URL.fullmatch(url) else None


def evaluated(expression: str, call: Call, result: Result) -> str | None:
    """The text that a runtime expression means; None where there is none."""
    source, _, pointer = expression.partition("#")
    side, _, place = source.partition(".")
    kind, _, name = place.partition(".")
    value: Any = None
    if side == "$url":
        value = call.request.sent_path or call.request.path
    elif side == "$method":
        value = call.request.method
    elif side == "$request" and kind == "body":
        value = _at(call.params.body, pointer)
    elif side == "$request" and kind == "query":
        value = dict(parse_qsl(call.request.query)).get(name)
    elif side == "$request" and kind == "header":
        value = call.request.headers.get(name.lower())
    elif side == "$request" and kind == "path":
        value = call.params.path.get(name)
    elif side == "$response" and kind == "body":
        value = _at(_told(result), pointer)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and len(name) < 6 and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _told(result: Result) -> Any:
    return result.value if isinstance(result, Reply) else result


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
