"""Version ids: of one form, and with a number that nobody sees."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.version_ids import NUMBERS, checked, new_version, number_of
from tests.clocks import HeldClock


def test_a_number_comes_back() -> None:
    clock = HeldClock()
    call: Any = SimpleNamespace(new_id=lambda prefix, length: prefix + clock.text(length))
    for number in (1, 2, 77, NUMBERS - 1):
        version = new_version(call, number)
        assert number_of(version[:30] + ".-") >= 0, "an id that is nobody's has some number, too"
        assert (len(version), number_of(version), checked(version)) == (32, number, version)


def test_the_two_other_forms() -> None:
    assert (checked(None), checked("null")) == (None, "null")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("", "empty string"), ("3", "Invalid version id"), ("x" * 31 + "+", "Invalid version id"), ("Null", "Invalid")],
)
def test_what_is_none(wrong: str, told: str) -> None:
    with pytest.raises(ServiceError, match=told) as refused:
        checked(wrong, "version-id-marker")
    assert refused.value.details["ArgumentName"] == "version-id-marker"
