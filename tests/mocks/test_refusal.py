"""Refusals: every reason has a status, and a refusal never shows a key."""

from __future__ import annotations

from typing import get_args

from mocks.refusal import REFUSAL_STATUS, Reason, Refusal


def test_every_reason_has_a_status() -> None:
    assert set(REFUSAL_STATUS) == set(get_args(Reason))
    assert all(400 <= status <= 599 for status in REFUSAL_STATUS.values())


def test_a_refusal_tells_its_status_and_only_the_masked_key() -> None:
    refusal = Refusal("over_rate", "The account's rate is used up.", hint="sk_test_****abcd")
    assert (refusal.status, refusal.hint) == (429, "sk_test_****abcd")
    assert "abcd" not in str(refusal)
