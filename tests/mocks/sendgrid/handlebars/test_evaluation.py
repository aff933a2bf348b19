"""Templates rendered with values. Expected texts are those of Handlebars.js 4.7."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.sendgrid.handlebars.values import escaped
from mocks.sendgrid.rendering import TemplateFault, render

VALUES: dict[str, Any] = {
    "name": "Ada <b>",
    "user": {"profile": {"firstName": "Ben"}, "orders": [{"item": "shoes"}, {"item": "hat"}]},
    "list": [1, "two", None],
    "zero": 0,
    "no": False,
    "yes": True,
    "a b": "spaced",
    "length": 7,
    "phone": "1-800",
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{name}} {{{name}}} {{&name}}", "Ada &lt;b&gt; Ada <b> Ada <b>"),
        ("{{user.profile.firstName}} {{user/profile/firstName}}", "Ben Ben"),
        ("{{user.nothing.firstName}}|{{nothing}}|{{zero}}|{{no}}", "||0|false"),
        ("{{list.[1]}} {{user.orders.1.item}} {{list.length}} {{[a b]}}", "two hat 3 spaced"),
        ("{{#each user.orders}}{{item}}{{../phone}}{{@root.phone}},{{/each}}", "shoes1-8001-800,hat1-8001-800,"),
        ("{{#each user.orders}}{{#if item}}{{../phone}}{{/if}}{{/each}}", "1-8001-800"),
        ("{{#each list}}{{#each ../user.orders}}{{@../index}}{{@index}} {{/each}}{{/each}}", "00 01 10 11 20 21 "),
        ("{{#with user.profile}}{{firstName}}{{/with}}", "Ben"),
        ("{{#with user.profile as |p|}}{{p.firstName}}{{/with}}", "Ben"),
        ("{{#each user.orders as |order place|}}{{place}}{{order.item}}{{/each}}", "0shoes1hat"),
        ("{{#user.profile}}{{firstName}}{{/user.profile}}", "Ben"),
        ("{{#user.orders}}{{item}}{{/user.orders}}", "shoeshat"),
        ("{{#yes}}{{name}}{{/yes}}{{#no}}x{{^}}none{{/no}}", "Ada &lt;b&gt;none"),
        ("{{^no}}none{{/no}}{{^yes}}x{{else}}some{{/yes}}", "nonesome"),
        ("{{#each nothing}}x{{else}}empty{{/each}}", "empty"),
        ("{{this.name}} {{./name}}", "Ada &lt;b&gt; Ada &lt;b&gt;"),
        ("{{\"name\"}} {{'a b'}}", "Ada &lt;b&gt; spaced"),
        ("{{../name}}|{{@nothing}}|{{@../index}}", "||"),
        (r"\{{name}} \\{{zero}}", "{{name}} \\0"),
        ("{{#if no}}1{{else if yes}}2{{else}}3{{/if}}", "2"),
        ("{{#each list}}{{this}},{{/each}}", "1,two,,"),
        ("{{list}} {{user}}", "1,two, [object Object]"),
    ],
)
def test_expressions(source: str, text: str) -> None:
    assert render(source, VALUES) == text


def test_a_value_is_never_read_as_a_template() -> None:
    assert render("{{{a}}}", {"a": "{{b}}", "b": "x"}) == "{{b}}"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(st.text(max_size=50))
def test_texts_arrive_escaped(text: str) -> None:
    assert render("{{a}}{{{a}}}", {"a": text}) == escaped(text) + text


@given(st.text(alphabet="{}#/^~! abif\\.@[]()'\"|=&\n", max_size=80), st.dictionaries(st.sampled_from("abif"), _JSON))
def test_any_template_ends_in_a_text_or_a_fault(source: str, values: dict[str, Any]) -> None:
    with contextlib.suppress(TemplateFault):
        assert isinstance(render(source, values), str)


@given(st.dictionaries(st.sampled_from("abc"), _JSON))
def test_any_values_fit(values: dict[str, Any]) -> None:
    source = "{{#each a}}{{b}}{{@key}}{{#if (greaterThan this ../b)}}{{c.a}}{{/if}}{{/each}}{{equals a b}}{{length c}}"
    assert isinstance(render(source, values), str)
