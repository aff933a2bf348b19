"""Metadata: https://docs.stripe.com/api/metadata."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe.metadata import first, merged


def test_keys_are_merged_and_empty_values_delete() -> None:
    old = {"a": "1", "b": "2"}
    assert merged(old, {"b": "", "c": 3}) == {"a": "1", "c": "3"}
    assert merged(old, "") == {}
    assert merged(old, None) == old
    assert old == {"a": "1", "b": "2"}


@pytest.mark.parametrize("sent", [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{n}": "v" for n in range(51)}])
def test_limits(sent: dict[str, str]) -> None:
    with pytest.raises(ServiceError):
        merged({}, sent)


def test_the_limits_themselves_are_allowed() -> None:
    sent = {"k" * 40: "v" * 500} | {f"k{n}": "v" for n in range(49)}
    assert merged({}, sent) == sent


def test_a_new_object_leaves_empty_values_out() -> None:
    assert first({"a": "", "b": "1"}) == {"b": "1"}
    assert first(None) == first("") == {}
