"""What dynamic templates become."""

from __future__ import annotations

import pytest

from mocks.sendgrid.rendering import TemplateFault, Work, render


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
