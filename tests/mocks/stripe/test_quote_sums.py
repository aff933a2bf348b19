"""What a quote's items come to: https://docs.stripe.com/api/quotes/object."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, quoted
from tests.mocks.stripe.client import Stripe


async def test_discounts_and_taxes_are_counted(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once, monthly = await price(stripe, 1000, None), await price(stripe, 1000)
    coupon = await stripe.post("coupons", percent_off=50, duration="once")
    rate = await stripe.post("tax_rates", display_name="VAT", percentage=10, inclusive=False)
    made = await quoted(stripe, customer, once, monthly, discounts=[{"coupon": coupon["id"]}],
                        default_tax_rates=[rate["id"]])  # fmt: skip
    assert (made["amount_subtotal"], made["amount_total"]) == (4000, 2200)
    assert made["total_details"] == {"amount_discount": 2000, "amount_shipping": 0, "amount_tax": 200}
    assert made["computed"]["recurring"]["amount_total"] == 2200, "a coupon that works once reduces no later period"
    shown = await stripe.get(
        f"quotes/{made['id']}",
        expand=["total_details.breakdown", "computed.upfront.total_details.breakdown", "discounts"],
    )
    parts = shown["total_details"]["breakdown"]
    assert [(each["amount"], each["discount"]["source"]["coupon"]) for each in parts["discounts"]] == [
        (2000, coupon["id"])
    ]
    assert [(each["amount"], each["rate"]["id"]) for each in parts["taxes"]] == [(200, rate["id"])]
    assert shown["discounts"][0]["id"] == made["discounts"][0]
    assert (await stripe.get(f"coupons/{coupon['id']}"))["times_redeemed"] == 0
    await stripe.post(f"quotes/{made['id']}/finalize")
    accepted = await stripe.post(f"quotes/{made['id']}/accept", expand=["subscription.latest_invoice"])
    assert accepted["subscription"]["latest_invoice"]["total"] == 2200
    assert (await stripe.get(f"coupons/{coupon['id']}"))["times_redeemed"] == 1
