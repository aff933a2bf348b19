"""The SDK's files as syntax trees."""

from __future__ import annotations

import ast
from pathlib import Path

from contracts.compile import stripe_syntax as syntax


def _class(text: str) -> ast.ClassDef:
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.ClassDef)
    return definition


def test_a_package_parses_a_file_once_and_keeps_what_it_read(tmp_path: Path) -> None:
    (tmp_path / "_a.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from stripe._b import B as C\n"
        "class A: pass\nX = TypedDict('X', {})"
    )
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("")
    package = syntax.Package(tmp_path)
    module = package.module("stripe._a")
    assert package.module("stripe._a") is module
    assert (list(module.classes), module.imports["C"], list(module.calls)) == (["A"], ("stripe._b", "B"), ["X"])
    package.module("stripe.inner")
    assert sorted(package.read) == ["_a.py", "inner/__init__.py"]


def test_what_classes_hold() -> None:
    definition = _class(
        "class A(TypedDict):\n    x: int\n    t = {'x': 'int64_string'}\n    class B: pass\n    deleted: bool"
    )
    assert [name for name, _ in syntax.annotated(definition)] == ["x", "deleted"]
    assert syntax.table(definition, "t") == {"x": "int64_string"}
    assert syntax.table(definition, "other") == {}
    assert syntax.nested(definition, "B") is not None
    assert syntax.nested(definition, "C") is None
    assert syntax.has_deleted(definition)
    module = syntax.Module("stripe._a", ast.Module([], []))
    assert syntax.is_typed_dict(definition, module)
    assert not syntax.is_typed_dict(_class("class A(StripeObject): pass"), module)


def test_object_names() -> None:
    module = syntax.Module("stripe.v2._amount", ast.Module([], []))
    assert syntax.object_name(_class("class A:\n    OBJECT_NAME: ClassVar[str] = 'a.b'"), module) == "a.b"
    assert syntax.object_name(_class("class A:\n    OBJECT_NAME = 'a'"), module) == "a"
    assert syntax.object_name(_class("class Amount: pass"), module) == "v2.amount"


def test_parts_of_annotations() -> None:
    union = ast.parse("a | b[c] | d", mode="eval").body
    assert [ast.unparse(part) for part in syntax.alternatives(union)] == ["a", "b[c]", "d"]
    brackets = ast.parse("X[a, b]", mode="eval").body
    assert isinstance(brackets, ast.Subscript)
    assert [ast.unparse(part) for part in syntax.elements(brackets.slice)] == ["a", "b"]
