"""Query, header and path parameters in the styles that OpenAPI 3 knows (https://spec.openapis.org/oas/v3.1.0#style-values).

Answers trees of text, shaped like their schemas; types come later (``contracts/coercion.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from contracts.coercion import Coercion, kind_of
from contracts.form import FormError, Tree, decode, unquote

Parameter = Mapping[str, Any]

_DELIMITERS = {"spaceDelimited": ("%20", " ", "+"), "pipeDelimited": ("|", "%7C", "%7c")}
_NOTHING: Tree = {}


class QueryReader:
    """Reads the query strings of one operation."""

    def __init__(self, parameters: Sequence[Parameter], coercion: Coercion) -> None:
        self._parameters = {str(parameter["name"]): parameter for parameter in parameters}
        self._shapes = {
            name: {kind_of(variant) for variant in coercion.variants(parameter.get("schema", {}))}
            for name, parameter in self._parameters.items()
        }
        self._members = {
            member: name
            for name, parameter in self._parameters.items()
            if _style(parameter) == "form" and parameter.get("explode", True) and "object" in self._shapes[name]
            for variant in coercion.variants(parameter["schema"])
            for member in variant.get("properties", ())
        }
        #: Whether one pass over the brackets reads the whole query.
        self._brackets = not self._members and all(
            _style(parameter) == "deepObject" or self._is_flat(name) for name, parameter in self._parameters.items()
        )

    def _is_flat(self, name: str) -> bool:
        parameter = self._parameters[name]
        return _style(parameter) == "form" and "content" not in parameter and (
            bool(parameter.get("explode", True)) or not self._shapes[name] & {"array", "object"}
        )  # fmt: skip

    def read(self, query: str) -> Tree:
        """The parameters of a query string, and whatever else it names. Raises FormError."""
        if self._brackets:
            return decode(query)
        tree: Tree = {}
        deep: list[str] = []
        for piece in query.split("&"):
            if not piece:
                continue
            raw_name, _, raw = piece.partition("=")
            name = unquote(raw_name.replace("+", " "))
            parameter = self._parameters.get(name)
            if parameter is None and name in self._members:
                tree.setdefault(self._members[name], {})[name] = unquote(raw.replace("+", " "))
            elif parameter is None or _style(parameter) == "deepObject":
                deep.append(piece)
            else:
                self._put(tree, name, parameter, raw)
        if deep:
            tree |= decode("&".join(deep))
        return tree

    def _put(self, tree: Tree, name: str, parameter: Parameter, raw: str) -> None:
        shapes = self._shapes[name]
        if "content" in parameter:
            tree[name] = json_value(unquote(raw.replace("+", " ")), name)
        elif parameter.get("explode", _style(parameter) == "form") or not shapes & {"array", "object"}:
            value = unquote(raw.replace("+", " "))
            before = tree.get(name)
            tree[name] = value if before is None else [*(before if type(before) is list else [before]), value]
        else:
            pieces = [raw]
            for delimiter in _DELIMITERS.get(_style(parameter), (",",)):
                pieces = [part for piece in pieces for part in piece.split(delimiter)]
            tree[name] = listed([unquote(piece.replace("+", " ")) for piece in pieces], shapes)


def _style(parameter: Parameter) -> str:
    return str(parameter.get("style", "form"))


def simple(value: str, parameter: Parameter, shapes: set[str | None]) -> Any:
    """The style of path and header parameters: ``a,b,c``, and ``name,value`` or ``name=value`` pairs for objects."""
    if "content" in parameter:
        return json_value(value, str(parameter["name"]))
    if not shapes & {"array", "object"}:
        return value
    pieces = value.split(",")
    if "object" in shapes and parameter.get("explode", False):
        return {name: text for name, _, text in (piece.partition("=") for piece in pieces)}
    return listed(pieces, shapes)


def listed(pieces: list[str], shapes: set[str | None]) -> Any:
    """Pieces between delimiters as the elements of an array, or as the names and values of an object."""
    if "array" in shapes:
        return pieces
    return dict(zip(pieces[::2], pieces[1::2], strict=False))


def json_value(text: str, name: str) -> Any:
    """A parameter whose content is JSON. Raises FormError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FormError("malformed", "is not JSON", (name,)) from error
