"""Schemas that stand for themselves, or for too many others, are cut where it costs least."""

from __future__ import annotations

from typing import Any

from contracts import generate
from contracts.compile import circles


def bounded(**schemas: Any) -> tuple[dict[str, Any], list[str]]:
    told: list[str] = []
    circles.bound(schemas, lambda place, words: told.append(f"{place} {words}"))
    return schemas, told


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def test_a_member_may_hold_its_own_kind() -> None:
    tree = {"type": "object", "properties": {"left": ref("tree"), "all": {"type": "array", "items": ref("tree")}}}
    schemas, told = bounded(tree=tree)
    assert schemas == {"tree": tree}
    assert told == []


def test_a_child_that_is_made_of_the_parent_that_lists_it_keeps_its_members() -> None:
    schemas, told = bounded(
        pet={"type": "object", "properties": {"kind": {"type": "string"}}, "oneOf": [ref("cat"), ref("dog")]},
        cat={"allOf": [ref("pet"), {"properties": {"claws": {"type": "integer"}}, "required": ["claws"]}]},
        dog={"allOf": [ref("pet"), {"properties": {"tail": {"type": "boolean"}}}]},
    )
    assert told == []
    assert schemas["pet"]["oneOf"] == [ref("cat"), ref("dog")]
    assert schemas["cat"]["allOf"][0] == {"type": "object", "properties": {"kind": {"type": "string"}}}
    made = generate.example(ref("pet"), schemas, given={"kind": "c", "claws": 4})
    assert made == {"kind": "c", "claws": 4}


def test_what_stands_for_itself_is_cut_and_told() -> None:
    schemas, told = bounded(
        a=ref("b"), b=ref("a"), c={"anyOf": [ref("c"), {"type": "string"}]}, d={"allOf": [ref("d")]}
    )
    assert len(told) == 3  # a, b and c; d is what it is made of, plainly
    for name in ("a", "b", "c", "d"):
        generate.example(ref(name), schemas)


def test_what_doubles_at_every_step_is_cut() -> None:
    chain: dict[str, Any] = {
        f"s{n}": {"allOf": [ref(f"s{n + 1}"), ref(f"s{n + 1}")], "properties": {f"m{n}": {"type": "string"}}}
        for n in range(60)
    }
    schemas, told = bounded(**chain, s60={"type": "object"})
    assert any("stands for more than 2,000 schemas" in one for one in told)
    assert "m0" in generate.example(ref("s0"), schemas)
