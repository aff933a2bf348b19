"""Small deposits that show whose a bank account is."""

from __future__ import annotations

import pytest

from mocks.stripe import microdeposits
from mocks.stripe.microdeposits import told


@pytest.mark.parametrize(
    ("amounts", "code", "end"),
    [
        ([32, 45], None, "verified"),
        ([45, 32], None, "verified"),
        ([10, 11], None, "exceeded"),
        ([40, 41], None, "timeout"),
        ([1, 2], None, "wrong"),
        (None, "SM11AA", "verified"),
        (None, "sm33cc", "exceeded"),
        (None, "SM44DD", "timeout"),
        (None, "SM99ZZ", "wrong"),
        (None, None, "wrong"),
    ],
)
def test_what_is_told(amounts: list[int] | None, code: str | None, end: str) -> None:
    assert told(amounts, code) == end


def test_a_code_is_guessed_less_often_than_amounts() -> None:
    assert microdeposits.ATTEMPTS["descriptor_code"] < microdeposits.ATTEMPTS["amounts"]
