"""Ids in every form, and what a UUID tells about where it was made."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.generic import ids

DRAWN = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=24, max_size=24)


@given(DRAWN)
def test_a_uuid_carries_the_first_characters(text: str) -> None:
    _, dashed, bare, number, digits = ids.forms(f"bk_{text}", "bk_").forms
    assert UUID(dashed).version == 4
    assert dashed.replace("-", "") == bare
    assert ids.carried(dashed) == ids.carried(bare) == text[:5]
    assert 0 <= number < 2**31
    assert digits == str(number)


def test_the_same_text_has_the_same_forms_and_another_others() -> None:
    assert ids.forms("00001abcdefgh") == ids.forms("00001abcdefgh")
    assert not set(ids.forms("00001abcdefgh").forms) & set(ids.forms("00001abcdefgi").forms)


@pytest.mark.parametrize(
    "key", ["", "sub_123", "ffffffff-0000-4000-a000-000000000000", "00000000-0000-1000-a000-000000000000"]
)
def test_other_keys_carry_nothing(key: str) -> None:
    assert ids.carried(key) is None
