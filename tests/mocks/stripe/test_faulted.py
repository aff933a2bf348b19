"""Stripe's words for failures that a policy asks for."""

from __future__ import annotations

import pytest

from mocks.stripe.faulted import fault
from mocks.stripe.refusals import service_error


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        (500, "", "api_error", None),
        (402, "card_declined", "card_error", "card_declined"),
        (429, "", "invalid_request_error", "rate_limit"),
        (429, "lock_timeout", "invalid_request_error", "lock_timeout"),
        (400, "made_up", "invalid_request_error", "made_up"),
    ],
)
def test_a_fault_has_its_type_and_code(status: int, code: str, kind: str, told: str | None) -> None:
    found = service_error(fault(status, code))
    assert (found["type"], found.get("code")) == (kind, told)


def test_the_rate_limit_says_which_one_was_met() -> None:
    assert fault(429, "rate_limit").headers == (("stripe-rate-limited-reason", "global-rate"),)
    assert fault(500, "").headers == ()
