"""Money adds up: every payment and refund has its balance transaction, and nothing is taken or given back twice."""

from __future__ import annotations

import random
from pathlib import Path

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_balance_transactions_are_filtered(stripe: Stripe) -> None:
    paid = await stripe.pay()
    await stripe.post("refunds", payment_intent=paid["id"], amount=500)
    for filters, amounts in (({"type": "charge"}, [2000]), ({"type": "refund"}, [-500]), ({"currency": "eur"}, []),
                             ({"source": paid["latest_charge"]}, [2000])):  # fmt: skip
        found = await stripe.get("balance_transactions", **filters)
        assert [item["amount"] for item in found["data"]] == amounts


async def test_some_cards_are_paid_out_at_once(stripe: Stripe) -> None:
    for card, status in (("pm_card_visa", "pending"), ("pm_card_bypassPending", "available")):
        paid = await stripe.pay(card)
        found = await stripe.get("balance_transactions", source=paid["latest_charge"])
        assert found["data"][0]["status"] == status


async def test_any_sequence_of_payments_adds_up(stripe: Stripe) -> None:
    chance = random.Random(7)  # noqa: S311 (a repeatable sequence, no secret)
    held: list[str] = []
    paid: list[str] = []
    for _ in range(60):
        deed = chance.choice(["pay", "hold", "decline", "capture", "cancel", "refund"])
        if deed == "pay":
            paid.append((await stripe.pay(amount=chance.randint(50, 5000)))["id"])
        elif deed == "hold":
            held.append((await stripe.pay(amount=chance.randint(50, 5000), capture_method="manual"))["id"])
        elif deed == "decline":
            await stripe.pay("pm_card_visa_chargeDeclined", expect=402)
        elif deed in ("capture", "cancel") and held:
            key = held.pop(chance.randrange(len(held)))
            more = {"amount_to_capture": chance.randint(1, 50)} if deed == "capture" else {}
            await stripe.post(f"payment_intents/{key}/{deed}", **more)
            if deed == "capture":
                paid.append(key)
        elif deed == "refund" and paid:
            await stripe.send(
                "POST", "refunds", {"payment_intent": chance.choice(paid), "amount": chance.randint(1, 3000)}
            )
    charges = (await stripe.get("charges", limit=100))["data"]
    moved = (await stripe.get("balance_transactions", limit=100))["data"]
    refunds = (await stripe.get("refunds", limit=100))["data"]
    assert all(item["net"] == item["amount"] - item["fee"] for item in moved)
    assert all(charge["amount_captured"] <= charge["amount"] for charge in charges)
    assert all(charge["amount_refunded"] <= charge["amount"] for charge in charges)
    taken = sum(charge["amount_captured"] for charge in charges)
    given_back = sum(refund["amount"] for refund in refunds)
    assert sum(item["amount"] for item in moved) == taken - given_back
    for charge in charges:
        back = sum(refund["amount"] for refund in refunds if refund["charge"] == charge["id"])
        assert back <= charge["amount_captured"]


async def test_an_empty_account_has_nothing_in_its_own_currency(stripe: Stripe) -> None:
    found = await stripe.get("balance")
    nothing = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    assert (found["available"], found["pending"]) == (nothing, nothing)
    assert "connect_reserved" not in found
    await connect.account(stripe)
    assert (await stripe.get("balance"))["connect_reserved"] == [{"amount": 0, "currency": "usd"}]


async def test_money_is_pending_and_then_available(stripe: Stripe) -> None:
    paid = await stripe.pay()
    await stripe.pay(currency="eur", amount=1000)
    assert (await connect.pending(stripe), await connect.available(stripe)) == (1912, 0)
    assert await connect.pending(stripe, currency="eur") == 941
    stripe.harness.clock.advance(days=8)
    assert (await connect.pending(stripe), await connect.available(stripe)) == (0, 1912)
    found = await stripe.get("balance_transactions", source=paid["latest_charge"])
    assert found["data"][0]["status"] == "available"
    assert (await stripe.get(f"balance_transactions/{found['data'][0]['id']}"))["status"] == "available"


async def test_a_policy_may_give_money_to_begin_with(tmp_path: Path) -> None:
    policy = {"services": {"stripe": {"options": {"balance": {"usd": 5000}}}}}
    harness = Harness(SERVICE, tmp_path, policy=policy)
    stripe = Stripe(harness, tmp_path)
    assert await connect.available(stripe) == 5000
    account = await connect.account(stripe)
    await stripe.post("transfers", amount=1000, currency="usd", destination=account["id"])
    assert await connect.available(stripe) == 4000
    assert await connect.available(stripe, account["id"]) == 1000
    await harness.close()
