"""Shipping rates: https://docs.stripe.com/api/shipping_rates."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_shipping_rate_lives(stripe: Stripe) -> None:
    made = await stripe.post(
        "shipping_rates",
        display_name="Ground",
        type="fixed_amount",
        fixed_amount={"amount": 500, "currency": "usd", "currency_options": {"eur": {"amount": 450}}},
        delivery_estimate={"minimum": {"unit": "day", "value": 2}},
    )
    assert made["fixed_amount"]["currency_options"]["eur"] == {"amount": 450, "tax_behavior": "unspecified"}
    assert made["delivery_estimate"] == {"maximum": None, "minimum": {"unit": "day", "value": 2}}
    changed = await stripe.post(f"shipping_rates/{made['id']}", active=False, tax_behavior="exclusive",
                                fixed_amount={"currency_options": {"gbp": {"amount": 400}}},
                                metadata={"a": "b"})  # fmt: skip
    assert sorted(changed["fixed_amount"]["currency_options"]) == ["eur", "gbp"]
    assert (changed["active"], changed["tax_behavior"], changed["metadata"]) == (False, "exclusive", {"a": "b"})
    assert await stripe.get(f"shipping_rates/{made['id']}") == changed
    assert (await stripe.get("shipping_rates", active=True))["data"] == []
    assert (await stripe.get("shipping_rates", currency="usd"))["data"] == [changed]
    again = await stripe.error("POST", f"shipping_rates/{made['id']}", 400, tax_behavior="inclusive")
    assert again["param"] == "tax_behavior"


async def test_what_is_no_shipping_rate(stripe: Stripe) -> None:
    fixed = {"amount": 500, "currency": "usd"}
    assert (await stripe.error("POST", "shipping_rates", 400, display_name="Ground"))["param"] == "fixed_amount"
    assert (await stripe.error("POST", "shipping_rates", 400, fixed_amount=fixed))["param"] == "display_name"
    refused = await stripe.error("POST", "shipping_rates", 400, display_name="G", fixed_amount=fixed | {"amount": -1})
    assert refused["param"] == "fixed_amount[amount]"
    made = await stripe.post("shipping_rates", display_name="Ground", fixed_amount=fixed)
    refused = await stripe.error("POST", f"shipping_rates/{made['id']}", 400,
                                 fixed_amount={"currency_options": {"gbp": {"tax_behavior": "inclusive"}}})  # fmt: skip
    assert refused["param"] == "fixed_amount[currency_options][gbp][amount]"
    assert (await stripe.error("GET", "shipping_rates/shr_none", 404))["code"] == "resource_missing"
