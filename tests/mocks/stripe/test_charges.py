"""Charges made without an intent: https://docs.stripe.com/api/charges."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_charge_of_a_token(stripe: Stripe) -> None:
    made = await stripe.post("charges", amount=1000, currency="usd", source="tok_visa", description="tea")
    assert (made["status"], made["paid"], made["captured"]) == ("succeeded", True, True)
    assert made["source"]["object"] == "card"
    transaction = await stripe.get(f"balance_transactions/{made['balance_transaction']}")
    assert (transaction["amount"], transaction["fee"], transaction["net"]) == (1000, 59, 941)
    assert transaction["source"] == made["id"]
    assert await stripe.event_types() == ["charge.succeeded"]


async def test_a_charge_of_a_customers_card(stripe: Stripe) -> None:
    customer = await stripe.customer(source="tok_mastercard")
    made = await stripe.post("charges", amount=1000, currency="usd", customer=customer["id"])
    assert made["payment_method"] == customer["default_source"]
    assert made["customer"] == customer["id"]
    bare = await stripe.customer()
    error = await stripe.error("POST", "charges", 402, amount=1000, currency="usd", customer=bare["id"])
    assert error["code"] == "missing"


async def test_a_charge_needs_amount_and_currency(stripe: Stripe) -> None:
    error = await stripe.error("POST", "charges", 400, currency="usd", source="tok_visa")
    assert (error["code"], error["param"]) == ("parameter_missing", "amount")
    error = await stripe.error("POST", "charges", 400, amount=1000, source="tok_visa")
    assert (error["code"], error["param"]) == ("parameter_missing", "currency")


async def test_a_declined_charge_is_kept(stripe: Stripe) -> None:
    error = await stripe.error("POST", "charges", 402, amount=1000, currency="usd", source="tok_chargeDeclined")
    assert error["code"] == "card_declined"
    assert (await stripe.get(f"charges/{error['charge']}"))["status"] == "failed"
    assert await stripe.event_types() == ["charge.failed"]


async def test_authorise_then_capture_less(stripe: Stripe) -> None:
    held = await stripe.post("charges", amount=1000, currency="usd", source="tok_visa", capture=False)
    assert held["balance_transaction"] is None
    done = await stripe.post(f"charges/{held['id']}/capture", amount=600)
    assert (done["captured"], done["amount_captured"], done["amount_refunded"]) == (True, 600, 400)
    error = await stripe.error("POST", f"charges/{held['id']}/capture", 400)
    assert error["code"] == "charge_already_captured"


async def test_a_stored_token_is_used_once(stripe: Stripe) -> None:
    card = {"number": "4242424242424242", "exp_month": 5, "exp_year": 2031, "cvc": "123"}
    token = await stripe.post("tokens", card=card)
    assert (await stripe.get(f"tokens/{token['id']}"))["used"] is False
    await stripe.post("charges", amount=1000, currency="usd", source=token["id"])
    assert (await stripe.get(f"tokens/{token['id']}"))["used"] is True
    error = await stripe.error("POST", "charges", 400, amount=1000, currency="usd", source=token["id"])
    assert error["code"] == "token_already_used"


async def test_update_and_list(stripe: Stripe) -> None:
    one = await stripe.post("charges", amount=1000, currency="usd", source="tok_visa")
    customer = await stripe.customer(source="tok_visa")
    two = await stripe.post("charges", amount=1000, currency="usd", customer=customer["id"])
    changed = await stripe.post(f"charges/{one['id']}", description="late", metadata={"a": "b"})
    assert (changed["description"], changed["metadata"]) == ("late", {"a": "b"})
    assert [item["id"] for item in (await stripe.get("charges", customer=customer["id"]))["data"]] == [two["id"]]
    assert [item["id"] for item in (await stripe.get("charges"))["data"]] == [two["id"], one["id"]]
