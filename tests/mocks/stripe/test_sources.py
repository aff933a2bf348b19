"""Sources of cards: https://docs.stripe.com/sources/customers."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

CARD = {"number": "4242424242424242", "exp_month": 5, "exp_year": 31, "cvc": "123"}


async def test_a_source_is_made_of_a_token_or_of_a_number(stripe: Stripe) -> None:
    token = await stripe.post("tokens", card=CARD | {"name": "Ada", "address_city": "Paris"})
    made = await stripe.post("sources", type="card", token=token["id"], owner={"name": "Eve", "email": "a@example.com"})
    assert (made["status"], made["usage"], made["flow"]) == ("chargeable", "reusable", "none")
    assert (made["owner"]["name"], made["owner"]["email"]) == ("Ada", "a@example.com")
    assert made["owner"]["address"]["city"] == "Paris"
    assert made["card"]["last4"] == "4242"
    assert await stripe.get(f"sources/{made['id']}") == made
    again = await stripe.error("POST", "sources", 400, type="card", token=token["id"])
    assert again["code"] == "token_already_used"
    assert (await stripe.post("sources", type="card", card=CARD))["card"]["exp_year"] == 2031
    assert await stripe.event_types() == ["source.chargeable", "source.chargeable"]
    assert (await stripe.error("POST", "sources", 400))["param"] == "type"
    assert (await stripe.error("POST", "sources", 400, type="card"))["param"] == "card"


async def test_a_source_is_changed(stripe: Stripe) -> None:
    made = await stripe.post("sources", type="card", token="tok_visa", metadata={"a": "1"})
    new = await stripe.post(f"sources/{made['id']}", metadata={"b": "2"}, owner={"name": "Ada"})
    assert (new["metadata"], new["owner"]["name"]) == ({"a": "1", "b": "2"}, "Ada")
    assert await stripe.event_types() == ["source.chargeable"]


async def test_a_charge_consumes_a_source_that_is_no_customers(stripe: Stripe) -> None:
    customer = await stripe.customer()
    for usage, sentence in (("single_use", "The provided source"), ("reusable", "The reusable source you provided")):
        made = await stripe.post("sources", type="card", token="tok_visa", usage=usage)
        charge = await stripe.post("charges", amount=500, currency="usd", source=made["id"])
        assert (charge["paid"], charge["payment_method"], charge["source"]["status"]) == (True, made["id"], "consumed")
        assert charge["payment_method_details"]["card"]["last4"] == "4242"
        assert (await stripe.get(f"balance_transactions/{charge['balance_transaction']}"))["amount"] == 500
        assert (await stripe.get(f"sources/{made['id']}"))["status"] == "consumed"
        error = await stripe.error("POST", "charges", 400, amount=500, currency="usd", source=made["id"])
        assert error["message"].startswith(sentence)
        await stripe.error("POST", f"customers/{customer['id']}/sources", 400, source=made["id"])


async def test_a_declined_source_stays(stripe: Stripe) -> None:
    made = await stripe.post("sources", type="card", token="tok_chargeDeclined", usage="single_use")
    error = await stripe.error("POST", "charges", 402, amount=500, currency="usd", source=made["id"])
    assert error["code"] == "card_declined"
    assert (await stripe.get(f"sources/{made['id']}"))["status"] == "chargeable"
    customer = await stripe.customer()
    reusable = await stripe.post("sources", type="card", token="tok_chargeDeclined")
    await stripe.error("POST", f"customers/{customer['id']}/sources", 402, source=reusable["id"])
    assert "customer" not in await stripe.get(f"sources/{reusable['id']}")


async def test_a_customers_source_is_charged_again_and_again(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/sources"
    made = await stripe.post("sources", type="card", token="tok_visa", owner={"email": "a@example.com"})
    error = await stripe.error(
        "POST", "charges", 400, amount=500, currency="usd", source=made["id"], customer=customer["id"]
    )
    assert error["code"] == "missing"
    kept = await stripe.post(path, source=made["id"], metadata={"a": "1"})
    assert (kept["customer"], kept["status"], kept["metadata"]) == (customer["id"], "chargeable", {"a": "1"})
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == made["id"]
    assert (await stripe.get(path))["data"] == [kept]
    assert await stripe.get(f"{path}/{made['id']}") == kept
    for more in ({}, {"source": made["id"]}):
        charge = await stripe.post("charges", amount=500, currency="usd", customer=customer["id"], **more)
        assert (charge["source"]["status"], charge["billing_details"]["email"]) == ("chargeable", "a@example.com")
    error = await stripe.error("POST", "charges", 400, amount=500, currency="usd", source=made["id"])
    assert error["param"] == "customer"
    other = await stripe.customer()
    error = await stripe.error("POST", f"customers/{other['id']}/sources", 400, source=made["id"])
    assert error["message"] == "The source you provided has already been attached to a customer."
    new = await stripe.post(f"{path}/{made['id']}", owner={"name": "Ada"})
    assert new["owner"]["name"] == "Ada"
    paid = await stripe.pay(made["id"], customer=customer["id"])
    assert (paid["status"], paid["payment_method"]) == ("succeeded", made["id"])


async def test_a_source_leaves_its_customer_for_good(stripe: Stripe) -> None:
    made = await stripe.post("sources", type="card", token="tok_visa")
    customer = await stripe.customer(source=made["id"])
    assert customer["default_source"] == made["id"]
    gone = await stripe.delete(f"customers/{customer['id']}/sources/{made['id']}")
    assert (gone["object"], gone["status"], "customer" in gone) == ("source", "consumed", False)
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] is None
    assert (await stripe.get(f"sources/{made['id']}"))["status"] == "consumed"
    error = await stripe.error("POST", "charges", 400, amount=500, currency="usd", source=made["id"])
    assert error["message"].startswith("The reusable source you provided is consumed")
    assert await stripe.event_types() == [
        "source.chargeable", "customer.created", "customer.source.created", "customer.source.deleted",
        "customer.updated",
    ]  # fmt: skip
    second = await stripe.post("sources", type="card", token="tok_visa")
    buyer = await stripe.customer(source=second["id"])
    await stripe.delete(f"customers/{buyer['id']}")
    assert "payment_method.detached" not in await stripe.event_types()
    assert (await stripe.get(f"sources/{second['id']}"))["status"] == "consumed"


async def test_a_source_for_a_single_use_names_a_customer_but_is_not_attached(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("sources", type="card", token="tok_visa", usage="single_use")
    error = await stripe.error("POST", f"customers/{customer['id']}/sources", 400, source=made["id"])
    assert "single use" in error["message"]
    charge = await stripe.post("charges", amount=500, currency="usd", source=made["id"], customer=customer["id"])
    assert (charge["customer"], charge["source"]["status"]) == (customer["id"], "consumed")
    assert (await stripe.get(f"customers/{customer['id']}/sources"))["data"] == []
    error = await stripe.error("POST", "charges", 400, amount=500, currency="usd", source="src_none")
    assert error["code"] == "resource_missing"


async def test_a_subscription_is_paid_by_a_source(stripe: Stripe) -> None:
    made = await stripe.post("sources", type="card", token="tok_visa")
    customer = await stripe.customer(source=made["id"])
    product = await stripe.post("products", name="Tea")
    price = await stripe.post(
        "prices", product=product["id"], currency="usd", unit_amount=500, recurring={"interval": "month"}
    )
    subscription = await stripe.post("subscriptions", customer=customer["id"], items=[{"price": price["id"]}])
    assert subscription["status"] == "active"


async def test_sources_of_other_types_do_not_pay(stripe: Stripe) -> None:
    made = await stripe.post("sources", type="ideal", amount=500, currency="eur", ideal={"bank": "ing"})
    assert (await stripe.post(f"sources/{made['id']}", metadata={"a": "1"}))["metadata"] == {"a": "1"}
    error = await stripe.error("POST", "charges", 400, amount=500, currency="eur", source=made["id"])
    assert "only those of cards" in error["message"]
