"""What matches look at: an exchange, a mail, an event, a delivery, each as one JSON document.

Bodies are told as values where they are JSON or forms. They come from the journal, which hides secrets and keeps the
first part of what is long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson

from broker.redact import HIDDEN
from broker.storage.base import Attempt, Delivery, Event, Exchange
from broker.verification.values import MISSING, Address, Fields, Wire

#: Names and levels that a form's brackets may make.
_NAMES, _LEVELS = 2000, 10
_BY_PATH = re.compile(r"/e/[^/]+/[^/]+(?=/)")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_LINK = re.compile(r"https?://[^\s<>\"'\])}]+")


def moment(at: Any) -> str | None:
    """ISO 8601 in UTC: texts that sort as the times do."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def exchange(found: Exchange) -> dict[str, Any]:
    """One call and its answer. ``path`` is the provider's own, ``url`` what was sent."""
    path, _, query = found.path.partition("?")
    return {
        "id": found.id,
        "at": moment(found.at),
        "service": found.service,
        "operation": found.operation,
        "mode": found.mode,
        "fidelity": found.fidelity,
        "method": found.method,
        "path": _BY_PATH.sub("", path, count=1) if path.startswith("/e/") else path,
        "url": found.path,
        "query": _several(parse_qsl(query, keep_blank_values=True, errors="replace")),
        "status": found.status,
        "duration_ms": found.duration_ms,
        "violations": [dict(violation) for violation in found.violations],
        "incident": found.incident,
        "scope": found.scope,
        "request": _side(found.request_headers, found.request_body, found.request_size),
        "response": {
            "status": found.status,
            **_side(found.response_headers, found.response_body, found.response_size),
        },
    }


def event(found: Event) -> dict[str, Any]:
    """An event as its targets hear of it."""
    return {
        "id": found.id,
        "service": found.service,
        "type": found.type,
        "created_at": moment(found.created_at),
        "scope": found.scope,
        "payload": shown(found.payload),
    }


def delivery(found: Delivery, of: Event, tried: Sequence[Attempt]) -> dict[str, Any]:
    """An event on its way to one target, and how that went. ``answers`` are the statuses of its attempts."""
    last = tried[-1] if tried else None
    return {
        "id": found.id,
        "event": found.event_id,
        "service": found.service,
        "type": of.type,
        "target": found.url,
        "endpoint": found.endpoint,
        "status": found.status,
        "attempts": len(tried),
        "answers": [each.status for each in tried],
        "answer": None if last is None else last.status,
        "error": None if last is None else last.error,
        "created_at": moment(found.created_at),
        "next_at": moment(found.next_at),
        "scope": found.scope,
        "payload": shown(of.payload),
    }


def shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Without what only the signing of a delivery needs."""
    return {name: value for name, value in payload.items() if not name.startswith("_")}


def mail(found: Mapping[str, Any]) -> dict[str, Any]:
    """A mail, its people by their addresses alone (``people`` has their names), and the links of its text and HTML."""
    groups = {group: list(found.get(group) or ()) for group in ("to", "cc", "bcc", "reply_to")}
    sender = found.get("sender") or {}
    text, html = found.get("text"), found.get("html")
    return {
        **{name: value for name, value in found.items() if name not in (*groups, "sender", "headers")},
        "from": Address(sender.get("email") or ""),
        **{group: _addresses(people) for group, people in groups.items()},
        "recipients": _addresses(person for group in ("to", "cc", "bcc") for person in groups[group]),
        "people": {"from": dict(sender), **groups},
        "headers": Fields({name.lower(): Wire(value) for name, value in (found.get("headers") or {}).items()}),
        "links": links(text, html),
    }


def links(text: str | None, html: str | None) -> list[str]:
    """Each address that a mail leads to, once."""
    found = [link.rstrip(".,;:!?") for link in _LINK.findall(text or "")]
    found += [link.replace("&amp;", "&") for link in _LINK.findall(html or "")]
    return list(dict.fromkeys(found))


def _addresses(people: Iterable[Mapping[str, Any]]) -> list[Address]:
    return [Address(person.get("email") or "") for person in people]


def _side(headers: Sequence[tuple[str, str]], text: str | None, size: int) -> dict[str, Any]:
    fields = _several((name.lower(), value) for name, value in headers)
    return {
        "headers": Fields(fields),
        "body": _body(text, str(next((value for name, value in headers if name.lower() == "content-type"), ""))),
        "text": text,
        "size": size,
    }


def _several(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What occurs once is a text, what occurs several times an array of them."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = Wire(value)
        elif isinstance(found[name], list):
            found[name].append(Wire(value))
        else:
            found[name] = [found[name], Wire(value)]
    return found


def _body(text: str | None, media: str) -> Any:
    if text is None:
        return None
    if "x-www-form-urlencoded" in media:
        return form(text)
    if "json" in media or text[:1] in ("{", "["):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def form(text: str) -> Any:
    """A form's fields, with ``a[b]`` and ``a[0][b]`` as objects and arrays; the text itself where it is none."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_NAMES)
    except ValueError:
        return text
    found: dict[str, Any] = {}
    for name, value in pairs:
        first, bracket, rest = name.partition("[")
        steps = [first, *_BRACKET.findall(bracket + rest)][:_LEVELS]
        _put(found, steps, Wire(value))
    return _arrays(found)


def _put(into: dict[str, Any], steps: list[str], value: Wire) -> None:
    for step in steps[:-1]:
        inside = into.setdefault(step, {})
        if not isinstance(inside, dict):
            return  # a name that is a value and has members: the value stays
        into = inside
    last = steps[-1]
    if last == "":
        into[str(len(into))] = value
    elif isinstance(into.get(last, MISSING), Wire):
        into[last] = [into[last], value]
    elif isinstance(into.get(last), list):
        into[last].append(value)
    else:
        into[last] = value


def _arrays(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isascii() and name.isdecimal() for name in value):
        return [_arrays(value[name]) for name in sorted(value, key=lambda name: (len(name), name))]
    return {name: _arrays(each) for name, each in value.items()}


def doubts(document: Mapping[str, Any], place: str, actual: Any) -> str | None:
    """Why a difference in an exchange may be none: what the journal does not keep."""
    side, _, rest = place.partition(".")
    part = document.get(side)
    if side not in ("request", "response") or not isinstance(part, Mapping):
        return None
    if HIDDEN in orjson.dumps(actual, default=str).decode():
        return "the journal hides secrets"
    text = part.get("text")
    if rest.startswith(("body", "text")) and isinstance(part.get("size"), int):
        if text is None and part["size"]:
            return "the journal keeps no body that is not text"
        if text is not None and len(text.encode("utf-8", "replace")) < part["size"]:
            return "the journal keeps the first part of this body only"
    return None
