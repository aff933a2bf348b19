"""The card inside: checks and what stands behind it."""

from __future__ import annotations

import pytest

from mocks.stripe import plastic
from mocks.stripe.testcards import GENERIC, NAMED
from tests.mocks.stripe.client import Stripe


def test_checks_pass_when_the_bank_is_asked() -> None:
    visa = NAMED["visa"]
    assert plastic.checked(visa, "unchecked") == "pass"
    assert plastic.checked(visa, None) is None
    assert plastic.checked(NAMED["cvcCheckFail"], "unchecked") == "fail"


def test_a_card_that_cannot_be_saved() -> None:
    error = plastic.refused(GENERIC)
    assert (error.status, error.code, error.details["param"], error.keep) == (402, "card_declined", "", False)
    assert error.details["advice_code"] == "try_again_later"


@pytest.mark.parametrize(
    ("token", "checks"),
    [("tok_cvcCheckFail", {"cvc_check": "fail"}), ("tok_visa", {"cvc_check": "pass"})],
)
async def test_checks_show_on_the_charge(stripe: Stripe, token: str, checks: dict[str, str]) -> None:
    made = await stripe.post("charges", amount=1000, currency="usd", source=token)
    found = made["payment_method_details"]["card"]["checks"]
    assert {name: found[name] for name in checks} == checks


async def test_test_cards_expire_a_year_from_now(stripe: Stripe) -> None:
    made = await stripe.get("payment_methods/pm_card_visa")
    assert (made["card"]["exp_month"], made["card"]["exp_year"]) == (3, 2027)
    assert made["card"]["checks"]["cvc_check"] == "unchecked"
