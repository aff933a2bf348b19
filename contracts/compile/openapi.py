"""An OpenAPI 3.0 or 3.1 document to a compiled contract: resolved, merged, and free of prose.

Schemas become JSON Schema 2020-12 (https://spec.openapis.org/oas/v3.1.0#schema-object): 3.0's ``nullable`` and boolean
exclusive limits are rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
import yaml

from contracts.compile.document import CompiledDocument, CompileError, Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
#: Words for people, and members that say nothing about the wire.
_PROSE = {"description", "title", "example", "examples", "externalDocs", "summary", "xml", "$schema", "$comment", "$id"}
_SCHEMA_MAPS = {"properties", "patternProperties", "dependentSchemas", "$defs"}
_SCHEMA_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_SCHEMAS = {
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip
#: Answers that HTTP leaves without a body (RFC 9110, 15.3.5, 15.3.6, 15.4.5), whatever the document says.
BODILESS = {"204", "205", "304"}
_ENCODINGS = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}
#: What reading raises where a document is not formed as OpenAPI says.
_ODD = (KeyError, TypeError, AttributeError, ValueError)
DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def parse(content: bytes) -> dict[str, Any]:
    """The document, from JSON or YAML. Raises CompileError when it is neither, or no OpenAPI 3 document."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            document = yaml.load(content, _PlainLoader)  # noqa: S506 - a SafeLoader with fewer types
        except yaml.YAMLError as error:
            raise CompileError(f"neither JSON nor YAML: {error}") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise CompileError("no OpenAPI 3 document: it has no `openapi: 3.x`")
    return document


def compile_operation(
    path: str, method: str, described: Mapping[str, Any], schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    """The facts of one operation at its whole ``path``, which no document of its provider has: OpenAPI 3.1's form,
    the contract's ``schemas`` by ``#/components/schemas/<name>``."""
    return _Reader({"openapi": "3.1.0", "components": {"schemas": schemas}}).operation(path, method, {}, described)


def compile_parameter(described: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of one parameter in OpenAPI 3.1's form."""
    return _Reader({"openapi": "3.1.0"}).parameter(described, described["in"])


class _PlainLoader(yaml.SafeLoader):
    """YAML as JSON has it: a date is text, and a number or a boolean that is a member's name is text too."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def compile_document(name: str, document: Mapping[str, Any], *, closed: bool = True) -> CompiledDocument:
    """The contract called ``name`` of a parsed document.

    ``closed`` tells that the document lists every query parameter there is: others are refused. Raises CompileError for
    references that lead nowhere and for forms of document that are not supported.
    """
    reader = _Reader(document)
    try:
        schemas = {
            plain_name(key): reader.schema(schema)
            for key, schema in document.get("components", {}).get("schemas", {}).items()
        }
    except _ODD as odd:
        raise CompileError(f"components.schemas are no schemas of OpenAPI 3 ({odd!r})") from odd
    version = str(document.get("info", {}).get("version", "0"))
    return CompiledDocument(name, version, list(reader.operations()), schemas, closed)


class _Reader:
    """One document being read."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.old = str(document["openapi"]).startswith("3.0")

    def operations(self) -> Iterator[dict[str, Any]]:
        """Every operation, with the path of its server before its own."""
        for path, item in self.document.get("paths", {}).items():
            item = self.resolved(item)
            for method in METHODS:
                if method in item:
                    try:
                        yield self.operation(path, method, item, item[method])
                    except _ODD as odd:
                        raise CompileError(f"{method.upper()} {path} is no operation of OpenAPI 3 ({odd!r})") from odd

    def operation(
        self, path: str, method: str, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> dict[str, Any]:
        identity = operation.get("operationId") or made_up_id(method, path)
        servers = operation.get("servers") or item.get("servers") or self.document.get("servers") or [{}]
        full = server_path(servers[0]) + path
        body = self._body(operation.get("requestBody"))
        responses = {str(status): self._answer(str(status), one) for status, one in operation["responses"].items()}
        if not any(status.startswith(("2", "default")) for status in responses):
            responses["200"] = {}  # a document that lists refusals only still means that the operation can succeed
        return {
            "id": identity,
            "method": method.upper(),
            "path": full,
            "resource": None,
            "action": action_of(method, full),
            "encoding": "none" if body is None else body.pop("encoding"),
            "success_status": success_of(responses),
            "parameters": self._parameters(item.get("parameters", []), operation.get("parameters", [])),
            "body": body,
            "responses": responses,
        }

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node that a reference leads to, through any number of references."""
        for _ in range(32):
            if "$ref" not in node:
                return node
            node = self._at(str(node["$ref"]))
        raise CompileError(f"{node['$ref']} leads in a circle")

    def _at(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/"):
            raise CompileError(f"{reference} leads out of the document")
        node: Any = self.document
        for step in reference[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or step not in node:
                raise CompileError(f"{reference} leads nowhere")
            node = node[step]
        if not isinstance(node, Mapping):
            raise CompileError(f"{reference} leads to no object")
        return node

    def _parameters(self, shared: Sequence[Any], own: Sequence[Any]) -> list[dict[str, Any]]:
        """The path item's parameters and the operation's, which win; cookies are nobody's API and left out."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for node in (*shared, *own):
            parameter = self.resolved(node)
            place = parameter["in"]
            if place != "cookie":
                found[(place, parameter["name"])] = self.parameter(parameter, place)
        return [found[key] for key in sorted(found)]

    def parameter(self, parameter: Mapping[str, Any], place: str) -> dict[str, Any]:
        style = parameter.get("style", DEFAULT_STYLE[place])
        if place == "path" and style != "simple":
            raise CompileError(f"path parameter {parameter['name']}: style {style} is not supported")
        compiled = {
            "name": parameter["name"],
            "in": place,
            "required": bool(parameter.get("required", place == "path")),
            "style": style,
            "explode": bool(parameter.get("explode", style == "form")),
        }
        if "content" in parameter:
            media, described = next(iter(parameter["content"].items()))
            return {**compiled, "content": media, "schema": self.schema(described.get("schema", {}))}
        return {**compiled, "schema": self.schema(parameter.get("schema", {}))}

    def _body(self, node: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if node is None:
            return None
        body = self.resolved(node)
        content = body.get("content", {})
        if not content:
            return None
        media = next((media for media in content if encoding_of(media) != "bytes"), next(iter(content)))
        schema = self.schema(content[media].get("schema", {}))
        required = bool(body.get("required", False))
        encoding = encoding_of(media)
        compiled = {"content_type": media, "encoding": encoding, "required": required, "schema": schema}
        return {**compiled, "style": "form"} if encoding in ("form", "multipart") else compiled

    def _answer(self, status: str, node: Mapping[str, Any]) -> dict[str, Any]:
        content = self.resolved(node).get("content", {})
        if not content or status in BODILESS:
            return {}
        media = next((media for media in content if encoding_of(media) == "json"), next(iter(content)))
        answer: dict[str, Any] = {"content_type": media.partition(";")[0].strip().lower()}
        if encoding_of(media) == "json" and content[media].get("schema"):
            answer["schema"] = self.schema(content[media]["schema"])
        return answer

    def schema(self, node: Any) -> Any:
        """A schema without its prose, in 2020-12, that refers to others as ``#/$defs/<name>``."""
        if not isinstance(node, Mapping):
            return node
        if "$ref" in node:
            return self._reference(node)
        compiled: Schema = {}
        for key, value in node.items():
            if key in _PROSE or key.lower().startswith("x-"):
                continue
            if key in _SCHEMA_MAPS:
                compiled[key] = {name: self.schema(member) for name, member in value.items()}
            elif key in _SCHEMA_LISTS:
                compiled[key] = [self.schema(member) for member in value]
            elif key in _SCHEMAS:
                compiled[key] = self.schema(value)
            elif key == "discriminator":
                compiled[key] = discriminator_of(value)
            else:
                compiled[key] = value
        return modern(compiled) if self.old else compiled

    def _reference(self, node: Mapping[str, Any]) -> Schema:
        reference = str(node["$ref"])
        prefix, _, name = reference.rpartition("/")
        if prefix != "#/components/schemas":
            return dict(self.schema(self._at(reference)))
        self._at(reference)
        compiled: Schema = {"$ref": f"#/$defs/{plain_name(name)}"}
        if not self.old:
            siblings = self.schema({key: value for key, value in node.items() if key != "$ref"})
            compiled |= siblings
        return compiled


def modern(schema: Schema) -> Schema:
    """3.0's dialect to 2020-12's: ``nullable``, boolean exclusive limits."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)
    # https://spec.openapis.org/oas/v3.0.3#fixed-fields-20: nullable widens the `type` beside it; alone it is nothing.
    if schema.pop("nullable", False) and "type" in schema:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    return schema


def discriminator_of(node: Mapping[str, Any]) -> dict[str, Any]:
    compiled: dict[str, Any] = {"propertyName": node["propertyName"]}
    if "mapping" in node:
        compiled["mapping"] = {
            value: "#/$defs/" + plain_name(str(target).rpartition("/")[2]) for value, target in node["mapping"].items()
        }
    return compiled


def plain_name(name: str) -> str:
    """A schema's name as it can stand in a reference."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def encoding_of(media: str) -> str:
    plain = media.partition(";")[0].strip().lower()
    return "json" if plain.endswith("+json") else _ENCODINGS.get(plain, "bytes")


def server_path(server: Mapping[str, Any]) -> str:
    """The path of a server's address: SendGrid's document has paths without ``/v3``, which its server's address has."""
    url = str(server.get("url", ""))
    for name, variable in server.get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable["default"]))
    return urlsplit(url).path.rstrip("/")


def success_of(responses: Mapping[str, Any]) -> int:
    """The first status that means success; 200 when only ranges or a default are listed."""
    return min((int(status) for status in responses if status.startswith("2") and status.isdigit()), default=200)


def action_of(method: str, path: str) -> str:
    """What the method and the end of the path say: an item ends in a parameter, a collection does not."""
    if path.rstrip("/").endswith("}"):
        return {"get": "retrieve", "put": "update", "patch": "update", "delete": "delete"}.get(method, "other")
    return {"get": "list", "post": "create"}.get(method, "other")


def made_up_id(method: str, path: str) -> str:
    """An id for an operation that has none: ``get_things_id``."""
    return "_".join([method, *re.findall(r"[A-Za-z0-9]+", path)])
