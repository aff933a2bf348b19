"""Form bodies and query strings with nested brackets: ``a[b][0]=1`` to a tree of text.

Knows no schema: types come later (``contracts/coercion.py``), which is also where ``{"0": ..}`` becomes a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from contracts.contract import RuleName

#: A tree of text: members by name; an array written as ``a[]`` is a member ``""`` that holds a list.
Tree = dict[str, Any]

#: How deep keys may nest. The deepest parameter of the APIs that are known here has nine steps.
MAX_DEPTH = 20
#: How many pairs one form may hold.
MAX_PAIRS = 5_000
#: Keys recur from call to call: their parsed paths are kept, up to this many, those up to this length.
_KEPT_KEYS, _KEPT_LENGTH = 4_096, 200

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_paths: dict[str, tuple[str, ...]] = {}


class FormError(ValueError):
    """The text is no form: broken escapes, not UTF-8, null bytes, too deep, too many pairs, or keys that disagree."""

    def __init__(self, rule: RuleName, message: str, pointer: tuple[str | int, ...] = ()) -> None:
        self.rule: RuleName = rule
        self.pointer = pointer
        self.message = message
        super().__init__(message)


def unquote(text: str) -> str:
    """Percent-decode one value (``+`` stays). Raises FormError for broken escapes, bad UTF-8 and null bytes."""
    if "%" in text:
        if _BROKEN_ESCAPE.search(text):
            raise FormError("malformed", "holds a broken percent escape")
        try:
            text = unquote_to_bytes(text).decode()
        except UnicodeDecodeError as error:
            raise FormError("malformed", "is not UTF-8") from error
    if "\0" in text:
        raise FormError("malformed", "holds a null byte")
    return text


def pairs(text: str) -> list[tuple[str, str]]:
    """The form's raw keys (still escaped) and decoded values, in order. Raises FormError."""
    pieces = text.split("&")
    if len(pieces) > MAX_PAIRS:
        raise FormError("malformed", f"holds more than {MAX_PAIRS} pairs")
    if "%" not in text and "+" not in text and "\0" not in text:
        return [(key, value) for key, _, value in (piece.partition("=") for piece in pieces if piece)]
    found = []
    for piece in pieces:
        if piece:
            key, _, value = piece.partition("=")
            if "+" in value:
                value = value.replace("+", " ")
            found.append((key, unquote(value) if "%" in value or "\0" in value else value))
    return found


def text_of(body: bytes) -> str:
    """The body as text. Raises FormError when it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise FormError("malformed", "is not UTF-8") from error


def decode(text: str) -> Tree:
    """``a[b]=1&c[]=2&c[]=3&d[0][e]=4`` to ``{"a": {"b": "1"}, "c": {"": ["2", "3"]}, "d": {"0": {"e": "4"}}}``.

    A plain key that repeats becomes a list of its values. Raises FormError; needs no more stack for a deep key.
    """
    return tree(pairs(text))


def tree(found: Iterable[tuple[str, str]]) -> Tree:
    """The tree of raw keys and decoded values. Raises FormError."""
    tree: Tree = {}
    for raw, value in found:
        path = _paths.get(raw)
        if path is None:
            path = path_of(raw)
        if len(path) == 1:
            key = path[0]
            if key in tree:
                tree[key] = _again(tree[key], value, path)
            else:
                tree[key] = value
        else:
            _put(tree, path, value)
    return tree


def path_of(raw: str) -> tuple[str, ...]:
    """The steps of a raw key: ``a%5Bb%5D[]`` to ``("a", "b", "")``. A key whose brackets do not match is one step.
    Raises FormError."""
    key = unquote(raw.replace("+", " "))
    if key.count("[") > MAX_DEPTH:
        raise FormError("too_deep", f"is nested deeper than {MAX_DEPTH} levels", (key.partition("[")[0],))
    found = _KEY.fullmatch(key)
    path = (key,) if found is None else (found[1], *found[2][1:-1].split("]["))
    if len(raw) <= _KEPT_LENGTH:
        if len(_paths) >= _KEPT_KEYS:
            _paths.clear()
        _paths[raw] = path
    return path


def _put(tree: Tree, path: tuple[str, ...], value: str) -> None:
    """Walk to the last step, making what is missing, and put the value there."""
    node: Any = tree
    last = len(path) - 1
    for position, step in enumerate(path):
        if type(node) is not dict:
            raise _disagreement(path, position)
        if step == "" and position:
            elements = node.setdefault("", [])
            if position == last:
                elements.append(value)
                return
            # `a[][b]=1&a[][c]=2&a[][b]=3`: a member that is there already begins the next element.
            if not elements or type(elements[-1]) is not dict or (position + 1 == last and path[last] in elements[-1]):
                elements.append({})
            node = elements[-1]
        elif position == last:
            node[step] = _again(node[step], value, path) if step in node else value
        else:
            node = node.setdefault(step, {})


def _again(before: Any, value: str, path: tuple[str, ...]) -> list[str]:
    if type(before) is dict:
        raise _disagreement(path, len(path))
    if type(before) is list:
        before.append(value)
        return before
    return [before, value]


def _disagreement(path: tuple[str, ...], position: int) -> FormError:
    return FormError("malformed", "is given both as a value and as a container of values", path[:position])
