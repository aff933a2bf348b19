"""A trie over path segments: from a method and a path to an operation, whatever the number of operations.

Static segments win over parameters, at every segment; what a parameter caught is percent-decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from contracts.contract import Match, Operation

_PARAMETER = re.compile(r"\{([^{}]+)\}")


class _Node:
    """One segment's place. ``mixed`` holds segments such as ``{name}.csv``, as a pattern."""

    __slots__ = ("leaves", "mixed", "parameter", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node] = {}
        self.mixed: list[tuple[re.Pattern[str], _Node]] = []
        self.parameter: _Node | None = None
        self.leaves: dict[str, _Leaf] = {}


@dataclass(frozen=True, slots=True)
class _Leaf:
    operation: Operation
    names: tuple[str, ...]


_NOTHING: dict[str, str] = {}


@dataclass(slots=True)
class Routes:
    """``operations`` by method and path template. Where two of them meet at one place the first is matched, and the
    other is kept in ``hidden``: the wire cannot tell them apart."""

    operations: Iterable[Operation]
    hidden: list[Operation] = field(default_factory=list)
    _root: _Node = field(default_factory=_Node)

    def __post_init__(self) -> None:
        for operation in self.operations:
            self._add(operation)

    def match(self, method: str, path: str) -> Match | None:
        """The operation at ``path`` (percent-encoded, without query), with its decoded path parameters."""
        # The usual case walks straight down; only a dead end behind a static segment looks at the alternatives.
        node, caught = self._root, []
        for segment in path[1:].split("/"):
            following = node.static.get(segment)
            if following is None:
                following = node.parameter
                if following is None or not segment or node.mixed:
                    return self._search(method, path)
                caught.append(segment)
            node = following
        leaf = node.leaves.get(method)
        if leaf is None:
            return self._search(method, path)
        return _matched(leaf, caught)

    def methods(self, path: str) -> frozenset[str]:
        """Every method that some operation takes at ``path``."""
        found: set[str] = set()
        self._walk(path, lambda node, caught: found.update(node.leaves))
        return frozenset(found)

    def _search(self, method: str, path: str) -> Match | None:
        found: list[Match] = []

        def look(node: _Node, caught: tuple[str, ...]) -> None:
            leaf = node.leaves.get(method)
            if leaf is not None and not found:
                found.append(_matched(leaf, caught))

        self._walk(path, look)
        return found[0] if found else None

    def _walk(self, path: str, visit: Callable[[_Node, tuple[str, ...]], object]) -> None:
        """Visit every node that the whole path leads to, the most static way first."""
        if not path.startswith("/"):
            return
        segments = path[1:].split("/")
        ways: list[tuple[_Node, int, tuple[str, ...]]] = [(self._root, 0, ())]
        while ways:
            node, position, caught = ways.pop()
            if position == len(segments):
                visit(node, caught)
                continue
            segment = segments[position]
            if node.parameter is not None and segment:
                ways.append((node.parameter, position + 1, (*caught, segment)))
            for pattern, following in reversed(node.mixed):
                found = pattern.fullmatch(segment)
                if found is not None:
                    ways.append((following, position + 1, (*caught, *found.groups())))
            following_static = node.static.get(segment)
            if following_static is not None:
                ways.append((following_static, position + 1, caught))

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path[1:].split("/"):
            node = _child(node, segment)
        if operation.method in node.leaves:
            self.hidden.append(operation)
            return
        node.leaves[operation.method] = _Leaf(operation, tuple(_PARAMETER.findall(operation.path)))


def _child(node: _Node, segment: str) -> _Node:
    if "{" not in segment:
        return node.static.setdefault(segment, _Node())
    if _PARAMETER.fullmatch(segment):
        if node.parameter is None:
            node.parameter = _Node()
        return node.parameter
    # re.split with one group alternates literal text and parameter names.
    parts = _PARAMETER.split(segment)
    pattern = "".join("(.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    for known, child in node.mixed:
        if known.pattern == pattern:
            return child
    child = _Node()
    node.mixed.append((re.compile(pattern), child))
    return child


def _matched(leaf: _Leaf, caught: Iterable[str]) -> Match:
    if not leaf.names:
        return Match(leaf.operation, _NOTHING)
    return Match(
        leaf.operation,
        {name: unquote(value) if "%" in value else value for name, value in zip(leaf.names, caught, strict=True)},
    )
