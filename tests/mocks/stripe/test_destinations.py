"""Destination charges: https://docs.stripe.com/connect/destination-charges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def paid(stripe: Stripe, **params: Any) -> tuple[Any, Any]:
    """A destination charge of 20 dollars by a payment intent: account and charge."""
    account = await connect.account(stripe)
    asked = {"transfer_data": {"destination": account["id"]}, "application_fee_amount": 123}
    intent = await stripe.pay(**{**asked, **params})
    return account, await stripe.get(f"charges/{intent['latest_charge']}")


async def test_all_of_it_goes_to_the_account_which_pays_the_fee(stripe: Stripe) -> None:
    account, charge = await paid(stripe)
    assert charge["destination"] == account["id"]
    transfer = await stripe.get(f"transfers/{charge['transfer']}")
    assert (transfer["amount"], transfer["source_transaction"]) == (2000, charge["id"])
    assert transfer["transfer_group"] == charge["transfer_group"] == f"group_{charge['payment_intent']}"
    on = connect.on(account["id"])
    arrived = await stripe.get(f"charges/{transfer['destination_payment']}", headers=on, expand=["balance_transaction"])
    assert (arrived["amount"], arrived["application_fee_amount"]) == (2000, 123)
    assert (arrived["balance_transaction"]["fee"], arrived["balance_transaction"]["net"]) == (123, 1877)
    fee = await stripe.get(f"application_fees/{charge['application_fee']}")
    assert (fee["charge"], fee["originating_transaction"]) == (arrived["id"], charge["id"])
    # 20 dollars less Stripe's 88 cents, less the transfer, and the application fee.
    assert await connect.pending(stripe) == 2000 - 88 - 2000 + 123
    assert await connect.pending(stripe, account["id"]) == 1877
    types = await stripe.event_types()
    assert types[-2:] == ["transfer.created", "application_fee.created"]
    assert "charge.succeeded" in types


async def test_a_part_may_go(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    data = {"destination": account["id"], "amount": 1500}
    charge = await stripe.post("charges", amount=2000, currency="usd", source="tok_visa", transfer_data=data)
    assert (await stripe.get(f"transfers/{charge['transfer']}"))["amount"] == 1500
    assert await connect.pending(stripe, account["id"]) == 1500


async def test_a_hold_moves_nothing_until_it_is_captured(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    intent = await stripe.pay(
        capture_method="manual", transfer_data={"destination": account["id"]}, application_fee_amount=100,
        on_behalf_of=account["id"],
    )  # fmt: skip
    assert (await stripe.get("transfers"))["data"] == []
    done = await stripe.post(
        f"payment_intents/{intent['id']}/capture", amount_to_capture=1000, application_fee_amount=50,
        expand=["latest_charge"],
    )  # fmt: skip
    assert (done["application_fee_amount"], done["latest_charge"]["on_behalf_of"]) == (50, account["id"])
    assert [each["amount"] for each in (await stripe.get("transfers"))["data"]] == [1000]
    assert await connect.pending(stripe, account["id"]) == 950


async def test_a_refund_takes_transfer_and_fee_back_in_proportion(stripe: Stripe) -> None:
    account, charge = await paid(stripe)
    back = {"charge": charge["id"], "reverse_transfer": True, "refund_application_fee": True}
    part = await stripe.post("refunds", amount=500, **back, expand=["transfer_reversal"])
    assert (part["transfer_reversal"]["amount"], part["transfer_reversal"]["source_refund"]) == (500, part["id"])
    assert (await stripe.get(f"application_fees/{charge['application_fee']}"))["amount_refunded"] == 31
    await stripe.post("refunds", **back)
    assert (await stripe.get(f"transfers/{charge['transfer']}"))["reversed"] is True
    assert (await stripe.get(f"application_fees/{charge['application_fee']}"))["refunded"] is True
    on_account = await connect.pending(stripe, account["id"]) + await connect.available(stripe, account["id"])
    assert on_account == 0


async def test_a_refund_alone_is_the_platforms_loss(stripe: Stripe) -> None:
    account, charge = await paid(stripe)
    refund = await stripe.post("refunds", charge=charge["id"])
    assert refund["transfer_reversal"] is None
    assert await connect.pending(stripe, account["id"]) == 1877


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"transfer_data": {"destination": "acct_none"}}, "transfer_data[destination]"),
        ({"application_fee_amount": 10}, "application_fee_amount"),
        ({"on_behalf_of": "acct_none"}, "on_behalf_of"),
        ({"transfer_data": {"amount": 3000}, "own": True}, "transfer_data[amount]"),
        ({"transfer_data": {}, "application_fee_amount": 3000, "own": True}, "application_fee_amount"),
    ],
)
@pytest.mark.parametrize("path", ["payment_intents", "charges"])
async def test_what_cannot_be_is_refused(stripe: Stripe, path: str, params: dict[str, Any], param: str) -> None:
    account = await connect.account(stripe)
    sent = {"amount": 2000, "currency": "usd", **params}
    if sent.pop("own", False):
        sent["transfer_data"] = {**sent["transfer_data"], "destination": account["id"]}
    if path == "charges":
        sent["source"] = "tok_visa"
    before = stripe.records()
    assert (await stripe.error("POST", path, 400, **sent))["param"] == param
    assert stripe.records() == before


@pytest.mark.parametrize("name", ["reverse_transfer", "refund_application_fee"])
async def test_a_refund_takes_back_only_what_was_given(stripe: Stripe, name: str) -> None:
    charge = await connect.funded(stripe)
    before = stripe.records()
    assert (await stripe.error("POST", "refunds", 400, charge=charge["id"], **{name: True}))["param"] == name
    assert stripe.records() == before


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "charge", "direct", "refund", "transfer", "reverse", "payout", "cancel", "fee", "day"]),
        st.integers(1, 4000),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
async def test_balance_is_the_sum_of_its_transactions(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int, int]]
) -> None:
    """For the platform and its account, whatever happens and whatever is refused."""
    folder = tmp_path_factory.mktemp("money")
    harness = Harness(SERVICE, folder)
    stripe = Stripe(harness, folder)
    account = (await connect.account(stripe))["id"]
    for deed, amount, turn in deeds:
        await _carry_out(stripe, account, deed, amount, turn)
        for key in (None, account):
            headers = connect.on(key) if key else None
            moved = (await stripe.get("balance_transactions", limit=100, headers=headers))["data"]
            assert all(each["net"] == each["amount"] - each["fee"] for each in moved)
            assert all(each["fee"] == sum(fee["amount"] for fee in each["fee_details"]) for each in moved)
            for name, whole in (("available", connect.available), ("pending", connect.pending)):
                assert sum(each["net"] for each in moved if each["status"] == name) == await whole(stripe, key)
    for transfer in (await stripe.get("transfers", limit=100))["data"]:
        assert 0 <= transfer["amount_reversed"] <= transfer["amount"]
    await harness.close()


async def _carry_out(stripe: Stripe, account: str, deed: str, amount: int, turn: int) -> None:
    """One step; what is refused is refused."""
    on = connect.on(account)
    send = stripe.send
    money = {"amount": amount, "currency": "usd"}
    if deed == "pay":
        data = {"transfer_data": {"destination": account}, "application_fee_amount": amount // 10}
        await send("POST", "charges", {**money, "source": "tok_visa", **data})
    elif deed == "charge":
        await send("POST", "charges", {**money, "source": "tok_bypassPending"})
    elif deed == "direct":
        await send("POST", "charges", {**money, "source": "tok_visa", "application_fee_amount": amount // 7}, on)
    elif deed == "transfer":
        await send("POST", "transfers", {**money, "destination": account})
    elif deed == "payout":
        await send("POST", "payouts", money, on if turn % 2 else None)
    elif deed == "day":
        stripe.harness.clock.advance(days=turn * 3)
    elif deed == "refund":
        headers = on if turn % 2 else None
        for charge in (await stripe.get("charges", limit=1, headers=headers))["data"]:
            params = {"charge": charge["id"], "amount": amount, "reverse_transfer": turn > 1,
                      "refund_application_fee": turn > 0}  # fmt: skip
            await send("POST", "refunds", params, headers)
    elif deed == "reverse":
        for transfer in (await stripe.get("transfers", limit=1))["data"]:
            await send("POST", f"transfers/{transfer['id']}/reversals", {"amount": amount})
    elif deed == "cancel":
        for payout in (await stripe.get("payouts", limit=1))["data"]:
            await send("POST", f"payouts/{payout['id']}/cancel", {})
    elif deed == "fee":
        for fee in (await stripe.get("application_fees", limit=1))["data"]:
            await send("POST", f"application_fees/{fee['id']}/refunds", {"amount": amount})
