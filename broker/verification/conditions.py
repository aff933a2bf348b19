"""What can be asked of one value, and how it is said that a value is not so.

Against an array, a single value, an object and every operator of single values hold when they hold of some entry:
``"to": "ada@example.com"`` says that she is among the recipients. ``$eq``, ``$size``, ``$type``, ``$each`` and array
literals speak of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

from broker.verification.patterns import Pattern
from broker.verification.places import Place
from broker.verification.values import MISSING, equal, kind, number, shown


class Difference(NamedTuple):
    """One thing that was asked for and is not so: ``expected`` in the words of the language, ``actual`` shortened."""

    place: str
    expected: Any
    actual: Any
    message: str
    #: How many of the leaves that were asked for are lost with it.
    lost: int = 1


class Condition(Protocol):
    """``leaves`` is how much is asked for: scores are shares of it."""

    @property
    def leaves(self) -> int: ...

    @property
    def said(self) -> Any:
        """The condition in the words of the language."""
        ...

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        """Why the value is not so; nothing when it is."""
        ...


def holds(condition: Condition, value: Any) -> bool:
    """Whether a value is as a condition says."""
    return not condition.differences(value, "")


def best(found: Sequence[Sequence[Difference]]) -> Sequence[Difference]:
    """Of several values of which one would do, the differences of that which comes nearest."""
    return min(found, key=lambda each: sum(one.lost for one in each))


class Test:
    """One question about one value: ``ask`` answers whether it is so. ``single``: of some entry of an array, too."""

    __test__ = False
    __slots__ = ("_ask", "_single", "leaves", "said")

    def __init__(self, said: Any, ask: Callable[[Any], bool], *, single: bool = True) -> None:
        self.said = said
        self.leaves = 1
        self._ask = ask
        self._single = single

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        if self._ask(value) or (self._single and isinstance(value, list) and any(map(self._ask, value))):
            return ()
        return (_difference(place, self.said, value),)


def _difference(place: str, said: Any, value: Any, lost: int = 1) -> Difference:
    wanted = orjson.dumps(said, default=str).decode()
    actual = "nothing" if value is MISSING else orjson.dumps(shown(value), default=str).decode()
    message = f"{place or 'the value'}: expected {wanted[:300]}, found {actual[:300]}"
    return Difference(place, said, shown(value), message, lost)


class Members:
    """Of an object, the members at the given places; what else it has is free."""

    __slots__ = ("_asked", "leaves", "said")

    def __init__(self, said: Any, asked: Sequence[tuple[Place, Condition]]) -> None:
        self.said = said
        self._asked = asked
        self.leaves = max(1, sum(condition.leaves for _, condition in asked))

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        if isinstance(value, list):
            if not value:
                return (_difference(place, self.said, value, self.leaves),)
            return best([self._inside(each, f"{place}[{index}]") for index, each in enumerate(value)])
        if not isinstance(value, dict):
            return (_difference(place, self.said, value, self.leaves),)
        return self._inside(value, place)

    def _inside(self, value: Any, place: str) -> Sequence[Difference]:
        if not isinstance(value, dict):
            return (_difference(place, self.said, value, self.leaves),)
        found: list[Difference] = []
        for where, condition in self._asked:
            name = f"{place}.{where.text}" if place else where.text
            values = where.values(value)
            found += best([condition.differences(each, name) for each in values])
        return found


class Entries:
    """An array of exactly these entries; with ``ordered`` False in any order."""

    __slots__ = ("_entries", "_ordered", "leaves", "said")

    def __init__(self, said: Any, entries: Sequence[Condition], *, ordered: bool = True) -> None:
        self.said = said
        self._entries = entries
        self._ordered = ordered
        self.leaves = max(1, sum(entry.leaves for entry in entries))

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        if not isinstance(value, list) or len(value) != len(self._entries):
            return (_difference(place, self.said, value, self.leaves),)
        if not self._ordered:
            return () if _paired(self._entries, value) else (_difference(place, self.said, value, self.leaves),)
        return [
            difference
            for index, (entry, each) in enumerate(zip(self._entries, value, strict=True))
            for difference in entry.differences(each, f"{place}[{index}]")
        ]


def _paired(entries: Sequence[Condition], values: Sequence[Any]) -> bool:
    """Whether each entry can have a value of its own: augmenting paths, since the first that fits may be another's."""
    fits = [[place for place, value in enumerate(values) if holds(entry, value)] for entry in entries]
    taken: dict[int, int] = {}

    def place_for(entry: int, tried: set[int]) -> bool:
        for place in fits[entry]:
            if place in tried:
                continue
            tried.add(place)
            if place not in taken or place_for(taken[place], tried):
                taken[place] = entry
                return True
        return False

    return all(place_for(entry, set()) for entry in range(len(entries)))


class All:
    """Every one of the conditions."""

    __slots__ = ("_conditions", "leaves", "said")

    def __init__(self, said: Any, conditions: Sequence[Condition]) -> None:
        self.said = said
        self._conditions = conditions
        self.leaves = max(1, sum(condition.leaves for condition in conditions))

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        return [difference for each in self._conditions for difference in each.differences(value, place)]


class Some:
    """At least one of the conditions."""

    __slots__ = ("_conditions", "leaves", "said")

    def __init__(self, said: Any, conditions: Sequence[Condition]) -> None:
        self.said = said
        self._conditions = conditions
        self.leaves = 1

    def differences(self, value: Any, place: str) -> Sequence[Difference]:
        if any(not each.differences(value, place) for each in self._conditions):
            return ()
        return (_difference(place, self.said, value),)


def exactly(value: Any) -> Condition:
    """A value, or an array that has it."""
    return Test(value, lambda actual: equal(value, actual))


def same(value: Any) -> Condition:
    """The whole value, and nothing more."""
    return Test({"$eq": value}, lambda actual: equal(value, actual), single=False)


def negated(said: Any, condition: Condition) -> Condition:
    """Whatever is not so."""
    return Test(said, lambda actual: not holds(condition, actual), single=False)


def one_of(values: Sequence[Any]) -> Condition:
    """One of the values."""
    return Test({"$in": list(values)}, lambda actual: any(equal(value, actual) for value in values))


def there(wanted: bool) -> Condition:
    """That there is something, or nothing."""
    return Test({"$exists": wanted}, lambda actual: (actual is not MISSING) == wanted, single=False)


def of_kind(name: str) -> Condition:
    """A JSON type."""

    def asked(actual: Any) -> bool:
        if name == "integer":
            return kind(actual) == "number" and float(actual).is_integer()
        return kind(actual) == name

    return Test({"$type": name}, asked, single=False)


def like(pattern: Pattern) -> Condition:
    """A text, or a number as it is written, in which the pattern is found."""

    def asked(actual: Any) -> bool:
        if kind(actual) == "number":
            return pattern.found_in(str(actual))
        return isinstance(actual, str) and pattern.found_in(actual)

    return Test({"$regex": pattern.text}, asked)


def textual(name: str, text: str, ask: Callable[[str, str], bool], *, folded: bool = False) -> Condition:
    """A text that has another one somewhere; ``folded``: in any case."""
    wanted = text.casefold() if folded else text
    return Test(
        {name: text},
        lambda actual: isinstance(actual, str) and ask(actual.casefold() if folded else actual, wanted),
    )


def containing(said: Any, condition: Condition, text: str | None) -> Condition:
    """An array one of whose entries is so; a text that has ``text`` in it; an object of which it is a part."""

    def asked(actual: Any) -> bool:
        if isinstance(actual, list):
            return any(_has(text, entry) or holds(condition, entry) for entry in actual)
        return _has(text, actual) or (isinstance(condition, Members) and holds(condition, actual))

    # Asked of the whole alone: asking each entry again, at every level, would take exponential time.
    return Test(said, asked, single=False)


def _has(text: str | None, actual: Any) -> bool:
    return text is not None and isinstance(actual, str) and text in actual


def each(said: Any, condition: Condition) -> Condition:
    """An array all of whose entries are so, and which has one."""
    return Test(
        said,
        lambda actual: isinstance(actual, list) and bool(actual) and all(holds(condition, one) for one in actual),
        single=False,
    )


def sized(said: Any, condition: Condition) -> Condition:
    """The length of a text in characters, of an array or object in entries."""

    def asked(actual: Any) -> bool:
        return isinstance(actual, str | list | dict) and holds(condition, len(actual))

    return Test(said, asked, single=False)


def compared(name: str, limit: Any, ask: Callable[[Any, Any], bool]) -> Condition:
    """A number, or a text, beside another one."""

    def asked(actual: Any) -> bool:
        if isinstance(limit, str):
            return isinstance(actual, str) and ask(str(actual), limit)
        found = number(actual)
        return found is not None and ask(found, limit)

    return Test({name: limit}, asked)


def written(said: Any, condition: Condition) -> Condition:
    """A text that is JSON of that kind."""

    def asked(actual: Any) -> bool:
        if not isinstance(actual, str):
            return False
        try:
            found = orjson.loads(actual)
        except orjson.JSONDecodeError:
            return False
        return holds(condition, found)

    return Test(said, asked)
