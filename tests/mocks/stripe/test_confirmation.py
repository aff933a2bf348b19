"""When a card asks for its owner: https://docs.stripe.com/testing#regulatory-cards."""

from __future__ import annotations

import pytest

from mocks.stripe.confirmation import Terms, needs_authentication, next_action
from mocks.stripe.testcards import NAMED
from tests.mocks.stripe.client import Stripe

INTENT = {"object": "payment_intent", "id": "pi_3A", "client_secret": "pi_3A_secret_B", "payment_method_options": {}}


@pytest.mark.parametrize(
    ("name", "set_up", "off_session", "asks"),
    [
        ("visa", False, True, False),
        ("threeDSecure2Required", True, False, True),
        ("authenticationRequired", True, True, True),
        ("authenticationRequiredOnSetup", False, True, True),
        ("authenticationRequiredOnSetup", True, True, False),
        ("authenticationRequiredOnSetup", True, False, True),
        ("authenticationRequiredSetupForOffSession", False, True, False),
        ("authenticationRequiredSetupForOffSession", False, False, True),
        ("threeDSecureOptional", False, False, False),
    ],
)
def test_cards_ask_by_their_kind(name: str, set_up: bool, off_session: bool, asks: bool) -> None:
    assert needs_authentication(INTENT, NAMED[name], set_up, off_session) is asks


def test_the_caller_may_ask_for_it() -> None:
    wanted = {**INTENT, "payment_method_options": {"card": {"request_three_d_secure": "any"}}}
    assert needs_authentication(wanted, NAMED["threeDSecureOptional"], False, False)
    assert not needs_authentication(wanted, None, False, False)


def test_terms_of_the_callers_words() -> None:
    assert Terms.of({"off_session": "one_off"}).off_session
    assert Terms.of({"off_session": True}).off_session
    assert not Terms.of({"off_session": False}).off_session
    assert Terms.of({}).return_url is None


def test_there_is_a_way_on_with_and_without_a_way_back() -> None:
    there = next_action(INTENT, Terms.of({"return_url": "https://shop.example"}), "http://here")
    assert there["redirect_to_url"]["return_url"] == "https://shop.example"
    assert there["redirect_to_url"]["url"] == "http://here"
    assert next_action(INTENT, Terms.of({}), "http://here")["type"] == "use_stripe_sdk"


async def test_a_card_that_is_declined_where_nobody_is_there(stripe: Stripe) -> None:
    asked = {"amount": 500, "currency": "usd", "confirm": True, "payment_method_types": ["card"], "off_session": True}
    refused = await stripe.post("payment_intents", payment_method="pm_card_threeDSecureRequired", expect=402, **asked)
    assert (refused["error"]["code"], refused["error"]["decline_code"]) == ("card_declined", "generic_decline")


async def test_a_payment_of_the_highest_risk_is_blocked_by_the_rule_that_is_on(stripe: Stripe) -> None:
    error = await stripe.error(
        "POST",
        "payment_intents",
        402,
        amount=2000,
        currency="usd",
        confirm=True,
        payment_method="pm_card_riskLevelHighest",
        payment_method_types=["card"],
    )
    assert (error["code"], error["decline_code"]) == ("card_declined", "fraudulent")
    outcome = (await stripe.get(f"charges/{error['charge']}"))["outcome"]
    assert (outcome["type"], outcome["risk_level"], outcome["reason"]) == ("blocked", "highest", "highest_risk_level")
