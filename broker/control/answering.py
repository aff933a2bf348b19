"""The way of one control request: token, method, parameters, body, the route's own function, and its answer.

Every refusal is an RFC 9457 problem. Routes see values that their declaration has already checked.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from broker.control.parts import Parts
from broker.errors import (
    BodyTimeout,
    BrokerError,
    EnvironmentClosed,
    InvalidInput,
    MethodNotAllowed,
    TooLarge,
    Unauthorised,
    UnsupportedMedia,
)
from broker.failures import unexpected
from broker.storage.base import StoreGone

#: Bytes of a control request's body.
MAX_BODY = 1024 * 1024
#: Characters of a name or an id in the path.
MAX_SEGMENT = 200

Schema = Mapping[str, Any]


@dataclass(slots=True)
class Ask:
    """A checked request: path and query parameters by name, coerced; the body's JSON value, None without one; header
    fields by name, in any case, and the body as it came, for signatures."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""


@dataclass(slots=True)
class Answer:
    """An answer that is not simply 200 with a JSON ``value``. ``text`` replaces the value."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | bytes | None = None
    media: str = "application/json"
    #: Replaces both: the bytes one after the other.
    stream: AsyncIterator[bytes] | None = None


Respond = Callable[[Parts, Ask], Awaitable[Any]]
#: Lets a request in, or raises; it has not been checked yet, and its body was not read.
Admit = Callable[[Parts, Request], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query parameter. ``schema`` has one plain ``type``: string, integer or boolean."""

    name: str
    schema: Schema
    about: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation of the control API, and all that its documentation says."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    id: str
    about: str
    respond: Respond
    query: Sequence[Query] = ()
    #: JSON Schema of the body; None for none. ``body_required`` False lets it be absent.
    body: Schema | None = None
    body_required: bool = True
    #: Reads a text/plain body into the value that ``body`` describes; raises ValueError. None: JSON only.
    from_text: Callable[[str], Any] | None = None
    #: The body is the route's own to read, from ``ask.raw``, whatever its media type.
    opaque: bool = False
    #: Bytes of the body.
    max_body: int = MAX_BODY
    #: JSON Schemas of the answers by status, and what else than JSON they may be.
    replies: Mapping[int, Schema] = field(default_factory=dict)
    other_media: Sequence[str] = ()
    json: bool = True
    #: Header fields of a successful answer, with their schemas.
    headers: Mapping[str, Schema] = field(default_factory=dict)
    #: The refusals beyond those that every route has.
    errors: Sequence[type[BrokerError]] = ()
    token: bool = True
    #: Lets in more than the control token alone. All methods of a path share the first one's.
    admit: Admit | None = None
    #: It may wait for something, and changes nothing meanwhile: a server that stops ends it.
    waits: bool = False
    #: The body holds a credential: refusals name its faults without quoting its values.
    secret: bool = False

    @cached_property
    def query_validator(self) -> jsonschema_rs.Draft202012Validator:
        """Of the parameters together, unknown ones refused."""
        return jsonschema_rs.Draft202012Validator(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": {query.name: dict(query.schema) for query in self.query},
                "required": [query.name for query in self.query if query.required],
                "additionalProperties": False,
            }
        )

    @cached_property
    def body_validator(self) -> jsonschema_rs.Draft202012Validator:
        """Of the body."""
        return jsonschema_rs.Draft202012Validator(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **(self.body or {})},
            mask="[hidden]" if self.secret else None,
        )


def check_token(request: Request, token: str) -> None:
    """Raises Unauthorised. Compared in constant time, so that the answer's time tells nothing."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Unauthorised("send the control token: `Authorization: Bearer TOKEN` (the server printed where it is)")
    if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode()):
        raise Unauthorised("this is not the control token; see BROKER_TOKEN, or the file token in the data folder")


def problem(error: BrokerError) -> Response:
    """The RFC 9457 answer of a refusal."""
    body = orjson.dumps(error.problem(), default=str)
    return Response(body, error.status, headers=dict(error.headers), media_type="application/problem+json")


async def answer(parts: Parts, routes: Mapping[str, Route], request: Request) -> Response:
    """One request to a path whose ``routes`` are given by method. Never raises."""
    try:
        return await _answered(parts, routes, request)
    except BrokerError as refused:
        return problem(refused)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is left to read it
    except StoreGone:
        return problem(EnvironmentClosed("the environment is being closed: what it held is deleted"))
    except Exception as failed:
        return problem(unexpected(failed, f"{request.method} {request.url.path}"))


async def _answered(parts: Parts, routes: Mapping[str, Route], request: Request) -> Response:
    first = next(iter(routes.values()))
    if first.admit is not None:
        await first.admit(parts, request)
    elif first.token:
        check_token(request, parts.token)
    route = routes.get("GET" if request.method == "HEAD" else request.method)
    if route is None:
        raise MethodNotAllowed(f"{request.method} is not possible here", allow=sorted(routes))
    path, query = checked_path(request.path_params), _query(route, request.url.query)
    raw = await body_bytes(request, parts.settings.body_timeout_seconds, route.max_body)
    ask = Ask(path=path, query=query, body=_body(route, request, raw), headers=request.headers, raw=raw)
    return _written(await _responded(parts, route, ask))


async def asked(parts: Parts, route: Route, ask: Ask) -> Answer:
    """A request of the server's own pages, checked like one that came over the network; the token was asked for
    before. Raises what the route raises."""
    _validate(route.query_validator, dict(ask.query), "query")
    if route.body is not None and (ask.body is not None or route.body_required):
        _validate(route.body_validator, ask.body, "body")
    return await _responded(parts, route, ask)


async def _responded(parts: Parts, route: Route, ask: Ask) -> Answer:
    if not route.waits:
        given = await route.respond(parts, ask)
    else:
        async with parts.ending.cuts():
            given = await route.respond(parts, ask)
    return given if isinstance(given, Answer) else Answer(given)


def _written(given: Answer) -> Response:
    if given.stream is not None:
        return StreamingResponse(given.stream, given.status, headers=dict(given.headers), media_type=given.media)
    content = given.text if given.text is not None else orjson.dumps(given.value)
    return Response(content, given.status, headers=dict(given.headers), media_type=given.media)


def checked_path(given: Mapping[str, str], longest: int = MAX_SEGMENT) -> Mapping[str, str]:
    """The parameters of a path; raises InvalidInput for what no name and no id can be."""
    for name, value in given.items():
        if "\x00" in value or "\ufffd" in value:
            raise InvalidInput(f"{name} in the path is not readable text")
        if len(value) > longest:
            raise InvalidInput(f"{name} in the path has at most {longest} characters")
    return given


def _query(route: Route, text: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=50)
    except (ValueError, UnicodeError):
        raise InvalidInput("the query is not readable: write name=value pairs, percent-encoded UTF-8") from None
    types = {query.name: query.schema["type"] for query in route.query}
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInput(f"query parameter {name} stands twice", errors=[fault(f"query.{name}", "stands twice")])
        found[name] = _coerced(value, types.get(name, "string"))
    _validate(route.query_validator, found, "query")
    return found


def _coerced(value: str, kind: str) -> Any:
    """What stays text is refused by the schema, in its words."""
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _body(route: Route, request: Request, raw: bytes) -> Any:
    if route.body is None:
        if raw.strip() and not route.opaque:
            raise InvalidInput(f"{route.method} {route.path} takes no body")
        return None
    if not raw.strip():
        if route.body_required:
            raise InvalidInput("a JSON body is required", errors=[fault("body", "is required")])
        return None
    media = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media == "text/plain" and route.from_text is not None:
        value = _plain(route.from_text, raw)
    elif media == "application/json":
        value = _json(raw)
    else:
        raise UnsupportedMedia(f"{media[:80]!r} is not understood here; send application/json")
    _validate(route.body_validator, value, "body")
    return value


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as wrong:
        raise InvalidInput(
            f"the body is not JSON: {wrong.msg} at line {wrong.lineno}, column {wrong.colno}",
            errors=[fault("body", f"not JSON: {wrong.msg}")],
        ) from None


def _plain(from_text: Callable[[str], Any], raw: bytes) -> Any:
    try:
        return from_text(raw.decode())
    except ValueError as wrong:
        raise InvalidInput(f"the body cannot be read: {wrong}", errors=[fault("body", str(wrong))]) from None


async def body_bytes(request: Request, silence_seconds: float, limit: int) -> bytes:
    """All of the body; raises TooLarge, BodyTimeout."""
    declared = request.headers.get("content-length", "0")
    # Compared by length first: a number of thousands of digits is not worth converting.
    if declared.isascii() and declared.isdecimal() and (len(declared) > 12 or int(declared) > limit):
        raise _too_large(limit)
    received: list[bytes] = []
    size = 0
    chunks = request.stream()
    while True:
        try:
            async with asyncio.timeout(silence_seconds):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return b"".join(received)
        except TimeoutError:
            raise BodyTimeout(f"nothing more of the body arrived for {silence_seconds:g} seconds") from None
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        received.append(chunk)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"a request to this path has at most {limit // 1024} KiB")


def fault(where: str, message: str) -> dict[str, str]:
    """One entry of a problem's ``errors``."""
    return {"where": where, "message": message}


def _validate(validator: jsonschema_rs.Draft202012Validator, value: Any, place: str) -> None:
    faults = []
    for error in validator.iter_errors(value):
        where = place + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in error.instance_path)
        faults.append(fault(where[:300], error.message[:300]))
    if faults:
        worded = "; ".join(f"{entry['where']}: {entry['message']}" for entry in faults[:10])
        raise InvalidInput(f"the request has {len(faults)} fault{'s' * (len(faults) > 1)}: {worded}", errors=faults)
