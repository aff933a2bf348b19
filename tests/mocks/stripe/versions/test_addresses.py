"""Old addresses lead to what is there today."""

from __future__ import annotations

import pytest

from contracts.exchange import Request
from mocks.stripe.service import SERVICE
from mocks.stripe.versions.addresses import ADDRESSES, relocate
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

BEFORE_BASIL = {"Stripe-Version": "2024-06-20"}


def test_every_address_leads_somewhere() -> None:
    contract = SERVICE.contract()
    for each in ADDRESSES:
        for method in each.methods or {"GET"}:
            sent = Request(method=method, path=each.path.replace("{", "").replace("}", ""))
            there = relocate(sent)
            assert there.original is sent, each.path
            assert contract.match(there) is not None, each.path


def test_today_s_addresses_stay() -> None:
    for path in ("/v1/customers/cus_1/sources", "/v1/charges/ch_1", "/v1/customers", "/v1/invoices/in_1/lines"):
        request = Request(method="GET", path=path)
        assert relocate(request) is request


async def test_cards_of_a_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    card = await stripe.post(f"customers/{customer['id']}/cards", card="tok_visa")
    assert card["object"] == "card"
    listed = await stripe.get(f"customers/{customer['id']}/cards")
    assert [each["id"] for each in listed["data"]] == [card["id"]]
    gone = await stripe.delete(f"customers/{customer['id']}/cards/{card['id']}")
    assert gone["deleted"] is True


async def test_subscriptions_of_a_customer(stripe: Stripe) -> None:
    customer, plan = await payer(stripe), await price(stripe)
    path = f"customers/{customer['id']}/subscriptions"
    made = await stripe.post(path, plan=plan["id"])
    assert (made["customer"], made["status"]) == (customer["id"], "active")
    other = await subscribed(stripe, await payer(stripe), plan)
    listed = await stripe.get(path, limit=5)
    assert [each["id"] for each in listed["data"]] == [made["id"]] != [other["id"]]
    assert (await stripe.get(f"{path}/{made['id']}"))["id"] == made["id"]
    ended = await stripe.delete(f"{path}/{made['id']}")
    assert ended["status"] == "canceled"


async def test_a_refund_answered_the_charge(stripe: Stripe) -> None:
    charge = await stripe.post("charges", amount=500, currency="usd", source="tok_visa")
    shown = await stripe.post(f"charges/{charge['id']}/refund", amount=200, expand=["customer"])
    assert (shown["id"], shown["object"], shown["amount_refunded"]) == (charge["id"], "charge", 200)
    refund = await stripe.post(f"charges/{charge['id']}/refunds", amount=100)
    assert (refund["object"], refund["amount"]) == ("refund", 100)
    listed = await stripe.get(f"charges/{charge['id']}/refunds")
    assert [each["amount"] for each in listed["data"]] == [100, 200]
    assert (await stripe.get(f"charges/{charge['id']}/refunds/{refund['id']}"))["id"] == refund["id"]


async def test_the_balance_had_a_history(stripe: Stripe) -> None:
    charge = await stripe.post("charges", amount=500, currency="usd", source="tok_visa")
    [line] = (await stripe.get("balance/history"))["data"]
    assert line["source"] == charge["id"]
    assert (await stripe.get(f"balance/history/{line['id']}"))["id"] == line["id"]


async def test_the_upcoming_invoice_ended_with_basil(stripe: Stripe) -> None:
    refused = await stripe.get("invoices/upcoming", customer="cus_1", expect=404)
    assert refused["error"]["message"].startswith("Unrecognized request URL (GET: /v1/invoices/upcoming).")
    items = [{"plan": "tea", "quantity": 2}]
    wrong = await stripe.get("invoices/upcoming", subscription_items=items, a=1, expect=400, headers=BEFORE_BASIL)
    assert wrong["error"]["message"] == "Received unknown parameter: a"


async def test_unknown_lists_are_unknown(stripe: Stripe) -> None:
    refused = await stripe.get("customers/cus_1/cards/card_1/sums", expect=404)
    assert refused["error"]["message"].startswith("Unrecognized request URL (GET: /v1/customers/cus_1/cards/")


@pytest.mark.parametrize("key", ["..", ".", "%2e%2e", "cus_1%2Fcards", "a b"])
async def test_what_is_no_id_leads_nowhere(stripe: Stripe, key: str) -> None:
    answer = await stripe.harness.call(
        "GET", f"/v1/customers/{key}/subscriptions", headers={"Stripe-Version": "2014-12-17"}
    )
    assert answer.status == 404
