"""Subscriptions: https://docs.stripe.com/api/subscriptions."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_changes(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), metadata={"a": "1"})
    path, item = f"subscriptions/{made['id']}", made["items"]["data"][0]
    more = await stripe.post(path, items=[{"id": item["id"], "quantity": 3}], metadata={"b": "2"})
    assert (more["quantity"], more["metadata"]) == (3, {"a": "1", "b": "2"})
    assert more["items"]["data"][0]["id"] == item["id"]
    yearly = await price(stripe, 9000, "year")
    swapped = await stripe.post(path, items=[{"id": item["id"], "price": yearly["id"]}], description="Tea")
    assert (swapped["plan"]["interval"], swapped["description"]) == ("year", "Tea")
    paused = await stripe.post(path, pause_collection={"behavior": "void"})
    assert paused["pause_collection"] == {"behavior": "void", "resumes_at": None}
    assert (await stripe.post(path, pause_collection=""))["pause_collection"] is None
    second = await stripe.post(path, items=[{"price": (await price(stripe))["id"]}])
    assert second["items"]["total_count"] == 2
    gone = await stripe.post(path, items=[{"id": item["id"], "deleted": True}])
    assert gone["items"]["total_count"] == 1
    last = gone["items"]["data"][0]["id"]
    assert (await stripe.error("POST", path, 400, items=[{"id": last, "deleted": True}]))["param"] == "items"
    assert (await stripe.error("POST", path, 400, items=[{"id": "si_none"}]))["param"] == "items[0][id]"
    assert await stripe.get(path) == gone
    assert (await stripe.event_types()).count("customer.subscription.updated") == 6


async def test_the_end_of_a_period_can_be_the_end(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    path = f"subscriptions/{made['id']}"
    ending = await stripe.post(path, cancel_at_period_end=True)
    assert ending["cancel_at"] == ending["items"]["data"][0]["current_period_end"]
    assert (ending["status"], ending["cancellation_details"]["reason"]) == ("active", "cancellation_requested")
    going = await stripe.post(path, cancel_at_period_end=False)
    assert (going["cancel_at"], going["canceled_at"], going["cancellation_details"]["reason"]) == (None, None, None)


async def test_lists(stripe: Stripe) -> None:
    customer, monthly = await payer(stripe), await price(stripe)
    first = await subscribed(stripe, customer, monthly)
    second = await subscribed(stripe, await payer(stripe), await price(stripe))
    await stripe.delete(f"subscriptions/{second['id']}")

    async def found(**filters: object) -> list[str]:
        return [each["id"] for each in (await stripe.get("subscriptions", **filters))["data"]]

    assert await found() == await found(customer=customer["id"]) == await found(price=monthly["id"]) == [first["id"]]
    assert await found(status="all") == [second["id"], first["id"]]
    assert await found(status="canceled") == await found(status="ended") == [second["id"]]
    assert await found(status="trialing") == []
    listed = (await stripe.get(f"customers/{customer['id']}", expand=["subscriptions"]))["subscriptions"]
    assert listed["total_count"] == 1


async def test_a_period_stood_on_the_subscription_until_basil(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    old = await stripe.get(f"subscriptions/{made['id']}", headers={"stripe-version": "2024-06-20"})
    assert old["current_period_end"] == made["items"]["data"][0]["current_period_end"]
    assert "current_period_end" not in made


async def test_something_sold_once_stands_on_the_first_invoice(stripe: Stripe) -> None:
    setup = await price(stripe, 700, None)
    made = await subscribed(
        stripe, await payer(stripe), await price(stripe), add_invoice_items=[{"price": setup["id"], "quantity": 2}]
    )
    assert (await stripe.get(f"invoices/{made['latest_invoice']}"))["amount_paid"] == 3400
    assert (await stripe.get("invoiceitems"))["data"][0]["invoice"] == made["latest_invoice"]


async def test_one_that_is_sent_its_invoices_pays_nothing_now(stripe: Stripe) -> None:
    made = await subscribed(
        stripe, await stripe.customer(), await price(stripe), collection_method="send_invoice", days_until_due=30
    )
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (made["status"], invoice["status"], invoice["collection_method"]) == ("active", "draft", "send_invoice")


async def test_pending_items_are_invoiced_every_interval_unless_a_count_says_so(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    path = f"subscriptions/{made['id']}"
    for sent, shown in (
        ({"interval": "week"}, {"interval": "week", "interval_count": 1}),
        ({"interval": "day", "interval_count": 3}, {"interval": "day", "interval_count": 3}),
        ("", None),
    ):
        new = await stripe.post(path, pending_invoice_item_interval=sent)
        assert new["pending_invoice_item_interval"] == shown


async def test_an_option_of_a_payment_method_can_be_cleared(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    options = {"payment_method_options": {"acss_debit": ""}}
    new = await stripe.post(f"subscriptions/{made['id']}", payment_settings=options)
    assert new["payment_settings"]["payment_method_options"]["acss_debit"] is None
