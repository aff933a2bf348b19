"""Intents listed their charges, charges their refunds."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_every_attempt_is_listed(stripe: Stripe) -> None:
    failed = (await stripe.pay("pm_card_visa_chargeDeclined", expect=402))["error"]
    paid = await stripe.post(
        f"payment_intents/{failed['payment_intent']['id']}/confirm",
        payment_method="pm_card_visa",
        return_url="https://shop.example",
    )
    refund = await stripe.post("refunds", payment_intent=paid["id"], amount=500)
    shown = await stripe.get(f"payment_intents/{paid['id']}", headers={"Stripe-Version": "2022-08-01"})
    assert [charge["id"] for charge in shown["charges"]["data"]] == [paid["latest_charge"], failed["charge"]]
    assert shown["charges"]["url"] == f"/v1/charges?payment_intent={paid['id']}"
    assert [item["id"] for item in shown["charges"]["data"][0]["refunds"]["data"]] == [refund["id"]]
    newer = await stripe.get(f"payment_intents/{paid['id']}", headers={"Stripe-Version": "2022-11-15"})
    assert "charges" not in newer
