"""Templates as trees."""

from __future__ import annotations

import pytest

from mocks.sendgrid.handlebars.faults import TemplateFault
from mocks.sendgrid.handlebars.parsing import parse
from mocks.sendgrid.handlebars.tree import Block, Output, Path


def test_paths() -> None:
    (output,) = parse("{{../../a.[b c]/d}}")
    assert isinstance(output, Output)
    assert output.call.target == Path(["a", "b c", "d"], 2, False, False, "../../a.[b c]/d")
    (output,) = parse("{{@root.a}}")
    assert isinstance(output, Output)
    assert output.call.target == Path(["root", "a"], 0, True, False, "@root.a")
    (output,) = parse("{{this.a}}")
    assert isinstance(output, Output)
    assert output.call.target == Path(["a"], 0, False, True, "this.a")


def test_a_block_has_branches() -> None:
    (block,) = parse("{{#each a as |b c|}}1{{else if d}}2{{else}}3{{/each}}")
    assert isinstance(block, Block)
    assert [branch.call is not None for branch in block.branches] == [True, True, False]
    assert block.branches[0].names == ["b", "c"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{{#if a}}", 1),
        ("\n{{/if}}", 2),
        ("{{#if a}}\n{{/each}}", 2),
        ("{{else}}", 1),
        ("{{#if a}}{{else}}\n{{else}}{{/if}}", 2),
        ("{{#if a}}{{else}}{{else if b}}{{/if}}", 1),
        ("{{a/../b}}", 1),
        ("{{a.this}}", 1),
        ("{{a b=}}", 1),
        ("{{a b=c d}}", 1),
        ("{{}}", 1),
        ("{{#}}{{/}}", 1),
        ("{{(a}}", 1),
        ("{{@}}", 1),
        ("{{#each a as |}}{{/each}}", 1),
        ("{{#each a as ||}}{{/each}}", 1),
        ("{{a as |b|}}", 1),
        ("{{/if a}}", 1),
        ("{{(a).b}}", 1),
        ("{{= a}}", 1),
    ],
)
def test_what_cannot_be_read_says_where(source: str, line: int) -> None:
    with pytest.raises(TemplateFault, match=f"line {line}: "):
        parse(source)
