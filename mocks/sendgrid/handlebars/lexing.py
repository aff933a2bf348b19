"""Templates in pieces: text, and the expressions between braces, each with the tokens inside of it.

After Handlebars' own grammar, as https://handlebarsjs.com/guide/ (2026-11) describes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from mocks.sendgrid.handlebars.faults import MOST_TAGS, MOST_WORDS, TemplateFault

Opening = Literal["output", "raw", "open", "open_inverse", "else", "else_if", "close", "comment"]


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression. ``kind``: id, sep (of a path), string, number, word (true, null ...), as, or
    the punctuation itself: ( ) = | @."""

    kind: str
    value: Any
    written: str
    bracketed: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """``{{...}}``. ``tilde``: whether blanks on its left and right are taken away."""

    opening: Opening
    tokens: list[Token]
    tilde: tuple[bool, bool]
    line: int


#: The first that fits counts.
_OPENINGS: Final[tuple[tuple[re.Pattern[str], Opening | str], ...]] = (
    (re.compile(r"\{\{()\{\{"), "raw blocks are not supported"),
    (re.compile(r"\{\{(~)?#?>"), "partials are not supported"),
    (re.compile(r"\{\{(~)?#?\*"), "decorators are not supported"),
    (re.compile(r"\{\{(~)?#"), "open"),
    (re.compile(r"\{\{(~)?/"), "close"),
    (re.compile(r"\{\{(~)?(?:\^|\s*else\b)(?=\s*~?\}\})"), "else"),
    (re.compile(r"\{\{(~)?\^"), "open_inverse"),
    (re.compile(r"\{\{(~)?\s*else\b"), "else_if"),
    (re.compile(r"\{\{(~)?\{"), "raw"),
    (re.compile(r"\{\{(~)?&"), "raw"),
    (re.compile(r"\{\{(~)?!"), "comment"),
    (re.compile(r"\{\{(~)?"), "output"),
)

_AHEAD: Final = r"(?=[=~}\s/.)\]|])"
_WORD_AHEAD: Final = r"(?=[~}\s)\]])"
_TOKEN: Final = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<close_raw>\}~?\}\})"
    r"|(?P<close>~?\}\})"
    r'|(?P<string>"(?:\\"|[^"])*"|\'(?:\\\'|[^\'])*\')'
    rf"|(?P<word>(?:true|false|null|undefined){_WORD_AHEAD})"
    rf"|(?P<number>-?[0-9]+(?:\.[0-9]+)?{_WORD_AHEAD})"
    r"|(?P<as>as\s+\|)"
    rf"|(?P<up>\.\.|\.{_AHEAD})"
    r"|(?P<sep>[/.])"
    r"|(?P<mark>[()=|@])"
    r"|(?P<brackets>\[(?:\\\]|[^\]])*\])"
    rf"|(?P<id>[^\s!\"#%-,./;->@\[-^`{{-~]+{_AHEAD})"
)
_WORDS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_DASHED: Final = re.compile(r"\{\{~?!--")


def pieces(source: str) -> Iterator[str | Tag]:
    """The text and the expressions of ``source``, in order. Raises TemplateFault."""
    place, tags, words, line = 0, 0, 0, 1
    while place < len(source):
        start = source.find("{{", place)
        if start < 0:
            yield source[place:]
            return
        text = source[place:start]
        line += text.count("\n")
        if text.endswith("\\") and not text.endswith("\\\\"):
            # \{{ is text, up to what may open the next expression.
            place = _after_escaped(source, start)
            yield text[:-1] + source[start:place]
            line += source.count("\n", start, place)
            continue
        if text.endswith("\\\\"):
            text = text[:-1]
        if text:
            yield text
        tags += 1
        if tags > MOST_TAGS:
            raise TemplateFault("the template has too many expressions")
        tag, place = _tag(source, start, line)
        words += len(tag.tokens)
        if words > MOST_WORDS:
            raise TemplateFault("the expressions of the template have too many words")
        line += source.count("\n", start, place)
        yield tag


def _after_escaped(source: str, start: int) -> int:
    after = source.find("{{", start + 2)
    if after < 0:
        return len(source)
    while after > start + 2 and source[after - 1] == "\\":
        after -= 1
    return after


def _tag(source: str, start: int, line: int) -> tuple[Tag, int]:
    """The expression at ``start`` and where it ends."""
    # The last pattern fits everything.
    found, opening = next((found, opening) for pattern, opening in _OPENINGS if (found := pattern.match(source, start)))
    if " " in opening:
        raise TemplateFault(f"line {line}: {opening}")
    left = found[1] is not None
    if opening == "comment":
        return _comment(source, start, left, line)
    tokens, close, end = _tokens(source, found.end(), line)
    # }}} closes what {{{ opened, and nothing else.
    if (len(close.replace("~", "")) == 3) != found[0].endswith(("{{{", "~{")):
        raise TemplateFault(f"line {line}: an expression is not closed as it was opened")
    return Tag(cast(Opening, opening), tokens, (left, "~" in close), line), end


def _tokens(source: str, place: int, line: int) -> tuple[list[Token], str, int]:
    tokens: list[Token] = []
    while found := _TOKEN.match(source, place):
        kind = found.lastgroup or ""
        place = found.end()
        if kind in ("close", "close_raw"):
            return tokens, found[0], place
        if kind != "blank":
            tokens.append(_token(kind, found[0]))
    if place >= len(source):
        raise TemplateFault(f"line {line}: an expression is not closed")
    raise TemplateFault(f"line {line}: {source[place : place + 10]!r} does not belong into an expression")


def _token(kind: str, written: str) -> Token:
    if kind == "string":
        quote = written[0]
        return Token("string", written[1:-1].replace(f"\\{quote}", quote), written)
    if kind == "number":
        return Token("number", float(written) if "." in written else int(written), written)
    if kind == "word":
        return Token("word", _WORDS[written], written)
    if kind == "brackets":
        return Token("id", re.sub(r"\\([\\\]])", r"\1", written[1:-1]), written, bracketed=True)
    if kind in ("up", "id"):
        return Token("id", written, written)
    return Token(written if kind == "mark" else kind, written, written)


def _comment(source: str, start: int, left: bool, line: int) -> tuple[Tag, int]:
    """``{{! }}`` ends at the next braces, ``{{!-- --}}`` at the next dashes with braces."""
    dashed = _DASHED.match(source, start) is not None
    ends = [source.find(end, start) for end in (("--}}", "--~}}") if dashed else ("}}",))]
    ends = [end for end in ends if end >= 0]
    if not ends:
        raise TemplateFault(f"line {line}: a comment is not closed")
    stop = source.index("}}", min(ends))
    return Tag("comment", [], (left, source[stop - 1] == "~"), line), stop + 2
