"""Application fees and their refunds: https://docs.stripe.com/api/application_fees."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def direct(stripe: Stripe) -> tuple[Any, Any]:
    """A direct charge of 20 dollars with a fee of 1.23, and its account."""
    account = await connect.account(stripe)
    charge = await stripe.post(
        "charges", amount=2000, currency="usd", source="tok_visa", application_fee_amount=123,
        headers=connect.on(account["id"]),
    )  # fmt: skip
    return account, charge


async def test_the_account_of_a_direct_charge_pays_both_fees(stripe: Stripe) -> None:
    account, charge = await direct(stripe)
    on = connect.on(account["id"])
    moved = await stripe.get(f"balance_transactions/{charge['balance_transaction']}", headers=on)
    assert sorted((each["type"], each["amount"]) for each in moved["fee_details"]) == [
        ("application_fee", 123), ("stripe_fee", 88),
    ]  # fmt: skip
    assert (moved["fee"], moved["net"]) == (211, 1789)
    fee = await stripe.get(f"application_fees/{charge['application_fee']}")
    assert (fee["amount"], fee["account"], fee["charge"]) == (123, account["id"], charge["id"])
    assert fee["fee_source"] == {"charge": charge["id"], "type": "charge"}
    earned = await stripe.get(f"balance_transactions/{fee['balance_transaction']}")
    assert (earned["type"], earned["net"], earned["reporting_category"]) == ("application_fee", 123, "platform_earning")
    assert [each["id"] for each in (await stripe.get("application_fees", charge=charge["id"]))["data"]] == [fee["id"]]
    assert await stripe.event_types() == ["application_fee.created"]


async def test_a_fee_goes_back_in_parts(stripe: Stripe) -> None:
    account, charge = await direct(stripe)
    path = f"application_fees/{charge['application_fee']}/refunds"
    part = await stripe.post(path, amount=23, metadata={"k": "v"})
    assert (part["amount"], part["object"]) == (23, "fee_refund")
    assert await connect.available(stripe, account["id"]) == 23
    error = await stripe.error("POST", path, 400, amount=101)
    assert error["message"].endswith("unrefunded amount on fee ($1.00)")
    rest = await stripe.post(path)
    fee = await stripe.get(f"application_fees/{charge['application_fee']}")
    assert (fee["refunded"], fee["amount_refunded"]) == (True, 123)
    await stripe.error("POST", path, 400)
    changed = await stripe.post(f"{path}/{part['id']}", metadata={"k": ""})
    assert changed["metadata"] == {}
    assert await stripe.get(f"{path}/{part['id']}") == changed
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [rest["id"], part["id"]]
    assert (await stripe.event_types())[-1] == "application_fee.refund.updated"


async def test_a_refund_of_a_direct_charge_gives_its_share_of_the_fee_back(stripe: Stripe) -> None:
    account, charge = await direct(stripe)
    on = connect.on(account["id"])
    await stripe.post("refunds", charge=charge["id"], amount=1000, refund_application_fee=True, headers=on)
    assert (await stripe.get(f"application_fees/{charge['application_fee']}"))["amount_refunded"] == 62
    await stripe.post("refunds", charge=charge["id"], refund_application_fee=True, headers=on)
    assert (await stripe.get(f"application_fees/{charge['application_fee']}"))["refunded"] is True
