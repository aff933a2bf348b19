"""Customers behave as https://docs.stripe.com/api/customers says."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_what_is_created_is_retrieved(stripe: Stripe) -> None:
    made = await stripe.customer(
        email="ada@example.org", name="Ada", metadata={"team": "blue"}, address={"city": "London"}, balance=-500
    )
    assert made["id"].startswith("cus_")
    assert len(made["id"]) == 18
    assert made["address"] == {
        "city": "London", "country": None, "line1": None, "line2": None, "postal_code": None, "state": None,
    }  # fmt: skip
    assert made["balance"] == -500
    assert made["invoice_settings"]["default_payment_method"] is None
    assert await stripe.get(f"customers/{made['id']}") == made
    assert await stripe.event_types() == ["customer.created"]


async def test_an_update_changes_what_was_sent_and_says_what_was_before(stripe: Stripe) -> None:
    made = await stripe.customer(name="Ada", description="first", metadata={"a": "1", "b": "2"})
    changed = await stripe.post(f"customers/{made['id']}", description="", metadata={"b": "", "c": "3"})
    assert changed["description"] is None
    assert changed["name"] == "Ada"
    assert changed["metadata"] == {"a": "1", "c": "3"}
    event = (await stripe.get("events", type="customer.updated"))["data"][0]
    assert event["data"]["previous_attributes"] == {"description": "first", "metadata": {"b": "2", "c": None}}
    assert event["data"]["object"] == changed


async def test_an_update_that_changes_nothing_is_no_event(stripe: Stripe) -> None:
    made = await stripe.customer(name="Ada")
    await stripe.post(f"customers/{made['id']}", name="Ada")
    assert await stripe.event_types() == ["customer.created"]


async def test_a_deleted_customer_is_a_stub_and_gone_from_the_list(stripe: Stripe) -> None:
    kept, gone = await stripe.customer(), await stripe.customer()
    stub = await stripe.delete(f"customers/{gone['id']}")
    assert stub == {"id": gone["id"], "object": "customer", "deleted": True}
    assert await stripe.get(f"customers/{gone['id']}") == stub
    assert [item["id"] for item in (await stripe.get("customers"))["data"]] == [kept["id"]]
    error = await stripe.error("POST", f"customers/{gone['id']}", 404, name="x")
    assert error["code"] == "resource_missing"


async def test_lists_by_email(stripe: Stripe) -> None:
    one = await stripe.customer(email="one@example.org")
    await stripe.customer(email="two@example.org")
    assert [item["id"] for item in (await stripe.get("customers", email="one@example.org"))["data"]] == [one["id"]]


async def test_a_payment_method_comes_along_and_becomes_the_default(stripe: Stripe) -> None:
    made = await stripe.customer(
        payment_method="pm_card_visa", invoice_settings={"default_payment_method": "pm_card_visa"}
    )
    default = made["invoice_settings"]["default_payment_method"]
    methods = (await stripe.get("payment_methods", customer=made["id"], type="card"))["data"]
    assert [method["id"] for method in methods] == [default]
    assert await stripe.event_types() == ["customer.created", "payment_method.attached"]


async def test_a_default_has_to_be_the_customers_own(stripe: Stripe) -> None:
    made, other = await stripe.customer(), await stripe.customer(payment_method="pm_card_visa")
    foreign = (await stripe.get("payment_methods", customer=other["id"]))["data"][0]
    error = await stripe.error(
        "POST", f"customers/{made['id']}", 400, invoice_settings={"default_payment_method": foreign["id"]}
    )
    assert error["code"] == "resource_missing"
    assert error["param"] == "invoice_settings[default_payment_method]"


async def test_a_token_becomes_the_default_source(stripe: Stripe) -> None:
    made = await stripe.customer(source="tok_visa", expand=["default_source", "sources"])
    assert made["default_source"]["object"] == "card"
    assert made["default_source"]["brand"] == "Visa"
    assert [card["id"] for card in made["sources"]["data"]] == [made["default_source"]["id"]]


async def test_a_card_that_is_declined_leaves_no_customer(stripe: Stripe) -> None:
    await stripe.customer()
    before = stripe.records()
    error = await stripe.error("POST", "customers", 402, source="tok_chargeDeclined")
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert stripe.records() == before
