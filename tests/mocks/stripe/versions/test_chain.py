"""A request is answered in the version that it names."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.stripe.versions.chain import CHAIN, enveloped
from tests.harness import value
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2019-08-14"}


def test_the_chain_goes_back_in_time() -> None:
    days = [day for day, _ in CHAIN]
    assert days == sorted(days, reverse=True)


async def test_todays_answers_have_nothing_of_it(stripe: Stripe) -> None:
    customer = await stripe.customer()
    paid = await stripe.pay()
    assert not {"sources", "account_balance", "default_currency", "tax_info"} & set(customer)
    assert not {"charges", "invoice"} & set(paid)


async def test_what_is_inside_is_rendered_too(stripe: Stripe) -> None:
    customer = await stripe.customer()
    paid = await stripe.pay(customer=customer["id"])
    shown = await stripe.get(f"payment_intents/{paid['id']}", headers=OLD, expand=["customer", "charges.data.customer"])
    assert shown["customer"]["sources"]["data"] == []
    (charge,) = shown["charges"]["data"]
    assert charge["customer"]["account_balance"] == 0
    assert charge["refunds"]["data"] == []
    listed = await stripe.get("payment_intents", headers=OLD)
    assert listed["data"][0]["charges"]["total_count"] == 1


async def test_errors_and_replays_are_of_that_version(stripe: Stripe) -> None:
    asked = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa_chargeDeclined"}
    headers = OLD | {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = await stripe.send("POST", "payment_intents", asked, headers)
        error = value(answer)["error"]
        assert error["payment_intent"]["charges"]["data"][0]["id"] == error["charge"]


@pytest.mark.parametrize("named", [{}, {"api_version": None}])
def test_an_event_of_the_provider_that_names_no_version_is_passed_on_as_it_is(named: dict[str, Any]) -> None:
    event = {"id": "evt_1", "request": {"id": "req_1", "idempotency_key": None}, **named}
    assert enveloped(event) == event
