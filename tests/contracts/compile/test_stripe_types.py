"""The SDK's annotations as JSON Schema."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from contracts.compile.document import CompileError
from contracts.compile.stripe_syntax import Package, Scope
from contracts.compile.stripe_types import Types, nullable

MODULE = '''
from stripe._card import Card
from stripe._list_object import ListObject
from stripe._loop import Loop

class Thing(StripeObject):
    """Prose."""
    OBJECT_NAME: ClassVar[Literal["thing"]] = "thing"
    class Part(StripeObject):
        size: int
        big: Optional[int]
        _field_encodings = {"big": "int64_string"}
    part: Part
    parts: Optional[List["Thing.Part"]]
    in_: Optional[str]
    _hidden: str
    _field_remappings = {"in_": "in"}

_ParamsBase = TypedDict("Params", {"from": "Inner", "in": NotRequired[str]})

class Params(_ParamsBase):
    name: NotRequired["Literal['']|str"]

class Inner(TypedDict):
    size: int

class Endless(TypedDict):
    again: NotRequired["Endless"]
'''
CARD = (
    'class Card(StripeObject):\n    OBJECT_NAME = "card"\n'
    '    object: Literal["card"]\n    deleted: Optional[Literal[True]]\n'
)
LOOP = (
    "from stripe._loop import Loop\n"
    'class Loop(StripeObject):\n    OBJECT_NAME = "loop"\n    again: Optional[ExpandableField["Loop"]]\n'
)
PAGE = "class ListObject(StripeObject):\n    data: List[T]\n    has_more: bool\n    url: str\n"


@pytest.fixture
def types(tmp_path: Path) -> Types:
    for name, text in (("_thing", MODULE), ("_card", CARD), ("_loop", LOOP), ("_list_object", PAGE)):
        (tmp_path / f"{name}.py").write_text(text)
    return Types(Package(tmp_path))


def _schema(types: Types, annotation: str) -> Any:
    scope = Scope(types.package.module("stripe._thing"))
    return types.schema(ast.parse(annotation, mode="eval").body, scope)


UNSET = {"type": "string", "enum": [""]}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("float", {"type": "number"}),
        ("Decimal", {"type": "string", "format": "decimal"}),
        ("Any", {}),
        ("Optional[bool]", {"type": ["boolean", "null"]}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("Optional[Literal[True]]", {"enum": [True, None]}),
        ("Optional[Union[Literal['a'], str]]", {"type": ["string", "null"], "enum": ["a", None]}),
        ("Literal['']|str", {"type": "string"}),
        ("Literal['']|int", {"anyOf": [{"type": "integer"}, UNSET]}),
        ("Literal['']|Literal['a']|str", {"type": "string", "enum": ["", "a"]}),
        ("int|Literal['now']|str", {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["now"]}]}),
        ("Dict[str, int]|UntypedStripeObject[int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("Dict[str, Optional[str]]", {"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
        ("List['Inner']", {
            "type": "array",
            "items": {
                "type": "object", "additionalProperties": False,
                "properties": {"size": {"type": "integer"}}, "required": ["size"],
            },
        }),
        ("Card", {"$ref": "#/$defs/card"}),
        ("Optional['Card']", {"anyOf": [{"$ref": "#/$defs/card"}, {"type": "null"}]}),
        ("ExpandableField['Card']", {
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/card"}, {"$ref": "#/$defs/deleted_card"}],
            "x-expands": ["card"],
        }),
        ("ListObject['Card']", {
            "type": "object",
            "properties": {
                "object": {"const": "list"}, "has_more": {"type": "boolean"}, "url": {"type": "string"},
                "data": {"type": "array", "items": {"$ref": "#/$defs/card"}},
            },
            "required": ["data", "has_more", "object", "url"],
        }),
    ],
)  # fmt: skip
def test_annotations(types: Types, annotation: str, schema: Any) -> None:
    assert _schema(types, annotation) == schema


@pytest.mark.parametrize("annotation", ["Nowhere", "Set[str]", "Literal[7]", "Thing.Nowhere", "1", "Endless", "f(x)"])
def test_what_is_not_understood_is_refused(types: Types, annotation: str) -> None:
    with pytest.raises(CompileError):
        _schema(types, annotation)


def test_an_object(types: Types) -> None:
    assert _schema(types, "Thing") == {"$ref": "#/$defs/thing"}
    types.finish()
    part = {
        "type": "object",
        "properties": {"size": {"type": "integer"}, "big": {"type": ["string", "null"], "format": "int64"}},
        "required": ["size"],
    }
    assert types.schemas["thing"] == {
        "type": "object",
        "properties": {
            "part": part,
            "parts": {"type": ["array", "null"], "items": part},
            "in": {"type": ["string", "null"]},
        },
        "required": ["part"],
    }


def test_parameters_with_names_that_python_reserves(types: Types) -> None:
    schema = _schema(types, "Params")
    assert set(schema["properties"]) == {"from", "in", "name"}
    assert schema["required"] == ["from"]
    assert schema["additionalProperties"] is False


def test_objects_that_refer_to_each_other_in_circles_end(types: Types) -> None:
    _schema(types, "Loop")
    types.finish()
    assert types.schemas["loop"]["properties"]["again"]["anyOf"][1] == {"$ref": "#/$defs/loop"}


def test_what_is_left_of_a_deleted_object(types: Types) -> None:
    _schema(types, "Card")
    types.finish()
    assert types.schemas["deleted_card"] == {
        "type": "object",
        "properties": {"deleted": {"const": True}, "object": {"type": "string", "enum": ["card"]}},
        "required": ["deleted", "object"],
    }


def test_nullable() -> None:
    assert nullable({}) == {}
    assert nullable({"$ref": "x"}) == {"anyOf": [{"$ref": "x"}, {"type": "null"}]}
    assert nullable({"const": 1}) == {"enum": [1, None]}
