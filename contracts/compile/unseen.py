"""An OpenAPI document that nobody here has looked at, to a compiled contract: tolerant, bounded, and telling.

What cannot be used is left out and told (``Unseen.notes``), with its place; what would be a danger is a CompileError.
Beside the contract it answers what only a mock of the whole document needs: security schemes, examples, callbacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from contracts import documents
from contracts.compile import circles
from contracts.compile.document import CompiledDocument, CompileError
from contracts.compile.openapi import (
    BODILESS,
    DEFAULT_STYLE,
    METHODS,
    action_of,
    encoding_of,
    made_up_id,
    server_path,
    success_of,
)
from contracts.compile.unseen_schemas import UnseenSchemas

_JSON: Final = "application/json"
_PARAMETER: Final = re.compile(r"\{([^{}/]+)\}")
#: What an operation and a document may have at the most.
MOST_OPERATIONS: Final = 10_000
_MOST_PARAMETERS: Final = 500
_MOST_NOTES: Final = 500
_MOST_CALLBACKS: Final = 20
_ENCODINGS: Final = ("json", "form", "multipart", "bytes")
_MOST_EXAMPLE: Final = 200_000
#: What a query or a path can be written as; other styles are read as the default.
_STYLES: Final = {"query": ("form", "spaceDelimited", "pipeDelimited", "deepObject")}


@dataclass(slots=True)
class Unseen:
    """What became of a document. ``extras`` is JSON: ``schemes`` (security schemes by name), ``base`` (the path of its
    server), ``webhooks`` (``name``, ``method`` and ``schema`` of each), ``title``."""

    contract: CompiledDocument
    extras: dict[str, Any]
    #: What was left out, each with its place.
    notes: list[str] = field(default_factory=list)

    def files(self) -> dict[str, bytes]:
        """The files of the compiled contract, with the extras as one more."""
        extras = {**self.extras, "notes": self.notes}
        try:
            return {**self.contract.files(), "extras.json": orjson.dumps(extras, option=orjson.OPT_SORT_KEYS)}
        except TypeError as wrong:
            raise CompileError(f"the document holds text that is no Unicode: {wrong}") from wrong


def compile_unseen(name: str, document: Mapping[str, Any]) -> Unseen:
    """The contract called ``name`` of a document that ``contracts.documents`` has read. Raises CompileError."""
    return _UnseenReader(name, document).whole()


class _UnseenReader:
    """One document being read."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name = name
        self.document = document
        self.notes: dict[str, None] = {}
        self.schemas = UnseenSchemas(document, self.tell)
        self._ids: set[str] = set()
        self._places: set[tuple[str, str]] = set()

    def tell(self, place: str, words: str) -> None:
        """Note what is left out."""
        if len(self.notes) < _MOST_NOTES:
            self.notes[f"{place[:300]}: {words}"] = None

    def whole(self) -> Unseen:
        """The document, compiled."""
        operations = list(self._operations())
        if not operations:
            raise CompileError("paths: the document has no operation")
        webhooks = self._webhooks()
        self.schemas.finish()
        circles.bound(self.schemas.schemas, self.tell)
        version = _mapping(self.document.get("info")).get("version", "0")
        contract = CompiledDocument(
            self.name, str(version)[:100], operations, self.schemas.schemas, closed=False, wrapped=True
        )
        schemes = {
            str(name): scheme
            for name, node in _mapping(_mapping(self.document.get("components")).get("securitySchemes")).items()
            if (scheme := _scheme(self._resolved(node, f"#/components/securitySchemes/{name}"))) is not None
        }
        extras = {
            "base": self._server(self.document),
            "schemes": schemes,
            "title": str(_mapping(self.document.get("info")).get("title", self.name))[:200],
            "webhooks": webhooks,
        }
        return Unseen(contract, extras, list(self.notes))

    def _operations(self) -> Iterator[dict[str, Any]]:
        count = 0
        for path, node in _mapping(self.document.get("paths")).items():
            place = f"#/paths/{path}"
            item = self._resolved(node, place)
            plain = path.partition("?")[0].partition("#")[0]
            if not plain.startswith("/") or len(plain) > 1_000 or plain.count("{") != len(_PARAMETER.findall(plain)):
                if not path.startswith("x-"):
                    self.tell(place, "is no path that can be called")
                continue
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    count += 1
                    if count > MOST_OPERATIONS:
                        raise CompileError(f"{place}: the document has more than {MOST_OPERATIONS:,} operations")
                    yield from self._operation(plain, method, item, item[method], f"{place}/{method}")

    def _operation(
        self, path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any], place: str
    ) -> Iterator[dict[str, Any]]:
        servers = next((one for one in (operation, item, self.document) if one.get("servers")), {})
        full = self._server(servers) + path
        if (method, full) in self._places:
            self.tell(place, "stands at a path that another operation has already")
            return
        self._places.add((method, full))
        body = self._body(operation.get("requestBody"), f"{place}/requestBody")
        responses = {
            _status(status): self._answer(_status(status), node, f"{place}/responses/{status}")
            for status, node in _mapping(operation.get("responses")).items()
            if re.fullmatch(r"[1-5](\d\d|XX)|default", _status(status))
        }
        if not any(status.startswith(("2", "3", "default")) for status in responses):
            responses["200"] = {}
        yield {
            "id": self._id(operation.get("operationId"), method, path),
            "method": method.upper(),
            "path": full,
            "resource": None,
            "action": action_of(method, full),
            "encoding": "none" if body is None else body.pop("encoding"),
            "success_status": _success_of(responses),
            "parameters": self._parameters(full, item.get("parameters"), operation.get("parameters"), place),
            "body": body,
            "responses": responses,
            "security": self._security(operation),
            "callbacks": self._callbacks(operation.get("callbacks"), place),
        }

    def _id(self, wanted: Any, method: str, path: str) -> str:
        name = wanted[:200] if isinstance(wanted, str) and wanted else made_up_id(method, path)
        name = re.sub(r"\s+", "_", name.strip()) or made_up_id(method, path)
        found, number = name, 2
        while found in self._ids:
            found, number = f"{name}_{number}", number + 1
        self._ids.add(found)
        return found

    def _server(self, node: Mapping[str, Any]) -> str:
        servers = node.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else {}
        try:
            path = server_path(first)
        except (ValueError, KeyError, TypeError, AttributeError):
            return ""
        return path if path.startswith("/") and "{" not in path else ""

    def _resolved(self, node: Any, place: str) -> Mapping[str, Any]:
        """The node that a reference leads to; an empty one where it leads nowhere."""
        for _ in range(32):
            if not isinstance(node, Mapping):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            if not reference.startswith("#"):
                self.tell(place, f"{reference[:200]} leads out of the document")
                return {}
            try:
                node = documents.at(self.document, reference)
            except CompileError as wrong:
                self.tell(place, str(wrong))
                return {}
        raise CompileError(f"{place}: the reference leads in a circle")

    def _parameters(self, path: str, shared: Any, own: Any, place: str) -> list[dict[str, Any]]:
        """The path item's and the operation's, which win; every name in the path is a parameter."""
        names = _PARAMETER.findall(path)
        found: dict[tuple[str, str], dict[str, Any]] = {}
        nodes = [*(shared if isinstance(shared, list) else ()), *(own if isinstance(own, list) else ())]
        if len(nodes) > _MOST_PARAMETERS:
            raise CompileError(f"{place}/parameters: there are more than {_MOST_PARAMETERS}")
        for node in nodes:
            parameter = self._resolved(node, place)
            where, name = parameter.get("in"), parameter.get("name")
            if where not in ("path", "query", "header") or not isinstance(name, str) or not name:
                continue
            if where == "path" and name not in names:
                self.tell(f"{place}/parameters", f"{name[:100]} does not stand in the path")
                continue
            found[(where, name)] = self._parameter(parameter, where, name, f"{place}/parameters/{name}")
        for name in names:
            if ("path", name) not in found:
                found[("path", name)] = {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "style": "simple",
                    "explode": False,
                    "schema": {"type": "string"},
                }
        return [found[key] for key in sorted(found)]

    def _parameter(self, parameter: Mapping[str, Any], where: str, name: str, place: str) -> dict[str, Any]:
        style = parameter.get("style")
        if style not in _STYLES.get(where, ()):
            if style not in (None, DEFAULT_STYLE[where]):
                self.tell(place, f"the style {str(style)[:50]} is read as {DEFAULT_STYLE[where]}")
            style = DEFAULT_STYLE[where]
        compiled = {
            "name": name,
            "in": where,
            "required": where == "path" or parameter.get("required") is True,
            "style": style,
            "explode": parameter["explode"] if isinstance(parameter.get("explode"), bool) else style == "form",
        }
        content = _mapping(parameter.get("content"))
        if content:
            media, described = next(iter(content.items()))
            schema = self.schemas.schema(_mapping(described).get("schema"), "request", place)
            return {**compiled, "content": media, "schema": schema}
        return {**compiled, "schema": self.schemas.schema(parameter.get("schema"), "request", place)}

    def _body(self, node: Any, place: str) -> dict[str, Any] | None:
        body = self._resolved(node, place)
        content = {_media(media): described for media, described in _mapping(body.get("content")).items()}
        if not content:
            return None
        # JSON first where it is one of several.
        ordered = sorted(content, key=lambda media: _ENCODINGS.index(encoding_of(media)))
        main, *others = [self._in_media(media, content[media], place) for media in ordered]
        more = [other for other in others[:10] if other["encoding"] != "bytes"]
        compiled = {
            **main,
            "required": body.get("required") is True,
            "read_only": self._read_only(_mapping(content[ordered[0]]).get("schema"), place),
        }
        return {**compiled, "others": more} if more else compiled

    def _in_media(self, media: str, described: Any, place: str) -> dict[str, Any]:
        """A body in one of its media types."""
        encoding = encoding_of(media)
        schema = self.schemas.schema(_mapping(described).get("schema"), "request", f"{place}/{media}")
        compiled = {"content_type": media, "encoding": encoding, "schema": schema}
        return {**compiled, "style": "form"} if encoding in ("form", "multipart") else compiled

    def _read_only(self, node: Any, place: str) -> list[str]:
        """The members of a body that callers do not set."""
        found: list[str] = []
        waiting, seen = [node], 0
        while waiting and seen < 50:
            seen += 1
            flat = self._resolved(waiting.pop(), place)
            parts = flat.get("allOf")
            waiting += parts if isinstance(parts, list) else []
            found += [
                name
                for name, part in _mapping(flat.get("properties")).items()
                if isinstance(part, Mapping) and part.get("readOnly") is True
            ]
        return sorted(set(found))

    def _answer(self, status: str, node: Any, place: str) -> dict[str, Any]:
        response = self._resolved(node, place)
        content = {_media(media): described for media, described in _mapping(response.get("content")).items()}
        if not content or status in BODILESS or status.startswith("1"):
            return {}
        media = next((media for media in content if encoding_of(media) == "json"), next(iter(content)))
        described = _mapping(content[media])
        answer: dict[str, Any] = {"content_type": media}
        if len(content) > 1:
            answer["others"] = sorted(set(content) - {media})[:20]
        if encoding_of(media) == "json" and described.get("schema"):
            answer["schema"] = self.schemas.schema(described["schema"], "response", f"{place}/{media}")
        if examples := self._examples(described, place):
            answer["examples"] = examples
        return answer

    def _examples(self, described: Mapping[str, Any], place: str) -> dict[str, Any]:
        """Declared examples by name; the one without a name is called ``""``."""
        found: dict[str, Any] = {}
        if "example" in described:
            found[""] = described["example"]
        for name, node in list(_mapping(described.get("examples")).items())[:50]:
            example = self._resolved(node, place)
            if "value" in example:
                found[str(name)[:200]] = example["value"]
        return {name: value for name, value in found.items() if _small(value)}

    def _security(self, operation: Mapping[str, Any]) -> list[list[str]]:
        """Which schemes together let a caller in, as alternatives; none of them where everybody may call."""
        wanted = operation.get("security", self.document.get("security"))
        return [sorted(map(str, one)) for one in wanted if isinstance(one, Mapping)] if isinstance(wanted, list) else []

    def _callbacks(self, node: Any, place: str) -> list[dict[str, Any]]:
        """What the provider calls back, with the expression that says where (``{$request.body#/callbackUrl}``)."""
        found: list[dict[str, Any]] = []
        for name, one in _mapping(node).items():
            for expression, item in self._resolved(one, place).items():
                if "$" in expression and len(found) < _MOST_CALLBACKS:
                    told = {"name": name[:200], "url": expression[:1_000]}
                    found += [{**told, **sent} for sent in self._sent(item, f"{place}/callbacks/{name}")]
        return found

    def _webhooks(self) -> list[dict[str, Any]]:
        """What the provider sends by itself: 3.1's ``webhooks``, and what documents before it call so."""
        found = {**_mapping(self.document.get("x-webhooks")), **_mapping(self.document.get("webhooks"))}
        return [
            {"name": str(name)[:200], **sent}
            for name, item in sorted(found.items())[:_MOST_PARAMETERS]
            for sent in self._sent(item, f"#/webhooks/{name}")
        ]

    def _sent(self, item: Any, place: str) -> Iterator[dict[str, Any]]:
        """The methods of a path item that is called at others, with the schemas of what is sent."""
        for method, operation in self._resolved(item, place).items():
            if method in METHODS and isinstance(operation, Mapping):
                content = _mapping(self._resolved(operation.get("requestBody"), place).get("content"))
                json = next((one for media, one in content.items() if encoding_of(_media(media)) == "json"), None)
                yield {"method": method, "schema": self.schemas.schema(_mapping(json).get("schema"), "response", place)}


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def _status(status: Any) -> str:
    text = str(status)
    return text if text == "default" else text.upper()


def _success_of(responses: Mapping[str, Any]) -> int:
    """The first status that means success; a redirection where that is all that a call leads to."""
    if any(status.startswith(("2", "default")) for status in responses):
        return success_of(responses)
    return min((int(status) for status in responses if status.startswith("3") and status.isdigit()), default=200)


def _media(media: Any) -> str:
    """A media type as it is compared; a range that JSON is one of means JSON."""
    plain = str(media).partition(";")[0].strip().lower()
    return _JSON if plain in ("*/*", "application/*", "application/*+json", "", "*", "text/json", "json") else plain


def _small(value: Any) -> bool:
    try:
        return len(orjson.dumps(value)) <= _MOST_EXAMPLE
    except TypeError:
        return False


def _scheme(node: Mapping[str, Any]) -> dict[str, str] | None:
    """Where a security scheme has its credential: ``in`` is header, query, cookie, bearer, basic or other, and ``name``
    what carries it."""
    kind, scheme = node.get("type"), str(node.get("scheme", "")).lower()
    if kind == "apiKey" and node.get("in") in ("header", "query", "cookie") and isinstance(node.get("name"), str):
        return {"in": node["in"], "name": node["name"]}
    if kind == "http" and scheme == "basic":
        return {"in": "basic", "name": "authorization"}
    if kind in ("oauth2", "openIdConnect") or (kind == "http" and scheme == "bearer"):
        return {"in": "bearer", "name": "authorization"}
    return None if kind is None else {"in": "other", "name": str(node.get("name", scheme or kind))[:100]}
