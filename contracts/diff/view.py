"""One neutral view of a contract for comparing: whatever it was compiled from, its parameters, bodies and answers are
JSON Schemas that refer to each other as ``#/$defs/<name>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.aws import AwsContract
from contracts.aws_model import Member, Shape, Side
from contracts.contract import Contract, Operation
from contracts.openapi import OpenApiContract

Schema = Mapping[str, Any]


class Incomparable(Exception):
    """A contract of a kind that cannot be compared."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request or a header of an answer."""

    name: str
    required: bool
    schema: Schema
    #: How a list or an object is written: ``form``, ``deepObject``, ``simple``.
    style: str | None = None
    explode: bool | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: how it is encoded (contract.Encoding), and its schema where it has one."""

    encoding: str
    required: bool
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status answers. ``headers`` by lower-case name."""

    media: str | None
    schema: Schema | None
    headers: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation. ``parameters`` by place and name: of headers in lower case, of the path by position."""

    id: str
    method: str
    path: str
    parameters: Mapping[tuple[str, str], Parameter]
    body: Body | None
    #: By status, range (``4XX``) or ``default``.
    answers: Mapping[str, Answer]
    #: The names of refusals, where the contract tells them.
    errors: frozenset[str] = frozenset()

    @property
    def address(self) -> tuple[str, str]:
        """What reaches it: the method, and the path without the names of its parameters."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)


@dataclass(frozen=True, slots=True)
class View:
    """A contract. ``closed``: query parameters that an operation does not list are refused."""

    service: str
    version: str
    operations: Mapping[str, OperationView]
    schemas: Mapping[str, Schema]
    closed: bool


def view(contract: Contract) -> View:
    """The view of a contract; raises Incomparable."""
    if isinstance(contract, OpenApiContract):
        return _of_openapi(contract)
    if isinstance(contract, AwsContract):
        return _of_aws(contract)
    raise Incomparable(f"the contract {contract.name} is of a kind that cannot be compared")


# -- OpenAPI-like facts ------------------------------------------------------------------------------


def _of_openapi(contract: OpenApiContract) -> View:
    operations = {name: _operation(each, contract.details(each)) for name, each in contract.operations().items()}
    closed = contract._facts.closed  # noqa: SLF001 - the one fact that only comparing needs, beside the reader
    return View(contract.name, contract.version, operations, contract.schemas, closed)


def _operation(operation: Operation, facts: Mapping[str, Any]) -> OperationView:
    parameters: dict[tuple[str, str], Parameter] = {}
    positions = {name: str(place) for place, name in enumerate(re.findall(r"\{([^}]*)\}", operation.path))}
    for each in facts.get("parameters", ()):
        where, name = each["in"], each["name"]
        key = positions.get(name, name) if where == "path" else name.lower() if where == "header" else name
        schema = each.get("schema", {})
        parameters[where, key] = Parameter(name, each["required"], schema, each.get("style"), each.get("explode"))
    body = _body(operation, facts.get("body"))
    if body is not None and operation.method in ("GET", "DELETE") and body.encoding == "form":
        # A form on a GET or DELETE says the same as its query does.
        parameters |= _spread(body.schema or {})
        body = None
    return OperationView(
        operation.id,
        operation.method,
        operation.path,
        parameters,
        body,
        {status: _answer(answer) for status, answer in facts.get("responses", {}).items()},
    )


def _body(operation: Operation, facts: Mapping[str, Any] | None) -> Body | None:
    if facts is None:
        return None
    schema = facts.get("schema")
    if operation.encoding == "form" and not facts.get("required") and not (schema or {}).get("properties"):
        return None  # a form that nothing can stand in
    return Body(operation.encoding, bool(facts.get("required")), schema)


def _spread(schema: Schema) -> dict[tuple[str, str], Parameter]:
    required = schema.get("required", ())
    return {
        ("query", name): Parameter(name, name in required, member)
        for name, member in schema.get("properties", {}).items()
    }


def _answer(facts: Mapping[str, Any]) -> Answer:
    headers = {
        name.lower(): Parameter(name, bool(held.get("required")), held.get("schema", {}))
        for name, held in facts.get("headers", {}).items()
    }
    return Answer(facts.get("content_type"), facts.get("schema"), headers)


# -- AWS service models --------------------------------------------------------------------------------

_TYPES: Mapping[str, str] = {
    "structure": "object",
    "list": "array",
    "map": "object",
    "string": "string",
    "integer": "integer",
    "long": "integer",
    "boolean": "boolean",
    "timestamp": "string",
    "blob": "string",
}
_PLACES = {"uri": "path", "querystring": "query", "header": "header", "headers": "header"}


def _of_aws(contract: AwsContract) -> View:
    model = contract._model  # noqa: SLF001 - the shapes are what is compared, and no other reader wants them whole
    shapes = _Shapes()
    operations: dict[str, OperationView] = {}
    for name, operation in contract.operations().items():
        raw = model.operations[name]
        given, answered = model.input(name), model.output(name)
        operations[name] = OperationView(
            name,
            operation.method,
            raw["http"]["requestUri"],
            shapes.parameters(given),
            shapes.body(given, operation.encoding),
            {str(operation.success_status): shapes.answer(answered)},
            frozenset(error["shape"] for error in raw.get("errors", ())),
        )
    return View(contract.name, contract.version, operations, shapes.schemas, closed=False)


class _Shapes:
    """A model's shapes as JSON Schemas, by name, as far as operations reach them."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def parameters(self, side: Side | None) -> dict[tuple[str, str], Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        for member in () if side is None else side.shape.members:
            where = _PLACES.get(member.location)
            if side is not None and where is not None:
                key = member.wire.lower() if where == "header" else member.wire
                found[where, key] = Parameter(member.wire, member.name in side.shape.required, self.reference(member))
        return found

    def body(self, side: Side | None, encoding: str) -> Body | None:
        if side is None or (side.payload is None and not side.body):
            return None
        schema, needed = self._document(side)
        return Body(encoding, needed, schema)

    def answer(self, side: Side | None) -> Answer:
        if side is None:
            return Answer(None, None)
        headers = {
            member.wire.lower(): Parameter(member.wire, member.name in side.shape.required, self.reference(member))
            for member in (*side.headers.values(), *side.prefixed)
        }
        if side.payload is None and not side.body:
            return Answer(None, None, headers)
        schema, _ = self._document(side)
        opaque = side.payload is not None and side.payload.shape.type == "blob"
        return Answer("application/octet-stream" if opaque else "application/xml", schema, headers)

    def reference(self, member: Member) -> Schema:
        return self._of(member.shape)

    def _document(self, side: Side) -> tuple[Schema, bool]:
        """The body's schema, and whether something in it is required."""
        if side.payload is not None:
            return self.reference(side.payload), side.payload.name in side.shape.required
        members = {member.wire: self.reference(member) for member in side.body.values()}
        required = [member.wire for member in side.required if member.wire in side.body]
        return {"type": "object", "properties": members, "required": required}, bool(required)

    def _of(self, shape: Shape) -> Schema:
        if shape.type not in ("structure", "list", "map") and shape.enum is None:
            return self._scalar(shape)
        if shape.name not in self.schemas:
            self.schemas[shape.name] = {}  # shapes may contain themselves
            self.schemas[shape.name] = self._composed(shape)
        return {"$ref": f"#/$defs/{shape.name}"}

    def _scalar(self, shape: Shape) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": _TYPES[shape.type]}
        low, high = ("minLength", "maxLength") if shape.type in ("string", "blob") else ("minimum", "maximum")
        if shape.minimum is not None:
            schema[low] = shape.minimum
        if shape.maximum is not None:
            schema[high] = shape.maximum
        if shape.type == "timestamp":
            schema["format"] = "date-time" if shape.timestamp_format is None else shape.timestamp_format
        if shape.type == "long":
            schema["format"] = "int64"
        if shape.enum is not None:
            schema["enum"] = sorted(shape.enum)
        return schema

    def _composed(self, shape: Shape) -> Schema:
        if shape.type == "structure":
            wires = {member.name: member.wire for member in shape.members}
            return {
                "type": "object",
                "properties": {member.wire: self.reference(member) for member in shape.members},
                "required": [wires[name] for name in shape.required if name in wires],
            }
        if shape.type in ("list", "map"):
            element = {} if shape.element is None else self._of(shape.element.shape)
            if shape.type == "map":
                return {"type": "object", "additionalProperties": element}
            limits = {"minItems": shape.minimum, "maxItems": shape.maximum}
            return {"type": "array", "items": element, **{k: v for k, v in limits.items() if v is not None}}
        return self._scalar(shape)
