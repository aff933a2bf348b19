"""What quantities cost: https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.stripe.pricing import parts
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

#: The documentation's example: 1-5 fonts cost $7 each, 6-10 cost $6.50, more cost $6.
FONTS = ((5, "700", None), (10, "650", None), (None, "600", None))


def _tiers(*bounds: tuple[int | None, str | None, str | None]) -> list[dict[str, Any]]:
    return [{"up_to": up_to, "unit_amount_decimal": each, "flat_amount_decimal": flat} for up_to, each, flat in bounds]


def _sum(mode: str, quantity: int, tiers: list[dict[str, Any]]) -> int:
    priced = {"billing_scheme": "tiered", "tiers_mode": mode, "transform_quantity": None}
    return sum(part.amount for part in parts(priced, tiers, quantity))


@pytest.mark.parametrize(("fonts", "amount"), [(1, 700), (5, 3500), (6, 3900), (20, 12_000), (25, 15_000)])
def test_volume_tiers_count_all_at_the_price_of_the_tier_that_is_reached(fonts: int, amount: int) -> None:
    assert _sum("volume", fonts, _tiers(*FONTS)) == amount


@pytest.mark.parametrize(("fonts", "amount"), [(1, 700), (5, 3500), (6, 4150), (20, 12_750), (25, 15_750)])
def test_graduated_tiers_count_each_part_at_its_own_price(fonts: int, amount: int) -> None:
    assert _sum("graduated", fonts, _tiers(*FONTS)) == amount


def test_flat_amounts_are_of_the_tiers_that_are_reached() -> None:
    tiers = _tiers((1000, None, "900"), (None, "3.6", "0"))
    assert [_sum("graduated", used, tiers) for used in (0, 1000, 1031)] == [900, 900, 1012]
    assert [_sum("volume", used, tiers) for used in (0, 1000, 1031)] == [900, 900, 3712]


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(1, 500), st.decimals(0, 99, places=4)), max_size=6))
def test_graduated_parts_make_up_the_quantity(quantity: int, steps: list[tuple[int, Decimal]]) -> None:
    below, tiers = 0, []
    for width, each in steps:
        below += width
        tiers += _tiers((below, str(each), None))
    tiers += _tiers((None, "1", None))
    priced = {"billing_scheme": "tiered", "tiers_mode": "graduated", "transform_quantity": None}
    found = parts(priced, tiers, quantity)
    assert sum(part.quantity for part in found) == quantity
    assert all(abs(part.amount - part.each * part.quantity) <= Decimal("0.5") for part in found)


async def tiered(stripe: Stripe, mode: str, **more: Any) -> Any:
    tiers = [
        {"up_to": 5, "unit_amount": 700},
        {"up_to": 10, "unit_amount": 650, "flat_amount": 100},
        {"up_to": "inf", "unit_amount_decimal": "0.25"},
    ]
    asked = {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers}
    product = {"name": "Fonts", "unit_label": "font"}
    return await stripe.post("prices", **{**asked, "product_data": product, "recurring": {"interval": "month"}, **more})


async def test_an_invoice_has_a_line_for_each_tier(stripe: Stripe) -> None:
    graduated = await tiered(stripe, "graduated")
    items = [{"price": graduated["id"], "quantity": 12}]
    made = await stripe.post("subscriptions", customer=(await payer(stripe))["id"], items=items)
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert [(line["description"], line["quantity"], line["amount"]) for line in invoice["lines"]["data"]] == [
        ("5 font × Fonts (Tier 1 at $7.00 / month)", 5, 3500),  # noqa: RUF001 - Stripe's own sign
        ("5 font × Fonts (Tier 2 at $6.50 / month)", 5, 3250),  # noqa: RUF001 - Stripe's own sign
        ("Fonts (Tier 2 at $1.00 / month)", 0, 100),
        ("2 font × Fonts (Tier 3 at $0.0025 / month)", 2, 1),  # noqa: RUF001 - Stripe's own sign
    ]
    assert (invoice["total"], invoice["amount_paid"]) == (6851, 6851)
    volume = await subscribed(stripe, await payer(stripe), await tiered(stripe, "volume"))
    invoice = await stripe.get(f"invoices/{volume['latest_invoice']}")
    assert [line["amount"] for line in invoice["lines"]["data"]] == [700]


async def test_tiers_that_leave_a_gap_are_refused(stripe: Stripe) -> None:
    for tiers in (
        [{"up_to": 5, "unit_amount": 1}],
        [{"up_to": 5, "unit_amount": 1}, {"up_to": 5, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}],
        [{"up_to": "inf", "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}],
        [{"up_to": "inf"}],
    ):
        refused = await tiered(stripe, "volume", tiers=tiers, expect=400)
        assert refused["error"]["param"].startswith("tiers[")
    packaged = {"divide_by": 2, "round": "up"}
    refused = await tiered(stripe, "volume", transform_quantity=packaged, expect=400)
    assert refused["error"]["code"] == "parameters_exclusive"


async def test_packages_are_counted_and_told(stripe: Stripe) -> None:
    packed = await price(stripe, 500, transform_quantity={"divide_by": 60, "round": "up"})
    items = [{"price": packed["id"], "quantity": 61}]
    made = await stripe.post("subscriptions", customer=(await payer(stripe))["id"], items=items)
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    line = invoice["lines"]["data"][0]
    assert (line["amount"], line["quantity"]) == (1000, 61)
    assert line["description"].endswith("Tea (at $5.00 per 60 units / month)")


async def test_fractions_of_a_cent_count_for_what_is_sold_once(stripe: Stripe) -> None:
    asked = {"currency": "usd", "unit_amount_decimal": "0.5", "product_data": {"name": "Grain"}}
    grain = await stripe.post("prices", **asked)
    customer = await payer(stripe)
    item = await stripe.post("invoiceitems", customer=customer["id"], pricing={"price": grain["id"]}, quantity=301)
    assert item["amount"] == 151
    added = [{"price": grain["id"], "quantity": 301}]
    begun = await subscribed(stripe, customer, await price(stripe, 1000), add_invoice_items=added)
    invoice = await stripe.get(f"invoices/{begun['latest_invoice']}", expand=["payments"])
    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [151, 1000]


async def test_a_subscription_is_paid_in_another_currency_of_its_price(stripe: Stripe) -> None:
    both = await price(stripe, 1000, currency_options={"eur": {"unit_amount": 900}})
    customer = await payer(stripe)
    asked = {"customer": customer["id"], "items": [{"price": both["id"]}]}
    made = await stripe.post("subscriptions", currency="eur", **asked)
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (made["currency"], invoice["currency"], invoice["total"]) == ("eur", "eur", 900)
    assert invoice["lines"]["data"][0]["description"] == "1 × Tea (at €9.00 / month)"  # noqa: RUF001 - Stripe's own sign
    assert (await stripe.post("subscriptions", currency="gbp", expect=400, **asked))["error"]["param"] == "currency"


async def test_checkout_counts_tiers(stripe: Stripe) -> None:
    graduated = await tiered(stripe, "graduated")
    items = [{"price": graduated["id"], "quantity": 6}]
    asked = {"mode": "subscription", "line_items": items, "success_url": "https://shop.example/done"}
    made = await stripe.post("checkout/sessions", **asked)
    assert made["amount_total"] == 3500 + 650 + 100
