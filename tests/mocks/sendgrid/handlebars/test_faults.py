"""The bounds of a template."""

from __future__ import annotations

import time

import pytest

from mocks.sendgrid.handlebars.faults import MOST_DEPTH, MOST_TAGS, TemplateFault, Work
from mocks.sendgrid.rendering import render


def test_work_runs_out() -> None:
    work = Work(steps=3, output=10)
    assert work.write("12345") == "12345"
    with pytest.raises(TemplateFault, match="too long"):
        work.write("1234567")
    with pytest.raises(TemplateFault, match="too many steps"):
        work.step(5)


def test_long_texts_are_many_steps() -> None:
    work = Work(steps=10)
    with pytest.raises(TemplateFault, match="too many steps"):
        work.write("x" * 10_000)


@pytest.mark.parametrize(
    "source",
    [
        "{{#each a}}{{#each ../a}}{{#each ../../a}}{{#each ../../../a}}x{{/each}}{{/each}}{{/each}}{{/each}}",
        "{{#each a}}{{#each ../a}}{{{../../big}}}{{/each}}{{/each}}",
        "{{#if a}}" * 5_000,
        "{{#if a}}" * (MOST_DEPTH + 1) + "{{/if}}" * (MOST_DEPTH + 1),
        "{{" + "(if " * 5_000,
        "{{x " + "(length " * (MOST_DEPTH + 1) + "a" + ")" * (MOST_DEPTH + 1) + "}}",
        "{{a}}" * (MOST_TAGS + 1),
        "{{" * 100_000,
        '{{"' * 50_000,
        "{{[" * 50_000,
        "{{!--" * 50_000,
        "\\{{" * 10_000 + "{{#",
        "{{#each a}}{{#each ../a}}{{#equals ../../a 'x'}}{{/equals}}{{/each}}{{/each}}",
        "{{#each a}}{{#each ../a}}{{#equals ../../big 'x'}}{{/equals}}{{/each}}{{/each}}",
        "{{#each a}}{{#each ../a}}{{#greaterThan ../../a 1}}{{/greaterThan}}{{/each}}{{/each}}",
        "{{#each a}}{{#each ../a}}{{../../empty}}{{/each}}{{/each}}",
        "{{#each a}}{{formatDate 1 ../big}}{{/each}}",
        "{{this" + ".a" * 200_000 + "}}",
        "{{x " + "b " * 200_000 + "}}",
        "{{#each a}}{{#each ../a}}{{#if x}}" + "{{else if y}}" * 5_000 + "{{/if}}{{/each}}{{/each}}",
    ],
    ids=range(20),
)
def test_hostile_templates_end(source: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateFault):
        render(source, {"a": list(range(2_000)), "big": "y" * 100_000, "empty": [[[]]] * 10_000})
    assert time.process_time() - started < 20  # minutes, where it is not bounded


@pytest.mark.parametrize(
    "source", ["\n" * 400_000 + "x{{a}}", "{{a}}" + " \n" * 200_000 + "x", "\\" * 300_000 + "{{a}}"]
)
def test_blanks_cost_no_more_than_their_length(source: str) -> None:
    started = time.process_time()
    render(source, {})
    assert time.process_time() - started < 20


def test_what_writes_nothing_costs_nothing() -> None:
    assert render("{{#each a}}" + "{{! }}" * 10_000 + "{{/each}}", {"a": list(range(10_000))}) == ""


def test_long_else_ifs_are_no_depth() -> None:
    source = "{{#if a}}a" + "".join(f"{{{{else if b{number}}}}}{number}" for number in range(500)) + "{{/if}}"
    assert render(source, {"b499": True}) == "499"
