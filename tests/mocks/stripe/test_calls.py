"""What handlers stand on: changes that leave the old object alone."""

from __future__ import annotations

from mocks.stripe.calls import changed, given


def test_a_change_makes_a_new_object_and_says_what_was_before() -> None:
    old = {"id": "x", "name": "Ada", "metadata": {"a": "1", "b": "2"}, "address": None, "same": 1}
    new, before = changed(
        old, {"name": "Bob", "metadata": {"a": "1", "c": "3"}, "address": {"city": "Rome"}, "same": 1}
    )
    assert old["name"] == "Ada"
    assert new["name"] == "Bob"
    assert before == {"name": "Ada", "metadata": {"b": "2", "c": None}, "address": None}


def test_nothing_changed_is_nothing_before() -> None:
    old = {"id": "x", "name": "Ada"}
    assert changed(old, {"name": "Ada"}) == (old, {})


def test_an_empty_string_is_null() -> None:
    assert (given({"a": ""}, "a"), given({"a": "x"}, "a"), given({}, "a"), given({"a": 0}, "a")) == (None, "x", None, 0)
