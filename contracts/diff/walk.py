"""Two schemas side by side, down to the last member: what differs, and where.

A component of the API is compared once for each direction, however many operations and objects refer to it, and
whatever it is called on either side: recursion and renaming cost nothing twice. What is found in it belongs to the
component; ``Walk.reach`` says which operations that concerns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.diff import rules
from contracts.diff.nodes import Node, Nodes, Schema
from contracts.diff.rules import Direction
from contracts.drift import Severity


@dataclass(frozen=True, slots=True)
class Pair:
    """A component before and after, in requests or in answers."""

    before: str
    after: str
    direction: Direction


#: Who a difference belongs to: an operation by its id, or a pair of components.
Owner = str | Pair


@dataclass(frozen=True, slots=True)
class Told:
    """A difference, before it has become a finding."""

    rule: str
    severity: Severity
    place: str
    message: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the walk is: in whom, which direction, which place; ``subject`` is how rules call what stands there."""

    owner: Owner
    direction: Direction
    subject: str
    place: str

    def member(self, name: str) -> Spot:
        """The member ``name`` of what stands here."""
        return Spot(self.owner, self.direction, _INNER.get(self.subject, self.subject), f"{self.place}.{name}")

    def element(self, mark: str) -> Spot:
        """An element of a list (``[]``), a member of any name (``.*``), a variant of a union (``(card)``)."""
        return Spot(self.owner, self.direction, _INNER.get(self.subject, self.subject), self.place + mark)


_INNER: Mapping[str, str] = {
    "request-body": "request-property",
    "request-parameter": "request-parameter-property",
    "response-body": "response-property",
}


@dataclass(slots=True)
class Walk:
    """Compares schemas of two contracts. Use: ``compare`` for each pair of roots, ``finish``, then read ``told``."""

    before: Nodes
    after: Nodes
    told: dict[Owner, dict[Told, None]] = field(default_factory=dict)
    #: Who refers to a pair, always or only where a caller asks for the object in place of its id.
    parents: dict[Pair, set[Owner]] = field(default_factory=dict)
    asked: dict[Pair, set[Owner]] = field(default_factory=dict)
    _waiting: deque[Pair] = field(default_factory=deque)
    _met: set[tuple[Owner, int, int, Direction]] = field(default_factory=set)

    def compare(self, spot: Spot, before: Schema, after: Schema, *, asked: bool = False) -> None:
        """Tell what differs between two schemas that stand at one place."""
        one, one_null = self.before.unwrapped(before)
        two, two_null = self.after.unwrapped(after)
        names = self.before.name(one), self.after.name(two)
        if names[0] is None or names[1] is None:
            self._inline(spot, (before, after), (one, two))
            return
        pair = Pair(names[0], names[1], spot.direction)
        if pair not in self.parents:
            self.parents[pair] = set()
            self.asked[pair] = set()
            self._waiting.append(pair)
        (self.asked if asked else self.parents)[pair].add(spot.owner)
        if one_null != two_null:
            # Null beside the reference; what the component itself allows is told with the component.
            before_null = one_null or self.before.of(one).nullable
            after_null = two_null or self.after.of(two).nullable
            self._nullable(spot, before_null, after_null)

    def finish(self) -> None:
        """Compare the components that were met."""
        while self._waiting:
            pair = self._waiting.popleft()
            subject = f"{pair.direction}-property"
            spot = Spot(pair, pair.direction, subject, f"{pair.direction}.#{pair.before}")
            one, two = self.before.component(pair.before), self.after.component(pair.after)
            self._inline(spot, (one, two), (one, two))

    def reach(self, owner: Owner) -> frozenset[str]:
        """The operations that a difference of ``owner`` concerns: those whose messages hold the component; else those
        that can hold it when they are asked to."""
        if isinstance(owner, str):
            return frozenset((owner,))
        return self._reach(owner, always=True) or self._reach(owner, always=False)

    def _reach(self, pair: Pair, *, always: bool) -> frozenset[str]:
        found: set[str] = set()
        seen: set[Owner] = {pair}
        waiting: list[Pair] = [pair]
        while waiting:
            here = waiting.pop()
            for parent in self.parents[here] if always else self.parents[here] | self.asked[here]:
                if isinstance(parent, str):
                    found.add(parent)
                elif parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return frozenset(found)

    # -- telling -----------------------------------------------------------------------------------

    def tell(
        self,
        owner: Owner,
        rule: str,
        severity: Severity,
        place: str,
        message: str,
        before: Any = None,
        after: Any = None,
    ) -> None:
        """A difference, once however often it is met."""
        told = Told(rule, severity, place, message, _short(before), _short(after))
        self.told.setdefault(owner, {})[told] = None

    def _value(self, spot: Spot, kind: str, message: str, before: Any = None, after: Any = None) -> None:
        severity = rules.severity(kind, spot.direction)
        self.tell(spot.owner, f"{spot.subject}-{kind}", severity, spot.place, message, before, after)

    # -- comparing ---------------------------------------------------------------------------------

    def _inline(self, spot: Spot, schemas: tuple[Schema, Schema], whole: tuple[Schema, Schema]) -> None:
        """``whole`` are the schemas without what wraps them."""
        before, after = self.before.of(schemas[0]), self.after.of(schemas[1])
        met = (spot.owner, id(schemas[0]), id(schemas[1]), spot.direction)
        if met in self._met:
            return
        self._met.add(met)
        anything = (before.types is None and not before.variants) or (after.types is None and not after.variants)
        if not anything:
            self._nullable(spot, before.nullable, after.nullable)
        if before.variants or after.variants:
            self._unions(spot, before, after, whole)
        elif not self._types(spot, before, after):
            return
        self._enums(spot, before, after)
        for kind, message, one, two in _keywords(before, after):
            self._value(spot, kind, message, one, two)
        self._members(spot, before, after)
        self._elements(spot, before, after)

    def _nullable(self, spot: Spot, before: bool, after: bool) -> None:
        if before != after:
            kind, message = (
                ("became-nullable", "may be null now") if after else ("became-not-nullable", "cannot be null")
            )
            self._value(spot, kind, message)

    def _types(self, spot: Spot, before: Node, after: Node) -> bool:
        """Tell a change of type; answers whether the rest can be compared."""
        one, two = before.types, after.types
        if one == two:
            return True
        words = before.worded, after.worded
        if one is None:
            kind, message = "type-specialized", f"was of any type, is {words[1]}"
        elif two is None:
            kind, message = "type-generalized", f"was {words[0]}, may be of any type"
        elif _covers(two, one):
            kind, message = "type-generalized", f"was {words[0]}, may be {words[1]}"
        elif _covers(one, two):
            kind, message = "type-specialized", f"was {words[0]}, is only {words[1]}"
        else:
            self._value(spot, "type-changed", f"was {words[0]}, is {words[1]}", *words)
            return False
        self._value(spot, kind, message, *words)
        return True

    def _enums(self, spot: Spot, before: Node, after: Node) -> None:
        one, two = before.enum, after.enum
        if one is None and two is not None:
            self._value(spot, "became-enum", "takes a list of values only", None, two)
        elif one is not None and two is None:
            self._value(spot, "became-not-enum", "is no longer a list of values", one, None)
        elif one is not None and two is not None and one != two:
            for value in one:
                if not _among(value, two):
                    self._value(spot, "enum-value-removed", f"the value {value!r} is gone", value, None)
            for value in two:
                if not _among(value, one):
                    self._value(spot, "enum-value-added", f"the value {value!r} is new", None, value)

    def _unions(self, spot: Spot, before: Node, after: Node, whole: tuple[Schema, Schema]) -> None:
        """Members of two unions, paired by what tells them apart; what is one schema on one side is a union of one."""
        if (before.types is None and not before.variants) or (after.types is None and not after.variants):
            words = before.worded, after.worded
            kind = "type-generalized" if before.variants else "type-specialized"
            self._value(spot, kind, f"was {words[0]}, is {words[1]}", *words)
            return
        asked = "x-expands" in before.facts or "x-expands" in after.facts
        left = [(self.before.signs(schema), schema) for schema in before.variants or [whole[0]]]
        right = [(self.after.signs(schema), schema) for schema in after.variants or [whole[1]]]
        pairs: list[tuple[str, Schema, Schema]] = []
        for one in list(left):
            match = next((two for sign in one[0] for two in right if sign in two[0]), None)
            if match is not None:
                left.remove(one)
                right.remove(match)
                pairs.append((one[0][0], one[1], match[1]))
        if len(left) == len(right) == 1 and self._alike(left[0][1], right[0][1]):
            pairs.append((left[0][0][0], left.pop()[1], right.pop()[1]))
        for sign, old, new in pairs:
            mark = sign.partition(":")[2] if not sign.startswith("type:") else ""
            self.compare(spot.element(f"({mark})") if mark else spot, old, new, asked=asked)
        for signs, _ in left:
            word = _worded(signs[0])
            self._value(spot, "any-of-removed", f"{word} is no longer among what may stand here", word)
        for signs, _ in right:
            word = _worded(signs[0])
            self._value(spot, "any-of-added", f"{word} may stand here too", None, word)

    def _alike(self, one: Schema, two: Schema) -> bool:
        """Whether what is left of two unions is one member that has changed its name."""
        return self.before.of(one).types == self.after.of(two).types

    def _members(self, spot: Spot, before: Node, after: Node) -> None:
        request = spot.direction == "request"
        for name in before.properties:
            here = spot.member(name)
            if name in after.properties:
                self._required(here, name, before, after)
                self.compare(here, before.properties[name], after.properties[name])
            elif request:
                rule = "request-property-removed" + ("" if after.closed else "-where-unknown-ones-pass")
                self._member(here, rule, "cannot be sent any more" if after.closed else "is no longer known")
            elif name in before.required:
                self._member(here, "response-required-property-removed", "was always there, and is gone")
            else:
                self._member(here, "response-optional-property-removed", "could be there, and is gone")
        for name in after.properties.keys() - before.properties.keys():
            here = spot.member(name)
            needed = name in after.required
            if request and needed:
                default = "default" in self.after.of(after.properties[name]).facts
                rule = "new-required-request-property" + ("-with-default" if default else "")
                self._member(here, rule, "is new and must be sent")
            elif request:
                self._member(here, "new-optional-request-property", "is new and may be sent")
            else:
                self._member(here, f"response-{'required' if needed else 'optional'}-property-added", "is new")
        if before.closed != after.closed:
            kind = "unknown-members-refused" if after.closed else "unknown-members-accepted"
            self._value(spot, kind, "unknown members are " + ("refused" if after.closed else "accepted"))

    def _required(self, here: Spot, name: str, before: Node, after: Node) -> None:
        was, now = name in before.required, name in after.required
        if was == now:
            return
        if here.direction == "response":
            rule, message = ("required", "is always there now") if now else ("optional", "is no longer always there")
            self._member(here, f"response-property-became-{rule}", message)
            return
        if not now:
            self._member(here, "request-property-became-optional", "need not be sent any more")
            return
        default = "default" in self.after.of(after.properties[name]).facts
        rule = "request-property-became-required" + ("-with-default" if default else "")
        self._member(here, rule, "must be sent")

    def _member(self, here: Spot, rule: str, message: str) -> None:
        self.tell(here.owner, rule, rules.PROPERTY[rule], here.place, message)

    def _elements(self, spot: Spot, before: Node, after: Node) -> None:
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            one, two = before.facts.get(keyword), after.facts.get(keyword)
            if isinstance(one, Mapping) and isinstance(two, Mapping):
                self.compare(spot.element(mark), one, two)


def _keywords(before: Node, after: Node) -> Iterator[tuple[str, str, Any, Any]]:
    """The other keywords that differ: (kind, message, before, after)."""
    one, two = before.facts, after.facts
    for keyword, name in rules.LIMITS.items():
        if (a := one.get(keyword)) != (b := two.get(keyword)):
            change = "set" if a is None else "unset" if b is None else "increased" if b > a else "decreased"
            yield f"{name}-{change}", f"{keyword} was {_word(a)}, is {_word(b)}", a, b
    for keyword, name in (("pattern", "pattern"), ("format", "format"), ("default", "default-value")):
        if (a := one.get(keyword)) != (b := two.get(keyword)):
            change = "added" if keyword not in one else "removed" if keyword not in two else "changed"
            yield f"{name}-{change}", f"{keyword} was {_word(a)}, is {_word(b)}", a, b
    for keyword, name in (("readOnly", "read-only"), ("writeOnly", "write-only")):
        if bool(one.get(keyword)) != bool(two.get(keyword)):
            yield f"became-{'' if two.get(keyword) else 'not-'}{name}", f"{keyword} has changed", None, None
    if bool(one.get("deprecated")) != bool(two.get("deprecated")):
        yield "deprecated" if two.get("deprecated") else "reactivated", "its deprecation has changed", None, None
    if bool(one.get("uniqueItems")) != bool(two.get("uniqueItems")):
        yield f"unique-items-{'set' if two.get('uniqueItems') else 'unset'}", "uniqueItems has changed", None, None
    if (a := one.get("multipleOf")) != (b := two.get("multipleOf")):
        yield f"multiple-of-{_multiple(a, b)}", f"multipleOf was {_word(a)}, is {_word(b)}", a, b
    for keyword, name in rules.WHOLE.items():
        if (a := one.get(keyword)) != (b := two.get(keyword)):
            change = "added" if a is None else "removed" if b is None else "changed"
            yield f"{name}-{change}", f"{keyword} has changed", None, None
    yield from _discriminators(one.get("discriminator"), two.get("discriminator"))


def _discriminators(one: Any, two: Any) -> Iterator[tuple[str, str, Any, Any]]:
    if one is None and two is None:
        return
    if one is None or two is None:
        yield (
            "discriminator-added" if one is None else "discriminator-removed",
            "its discriminator has changed",
            None,
            None,
        )
        return
    if (a := one.get("propertyName")) != (b := two.get("propertyName")):
        yield "discriminator-property-name-changed", f"{a} told the variants apart, {b} does", a, b
    old, new = one.get("mapping") or {}, two.get("mapping") or {}
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield "discriminator-mapping-deleted", f"the variant {key} is gone", key, None
        elif key not in old:
            yield "discriminator-mapping-added", f"the variant {key} is new", None, key
        elif old[key] != new[key]:
            yield "discriminator-mapping-changed", f"{key} means another schema", old[key], new[key]


def _multiple(before: Any, after: Any) -> str:
    if before is None or after is None:
        return "set" if before is None else "unset"
    if after and not before % after:
        return "generalized"
    return "specialized" if before and not after % before else "changed"


def _covers(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    """Whether every value of the narrow types is one of the wide: integers are numbers."""
    return all(name in wide or (name == "integer" and "number" in wide) for name in narrow)


def _among(value: Any, values: tuple[Any, ...]) -> bool:
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in values)


def _word(value: Any) -> str:
    return "not set" if value is None else str(value)


def _worded(name: str) -> str:
    kind, _, value = name.partition(":")
    return f"the value {value}" if kind == "value" else value


def _short(value: Any) -> Any:
    """A fact that stays short and can be compared: of a list, its first values."""
    if isinstance(value, list | tuple):
        return tuple(str(each) for each in value[:12])
    return value if isinstance(value, str | int | float | bool | None) else str(value)[:200]
