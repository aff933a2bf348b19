"""Expansion: https://docs.stripe.com/api/expanding_objects."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_ids_become_objects_level_by_level(stripe: Stripe) -> None:
    customer = await stripe.customer(name="Ada")
    paid = await stripe.pay(customer=customer["id"])
    shown = await stripe.get(
        f"payment_intents/{paid['id']}",
        expand=["customer", "latest_charge.balance_transaction.source", "latest_charge.customer", "payment_method"],
    )
    assert shown["customer"] == customer
    assert shown["latest_charge"]["customer"]["name"] == "Ada"
    assert shown["latest_charge"]["balance_transaction"]["source"]["id"] == paid["latest_charge"]
    assert shown["payment_method"]["object"] == "payment_method"
    assert (await stripe.get(f"payment_intents/{paid['id']}"))["customer"] == customer["id"]


async def test_lists_expand_below_data(stripe: Stripe) -> None:
    customer = await stripe.customer()
    await stripe.pay(customer=customer["id"])
    shown = await stripe.get("payment_intents", expand=["data.customer", "data.latest_charge"])
    assert shown["data"][0]["customer"] == customer
    error = await stripe.error("GET", "payment_intents", 400, expand=["customer"])
    assert error["message"] == (
        "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead."
    )


async def test_hashes_inside_objects(stripe: Stripe) -> None:
    customer = await stripe.customer(
        payment_method="pm_card_visa", invoice_settings={"default_payment_method": "pm_card_visa"}
    )
    shown = await stripe.get(f"customers/{customer['id']}", expand=["invoice_settings.default_payment_method"])
    assert shown["invoice_settings"]["default_payment_method"]["type"] == "card"
    error = await stripe.error("GET", f"customers/{customer['id']}", 400, expand=["invoice_settings.bogus"])
    assert error["message"] == "This property cannot be expanded (invoice_settings.bogus)."


async def test_what_cannot_be_expanded(stripe: Stripe) -> None:
    customer = await stripe.customer()
    for path in ("metadata", "email", "bogus"):
        error = await stripe.error("GET", f"customers/{customer['id']}", 400, expand=[path])
        assert error["message"] == f"This property cannot be expanded ({path})."
    error = await stripe.error("GET", f"customers/{customer['id']}", 400, expand=["a.b.c.d.e"])
    assert error["message"].startswith("You cannot expand more than 4 levels of a property.")


async def test_an_expansion_that_is_refused_makes_nothing(stripe: Stripe) -> None:
    await stripe.customer()
    before = stripe.records()
    await stripe.error("POST", "customers", 400, expand=["bogus"])
    assert stripe.records() == before
