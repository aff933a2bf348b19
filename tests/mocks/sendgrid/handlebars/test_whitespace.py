"""Blanks that are not written. Expected texts are those of Handlebars.js 4.7."""

from __future__ import annotations

import pytest

from mocks.sendgrid.rendering import render

VALUES = {"a": True, "n": False, "items": ["x", "y"], "v": "V"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{#if a}}\nyes\n{{/if}}\nend", "yes\nend"),
        ("  {{#if a}}  \n  yes\n  {{/if}}  \nend", "  yes\nend"),
        ("x {{#if a}}\nyes\n{{/if}}\nend", "x \nyes\nend"),
        ("{{#if n}}\nno\n{{else}}\nyes\n{{/if}}\nend", "yes\nend"),
        ("{{#each items}}\n- {{this}}\n{{/each}}\n", "- x\n- y\n"),
        ("a\n  {{! comment }}  \nb", "a\nb"),
        ("a {{! comment }} b", "a  b"),
        ("a {{~v~}} b", "aVb"),
        ("a \n {{~#if a~}} \n b \n {{~/if~}} \n c", "abc"),
        ("{{#if n}} a {{~else~}} b {{/if}}", "b "),
        ("{{v}}\n", "V\n"),
        ("{{#if n}}\na\n{{else if a}}\nb\n{{else}}\nc\n{{/if}}\nend", "b\nend"),
        ("{{#if a}}\r\nyes\r\n{{/if}}\r\nend", "yes\r\nend"),
        ("{{#if n}}1{{else if n}}2{{else if a}} 3 {{else}}4{{~/if}}", " 3"),
        ("{{#if n}}1{{else if a}} 2 {{else if n}}3{{~/if}}", " 2"),
    ],
)
def test_lines_of_tags_and_tildes(source: str, text: str) -> None:
    assert render(source, VALUES) == text
