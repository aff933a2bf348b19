"""A template that was read: text, expressions and blocks, in the words of Handlebars' own grammar
(https://handlebarsjs.com/guide/expressions.html, 2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Tilde = tuple[bool, bool]  # whether an expression takes away the blanks on its left, and on its right


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the template: text, a number, true, false, null or undefined."""

    value: Any
    written: str


@dataclass(frozen=True, slots=True)
class Path:
    """``../order.items``: up ``depth`` contexts, then along ``steps``. ``at`` marks what begins with ``@``; ``scoped``
    what begins with ``this`` or ``./`` and therefore never names a helper."""

    steps: Sequence[str]
    depth: int = 0
    at: bool = False
    scoped: bool = False
    written: str = ""

    @property
    def simple(self) -> bool:
        """Whether it may name a helper."""
        return len(self.steps) == 1 and not self.depth and not self.scoped and not self.at


@dataclass(frozen=True, slots=True)
class Invocation:
    """What stands between braces, or between brackets: a path or a literal, with what it is given."""

    target: Expression
    arguments: Sequence[Expression] = ()
    named: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def bare(self) -> bool:
        return not self.arguments and not self.named


Expression = Literal | Path | Invocation


@dataclass(slots=True)
class Text:
    """Written as it is. ``original`` is what stood there before blanks were taken away."""

    value: str
    original: str
    left_stripped: bool = False
    right_stripped: bool = False


@dataclass(slots=True)
class Comment:
    tilde: Tilde


@dataclass(slots=True)
class Output:
    """``{{call}}``, or ``{{{call}}}`` without escaping."""

    call: Invocation
    escaped: bool
    tilde: Tilde


@dataclass(slots=True)
class Branch:
    """One part of a block: ``{{#if a}}``, ``{{else if b}}``, or ``{{else}}``, which has no call. ``tilde`` is that of
    the expression that opens it."""

    call: Invocation | None
    body: list[Node]
    tilde: Tilde
    names: Sequence[str] = ()  # as |item index|


@dataclass(slots=True)
class Block:
    """``{{#name}}`` to ``{{/name}}``. ``inverted``: it was opened by ``{{^name}}``."""

    branches: list[Branch]
    close: Tilde
    inverted: bool = False


Node = Text | Comment | Output | Block
