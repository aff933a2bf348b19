"""What a rate says is all in its fields."""

from __future__ import annotations

from mocks.base import ServiceError
from mocks.rates import Rate, Rates


def test_rates_are_what_a_service_says_of_them() -> None:
    rate = Rate("things", 5, 60, strict=True)
    rates = Rates(lambda *_: rate, lambda *told: [("left", str(told[1]))], lambda: ServiceError(429, "busy", "Later."))
    assert rates.headers(rate, 3, 120, False) == [("left", "3")]
    assert rates.refusal().status == 429
