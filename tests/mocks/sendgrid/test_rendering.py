"""What templates become, dynamic and legacy."""

from __future__ import annotations

import pytest

from mocks.sendgrid.rendering import SUBJECT, Rendered, TemplateFault, Work, dynamic, legacy, render, wrapped
from mocks.sendgrid.templates import Version


def test_a_dynamic_template_is_rendered() -> None:
    assert render("Hi {{name}}", {"name": "<Ada>"}) == "Hi &lt;Ada&gt;"
    assert render("Hi {{name}}", {"name": "<Ada>"}, html=False) == "Hi &lt;Ada&gt;"
    assert render("Hi {{name}}!", None) == "Hi !"


def test_long_templates_are_rendered_as_well() -> None:
    assert render("{{a}}" + "x" * 200_000, {"a": 1}).startswith("1x")


def test_one_message_has_one_measure_of_work() -> None:
    work = Work(steps=20)
    render("{{a}}", {}, work=work)
    with pytest.raises(TemplateFault, match="too many steps"):
        render("{{#each a}}{{this}}{{/each}}", {"a": list(range(50))}, work=work)


def test_a_legacy_template_takes_the_mail_in() -> None:
    assert wrapped("<b><%body%></b>", "hello") == "<b>hello</b>"
    assert wrapped("<%subject%> - shop", "Hi", SUBJECT) == "Hi - shop"
    assert wrapped("<b><%body%></b>", None) == "<b></b>"
    assert wrapped("alone", "hello") == "alone"


def version(subject: str, html: str, plain: str) -> Version:
    return Version("t", "v", "one", subject, html, plain, dynamic=True)


def test_a_dynamic_mail_has_subject_and_both_forms() -> None:
    made = dynamic(version("Hi {{name}}", "<p>{{name}} {{{unsubscribe}}}</p>", "{{name}}"), {"name": "Ada"})
    assert made == Rendered("Hi Ada", "<p>Ada <%asm_group_unsubscribe_raw_url%></p>", "Ada")
    assert dynamic(version("{{subject}}", "", ""), {"subject": "a & b"}) == Rendered("a &amp; b", None, None)
    assert dynamic(version("{{{unsubscribe}}}", "", ""), {"unsubscribe": "mine"}).subject == "mine"
    with pytest.raises(TemplateFault):
        dynamic(version("Hi", "{{unknown 1}}", ""), {})


def test_a_legacy_mail_is_around_what_the_message_says() -> None:
    one = version("<%subject%> - shop", "<b><%body%></b>", "* <%body%>")
    assert legacy(one, "Hi", "html", "text") == Rendered("Hi - shop", "<b>html</b>", "* text")
    assert legacy(one, "Hi", None, "text") == Rendered("Hi - shop", None, "* text")
    assert legacy(one, "", None, None) == Rendered(" - shop", "<b></b>", "* ")
    assert legacy(version("", "", ""), "Hi", "html", None) == Rendered("Hi", "html", None)
