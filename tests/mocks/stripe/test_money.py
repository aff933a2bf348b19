"""Amounts: https://docs.stripe.com/currencies."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe.money import chargeable, fee, known_currency, plain, shown


def test_amounts_are_written_in_the_currencys_own_way() -> None:
    assert shown(50, "usd") == "$0.50 usd"
    assert shown(50, "jpy") == "¥50 jpy"
    assert shown(1000, "kwd") == "1.000 kwd"
    assert plain(123456, "eur") == "€1,234.56"


def test_fees_are_rounded_half_up() -> None:
    assert [fee(amount) for amount in (1000, 2000, 50, 1050)] == [59, 88, 31, 60]


def test_bounds() -> None:
    chargeable(50, "usd")
    chargeable(99_999_999, "usd")
    for amount, code in ((49, "amount_too_small"), (100_000_000, "amount_too_large"), (0, "parameter_invalid_integer")):
        with pytest.raises(ServiceError) as refused:
            chargeable(amount, "usd")
        assert refused.value.code == code


def test_currencies_are_lower_case() -> None:
    assert known_currency("USD") == "usd"
    with pytest.raises(ServiceError, match="Invalid currency: abc"):
        known_currency("ABC")
