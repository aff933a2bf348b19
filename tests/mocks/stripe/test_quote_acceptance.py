"""What an accepted quote becomes: https://docs.stripe.com/api/quotes/accept."""

from __future__ import annotations

from tests.mocks.stripe.billing import opened, payer, price
from tests.mocks.stripe.client import Stripe

DAY = 86_400


async def test_what_is_sold_once_becomes_a_draft_invoice(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await opened(stripe, customer, await price(stripe, 1500, None), invoice_settings={"footer": "Thanks"})
    assert made["number"] == f"QT-{customer['invoice_prefix']}-0001-1"
    accepted = await stripe.post(f"quotes/{made['id']}/accept")
    assert (accepted["status"], accepted["subscription"]) == ("accepted", None)
    assert accepted["status_transitions"]["accepted_at"]
    invoice = await stripe.get(f"invoices/{accepted['invoice']}")
    assert (invoice["status"], invoice["total"], invoice["footer"]) == ("draft", 3000, "Thanks")
    assert invoice["parent"]["quote_details"] == {"quote": made["id"]}
    assert (await stripe.post(f"invoices/{invoice['id']}/pay"))["status"] == "paid"
    assert [each for each in await stripe.event_types() if each.startswith("quote.")] == [
        "quote.created",
        "quote.finalized",
        "quote.accepted",
    ]


async def test_what_recurs_becomes_a_subscription_that_is_paid(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once, monthly = await price(stripe, 1500, None), await price(stripe, 1000)
    made = await opened(
        stripe, customer, once, monthly, subscription_data={"metadata": {"a": "b"}, "description": "Us"}
    )
    accepted = await stripe.post(f"quotes/{made['id']}/accept", expand=["subscription.latest_invoice"])
    subscription = accepted["subscription"]
    assert (subscription["status"], subscription["description"], subscription["metadata"]) == (
        "active",
        "Us",
        {"a": "b"},
    )
    assert (subscription["latest_invoice"]["status"], subscription["latest_invoice"]["amount_paid"]) == ("paid", 5000)


async def test_a_trial_is_not_paid_at_once(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await opened(stripe, customer, await price(stripe, 1000), subscription_data={"trial_period_days": 7})
    assert (made["computed"]["upfront"]["amount_total"], made["computed"]["recurring"]["amount_total"]) == (0, 2000)
    accepted = await stripe.post(f"quotes/{made['id']}/accept", expand=["subscription"])
    assert accepted["subscription"]["status"] == "trialing"


async def test_a_later_date_makes_a_schedule(stripe: Stripe) -> None:
    customer = await payer(stripe)
    product = await stripe.post("products", name="Tea")
    own = {"currency": "usd", "product": product["id"], "unit_amount": 900, "recurring": {"interval": "month"}}
    at = (await stripe.customer())["created"] + 10 * DAY
    made = await stripe.post(
        "quotes", customer=customer["id"], line_items=[{"price_data": own}], subscription_data={"effective_date": at}
    )
    await stripe.post(f"quotes/{made['id']}/finalize")
    accepted = await stripe.post(f"quotes/{made['id']}/accept", expand=["subscription_schedule"])
    schedule = accepted["subscription_schedule"]
    assert (schedule["status"], schedule["phases"][0]["start_date"]) == ("not_started", at)
    stripe.wait(days=11)
    begun = (await stripe.get("subscriptions", customer=customer["id"]))["data"]
    assert [each["status"] for each in begun] == ["active"]


async def test_it_is_paid_by_invoice(stripe: Stripe) -> None:
    customer = await stripe.customer(email="a@example.com")
    refused = await stripe.error("POST", "quotes", 400, customer=customer["id"], collection_method="send_invoice")
    assert refused["param"] == "invoice_settings[days_until_due]"
    made = await opened(stripe, customer, await price(stripe, 1000), collection_method="send_invoice",
                        invoice_settings={"days_until_due": 14})  # fmt: skip
    accepted = await stripe.post(f"quotes/{made['id']}/accept", expand=["subscription.latest_invoice"])
    assert accepted["subscription"]["days_until_due"] == 14
    assert accepted["subscription"]["latest_invoice"]["collection_method"] == "send_invoice"
