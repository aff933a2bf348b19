"""Transfers: https://docs.stripe.com/api/transfers."""

from __future__ import annotations

import pytest

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_money_goes_to_the_account_that_is_named(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await connect.funded(stripe)
    before = await connect.available(stripe)
    made = await stripe.post(
        "transfers", amount=700, currency="usd", destination=account["id"], transfer_group="order-1", metadata={"a": 1}
    )
    assert (made["amount"], made["source_type"], made["transfer_group"]) == (700, "card", "order-1")
    assert await connect.available(stripe) == before - 700
    assert await connect.available(stripe, account["id"]) == 700
    moved = await stripe.get(f"balance_transactions/{made['balance_transaction']}")
    assert (moved["type"], moved["amount"], moved["reporting_category"]) == ("transfer", -700, "transfer")
    arrived = await stripe.get(f"charges/{made['destination_payment']}", headers=connect.on(account["id"]))
    assert (arrived["amount"], arrived["source_transfer"]) == (700, made["id"])
    assert arrived["payment_method_details"]["type"] == "stripe_account"
    await stripe.get(f"charges/{made['destination_payment']}", expect=404)
    assert await stripe.get(f"transfers/{made['id']}") == made
    assert "transfer.created" in await stripe.event_types()


async def test_what_is_not_available_cannot_be_sent(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await stripe.post("charges", amount=5000, currency="usd", source="tok_visa")
    before = stripe.records()
    error = await stripe.error("POST", "transfers", 400, amount=100, currency="usd", destination=account["id"])
    assert (error["code"], error["type"]) == ("balance_insufficient", "invalid_request_error")
    assert stripe.records() == before


async def test_a_charge_pays_for_its_transfers_before_it_is_available(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    charge = await stripe.post("charges", amount=5000, currency="usd", source="tok_visa")
    source = {"currency": "usd", "destination": account["id"], "source_transaction": charge["id"]}
    made = await stripe.post("transfers", amount=3000, **source)
    assert (made["source_transaction"], made["transfer_group"]) == (charge["id"], f"group_{charge['id']}")
    assert (await stripe.get(f"charges/{charge['id']}"))["transfer_group"] == made["transfer_group"]
    assert await connect.pending(stripe, account["id"]) == 3000
    error = await stripe.error("POST", "transfers", 400, amount=2001, **source)
    assert "must not exceed the source amount of $50.00" in error["message"]
    await stripe.post("transfers", amount=2000, **source)
    stripe.harness.clock.advance(days=8)
    assert await connect.available(stripe, account["id"]) == 5000


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 100, "destination": "acct_none"}, "resource_missing", "destination"),
        ({"destination": ""}, "parameter_missing", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": 100, "source_transaction": "ch_none"}, "resource_missing", "source_transaction"),
    ],
)
async def test_what_it_names_has_to_be_there(stripe: Stripe, params: dict[str, str], code: str, param: str) -> None:
    account = await connect.account(stripe)
    sent = {"currency": "usd", **params, "destination": params.get("destination") or account["id"]}
    error = await stripe.error("POST", "transfers", 400, **sent)
    assert (error.get("code"), error["param"]) == (code, param)


async def test_an_account_without_the_capability_gets_nothing(stripe: Stripe) -> None:
    account = await stripe.post("accounts", type="express", capabilities={"transfers": {"requested": True}})
    await connect.funded(stripe)
    error = await stripe.error("POST", "transfers", 400, amount=100, currency="usd", destination=account["id"])
    assert error["code"] == "insufficient_capabilities_for_transfer"


async def test_a_transfer_is_described_anew_and_listed(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await connect.funded(stripe)
    first = await stripe.post("transfers", amount=100, currency="usd", destination=account["id"], transfer_group="g")
    second = await stripe.post("transfers", amount=200, currency="usd", destination=account["id"])
    changed = await stripe.post(f"transfers/{first['id']}", description="rent", metadata={"k": "v"})
    assert (changed["description"], changed["metadata"]) == ("rent", {"k": "v"})
    assert (await stripe.event_types())[-1] == "transfer.updated"
    both = await stripe.get("transfers", destination=account["id"])
    assert [each["id"] for each in both["data"]] == [second["id"], first["id"]]
    assert [each["id"] for each in (await stripe.get("transfers", transfer_group="g"))["data"]] == [first["id"]]
    await stripe.error("GET", "transfers/tr_none", 404)


async def test_what_is_left_of_a_charge_that_was_captured_in_part_goes(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    held = await stripe.post("charges", amount=2000, currency="usd", source="tok_visa", capture=False)
    await stripe.post(f"charges/{held['id']}/capture", amount=700)
    await stripe.post("refunds", charge=held["id"], amount=200)
    made = await stripe.post("transfers", currency="usd", destination=account["id"], source_transaction=held["id"])
    assert made["amount"] == 500
