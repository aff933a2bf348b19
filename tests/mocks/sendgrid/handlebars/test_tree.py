"""The parts of a template."""

from __future__ import annotations

from mocks.sendgrid.handlebars.tree import Invocation, Path


def test_what_may_name_a_helper() -> None:
    assert Path(["a"]).simple
    assert not Path(["a", "b"]).simple
    assert not Path(["a"], depth=1).simple
    assert not Path(["a"], at=True).simple
    assert not Path(["a"], scoped=True).simple


def test_what_is_given_nothing() -> None:
    assert Invocation(Path(["a"])).bare
    assert not Invocation(Path(["a"]), [Path(["b"])]).bare
    assert not Invocation(Path(["a"]), (), {"b": Path(["c"])}).bare
