"""Reads a template: its pieces become a tree. Raises TemplateFault, which names the line, for what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mocks.sendgrid.handlebars.faults import MOST_DEPTH, TemplateFault
from mocks.sendgrid.handlebars.lexing import Tag, Token, pieces
from mocks.sendgrid.handlebars.tree import (
    Block,
    Branch,
    Comment,
    Expression,
    Invocation,
    Literal,
    Node,
    Output,
    Path,
    Text,
)
from mocks.sendgrid.handlebars.whitespace import tidy

#: The segments that mean the context itself, or the one around it.
_SELF: Final = ("this", ".")
_UP: Final = ".."


def parse(source: str) -> list[Node]:
    """The nodes of a template, blanks around its tags already taken away as ``~`` and lines of their own ask."""
    root: list[Node] = []
    opened: list[tuple[Block, str, int]] = []  # each block that is open, its name as written, and its line
    body = root
    for piece in pieces(source):
        if isinstance(piece, str):
            body.append(Text(piece, piece))
        elif piece.opening == "comment":
            body.append(Comment(piece.tilde))
        elif piece.opening in ("output", "raw"):
            words = _Words(piece)
            body.append(Output(words.call(), piece.opening == "output", piece.tilde))
        elif piece.opening in ("open", "open_inverse"):
            block, name = _opened(piece)
            body.append(block)
            opened.append((block, name, piece.line))
            if len(opened) > MOST_DEPTH:
                raise TemplateFault(f"line {piece.line}: blocks are nested too deeply")
            body = block.branches[0].body
        elif piece.opening == "close":
            body = _closed(piece, opened, root)
        else:
            body = _next_branch(piece, opened)
    if opened:
        _, name, line = opened[-1]
        raise TemplateFault(f"line {line}: {name} is not closed")
    tidy(root)
    _prune(root)
    return root


def _prune(body: list[Node]) -> None:
    """Leave out, in place, what writes nothing."""
    body[:] = [
        node for node in body if not isinstance(node, Comment) and not (isinstance(node, Text) and not node.value)
    ]
    for node in body:
        if isinstance(node, Block):
            for branch in node.branches:
                _prune(branch.body)


def _opened(tag: Tag) -> tuple[Block, str]:
    words = _Words(tag)
    call, names = words.opening()
    branch = Branch(call, [], tag.tilde, names)
    return Block([branch], (False, False), inverted=tag.opening == "open_inverse"), _written(call.target)


def _closed(tag: Tag, opened: list[tuple[Block, str, int]], root: list[Node]) -> list[Node]:
    """The body in which the block that ``tag`` closes stands."""
    words = _Words(tag)
    name = _written(words.name())
    words.end()
    if not opened:
        raise TemplateFault(f"line {tag.line}: {name} is closed and was never opened")
    block, expected, _ = opened.pop()
    if name != expected:
        raise TemplateFault(f"line {tag.line}: {expected} doesn't match {name}")
    block.close = tag.tilde
    return opened[-1][0].branches[-1].body if opened else root


def _next_branch(tag: Tag, opened: list[tuple[Block, str, int]]) -> list[Node]:
    if not opened:
        raise TemplateFault(f"line {tag.line}: else stands outside of a block")
    block = opened[-1][0]
    if block.branches[-1].call is None or (block.inverted and tag.opening == "else_if"):
        raise TemplateFault(f"line {tag.line}: nothing can follow else but the end of its block")
    call, names = _Words(tag).opening() if tag.opening == "else_if" else (None, ())
    block.branches.append(Branch(call, [], tag.tilde, names))
    return block.branches[-1].body


def _written(target: Expression) -> str:
    return "(...)" if isinstance(target, Invocation) else target.written


class _Words:
    """The tokens of one expression, read from left to right."""

    def __init__(self, tag: Tag) -> None:
        self._tokens = tag.tokens
        self._line = tag.line
        self._place = 0
        self._depth = 0

    def opening(self) -> tuple[Invocation, Sequence[str]]:
        """What opens a block, with the names after ``as``."""
        call = self._invocation()
        names: list[str] = []
        if self._next_is("as"):
            self._place += 1
            while self._next_is("id"):
                names.append(str(self._take().value))
            self._expect("|")
            if not names:
                raise self._fault()
        self.end()
        return call, names

    def call(self) -> Invocation:
        call = self._invocation()
        self.end()
        return call

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise self._fault()

    def _invocation(self) -> Invocation:
        target = self._bracketed() if self._next_is("(") else self.name()
        arguments: list[Expression] = []
        named: dict[str, Expression] = {}
        while self._place < len(self._tokens) and not self._next_is("as") and not self._next_is(")"):
            if self._next_is("id") and self._next_is("=", 1):
                name = str(self._take().value)
                self._place += 1
                named[name] = self._expression()
            elif named:
                raise self._fault()
            else:
                arguments.append(self._expression())
        return Invocation(target, arguments, named)

    def _expression(self) -> Expression:
        return self._bracketed() if self._next_is("(") else self.name()

    def _bracketed(self) -> Invocation:
        self._expect("(")
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise TemplateFault(f"line {self._line}: calls are nested too deeply")
        call = self._invocation()
        self._expect(")")
        self._depth -= 1
        if self._next_is("sep"):
            raise self._fault()
        return call

    def name(self) -> Literal | Path:
        """A path, ``@name`` or a literal."""
        if self._next_is("@"):
            self._place += 1
            return self._path(at=True)
        if self._next_is("id"):
            return self._path(at=False)
        token = self._take()
        if token.kind not in ("string", "number", "word"):
            raise self._fault(token)
        return Literal(token.value, token.written if token.kind != "string" else str(token.value))

    def _path(self, *, at: bool) -> Path:
        steps: list[str] = []
        depth, scoped, written = 0, False, "@" if at else ""
        while True:
            token = self._expect("id")
            written += token.written
            step = str(token.value)
            if not token.bracketed and step in (*_SELF, _UP):
                if steps:
                    raise TemplateFault(f"line {self._line}: invalid path: {written}")
                depth += step == _UP
                scoped = scoped or step != _UP
            else:
                steps.append(step)
            if not self._next_is("sep"):
                return Path(steps, depth, at, scoped, written)
            written += self._take().written

    def _next_is(self, kind: str, ahead: int = 0) -> bool:
        place = self._place + ahead
        return place < len(self._tokens) and self._tokens[place].kind == kind

    def _take(self) -> Token:
        if self._place >= len(self._tokens):
            raise TemplateFault(f"line {self._line}: an expression ends too early")
        token = self._tokens[self._place]
        self._place += 1
        return token

    def _expect(self, kind: str) -> Token:
        token = self._take()
        if token.kind != kind:
            raise self._fault(token)
        return token

    def _fault(self, token: Token | None = None) -> TemplateFault:
        if token is None:
            token = self._tokens[min(self._place, len(self._tokens) - 1)]
        return TemplateFault(f"line {self._line}: {token.written} does not belong here")
