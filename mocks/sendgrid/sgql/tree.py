"""What a query is once it is read: values, names, functions and operations on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Interval:
    """A length of time: months are as long as the calendar has them."""

    months: int
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: text, number, truth, time (timezone-aware), Interval or None."""

    value: object


@dataclass(frozen=True, slots=True)
class Name:
    """A field, with the ``key`` of a map's entry where one is asked for."""

    name: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function's call; its name is in lower case."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator (``and``, ``not in``, ``+``, ``negative``) and what it works on."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a selection reads, and what it is called there."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Select:
    """``SELECT columns FROM tables WHERE where``; ``joins`` are what the tables are joined on."""

    columns: tuple[Node, ...]
    tables: tuple[Table, ...]
    joins: tuple[Node, ...]
    where: Node | None


Node = Value | Name | Function | Operation | Select


def every(node: Node) -> Iterator[Node]:
    """``node`` and all that it is made of, but not what a selection inside of it is made of."""
    yield node
    parts: tuple[Node, ...] = ()
    if isinstance(node, Function):
        parts = node.arguments
    elif isinstance(node, Operation):
        parts = node.operands
    for part in parts:
        yield from every(part)
