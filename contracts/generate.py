"""Schema-true values: what an API could answer, made from its schema alone.

Pure and repeatable: a member's filler depends on the seed and on its place in the value, so the same
object looks the same wherever it is shown. What the caller gave is echoed where the schema has room for it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import orjson

from contracts import scalars
from contracts.contract import Params

Schema: TypeAlias = Mapping[str, Any] | bool

#: The time that fills timestamps when the caller names none.
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)

#: Optional members are written down to this depth; below it only what the schema requires.
_OPTIONAL_DEPTH: Final = 3
#: Where a schema that requires itself is cut off.
_DEEPEST: Final = 16

#: Values that one answer has room for: beyond them optional members stay out, and what is required as well beyond ten
#: times as many. Documents may describe answers that no memory holds.
_MANY: Final = 20_000

#: How often a filler is tried for an array whose items have to differ.
_MOST_FILLERS: Final = 1_000

#: Marks a schema whose parts contradict each other: it has no value, and what may be left out is.
_NOTHING: Final = "x-nothing"

#: States in which things begin: preferred among the members of an enum.
_YOUNG: Final = ("draft", "pending", "created", "queued", "open", "active", "enabled", "valid", "none", "unknown")

_TIME: Final = re.compile(
    r"(^|_)(created|updated|modified|timestamp|time|date)$|_(at|on|date|time|start|end)$|^date_", re.IGNORECASE
)


class _Absent:
    """The type of ABSENT: nothing was given (None is a value)."""

    __slots__ = ()


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Either:
    """Something given in several forms: the schema takes the first one that fits (``1767225600`` or an ISO time). Where
    a schema leaves open which members there are, only what is ``known`` to be one is taken over."""

    forms: tuple[Any, ...]
    known: bool = False


def given(params: Params) -> Any:
    """What a call gives that its answer may echo: the body, and the members of the path beside an object."""
    if params.body is None or isinstance(params.body, Mapping):
        return {**params.path, **(params.body or {})}
    return params.body


def example(
    schema: Schema,
    schemas: Mapping[str, Schema],
    *,
    seed: int = 0,
    given: Any = ABSENT,
    now: datetime | None = None,
) -> Any:
    """A value that ``schema`` accepts. ``schemas`` are the targets of ``#/$defs/<name>``.

    ``given`` is taken over as far as it fits, members that the schema does not name are left out. Without it
    nullable members are null, arrays are as short as they may be, and ``now`` fills what is a time.
    """
    return _Maker(schemas, seed, now or EPOCH).make(schema, given, "", "", 0)


def accepts(schema: Schema, value: Any, schemas: Mapping[str, Schema]) -> bool:
    """Whether ``value`` can stand where ``schema`` is, as far as ``example`` looks at what it is given."""
    maker = _Maker(schemas, 0, EPOCH)
    return maker.accepts(maker.flat(schema), value)


@dataclass(slots=True)
class _Maker:
    """One value in the making."""

    schemas: Mapping[str, Schema]
    seed: int
    now: datetime
    made: int = 0

    def make(self, schema: Schema, given: Any, name: str, path: str, depth: int) -> Any:
        """A value of ``schema``, which is the member ``name`` at ``path``, ``depth`` levels down."""
        self.made += 1
        flat = self.flat(schema)
        if isinstance(given, Either):
            given = next((form for form in given.forms if self.accepts(flat, form)), ABSENT)
        if given is not ABSENT and not self.accepts(flat, given):
            given = ABSENT
        if given is ABSENT:
            return self._filler(flat, name, path, depth)
        return self._echo(flat, given, name, path, depth)

    def flat(self, schema: Schema) -> Mapping[str, Any]:
        return flattened(schema, self.schemas)

    def accepts(self, flat: Mapping[str, Any], value: Any) -> bool:
        """Whether ``value`` can be taken over: entirely for a scalar; by kind and by the members that have
        one fixed value for an object, whose other members are looked at one by one."""
        if value is None:
            return nullable(flat)
        if isinstance(value, Either):
            return any(self.accepts(flat, form) for form in value.forms)
        if "const" in flat:
            return bool(flat["const"] == value)
        if "enum" in flat and value not in flat["enum"]:
            return False
        for union in ("anyOf", "oneOf"):
            if union in flat and not any(self.accepts(self.flat(branch), value) for branch in flat[union]):
                return False
        kinds = types(flat)
        # Without kinds anything goes, unless null was the only one that was named.
        if scalars.kind_of(value, kinds) is None if kinds else "type" in flat:
            return False
        if isinstance(value, Mapping):
            return self._same(flat, value)
        return isinstance(value, list) or scalars.fits(flat, value)

    def _same(self, flat: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
        """Whether an object is of the variant that its schema's fixed members describe."""
        for name, schema in flat.get("properties", {}).items():
            if name in value and not isinstance(value[name], Either):
                part = self.flat(schema)
                if "const" in part and part["const"] != value[name]:
                    return False
                if len(part.get("enum", ())) == 1 and value[name] not in part["enum"]:
                    return False
        return True

    def _echo(self, flat: Mapping[str, Any], given: Any, name: str, path: str, depth: int) -> Any:
        """``given``, which ``flat`` accepts, completed by what the schema requires."""
        if given is None or "const" in flat:
            return given
        for union in ("anyOf", "oneOf"):
            if union in flat:
                branch = next(b for b in flat[union] if self.accepts(self.flat(b), given))
                return self.make(_branch(flat, union, self.flat(branch)), given, name, path, depth)
        if isinstance(given, Mapping):
            return self._object(flat, given, path, depth)
        if isinstance(given, list):
            return self._array(flat, given, name, path, depth)
        if isinstance(given, float) and given.is_integer() and "integer" in types(flat):
            # 1.0 is a whole number, and not every reader takes it for one.
            return int(given)
        return given

    def _filler(self, flat: Mapping[str, Any], name: str, path: str, depth: int) -> Any:
        """A value where nothing was given."""
        if "const" in flat:
            return flat["const"]
        if depth and nullable(flat):
            return None
        if "enum" in flat:
            members = [member for member in flat["enum"] if member is not None]
            return next((word for word in _YOUNG if word in members), members[0] if members else None)
        if "examples" in flat and depth < _DEEPEST:
            example = flat["examples"][0]
            if example is not None and self.accepts(flat, example):
                return self._echo({**flat, "examples": (None,)}, example, name, path, depth)
        if "default" in flat and flat["default"] is not None and self.accepts(flat, flat["default"]):
            return self._echo(flat, flat["default"], name, path, depth)
        for union in ("anyOf", "oneOf"):
            if union in flat:
                # The plainest variant: an id rather than the whole object behind it.
                branch = min(map(self.flat, flat[union]), key=_weight)
                return self.make(_branch(flat, union, branch), ABSENT, name, path, depth)
        return self._of_type(flat, name, path, depth)

    def _of_type(self, flat: Mapping[str, Any], name: str, path: str, depth: int) -> Any:
        kinds = types(flat)
        if "object" in kinds or (not kinds and ("properties" in flat or "additionalProperties" in flat)):
            return self._object(flat, {}, path, depth)
        if "array" in kinds or (not kinds and "items" in flat):
            return self._array(flat, [], name, path, depth)
        dice = self._dice(path)
        if "string" in kinds or (not kinds and ("pattern" in flat or "format" in flat)):
            return scalars.text(flat, name, dice, now=self.now, is_time=_TIME.search(name) is not None)
        if "integer" in kinds or "number" in kinds:
            return scalars.number(flat, kinds, self.now if _TIME.search(name) else None)
        if "boolean" in kinds:
            return name in ("active", "enabled", "valid", "success")
        return None

    def _object(self, flat: Mapping[str, Any], given: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        members: Mapping[str, Schema] = flat.get("properties", {})
        required = flat.get("required", ())
        made: dict[str, Any] = {}
        for name, schema in members.items():
            offered = given.get(name, ABSENT)
            wanted = name in required or offered is not ABSENT or (depth < _OPTIONAL_DEPTH and self.made < _MANY)
            if wanted and name not in required and isinstance(schema, Mapping) and "allOf" in schema:
                wanted = not self.flat(schema).get(_NOTHING)
            if wanted and not _hidden(schema) and depth < _DEEPEST and self.made < 10 * _MANY:
                made[name] = self.make(schema, offered, name, f"{path}/{name}", depth + 1)
        for name in required:
            if name not in members:
                made[name] = given.get(name, "")
        self._open_members(flat, given, members, made, path, depth)
        return made

    def _open_members(
        self,
        flat: Mapping[str, Any],
        given: Mapping[str, Any],
        members: Mapping[str, Schema],
        made: dict[str, Any],
        path: str,
        depth: int,
    ) -> None:
        """Members that the schema allows without naming them: a map's entries, metadata."""
        others = flat.get("additionalProperties", not members)
        if others is False or (others is True and members):
            return
        for name, value in given.items():
            if isinstance(value, Either):
                if name in members or not value.known:
                    continue
                value = value.forms[0]
            if name in members:
                continue
            if others is True:
                made[name] = value
            elif self.accepts(self.flat(others), value):
                made[name] = self.make(others, value, name, f"{path}/{name}", depth + 1)
        while len(made) < flat.get("minProperties", 0):
            name = f"key_{len(made) + 1}"
            made[name] = self.make(others, ABSENT, name, f"{path}/{name}", depth + 1)

    def _array(self, flat: Mapping[str, Any], given: Sequence[Any], name: str, path: str, depth: int) -> list[Any]:
        items: Schema = flat.get("items", True)
        if items is False:
            return []
        shape = self.flat(items)
        made = [
            self.make(items, value, name, f"{path}/{place}", depth + 1)
            for place, value in enumerate(given)
            if self.accepts(shape, value)
        ]
        if flat.get("uniqueItems"):
            made = _distinct(made)
        made = made[: flat.get("maxItems", len(made))]
        fillers = (self._item(shape, name, path, place) for place in range(len(made), _MOST_FILLERS))
        while (
            len(made) < flat.get("minItems", 0)
            and self.made < 10 * _MANY
            and (filler := next(fillers, ABSENT)) is not ABSENT
        ):
            if not flat.get("uniqueItems") or len(_distinct([*made, filler])) > len(made):
                made.append(filler)
        return made

    def _item(self, shape: Mapping[str, Any], name: str, path: str, place: int) -> Any:
        """A filler for an array that must not be this short; enums take turns, because items may have to differ."""
        if "enum" in shape:
            return shape["enum"][place % len(shape["enum"])]
        return self.make({**shape, "default": None}, ABSENT, name, f"{path}/{place}", 0)

    def _dice(self, path: str) -> int:
        return zlib.crc32(path.encode(), self.seed & 0xFFFFFFFF)


def flattened(schema: Schema, schemas: Mapping[str, Schema]) -> Mapping[str, Any]:
    """``schema`` with its references followed and its ``allOf`` merged into one object."""
    while not isinstance(schema, bool) and ("$ref" in schema or "allOf" in schema):
        rest = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        parts = list(schema.get("allOf", ()))
        if "$ref" in schema:
            parts.insert(0, schemas[schema["$ref"].removeprefix("#/$defs/")])
        if len(parts) == 1 and not rest:
            schema = parts[0]
        else:
            schema = _merged([*(flattened(part, schemas) for part in parts), rest])
    return {} if isinstance(schema, bool) else schema


def _distinct(values: Sequence[Any]) -> list[Any]:
    """``values`` without repetitions, as JSON compares them (true is not 1)."""
    return list({orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}.values())


def types(flat: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types that a schema names, without ``null``; empty when it names none."""
    named = flat.get("type", ())
    return frozenset((named,) if isinstance(named, str) else named) - {"null"}


def nullable(flat: Mapping[str, Any]) -> bool:
    """Whether null is a value of ``flat``, whose references and ``allOf`` are already resolved."""
    named = flat.get("type")
    if named == "null" or (isinstance(named, list) and "null" in named) or flat.get("nullable"):
        return "enum" not in flat or None in flat["enum"] or bool(flat.get("nullable"))
    if named is None and "enum" in flat:
        return None in flat["enum"]
    for union in ("anyOf", "oneOf"):
        if union in flat and named is None:
            return any(isinstance(branch, Mapping) and nullable(branch) for branch in flat[union])
    return not flat


def _hidden(schema: Schema) -> bool:
    """Members that never stand in an answer."""
    return not schema if isinstance(schema, bool) else bool(schema.get("writeOnly"))


def _weight(flat: Mapping[str, Any]) -> int:
    """How much a variant of a union needs: scalars nothing, objects their required members."""
    kinds = types(flat)
    if kinds and kinds.isdisjoint({"object", "array"}):
        return 0
    if flat.get("type") == "null":
        return 1_000
    return 1 + len(flat.get("required", ()))


def _branch(flat: Mapping[str, Any], union: str, branch: Mapping[str, Any]) -> Mapping[str, Any]:
    """``branch`` of a union together with what stands beside the union."""
    rest = {key: value for key, value in flat.items() if key not in (union, "nullable", "type")}
    return _merged([rest, branch]) if rest else branch


def _merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One schema that holds for all ``parts``: members and required names add up, enums intersect."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                value = {**whole.get(key, {}), **value}
            elif key == "required":
                value = [*dict.fromkeys((*whole.get(key, ()), *value))]
            elif key == "enum" and key in whole:
                value = [member for member in whole[key] if member in value]
            elif key == "type" and key in whole:
                if not _meet(types(whole), types(part)):
                    whole[_NOTHING] = True
                value = _shared(whole[key], value)
            whole[key] = value
    return whole


def _meet(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether a value can be of both kinds; null aside."""
    whole = left | right
    return not (left and right) or not left.isdisjoint(right) or whole == {"integer", "number"}


def _shared(left: str | Sequence[str], right: str | Sequence[str]) -> list[str]:
    first = [left] if isinstance(left, str) else list(left)
    second = [right] if isinstance(right, str) else list(right)
    return [kind for kind in first if kind in second] or second
