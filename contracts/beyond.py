"""What an answer holds that its contract neither names nor forbids: fields, and words of enums that are open.

The check passes them, because the schemas of answers are open. A plan of what is named is made of a schema when a value
first needs it. Where a union stands, what any of its variants names is named. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.comparison import word
from contracts.contract import Place, Violation

Schema = Mapping[str, Any]
Pointer = tuple[str | int, ...]

#: What stands in a place for a name that is not the contract's: a key of a map.
ANY = "*"
#: Things that are told of one answer.
_TOLD = 50
#: Levels of a value that are looked at.
_DEPTH = 40
_BODY: Place = "body"
_UNIONS = ("allOf", "anyOf", "oneOf")
#: Keywords that say nothing about values.
_SILENT = frozenset({"description", "title", "default", "deprecated", "readOnly", "writeOnly", "examples", "example"})
#: Keywords with which a text is something else than any word.
_NARROWED = frozenset({"format", "pattern", "minLength", "maxLength"})


@dataclass(slots=True)
class _Plan:
    """What is named below some schemas together. ``leaves`` are kept, so that nothing else gets their identity."""

    leaves: tuple[Schema, ...]
    #: The names of an object's members; None where any name may stand, or none.
    known: frozenset[str] | None = None
    #: Members that have something named below them, with their schemas, and their plans once a value came by.
    inner: dict[str, tuple[Schema, ...] | _Plan] = field(default_factory=dict)
    #: The same of members that are not named, and of elements.
    rest: tuple[Schema, ...] | _Plan | None = None
    items: tuple[Schema, ...] | _Plan | None = None
    #: The words of an enum beside which any text is allowed.
    words: frozenset[str] | None = None


class Beyond:
    """Of one contract: ``schemas`` by name, which refer to each other as ``#/$defs/<name>``."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._plans: dict[tuple[int, ...], _Plan] = {}

    def look(self, schema: Schema, value: Any) -> list[Violation]:
        """What of the value the schema does not name, each place once. Rules: ``unknown``, ``enum``."""
        found: dict[tuple[str, str], Violation] = {}
        self._look(self._plan(self._leaves(schema)), value, (), found, 0)
        return list(found.values())

    def general(self, schema: Schema, pointer: Pointer) -> Pointer:
        """The pointer with ``*`` in place of the keys of maps, which are somebody's data."""
        plan: _Plan | None = self._plan(self._leaves(schema))
        steps: list[str | int] = []
        for step in pointer:
            if isinstance(step, int):
                steps.append(step)
                plan = self._items(plan) if plan is not None else None
            elif plan is not None and plan.known is not None and step in plan.known:
                steps.append(step)
                plan = self._inner(plan, step)
            else:
                steps.append(ANY)
                plan = self._rest(plan) if plan is not None else None
        return tuple(steps)

    # -- values --------------------------------------------------------------------------------------

    def _look(
        self, plan: _Plan, value: Any, pointer: Pointer, found: dict[tuple[str, str], Violation], depth: int
    ) -> None:
        if depth > _DEPTH or len(found) >= _TOLD:
            return
        if isinstance(value, dict):
            self._members(plan, value, pointer, found, depth + 1)
        elif isinstance(value, list):
            items = self._items(plan)
            if items is not None:
                for place, element in enumerate(value):
                    self._look(items, element, (*pointer, place), found, depth + 1)
        elif plan.words is not None and isinstance(value, str) and value not in plan.words and word(value):
            listed = tuple(sorted(plan.words))
            _note(found, Violation(_BODY, pointer, "enum", "is not one of the listed words", listed, value))

    def _members(
        self,
        plan: _Plan,
        value: dict[str, Any],
        pointer: Pointer,
        found: dict[tuple[str, str], Violation],
        depth: int,
    ) -> None:
        if plan.known is not None and not value.keys() <= plan.known:
            for name in sorted(value.keys() - plan.known)[: _TOLD - len(found)]:
                _note(found, Violation(_BODY, (*pointer, name), "unknown", "is not named", None, value[name]))
        for name in plan.inner:
            held = value.get(name)
            if held is not None:
                inner = self._inner(plan, name)
                if inner is not None:
                    self._look(inner, held, (*pointer, name), found, depth)
        rest = self._rest(plan)
        if rest is not None:
            named = plan.known or ()
            for name, held in value.items():
                if name not in named:
                    self._look(rest, held, (*pointer, ANY), found, depth)

    # -- plans ---------------------------------------------------------------------------------------

    def _inner(self, plan: _Plan, name: str) -> _Plan | None:
        held = plan.inner.get(name)
        if isinstance(held, tuple):
            held = plan.inner[name] = self._plan(held)
        return held

    def _rest(self, plan: _Plan) -> _Plan | None:
        if isinstance(plan.rest, tuple):
            plan.rest = self._plan(plan.rest)
        return plan.rest

    def _items(self, plan: _Plan) -> _Plan | None:
        if isinstance(plan.items, tuple):
            plan.items = self._plan(plan.items)
        return plan.items

    def _plan(self, leaves: tuple[Schema, ...]) -> _Plan:
        key = tuple(map(id, leaves))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._made(leaves)
        return plan

    def _made(self, leaves: tuple[Schema, ...]) -> _Plan:
        plan = _Plan(leaves)
        members: dict[str, list[Schema]] = {}
        for leaf in leaves:
            for name, schema in leaf.get("properties", {}).items():
                members.setdefault(name, []).append(schema)
        if members and not any(_free(leaf) for leaf in leaves):
            plan.known = frozenset(members)
        for name, schemas in members.items():
            telling = self._telling(schemas)
            if telling is not None:
                plan.inner[name] = telling
        others = [leaf["additionalProperties"] for leaf in leaves if isinstance(leaf.get("additionalProperties"), dict)]
        plan.rest = self._telling(others)
        elements = [leaf["items"] for leaf in leaves if isinstance(leaf.get("items"), dict)]
        plan.items = self._telling(elements)
        plan.words = _words(leaves)
        return plan

    def _telling(self, schemas: Sequence[Schema]) -> tuple[Schema, ...] | None:
        """The leaves of the schemas, if they name anything at all."""
        leaves = tuple(leaf for schema in schemas for leaf in self._leaves(schema))
        telling = any("properties" in leaf or "items" in leaf or "additionalProperties" in leaf for leaf in leaves)
        return leaves if telling or _words(leaves) else None

    def _leaves(self, schema: Schema) -> tuple[Schema, ...]:
        """The schemas that a schema is put together of, references and unions resolved."""
        found: dict[int, Schema] = {}
        for leaf in self._parts(schema, set()):
            found.setdefault(id(leaf), leaf)
        return tuple(found.values())

    def _parts(self, schema: Any, met: set[str]) -> Iterator[Schema]:
        if not isinstance(schema, Mapping):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix("#/$defs/")
            if name not in met and name in self._schemas:
                met.add(name)
                yield from self._parts(self._schemas[name], met)
        parts = [part for union in _UNIONS for part in schema.get(union, ())]
        for part in parts:
            yield from self._parts(part, met)
        if (not parts and reference is None) or "properties" in schema:
            yield schema


def _note(found: dict[tuple[str, str], Violation], violation: Violation) -> None:
    steps = ("[]" if isinstance(step, int) else f".{step}" for step in violation.pointer)
    word = violation.value if violation.rule == "enum" else ""
    found.setdefault(("".join(steps), word), violation)


def _free(leaf: Schema) -> bool:
    """Whether the schema takes members of any name on purpose: a map, or anything at all."""
    more = leaf.get("additionalProperties")
    if more is True or (isinstance(more, Mapping)) or "patternProperties" in leaf:
        return True
    if "properties" in leaf:
        return False
    kinds = leaf.get("type")
    if kinds is None:
        return not any(name not in _SILENT and not name.startswith("x-") for name in leaf)
    return kinds == "object" or (isinstance(kinds, list) and "object" in kinds)


def _words(leaves: Sequence[Schema]) -> frozenset[str] | None:
    """The words of an enum that is open; None of a closed one, and where there is none."""
    listed: set[str] = set()
    opened = False
    for leaf in leaves:
        words = leaf.get("enum", [leaf["const"]] if "const" in leaf else None)
        if words is not None:
            listed.update(word for word in words if isinstance(word, str))
        elif not _NARROWED & leaf.keys():
            kinds = leaf.get("type")
            opened = opened or kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
    # One word beside any text (``auto``, or a date) is no enum.
    return frozenset(listed) if len(listed) > 1 and opened else None
