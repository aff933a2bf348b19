"""A query's words to its tree: a parser that goes down from OR to single values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from mocks.sendgrid.sgql.tree import Function, Interval, Name, Node, Operation, Select, Table, Value
from mocks.sendgrid.sgql.words import Unreadable, Word, words

#: No query goes deeper, nor calculates more: limits of ours.
DEEPEST: Final = 40
MOST_SUMS: Final = 100

_COMPARISONS: Final = frozenset(["=", "!=", "<", "<=", ">", ">="])
_UNITS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTHS: Final = {"month": 1, "year": 12}
#: Digits of an interval, and characters of a number.
_LONGEST_INTERVAL: Final = 5
_LONGEST_NUMBER: Final = 30


def read(query: str) -> Node:
    """The tree of a query that is a condition. Raises Unreadable."""
    reader = _Reader(words(query))
    tree = reader.condition()
    reader.end()
    return tree


def read_select(query: str) -> Select:
    """The tree of a query that is a whole selection. Raises Unreadable."""
    reader = _Reader(words(query))
    tree = reader.select()
    reader.end()
    return tree


def moment(text: str) -> datetime:
    """The time that a text in ISO 8601 names; UTC where it tells no zone. Raises Unreadable."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(f"{text!r} is no time in the format YYYY-MM-DDTHH:mm:SSZ") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class _Reader:
    def __init__(self, found: list[Word]) -> None:
        self._words = found
        self._place = 0
        self._depth = 0
        self._sums = 0

    # -- words -----------------------------------------------------------------------------------------

    def _next(self) -> Word:
        return self._words[self._place]

    def _take(self) -> Word:
        word = self._next()
        if word.kind != "end":
            self._place += 1
        return word

    def _accept(self, *texts: str) -> str | None:
        """The next word when it is one of these keywords or signs."""
        word = self._next()
        if word.kind in ("keyword", "sign") and word.text in texts:
            self._place += 1
            return word.text
        return None

    def _expect(self, text: str) -> None:
        if self._accept(text) is None:
            raise self._unexpected(f"expected {text.upper()}")

    def _unexpected(self, why: str) -> Unreadable:
        word = self._next()
        found = "the end of the query" if word.kind == "end" else repr(word.text)
        return Unreadable(f"invalid syntax: {why}, found {found}")

    def end(self) -> None:
        if self._next().kind != "end":
            raise self._unexpected("expected the end of the query")

    # -- conditions ------------------------------------------------------------------------------------

    def condition(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(f"a query has at most {DEEPEST} levels")
        node = self._flat("or", lambda: self._flat("and", self._negation))
        self._depth -= 1
        return node

    def _flat(self, operator: str, lower: Callable[[], Node]) -> Node:
        """Any number of operands of one operator."""
        found = [lower()]
        while self._accept(operator):
            found.append(lower())
        return found[0] if len(found) == 1 else Operation(operator, tuple(found))

    def _left(self, operators: tuple[str, ...], lower: Callable[[], Node]) -> Node:
        node = lower()
        while operator := self._accept(*operators):
            self._sums += 1
            if self._sums > MOST_SUMS:
                raise Unreadable(f"a query calculates at most {MOST_SUMS} times")
            node = Operation(operator, (node, lower()))
        return node

    def _negation(self) -> Node:
        turned = False
        while self._accept("not"):
            turned = not turned
        node = self._comparison()
        return Operation("not", (node,)) if turned else node

    def _comparison(self) -> Node:
        node = self._sum()
        if operator := self._accept(*_COMPARISONS):
            return Operation(operator, (node, self._sum()))
        if self._accept("is"):
            negated = self._accept("not")
            self._expect("null")
            return Operation("is not null" if negated else "is null", (node,))
        prefix = "not " if self._accept("not") else ""
        if self._accept("like"):
            return Operation(prefix + "like", (node, self._sum()))
        if self._accept("between"):
            low = self._sum()
            self._expect("and")
            return Operation(prefix + "between", (node, low, self._sum()))
        if self._accept("in"):
            return Operation(prefix + "in", (node, *self._choices()))
        if prefix:
            raise self._unexpected("expected LIKE, IN or BETWEEN after NOT")
        return node

    def _choices(self) -> tuple[Node, ...]:
        self._expect("(")
        if self._next() == Word("keyword", "select"):
            chosen: tuple[Node, ...] = (self._inner(),)
        else:
            chosen = self._listed()
        self._expect(")")
        return chosen

    def _listed(self) -> tuple[Node, ...]:
        found = [self._sum()]
        while self._accept(","):
            found.append(self._sum())
        return tuple(found)

    # -- values ----------------------------------------------------------------------------------------

    def _sum(self) -> Node:
        return self._left(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._left(("*", "/", "%"), self._signed)

    def _signed(self) -> Node:
        if self._accept("-"):
            return Operation("negative", (self._single(),))
        return self._single()

    def _single(self) -> Node:
        if self._accept("("):
            node = self.condition()
            self._expect(")")
            return node
        word = self._next()
        if word.kind == "number":
            self._take()
            if len(word.text) > _LONGEST_NUMBER:
                raise Unreadable("invalid syntax: a number is too long")
            return Value(float(word.text) if "." in word.text else int(word.text))
        if word.kind == "text":
            return Value(self._take().text)
        if word.kind == "name":
            return self._named(self._take().text)
        if self._accept("true", "false", "null"):
            return Value({"true": True, "false": False}.get(word.text))
        if self._accept("timestamp"):
            return Value(moment(self._text("a time")))
        if self._accept("interval"):
            return Value(self._interval())
        if self._accept("["):  # an array, as the second version's functions take it
            found = self._listed()
            self._expect("]")
            return Function("array", found)
        raise self._unexpected("expected a value")

    def _text(self, what: str) -> str:
        if self._next().kind != "text":
            raise self._unexpected(f"expected {what}")
        return self._take().text

    def _named(self, name: str) -> Node:
        if self._accept("("):
            arguments: tuple[Node, ...] = ()
            if not self._accept(")"):
                arguments = self._listed()
                self._expect(")")
            return Function(name.lower(), arguments)
        if self._accept("["):
            key = self._text("a key")
            self._expect("]")
            return Name(name, key)
        return Name(name)

    def _interval(self) -> Interval:
        """``10 day``, or the same as a text."""
        if self._next().kind == "text":
            count, _, unit = self._take().text.strip().partition(" ")
        else:
            count, unit = self._take().text, self._take().text
        unit = unit.strip().lower().removesuffix("s")
        if not (count.isascii() and count.isdigit()) or len(count) > _LONGEST_INTERVAL:
            raise Unreadable(f"{count!r} is no number of an interval")
        if unit in _MONTHS:
            return Interval(int(count) * _MONTHS[unit], timedelta())
        if unit not in _UNITS:
            raise Unreadable(f"{unit!r} is no unit of time")
        return Interval(0, timedelta(seconds=int(count) * _UNITS[unit]))

    # -- selections ------------------------------------------------------------------------------------

    def _inner(self) -> Select:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(f"a query has at most {DEEPEST} levels")
        found = self.select()
        self._depth -= 1
        return found

    def select(self) -> Select:
        self._expect("select")
        columns = self._columns()
        self._expect("from")
        tables, joins = [self._table()], []
        while self._accept("join", "inner"):
            if self._words[self._place - 1].text == "inner":
                self._expect("join")
            tables.append(self._table())
            self._expect("on")
            joins.append(self._negation())
        where = self.condition() if self._accept("where") else None
        return Select(columns, tuple(tables), tuple(joins), where)

    def _columns(self) -> tuple[Node, ...]:
        found = [self._sum()]
        while self._accept(","):
            found.append(self._sum())
        return tuple(found)

    def _table(self) -> Table:
        if self._next().kind != "name":
            raise self._unexpected("expected a table")
        name = self._take().text
        named = self._accept("as")
        if self._next().kind == "name":
            return Table(name.lower(), self._take().text)
        if named:
            raise self._unexpected("expected a name of the table")
        return Table(name.lower(), name)
