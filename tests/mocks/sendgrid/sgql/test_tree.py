"""A tree's parts are found, but not those of a selection inside of it."""

from __future__ import annotations

from mocks.sendgrid.sgql.reading import read
from mocks.sendgrid.sgql.tree import Name, every


def test_parts() -> None:
    tree = read("lower(a) = 'x' and not b in (select c from d)")
    assert [node.name for node in every(tree) if isinstance(node, Name)] == ["a", "b"]
