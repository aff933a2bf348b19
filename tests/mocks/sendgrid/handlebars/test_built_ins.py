"""The helpers, as SendGrid's page on Handlebars shows them.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/using-handlebars (2026-11).
"""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.rendering import TemplateFault, render


@pytest.mark.parametrize(
    ("source", "values", "text"),
    [
        ('{{insert name "default=Customer"}}', {"name": "Ben"}, "Ben"),
        ('{{insert name "default=Customer"}}', {}, "Customer"),
        ('{{insert name "default=Customer"}}', {"name": ""}, "Customer"),
        ('{{insert name "your business"}}', {}, "your business"),
        ("{{insert name}}", {}, ""),
        ("{{insert count 'default=1'}}", {"count": 0}, "0"),
        ("{{length a}} {{length b}} {{length c}} {{length 5}}", {"a": [1, 2], "b": "four"}, "2 4 0 0"),
        ("{{formatDate at format offset}}", {"at": "2020-01-01T23:00:00Z", "format": "h A", "offset": "-0800"}, "3 PM"),
        ("{{lookup a 1}} {{lookup b 'c'}}", {"a": [5, 6], "b": {"c": "d"}}, "6 d"),
        ("{{equals 1 '1'}} {{notEquals 1 2}} {{and 1 0}} {{or 1 0}}", {}, "true true false true"),
    ],
)
def test_helpers_that_answer(source: str, values: dict[str, Any], text: str) -> None:
    assert render(source, values) == text


@pytest.mark.parametrize(
    ("call", "values", "holds"),
    [
        ("if a", {"a": {}}, True),
        ("if a", {"a": []}, False),
        ("if a", {"a": 0}, False),
        ("if a includeZero=true", {"a": 0}, True),
        ("if a includeZero=true", {"a": False}, False),
        ("unless a", {}, True),
        ("unless a", {"a": 1}, False),
        ("equals a b", {"a": 3, "b": "3"}, True),
        ("notEquals a b", {"a": 3, "b": "3"}, False),
        ("greaterThan a b", {"a": 4, "b": 3}, True),
        ("greaterThan a b", {"a": 3, "b": 3}, False),
        ("lessThan a b", {"a": 2, "b": "3"}, True),
        ("and a b", {"a": 1, "b": "x"}, True),
        ("and a b", {"a": 1}, False),
        ("or a b", {"b": 1}, True),
        ("or a b", {}, False),
        ("greaterThan (length a) 1", {"a": [1, 2]}, True),
        ("if (and (equals a 1) (or b c))", {"a": 1, "c": 1}, True),
        ("with a", {"a": 0}, True),
        ("with a", {}, False),
        ("each a", {"a": [0]}, True),
        ("each a", {"a": "text"}, False),
        ("each a", {"a": {}}, False),
    ],
)
def test_blocks_that_decide(call: str, values: dict[str, Any], holds: bool) -> None:
    source = f"{{{{#{call}}}}}yes{{{{else}}}}no{{{{/{call.partition(' ')[0]}}}}}"
    assert render(source, values) == ("yes" if holds else "no")


def test_each_tells_where_it_is() -> None:
    source = "{{#each a}}{{@index}}{{#if @first}}F{{/if}}{{#if @last}}L{{/if}}{{this}} {{/each}}"
    assert render(source, {"a": ["x", "y", "z"]}) == "0Fx 1y 2Lz "


def test_each_walks_objects_as_javascript_does() -> None:
    source = "{{#each a}}{{@key}}={{this}} {{/each}}"
    assert render(source, {"a": {"b": 1, "10": 2, "9": 3, "a": 4, "01": 5}}) == "9=3 10=2 b=1 a=4 01=5 "


@pytest.mark.parametrize(
    "source",
    [
        "{{#equals a}}{{/equals}}",
        "{{#if}}{{/if}}",
        "{{#if a b}}{{/if}}",
        "{{#each}}{{/each}}",
        "{{#unless a b}}{{/unless}}",
        "{{formatDate}}",
        "{{lookup a}}",
        "{{length a b}}",
        "{{insert}}",
        "{{if a}}",
        "{{#each (if a)}}{{/each}}",
        "{{unknown a}}",
        "{{#unknown a}}{{/unknown}}",
        "{{a.b c}}",
    ],
)
def test_helpers_that_are_used_wrongly(source: str) -> None:
    with pytest.raises(TemplateFault):
        render(source, {"a": [1]})
