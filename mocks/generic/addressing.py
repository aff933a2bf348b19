"""Ids as the answers and the paths of a resource write them: under other names, as a number where there is one."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from contracts.contract import Contract, ResourceShape
from contracts.generate import Either, accepts, example
from contracts.openapi import OpenApiContract


def addressable(contract: Contract, shape: ResourceShape, forms: Either) -> Either:
    """The forms of an id, with those first that the resource's own path takes."""
    if not isinstance(contract, OpenApiContract) or shape.id_parameter is None:
        return forms
    schemas = [
        parameter["schema"]
        for deed in ("retrieve", "update", "delete")
        if deed in shape.operations
        for parameter in contract.details(shape.operations[deed])["parameters"]
        if parameter["in"] == "path" and parameter["name"] == shape.id_parameter and "schema" in parameter
    ]
    if all(accepts(schema, forms.forms[0], contract.schemas) for schema in schemas):
        return forms

    def fitting(form: object) -> bool:
        # A path is text: what is a number there may be written down as text elsewhere.
        number = int(form) if isinstance(form, str) and _is_number(form) else form
        return all(
            accepts(schema, form, contract.schemas) or accepts(schema, number, contract.schemas) for schema in schemas
        )

    if not any(fitting(form) for form in forms.forms):
        # None of the usual forms: one of the path's own, AC and 32 digits for instance.
        drawn = example(schemas[0], contract.schemas, seed=zlib.crc32(str(forms.forms[0]).encode()))
        return Either((drawn, *forms.forms)) if fitting(drawn) else forms
    return Either(tuple(sorted(forms.forms, key=lambda form: not fitting(form))))


def under_every_name(shape: ResourceShape, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its id under the other names that answers may have for it, as text and as a number."""
    key = record.get(shape.id_field)
    if not isinstance(key, (str, int)) or isinstance(key, bool):
        return dict(record)
    other: tuple[object, ...] = (str(key),) if isinstance(key, int) else (int(key),) if _is_number(key) else ()
    noun = shape.name.rpartition(".")[2]
    names = (shape.id_parameter or "id", "id", f"{noun}_id", f"{noun}Id")
    more = {name: Either((key, *other)) for name in names if name not in record}
    return {**more, **record, shape.id_field: Either((key, *other), known=True)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def holder(value: Any, id_field: str) -> str | None:
    """The member of an answer that holds the object, where the answer is not the object itself."""
    if not isinstance(value, Mapping) or id_field in value:
        return None
    return next((name for name, part in value.items() if isinstance(part, Mapping) and id_field in part), None)


def held(value: Any, id_field: str) -> Any:
    """The object in an answer."""
    name = holder(value, id_field)
    return value if name is None else value[name]
