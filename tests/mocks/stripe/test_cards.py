"""Cards as customers' sources: https://docs.stripe.com/api/cards."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

CARD = {"object": "card", "number": "4000056655665556", "exp_month": 5, "exp_year": 2031, "cvc": "123", "name": "Ada",
        "address_line1": "1 Main St", "address_zip": "12345"}  # fmt: skip


async def test_cards_of_a_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/sources"
    first = await stripe.post(path, source="tok_visa")
    second = await stripe.post(path, source="tok_amex")
    assert second["brand"] == "American Express"
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == first["id"]
    changed = await stripe.post(f"{path}/{second['id']}", name="Ada", exp_year=2034)
    assert (changed["name"], changed["exp_year"]) == ("Ada", 2034)
    assert [card["id"] for card in (await stripe.get(path, object="card"))["data"]] == [second["id"], first["id"]]
    assert (await stripe.get(path, object="bank_account"))["data"] == []
    assert (await stripe.delete(f"{path}/{first['id']}"))["deleted"] is True
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == second["id"]


async def test_a_card_is_a_payment_method_too(stripe: Stripe) -> None:
    customer = await stripe.customer(source=CARD)
    (method,) = (await stripe.get("payment_methods", customer=customer["id"], type="card"))["data"]
    assert method["id"] == customer["default_source"]
    assert (method["card"]["brand"], method["card"]["funding"]) == ("visa", "debit")
    assert method["billing_details"]["name"] == "Ada"
    assert method["billing_details"]["address"]["postal_code"] == "12345"
    paid = await stripe.pay(method["id"], customer=customer["id"])
    assert paid["status"] == "succeeded"
    await stripe.delete(f"customers/{customer['id']}")
    await stripe.get(f"payment_methods/{method['id']}", expect=404)


async def test_a_foreign_card_is_missing(stripe: Stripe) -> None:
    one, two = await stripe.customer(source="tok_visa"), await stripe.customer()
    error = await stripe.error("GET", f"customers/{two['id']}/sources/{one['default_source']}", 404)
    assert (error["code"], error["message"]) == ("resource_missing", f"No such source: '{one['default_source']}'")
    error = await stripe.error("POST", f"customers/{two['id']}/sources", 400)
    assert (error["code"], error["param"]) == ("parameter_missing", "source")
    error = await stripe.error("POST", f"customers/{two['id']}", 400, default_source=one["default_source"])
    assert error["param"] == "default_source"
