"""Python type annotations of the stripe SDK, read as text, to JSON Schema.

Only syntax is looked at: the SDK is never imported, so compiling cannot run its code.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from contracts.compile.document import CompileError, Schema
from contracts.compile.stripe_syntax import (
    Package,
    Scope,
    alternatives,
    annotated,
    elements,
    has_deleted,
    is_typed_dict,
    nested,
    object_name,
    table,
    typed_members,
)

_SIMPLE: Mapping[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    # stripe/_encode.py: a Decimal travels as a string, both ways.
    "Decimal": {"type": "string", "format": "decimal"},
    "Any": {},
    "object": {},
}

#: stripe/_encode.py: some fields are one type in Python and a string on the wire.
_WIRE: Mapping[str, Schema] = {
    "int64_string": {"type": "string", "format": "int64"},
    "decimal_string": {"type": "string", "format": "decimal"},
}

_LISTS = {
    # stripe/_list_object.py; `url` and `has_more` are always there.
    "stripe._list_object": ("list", ("has_more", "url")),
    "stripe.v2._list_object": (None, ("next_page_url",)),
    "stripe._search_result_object": ("search_result", ("has_more", "url")),
    "stripe.v2._search_result_object": (None, ("next_page_url", "total_count")),
}
_LIST_MEMBERS: Mapping[str, Schema] = {
    "has_more": {"type": "boolean"},
    "url": {"type": "string"},
    # https://docs.stripe.com/api/pagination/search (2026-11): null on the last page, though the SDK says str.
    "next_page": {"type": ["string", "null"]},
    "next_page_url": {"type": ["string", "null"]},
    "previous_page_url": {"type": ["string", "null"]},
    "total_count": {"type": "integer"},
}


class Types:
    """Annotations to schemas. Top-level SDK objects become ``schemas`` and are referred to; the rest stands inline.
    ``finish`` completes ``schemas``; parameter objects refuse unknown members, objects of answers do not.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.schemas: dict[str, Schema] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._busy: list[str] = []
        self._pending: list[tuple[str, ast.ClassDef, Scope]] = []

    def schema(self, annotation: ast.expr, scope: Scope) -> Schema:
        """The schema of one annotation. Raises CompileError for a form that the SDK did not have before."""
        match annotation:
            case ast.Constant(value=str() as text):
                return self.schema(ast.parse(text, mode="eval").body, scope)
            case ast.Constant(value=None):
                return {"type": "null"}
            case ast.Name() | ast.Attribute():
                return self._named(annotation, scope)
            case ast.BinOp():
                return self._union(list(alternatives(annotation)), scope)
            case ast.Subscript(value=ast.Name(id=base), slice=inner):
                return self._subscript(base, inner, scope)
        raise CompileError(f"{scope.module.name}: {ast.unparse(annotation)} is no known form of annotation")

    def object_name(self, annotation: ast.expr, scope: Scope) -> str | None:
        """The name of the SDK object that an annotation means, looking through lists; None for unions and others."""
        match annotation:
            case ast.Constant(value=str() as text):
                return self.object_name(ast.parse(text, mode="eval").body, scope)
            case ast.Subscript(slice=inner):
                return self.object_name(inner, scope)
            case ast.Name(id=name):
                found = self.schema(annotation, scope).get("$ref")
                return str(found).removeprefix("#/$defs/") if found and name not in _SIMPLE else None
        return None

    def _subscript(self, base: str, inner: ast.expr, scope: Scope) -> Schema:
        match base:
            case "NotRequired":
                return self.schema(inner, scope)
            case "Optional":
                return nullable(self.schema(inner, scope))
            case "List":
                return {"type": "array", "items": self.schema(inner, scope)}
            case "Literal":
                return _literal(inner)
            case "Union":
                return self._union(elements(inner), scope)
            case "Dict":
                return {"type": "object", "additionalProperties": self.schema(elements(inner)[1], scope)}
            case "UntypedStripeObject":
                return {"type": "object", "additionalProperties": self.schema(inner, scope)}
            case "ExpandableField":
                return self._expandable(inner, scope)
            case "ListObject" | "SearchResultObject":
                return self._page(base, inner, scope)
        raise CompileError(f"{scope.module.name}: {base}[...] is no known form of annotation")

    def _union(self, parts: Sequence[ast.expr], scope: Scope) -> Schema:
        variants: list[Schema] = []
        for part in parts:
            variant = self.schema(part, scope)
            for one in variant["anyOf"] if set(variant) == {"anyOf"} else [variant]:
                if one not in variants:
                    variants.append(one)
        return _joined(variants)

    def _expandable(self, inner: ast.expr, scope: Scope) -> Schema:
        """An id, or the object when the caller asked to expand it; a deleted object may stand there too."""
        targets = elements(inner.slice) if isinstance(inner, ast.Subscript) else [inner]
        variants = [self.schema(target, scope) for target in targets]
        names = [str(variant["$ref"]).removeprefix("#/$defs/") for variant in variants if "$ref" in variant]
        variants += [{"$ref": f"#/$defs/deleted_{name}"} for name in names if f"deleted_{name}" in self.schemas]
        expandable: Schema = {"anyOf": [{"type": "string"}, *variants]}
        if names:
            expandable["x-expands"] = names
        return expandable

    def _page(self, base: str, inner: ast.expr, scope: Scope) -> Schema:
        origin, _ = scope.module.imports[base]
        kind, required = _LISTS[origin]
        definition = self.package.module(origin).classes[base]
        members = [name for name, _ in annotated(definition)]
        properties: Schema = {name: _LIST_MEMBERS[name] for name in members if name != "data"}
        properties["data"] = {"type": "array", "items": self.schema(inner, scope)}
        needed = ["data", *required]
        if kind:
            properties["object"] = {"const": kind}
            needed.append("object")
        if origin == "stripe._search_result_object":
            properties |= {"has_more": {"type": "boolean"}, "url": {"type": "string"}}
        return {"type": "object", "properties": properties, "required": sorted(needed)}

    def _named(self, annotation: ast.Name | ast.Attribute, scope: Scope) -> Schema:
        dotted = ast.unparse(annotation).split(".")
        if len(dotted) == 1 and dotted[0] in _SIMPLE:
            return dict(_SIMPLE[dotted[0]])
        found, definition = self._find(dotted, scope)
        if is_typed_dict(definition, found.module):
            return self._typed_dict(definition, found)
        if found.classes:
            return self._object(definition, found)
        return {"$ref": f"#/$defs/{self._keep(definition, found)}"}

    def _find(self, dotted: Sequence[str], scope: Scope) -> tuple[Scope, ast.ClassDef]:
        """The class that a name means, and the scope that it is defined in: inner classes first, then the module's,
        then imported ones."""
        first, *rest = dotted
        for depth in range(len(scope.classes), 0, -1):
            inner = nested(scope.classes[depth - 1], first)
            if inner is not None:
                return self._descend(Scope(scope.module, scope.classes[:depth]), inner, rest)
        if first in scope.module.classes:
            return self._descend(Scope(scope.module), scope.module.classes[first], rest)
        if first not in scope.module.imports:
            raise CompileError(f"{scope.module.name}: {first} is defined nowhere")
        origin, name = scope.module.imports[first]
        module = self.package.module(origin)
        if name not in module.classes:
            raise CompileError(f"{scope.module.name}: {name} is not a class of {origin}")
        return self._descend(Scope(module), module.classes[name], rest)

    def _descend(self, scope: Scope, definition: ast.ClassDef, rest: Sequence[str]) -> tuple[Scope, ast.ClassDef]:
        for name in rest:
            scope, inner = scope.inside(definition), nested(definition, name)
            if inner is None:
                raise CompileError(f"{scope.module.name}: {definition.name} has no {name}")
            definition = inner
        return scope, definition

    def _keep(self, definition: ast.ClassDef, scope: Scope) -> str:
        """Put a top-level object among the schemas, once, and answer its name there."""
        key = (scope.module.name, definition.name)
        name = self._names.get(key)
        if name is not None:
            return name
        name = object_name(definition, scope.module)
        if name in self.schemas:
            raise CompileError(f"{key}: {name} is another object's name already")
        self._names[key] = name
        # Members are read later: objects refer to each other in circles, and to very many others.
        self.schemas[name] = {}
        if has_deleted(definition):
            self.schemas[f"deleted_{name}"] = {}
        self._pending.append((name, definition, scope))
        return name

    def finish(self) -> None:
        """Read the members of every object that was referred to, and of those that they refer to in turn."""
        while self._pending:
            name, definition, scope = self._pending.pop()
            self.schemas[name] = self._object(definition, scope)
            if has_deleted(definition):
                self.schemas[f"deleted_{name}"] = self._deleted(definition, scope)

    def _object(self, definition: ast.ClassDef, scope: Scope) -> Schema:
        encodings, renames = table(definition, "_field_encodings"), table(definition, "_field_remappings")
        inner = scope.inside(definition)
        properties: Schema = {}
        required = []
        for field_name, statement in annotated(definition):
            if field_name.startswith("_") or ast.unparse(statement.annotation).startswith(("ClassVar", "Type[")):
                continue
            wire = renames.get(field_name, field_name)
            optional = ast.unparse(statement.annotation).startswith("Optional[")
            schema = self.schema(statement.annotation, inner)
            if field_name in encodings:
                schema = _encoded(schema, encodings[field_name])
            properties[wire] = schema
            if not optional:
                required.append(wire)
        result: Schema = {"type": "object", "properties": properties}
        if required:
            result["required"] = sorted(required)
        return result

    def _deleted(self, definition: ast.ClassDef, scope: Scope) -> Schema:
        """What is left of an object in the answer to its deletion: id, object and ``deleted: true``."""
        full = dict(annotated(definition))
        inner = scope.inside(definition)
        properties: Schema = {"deleted": {"const": True}}
        for name in ("id", "object"):
            if name in full:
                properties[name] = self.schema(full[name].annotation, inner)
        return {"type": "object", "properties": properties, "required": sorted(properties)}

    def _typed_dict(self, definition: ast.ClassDef, scope: Scope) -> Schema:
        """A parameter object: exactly its members, those without NotRequired required."""
        key = f"{scope.module.name}.{definition.name}"
        if key in self._busy:
            raise CompileError(f"{key} contains itself")
        self._busy.append(key)
        properties: Schema = {}
        required = []
        for name, annotation in typed_members(definition, scope.module):
            properties[name] = self.schema(annotation, scope)
            if not ast.unparse(annotation).strip("'\"").startswith("NotRequired["):
                required.append(name)
        self._busy.pop()
        result: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            result["required"] = sorted(required)
        return result


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if not schema:
        return schema
    if isinstance(schema.get("type"), str):
        widened = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema:
            widened["enum"] = [*schema["enum"], None]
        return widened
    if "const" in schema:
        return {"enum": [schema["const"], None]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _joined(variants: list[Schema]) -> Schema:
    """One schema for a union. The SDK writes ``Literal[...] | str`` so that callers may pass values which are newer
    than it; the API itself has a closed enum there (its OpenAPI document says ``enum``), so ``str`` is dropped
    beside literals. The empty literal alone means that a string may be unset, which every string already allows."""
    enums = [variant for variant in variants if "enum" in variant]
    values = [value for variant in enums for value in variant["enum"]]
    rest = [variant for variant in variants if "enum" not in variant]
    if any(value != "" for value in values):
        rest = [variant for variant in rest if variant != {"type": "string"}]
    elif {"type": "string"} in rest:
        values = []
    if values:
        rest.append({"type": "string", "enum": values})
    return rest[0] if len(rest) == 1 else {"anyOf": rest}


def _literal(inner: ast.expr) -> Schema:
    values = [ast.literal_eval(element) for element in elements(inner)]
    if values == [True]:
        return {"const": True}
    if not all(isinstance(value, str) for value in values):
        raise CompileError(f"Literal[{ast.unparse(inner)}] is neither text nor True")
    return {"type": "string", "enum": values}


def _encoded(schema: Schema, encoding: str) -> Schema:
    kind = schema.get("type")
    if kind == "array" or (isinstance(kind, list) and "array" in kind):
        return {**schema, "items": _encoded(schema["items"], encoding)}
    wire = dict(_WIRE[encoding])
    return nullable(wire) if isinstance(kind, list) else wire
