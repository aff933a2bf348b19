"""Templates in pieces."""

from __future__ import annotations

import pytest

from mocks.sendgrid.handlebars.faults import TemplateFault
from mocks.sendgrid.handlebars.lexing import Tag, pieces


def openings(source: str) -> list[str]:
    return [piece.opening if isinstance(piece, Tag) else piece for piece in pieces(source)]


def test_text_and_tags() -> None:
    source = "a{{b}}{{{c}}}{{&d}}{{#e}}{{else}}{{^}}{{else if f}}{{/e}}{{^g}}{{!h}}{{!-- }} --}}i"
    assert openings(source) == [
        *("a", "output", "raw", "raw", "open", "else", "else", "else_if", "close", "open_inverse", "comment"),
        *("comment", "i"),
    ]


def test_braces_that_are_text() -> None:
    assert "".join(piece for piece in pieces(r"a\{{b}}\{{c}}d") if isinstance(piece, str)) == "a{{b}}{{c}}d"
    assert openings(r"a\\{{b}}") == ["a\\", "output"]
    assert openings("a { b } }} c") == ["a { b } }} c"]


def test_words_of_an_expression() -> None:
    (tag,) = pieces('{{~a.[b c].d \'e\' "f\\"" -1.5 2 true null @g (h i=j)~}}')
    assert isinstance(tag, Tag)
    assert tag.tilde == (True, True)
    assert [token.kind for token in tag.tokens] == [
        *("id", "sep", "id", "sep", "id", "string", "string", "number", "number", "word", "word"),
        *("@", "id", "(", "id", "id", "=", "id", ")"),
    ]
    assert [token.value for token in tag.tokens if token.kind in ("string", "number", "word")] == [
        *("e", 'f"', -1.5, 2, True, None)
    ]
    assert tag.tokens[2].value == "b c"


def test_lines_are_counted() -> None:
    assert [piece.line for piece in pieces("\n{{a}}\n{{!\n}}{{b}}") if isinstance(piece, Tag)] == [2, 3, 4]


def test_else_is_a_word_of_its_own() -> None:
    assert openings("{{elsewhere}}") == ["output"]
    assert openings("{{ else }}") == ["else"]


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "{{a",
        "{{{a}}",
        "{{a}}}",
        "{{'a}}",
        "{{a&b}}",
        "{{!-- a }}",
        "{{! a",
        "{{> p}}",
        "{{#> p}}",
        "{{* d}}",
        "{{{{raw}}}}",
        "{{a;}}",
        "{{[a}}",
    ],
)
def test_what_is_no_expression(source: str) -> None:
    with pytest.raises(TemplateFault, match="line 1"):
        list(pieces(source))
