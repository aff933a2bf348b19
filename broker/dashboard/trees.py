"""JSON as highlighted, escaped lines, with a mark at the places that broke a contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from markupsafe import Markup, escape

#: Lines of a value that are shown; what follows is said to be left out.
MOST = 5000
#: Depth beyond which values are written in one line.
_DEEP = 60

Marks = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Line:
    depth: int
    html: Markup
    place: str | None = None


def tree(value: Any, marks: Marks | None = None, root: str = "body") -> Markup:
    """A ``pre`` with a line for each member. ``marks`` are messages by place (``body.items[0].price``); one whose
    place is not in the value stands at the nearest place around it."""
    lines: list[_Line] = []
    left_out = False
    for line in _lines(value, root, 0, Markup(""), ""):
        if len(lines) == MOST:
            left_out = True
            break
        lines.append(line)
    placed = _placed(lines, marks or {}, root)
    rows = [_row(line, placed.get(number, ())) for number, line in enumerate(lines)]
    if left_out:
        rows.append(Markup('<span class="l muted">… the rest is left out here</span>'))
    return Markup('<pre class="code json" tabindex="0">{}</pre>').format(Markup("\n").join(rows))


def _placed(lines: Sequence[_Line], marks: Marks, root: str) -> Mapping[int, list[str]]:
    """Messages by the number of their line."""
    if not marks:
        return {}
    places = {line.place: number for number, line in reversed(list(enumerate(lines))) if line.place is not None}
    found: dict[int, list[str]] = {}
    for place, messages in marks.items():
        around = place
        while around not in places and around != root:
            around = max(around.rpartition(".")[0], around.rpartition("[")[0], key=len) or root
        found.setdefault(places.get(around, 0), []).extend(messages)
    return found


def _row(line: _Line, messages: Sequence[str]) -> Markup:
    indent = "  " * line.depth
    if not messages:
        return Markup('<span class="l">{}{}</span>').format(indent, line.html)
    noted = Markup("").join(Markup('<span class="note">{}</span>').format(message) for message in messages)
    return Markup('<span class="l marked">{}{}{}</span>').format(indent, line.html, noted)


def _lines(value: Any, place: str, depth: int, before: Markup, after: str) -> Iterator[_Line]:
    if isinstance(value, dict) and value and depth < _DEEP:
        yield _Line(depth, before + "{", place)
        last = len(value) - 1
        for number, (name, each) in enumerate(value.items()):
            label = Markup('<span class="k">{}</span>: ').format(_quoted(str(name)))
            yield from _lines(each, f"{place}.{name}", depth + 1, label, "," if number < last else "")
        yield _Line(depth, escape("}" + after))
    elif isinstance(value, list) and value and depth < _DEEP:
        yield _Line(depth, before + "[", place)
        for number, each in enumerate(value):
            comma = "," if number < len(value) - 1 else ""
            yield from _lines(each, f"{place}[{number}]", depth + 1, Markup(""), comma)
        yield _Line(depth, escape("]" + after))
    else:
        yield _Line(depth, before + _scalar(value) + after, place)


def _scalar(value: Any) -> Markup:
    kind = "s" if isinstance(value, str) else "b" if value is None or isinstance(value, bool) else "n"
    if isinstance(value, dict | list):
        kind = "p"
    return Markup('<span class="{}">{}</span>').format(kind, _quoted(value))


def _quoted(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str).decode()
    except (TypeError, ValueError):  # lone surrogates, integers beyond 64 bits
        return str(value)
