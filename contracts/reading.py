"""Reading one operation's requests: decode, coerce, validate, and say everything that is wrong.

What happens for a valid request is kept short; violations are collected only when a validator says no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import orjson

from contracts import form, multipart
from contracts.coercion import Coercer, Coercion, kind_of
from contracts.contract import Encoding, Match, Operation, Params, Place, Violation
from contracts.exchange import Request
from contracts.form import FormError
from contracts.parameters import Parameter, QueryReader, simple
from contracts.validation import Schema, Validators

#: https://spec.openapis.org/oas/v3.1.0#parameter-object: header parameters of these names are ignored.
_NO_PARAMETERS = {"accept", "content-type", "authorization"}
#: The most telling first: what could not be read at all, then what should not be there, then what should.
_RANK = {"malformed": 0, "too_deep": 0, "content_type": 0, "unknown": 1, "required": 2}
#: How deep JSON may nest: what is stored, shown and compared later is walked recursively.
MAX_JSON_DEPTH = 100
#: A form is decoded at a quarter of a second a MiB, where every byte is escaped.
MAX_OTHER_FORM = 1 << 20
#: How many violations of one request are told.
MAX_VIOLATIONS = 100
_MEDIA = {"form": "application/x-www-form-urlencoded", "json": "application/json", "multipart": "multipart/form-data"}


class OperationReader:
    """Reads the requests of one operation, whose ``details`` are as compiled (library/README.md)."""

    def __init__(
        self, operation: Operation, details: Mapping[str, Any], validators: Validators, *, closed: bool
    ) -> None:
        by_place: dict[str, list[Parameter]] = {"path": [], "query": [], "header": []}
        for parameter in details["parameters"]:
            if parameter["in"] in by_place and parameter["name"].lower() not in _NO_PARAMETERS:
                by_place[parameter["in"]].append(parameter)
        self._path = _Place("path", by_place["path"], validators)
        # Some operations take whatever fields an account has.
        closed = closed and not details.get("open_query")
        self._query = _Place("query", by_place["query"], validators, closed=closed)
        self._header = _Place("header", by_place["header"], validators)
        self._queries = QueryReader(by_place["query"], self._query.coercion)
        self._header_names = [(parameter["name"].lower(), parameter) for parameter in by_place["header"]]
        self._form_is_query = bool(details.get("form_is_query"))
        body = details["body"]
        self._body = None if body is None else _Body(operation.encoding, body, validators)
        #: Other media types that the body may have.
        self._others = {
            other["content_type"]: _Body(other["encoding"], other, validators, other=True)
            for other in (body or {}).get("others", ())
        }

    def read(self, match: Match, request: Request) -> tuple[Params, list[Violation]]:
        """The parameters, and what is wrong with them, most telling first; they hold only where nothing is wrong."""
        params = Params(match.path)
        violations: list[Violation] = []
        if not self._path.plain:
            params.path = self._path.read(self._simple(self._path, match.path), violations)
        if request.query or self._query.required or (self._form_is_query and request.body):
            params.query = self._read_query(request, violations)
        if self._header_names:
            sent = {
                parameter["name"]: value
                for name, parameter in self._header_names
                if (value := request.headers.get(name)) is not None
            }
            if sent or self._header.required:
                params.header = self._header.read(self._simple(self._header, sent), violations)
        if self._body is not None:
            reader = self._other(self._body, request) if self._others and request.body else self._body
            params.body = reader.read(request, violations)
        if len(violations) > 1:
            _order(violations, params)
            del violations[MAX_VIOLATIONS:]
        return params, violations

    def _other(self, body: _Body, request: Request) -> _Body:
        """The reader of the body's own media type."""
        media = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
        return self._others.get(media, body)

    def _read_query(self, request: Request, violations: list[Violation]) -> Any:
        query = request.query
        try:
            if self._form_is_query and request.body:
                sent = form.text_of(request.body)
                query = f"{query}&{sent}" if query else sent
            tree = self._queries.read(query)
        except FormError as error:
            violations.append(Violation("query", error.pointer, error.rule, error.message))
            return {}
        return self._query.read(tree, violations)

    @staticmethod
    def _simple(place: _Place, sent: Mapping[str, str]) -> dict[str, Any]:
        return {
            name: simple(value, place.parameters[name], place.shapes[name]) if name in place.parameters else value
            for name, value in sent.items()
        }


def _order(violations: list[Violation], params: Params) -> None:
    """The most telling first, and among equals in the order in which the caller sent them."""
    sent = {name: position for position, name in enumerate(params)}

    def key(violation: Violation) -> tuple[int, int, str]:
        first = violation.pointer[0] if violation.pointer else ""
        return _RANK.get(violation.rule, 3), sent.get(str(first), len(sent)), violation.where

    violations.sort(key=key)


class _Place:
    """The parameters of one place as one object: coerced and validated together."""

    def __init__(
        self, place: Place, parameters: Sequence[Parameter], validators: Validators, *, closed: bool = False
    ) -> None:
        self.place: Place = place
        self.parameters = {str(parameter["name"]): parameter for parameter in parameters}
        self.required = any(parameter.get("required") for parameter in parameters)
        #: Nothing to coerce or to validate: every parameter is any text.
        self.plain = all(parameter.get("schema") == {"type": "string"} for parameter in parameters)
        self.coercion = Coercion(lambda reference: validators.schemas[reference.removeprefix("#/$defs/")], lone=True)
        self.shapes = {
            name: {kind_of(variant) for variant in self.coercion.variants(parameter.get("schema", {}))}
            for name, parameter in self.parameters.items()
        }
        self._schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: parameter.get("schema", {}) for name, parameter in self.parameters.items()},
            "required": [name for name, parameter in self.parameters.items() if parameter.get("required")],
        }
        if closed:
            self._schema["additionalProperties"] = False
        self._validators = validators
        self._made: tuple[Coercer, jsonschema_rs.Draft202012Validator] | None = None

    def read(self, tree: Mapping[str, Any], violations: list[Violation]) -> Any:
        """The coerced parameters; what they break is added to ``violations``."""
        if self._made is None:
            self._made = (self.coercion.coercer(self._schema), self._validators.compile(self._schema))
        coercer, validator = self._made
        value = coercer(tree)
        if not validator.is_valid(value):
            violations += self._validators.violations(validator, value, self.place)
        return value


class _Body:
    """The body of one operation."""

    def __init__(
        self, encoding: Encoding, body: Mapping[str, Any], validators: Validators, *, other: bool = False
    ) -> None:
        self.encoding = encoding
        #: Beside the operation's own encoding, by which callers bound what they read.
        self.other = other
        self.required = bool(body.get("required"))
        self._media = body.get("content_type") or _MEDIA.get(encoding)
        self._schema: Schema = body.get("schema", {})
        # Stripe's brackets always say that they mean an array; OpenAPI's exploded forms cannot.
        lone = body.get("style") == "form"
        self._coercion = Coercion(lambda reference: validators.schemas[reference.removeprefix("#/$defs/")], lone=lone)
        self._validators = validators
        self._coercer: Coercer | None = None
        self._validator: jsonschema_rs.Draft202012Validator | None = None

    def read(self, request: Request, violations: list[Violation]) -> Any:
        """The decoded body; what it breaks is added to ``violations``."""
        if self.encoding == "bytes":
            return None
        if not request.body and self.encoding == "json":
            if self.required:
                violations.append(Violation("body", (), "required", "is required"))
            return None
        wrong = self._wrong_media(request)
        if wrong is not None:
            violations.append(wrong)
            return None
        if self.other and self.encoding == "form" and len(request.body) > MAX_OTHER_FORM:
            violations.append(Violation("body", (), "malformed", f"is a form of more than {MAX_OTHER_FORM >> 20} MiB"))
            return None
        try:
            value, files = self._decode(request)
        except FormError as error:
            violations.append(Violation("body", error.pointer, error.rule, error.message))
            return None
        if self._validator is None:
            self._validator = self._validators.compile(self._schema)
        if not self._validator.is_valid(value):
            violations += self._validators.violations(self._validator, value, "body")
        return {**value, **files} if files else value

    def _wrong_media(self, request: Request) -> Violation | None:
        sent = request.headers.get("content-type")
        if sent is None or sent == self._media or not request.body or self._media is None:
            return None
        media = sent.partition(";")[0].strip().lower()
        if media == self._media or (self.encoding == "json" and media.endswith("+json")):
            return None
        if self.encoding == "multipart" and media == _MEDIA["form"]:
            return None  # a form without its file: the missing file is what to tell
        return Violation("body", (), "content_type", f"must be {self._media}", self._media, media)

    def _decode(self, request: Request) -> tuple[Any, dict[str, multipart.FilePart]]:
        if self.encoding == "json":
            return _json(request.body), {}
        if self._coercer is None:
            self._coercer = self._coercion.coercer(self._schema)
        content_type = request.headers.get("content-type") if self.encoding == "multipart" else None
        if content_type and content_type.lower().startswith("multipart/"):
            texts, files = [], {}
            for name, part in multipart.parts(request.body, content_type):
                if isinstance(part, multipart.FilePart):
                    files[name] = part
                else:
                    texts.append((name, part))
            # For the schema a file is some text that is there.
            return self._coercer(form.tree([*texts, *((name, "file") for name in files)])), files
        return self._coercer(form.decode(form.text_of(request.body))), {}


def _json(body: bytes) -> Any:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # orjson itself gives up at 1,024 levels.
        if "depth limit" in error.msg:
            raise _too_deep() from error
        raise FormError("malformed", f"is not JSON: {error.msg}") from error
    if body.count(b"{") + body.count(b"[") > MAX_JSON_DEPTH and _depth(value) > MAX_JSON_DEPTH:
        raise _too_deep()
    return value


def _too_deep() -> FormError:
    return FormError("too_deep", f"is nested deeper than {MAX_JSON_DEPTH} levels")


def _depth(value: Any) -> int:
    """How many arrays and objects stand inside each other, without recursion."""
    level, depth = [value], 0
    while level := [node for node in level if type(node) is dict or type(node) is list]:
        depth += 1
        level = [inner for node in level for inner in (node.values() if type(node) is dict else node)]
    return depth
