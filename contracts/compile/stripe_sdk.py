"""The typed stripe SDK, read as text, to a compiled contract: every operation of every service.

Operations come from the service files, parameters from ``stripe/params``, objects from the resource files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contracts.compile.document import CompiledDocument, CompileError, Schema
from contracts.compile.stripe_syntax import Package, Scope
from contracts.compile.stripe_types import Types

_ROOTS = (("stripe._v1_services", ""), ("stripe._v2_services", "v2."))
_REQUESTS = {"_request", "_request_stream", "request"}
_ACTIONS = {"create", "retrieve", "update", "delete", "list", "search"}
#: Written by hand in the SDK and not listed among the v1 services.
_OAUTH = ("stripe._oauth_service", "OAuthService", "oauth")


def compile_sdk(folder: Path) -> tuple[CompiledDocument, Package]:
    """The contract of the SDK whose package folder is given, and the files that were read for it.

    Raises CompileError when the SDK holds a form that this reader does not know.
    """
    package = Package(folder)
    types = Types(package)
    operations = [_operation(types, *found) for found in service_methods(package)]
    error = _error(types)
    types.finish()
    schemas = {**types.schemas, "error": error}
    return CompiledDocument("stripe", api_version(package), operations, schemas, objects=True), package


def api_version(package: Package) -> str:
    """The API version that the SDK was made for (``2026-10-28.endive``)."""
    text = ast.unparse(package.module("stripe._api_version").tree)
    found = re.search(r"CURRENT = '([^']+)'", text)
    if found is None:
        raise CompileError("stripe/_api_version.py names no CURRENT version")
    return found[1]


def service_methods(package: Package) -> Iterator[tuple[str, Scope, ast.FunctionDef]]:
    """Every method of every service that makes a request: (operation id, scope, definition), async twins left out."""
    for root, prefix in _ROOTS:
        yield from _walk(package, root, prefix)
    module = package.module(_OAUTH[0])
    yield from _methods(Scope(module), module.classes[_OAUTH[1]], f"{_OAUTH[2]}.")


def _walk(package: Package, module_name: str, prefix: str) -> Iterator[tuple[str, Scope, ast.FunctionDef]]:
    module = package.module(module_name)
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "_subservices":
            for attribute, (inner, class_name) in ast.literal_eval(statement.value).items():
                child = package.module(inner)
                yield from _methods(Scope(child), child.classes[class_name], f"{prefix}{attribute}.")
                yield from _walk(package, inner, f"{prefix}{attribute}.")


def _methods(scope: Scope, definition: ast.ClassDef, prefix: str) -> Iterator[tuple[str, Scope, ast.FunctionDef]]:
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and _request_of(statement) is not None:
            yield prefix + statement.name, scope, statement


def _request_of(method: ast.FunctionDef) -> ast.Call | None:
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _REQUESTS:
            return node
    return None


def _operation(types: Types, identity: str, scope: Scope, method: ast.FunctionDef) -> dict[str, Any]:
    call = _request_of(method)
    if call is None or method.returns is None:
        raise CompileError(f"{identity}: a service method without request or answer")
    verb = ast.literal_eval(call.args[0]).upper()
    path = _path(identity, call.args[1])
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    address = ast.literal_eval(keywords["base_address"])
    if "_param_encodings" in keywords or (path.startswith("/v2/") and path.endswith("/search")):
        raise CompileError(f"{identity}: a parameter encoding that this reader does not know yet")
    params = _params(types, scope, method)
    encoding = _encoding(verb, path, method)
    answer = _answer(types, scope, method.returns, verb, identity)
    operation: dict[str, Any] = {
        "id": identity,
        "method": verb,
        "path": path,
        "resource": types.object_name(method.returns, scope),
        "action": method.name if method.name in _ACTIONS else "other",
        "encoding": encoding,
        "success_status": 200,
        "base": address,
        "parameters": [*_path_parameters(path), *([] if encoding != "none" else _query_parameters(params))],
        "body": None if encoding == "none" else {"required": "required" in params, "schema": params},
        "responses": {"200": answer, "default": _json({"$ref": "#/$defs/error"})},
    }
    if verb == "DELETE" and path.startswith("/v1/"):
        # The SDK sends the parameters of a DELETE in the query, other callers in a form: Stripe's OpenAPI document
        # (github.com/stripe/openapi, spec3) describes them as one.
        operation["form_is_query"] = True
    if ast.unparse(call.func).endswith("_request_stream"):
        operation["streams_response"] = True
    return operation


def _path(identity: str, node: ast.expr) -> str:
    """The template of ``"/v1/x/{id}".format(id=sanitize_id(id))``, or the plain path."""
    template = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    if isinstance(template, ast.Constant) and isinstance(template.value, str):
        return template.value
    raise CompileError(f"{identity}: {ast.unparse(node)} is no known form of path")


def _encoding(verb: str, path: str, method: ast.FunctionDef) -> str:
    """stripe/_api_requestor.py: POST carries a form in v1 and JSON in v2; GET and DELETE use the query."""
    if verb != "POST":
        return "none"
    if "multipart/form-data" in ast.unparse(method):
        return "multipart"
    return "json" if path.startswith("/v2/") else "form"


def _params(types: Types, scope: Scope, method: ast.FunctionDef) -> Schema:
    arguments = [*method.args.posonlyargs, *method.args.args]
    annotation = next((a.annotation for a in arguments if a.arg == "params"), None)
    empty: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    if annotation is None:
        return empty
    if isinstance(annotation, ast.Subscript):  # Optional["CustomerCreateParams"]
        annotation = annotation.slice
    params = types.schema(annotation, scope)
    if "properties" not in params:
        raise CompileError(f"{ast.unparse(annotation)} is no parameter object")
    return params


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "style": "simple",
            "explode": False,
            "schema": {"type": "string"},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(params: Schema) -> list[dict[str, Any]]:
    """Stripe's own OpenAPI document gives nested parameters and arrays the style ``deepObject``."""
    required = params.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "style": "form" if schema.get("type") in _SCALARS else "deepObject",
            "explode": True,
            "schema": schema,
        }
        for name, schema in params["properties"].items()
    ]


_SCALARS = ("string", "integer", "number", "boolean")


def _answer(types: Types, scope: Scope, returns: ast.expr, verb: str, identity: str) -> dict[str, Any]:
    text = ast.unparse(returns).strip("'\"")
    if text == "None":
        return {}
    if text == "Any":  # the one answer that is a file: stripe/_quote_service.py
        return {"content_type": "application/pdf"}
    if text == "StripeObject":
        return _json({"type": "object"})
    schema = types.schema(returns, scope)
    names = [
        str(variant["$ref"]).removeprefix("#/$defs/") for variant in schema.get("anyOf", [schema]) if "$ref" in variant
    ]
    gone = [f"deleted_{name}" for name in names if f"deleted_{name}" in types.schemas]
    if verb == "DELETE" and gone and not identity.endswith(".cancel"):
        names = gone
    elif verb == "GET":
        names += gone
    if not names:
        return _json(schema)
    refs = [{"$ref": f"#/$defs/{name}"} for name in names]
    return _json(refs[0] if len(refs) == 1 else {"anyOf": refs})


def _json(schema: Schema) -> dict[str, Any]:
    return {"content_type": "application/json", "schema": schema}


def _error(types: Types) -> Schema:
    """https://docs.stripe.com/api/errors (2026-11): every refusal is ``{"error": {...}}``; which members it has depends
    on what went wrong."""
    module = types.package.module("stripe._error_object")
    scope = Scope(module)
    members: Mapping[str, Schema] = {
        statement.target.id: types.schema(statement.annotation, scope)
        for statement in module.classes["ErrorObject"].body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    error = {"type": "object", "properties": dict(members)}
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}
