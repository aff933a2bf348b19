"""Prices: https://docs.stripe.com/api/prices."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _price(stripe: Stripe, **more: Any) -> Any:
    return await stripe.post(
        "prices", **{"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Tea"}} | more
    )


async def test_a_one_time_and_a_recurring_price(stripe: Stripe) -> None:
    once = await _price(stripe)
    assert (once["type"], once["recurring"], once["unit_amount_decimal"]) == ("one_time", None, "1000")
    monthly = await _price(stripe, recurring={"interval": "month"}, nickname="monthly")
    assert monthly["type"] == "recurring"
    assert monthly["recurring"]["usage_type"] == "licensed"


async def test_a_fraction_of_a_cent_has_no_unit_amount(stripe: Stripe) -> None:
    price = await stripe.post("prices", currency="usd", unit_amount_decimal="0.5", product_data={"name": "Tea"})
    assert (price["unit_amount"], price["unit_amount_decimal"]) == (None, "0.5")


async def test_tiers_and_currency_options_are_shown_on_request_only(stripe: Stripe) -> None:
    made = await stripe.post(
        "prices",
        currency="usd",
        product_data={"name": "Tea"},
        billing_scheme="tiered",
        tiers_mode="graduated",
        recurring={"interval": "month"},
        tiers=[{"up_to": 10, "unit_amount": 500}, {"up_to": "inf", "unit_amount": 400}],
    )
    assert "tiers" not in made
    shown = await stripe.get(f"prices/{made['id']}", expand=["tiers", "currency_options"])
    assert [tier["up_to"] for tier in shown["tiers"]] == [10, None]
    assert list(shown["currency_options"]) == ["usd"]


async def test_a_lookup_key_is_one_prices_own_until_it_is_transferred(stripe: Stripe) -> None:
    first = await _price(stripe, lookup_key="tea")
    assert first["id"] in (await stripe.error("POST", "prices", 400, currency="usd", unit_amount=1,
                                              product=first["product"], lookup_key="tea"))["message"]  # fmt: skip
    second = await _price(stripe, lookup_key="tea", transfer_lookup_key=True)
    found = (await stripe.get("prices", lookup_keys=["tea"]))["data"]
    assert [price["id"] for price in found] == [second["id"]]
    assert (await stripe.get(f"prices/{first['id']}"))["lookup_key"] is None


async def test_prices_are_filtered(stripe: Stripe) -> None:
    once = await _price(stripe)
    monthly = await _price(stripe, recurring={"interval": "month"}, currency="eur")
    await stripe.post(f"prices/{once['id']}", active=False)
    for filters in ({"type": "recurring"}, {"currency": "eur"}, {"active": True}, {"recurring": {"interval": "month"}},
                    {"product": monthly["product"]}):  # fmt: skip
        found = await stripe.get("prices", **filters)
        assert [price["id"] for price in found["data"]] == [monthly["id"]]


async def test_what_a_price_needs(stripe: Stripe) -> None:
    product = await stripe.post("products", name="Tea")
    assert (await stripe.error("POST", "prices", 400, currency="usd", unit_amount=1))["param"] == "product"
    assert (await stripe.error("POST", "prices", 400, currency="usd", product=product["id"]))[
        "code"
    ] == "parameter_missing"
    missing = await stripe.error("POST", "prices", 400, currency="usd", unit_amount=1, product="prod_none")
    assert (missing["code"], missing["param"]) == ("resource_missing", "product")
    assert "Invalid currency: xxx" in (await stripe.error("POST", "prices", 400, currency="xxx", unit_amount=1,
                                                          product=product["id"]))["message"]  # fmt: skip


async def test_a_default_price_is_let_go_of_before_it_is_archived(stripe: Stripe) -> None:
    price = {"currency": "usd", "unit_amount": 1000}
    product = await stripe.post("products", name="Tea", default_price_data=price)
    path = f"prices/{product['default_price']}"
    assert "is the default price" in (await stripe.error("POST", path, 400, active=False))["message"]
    assert (await stripe.get(path))["active"] is True
    await stripe.post(f"products/{product['id']}", default_price="")
    assert (await stripe.post(path, active=False))["active"] is False


async def test_a_prices_own_currency_is_no_option_of_it(stripe: Stripe) -> None:
    made = await _price(stripe, currency="usd")
    options = {"usd": {"unit_amount": 1100}}
    refused = await stripe.error("POST", f"prices/{made['id']}", 400, currency_options=options)
    assert refused["param"] == "currency_options[usd]"
    await stripe.post(f"prices/{made['id']}", currency_options={"gbp": {"unit_amount": 800}})
    shown = await stripe.get(f"prices/{made['id']}", expand=["currency_options"])
    assert list(shown["currency_options"]) == ["usd", "gbp"]
