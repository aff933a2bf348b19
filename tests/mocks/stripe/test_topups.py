"""Top-ups: https://docs.stripe.com/api/topups and https://docs.stripe.com/connect/testing#testing-top-ups."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_top_up_arrives_after_the_banking_days(stripe: Stripe) -> None:
    made = await stripe.post(
        "topups", amount=2000, currency="usd", description="For May", statement_descriptor="Top-up", transfer_group="G"
    )
    assert (made["status"], made["balance_transaction"], made["source"]) == ("pending", None, None)
    assert (made["initiated_by"], made["transfer_group"]) == ("user", "G")
    assert made["expected_availability_date"] > made["created"]
    stripe.harness.clock.advance(days=4)
    assert await connect.available(stripe) == 0
    stripe.harness.clock.advance(days=5)
    assert await connect.available(stripe) == 2000
    done = await stripe.get(f"topups/{made['id']}", expand=["balance_transaction"])
    moved = done["balance_transaction"]
    assert (done["status"], moved["type"], moved["net"], moved["fee"]) == ("succeeded", "topup", 2000, 0)
    assert (moved["reporting_category"], moved["source"], moved["status"]) == ("topup", made["id"], "available")
    assert await stripe.event_types() == ["topup.created", "topup.succeeded"]
    stripe.harness.clock.advance(days=30)
    assert await connect.available(stripe) == 2000


async def test_a_test_account_answers_soon_without_a_call(stripe: Stripe) -> None:
    made = await stripe.post("topups", amount=2000, currency="usd", source="btok_us_verified")
    assert (made["source"]["type"], made["source"]["ach_debit"]["last4"]) == ("ach_debit", "6789")
    stripe.harness.clock.advance(seconds=2)
    await stripe.harness.wake()
    events = (await stripe.get("events"))["data"]
    assert [each["type"] for each in events] == ["topup.succeeded", "topup.created"]
    assert events[0]["request"]["id"] is None
    account = await connect.account(stripe)
    await stripe.post("transfers", amount=2000, currency="usd", destination=account["id"])


async def test_the_money_of_a_top_up_can_be_transferred_at_once(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await stripe.post("topups", amount=2000, currency="usd", source="btok_us_verified")
    stripe.harness.clock.advance(seconds=2)
    await stripe.post("transfers", amount=1500, currency="usd", destination=account["id"])
    assert await connect.available(stripe) == 500


async def test_some_test_accounts_do_not_pay(stripe: Stripe) -> None:
    for token, code in (
        ("noAccount", "no_account"),
        ("accountClosed", "account_closed"),
        ("insufficientFunds", "insufficient_funds"),
        ("debitNotAuthorized", "debit_not_authorized"),
        ("invalidCurrency", "invalid_currency"),
    ):
        made = await stripe.post("topups", amount=2000, currency="usd", source=f"btok_us_verified_{token}")
        stripe.harness.clock.advance(seconds=2)
        failed = await stripe.get(f"topups/{made['id']}")
        assert (failed["status"], failed["failure_code"], failed["balance_transaction"]) == ("failed", code, None)
        assert failed["failure_message"]
        assert (await stripe.event_types())[-1] == "topup.failed"
    assert await connect.available(stripe) == 0


async def test_an_own_token_and_a_payment_method_top_up(stripe: Stripe) -> None:
    closed = {**connect.BANK, "account_number": "000111111113"}
    closed.pop("object")
    token = await stripe.post("tokens", bank_account=closed)
    method = await stripe.post("payment_methods", type="us_bank_account", us_bank_account={
        "account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "individual",
    }, billing_details={"name": "Jenny Rosen"})  # fmt: skip
    one = await stripe.post("topups", amount=700, currency="usd", source=token["id"])
    two = await stripe.post("topups", amount=800, currency="usd", payment_method=method["id"])
    assert two["payment_method_options"] == {"us_bank_account": {"network": "ach"}}
    await stripe.error("POST", "topups", 400, amount=700, currency="usd", source=token["id"])
    stripe.harness.clock.advance(seconds=2)
    assert (await stripe.get(f"topups/{one['id']}"))["failure_code"] == "account_closed"
    assert (await stripe.get(f"topups/{two['id']}"))["status"] == "succeeded"
    again = await stripe.post("topups", amount=900, currency="usd", source=one["source"]["id"])
    assert again["source"] == one["source"]


async def test_only_a_pending_top_up_is_canceled(stripe: Stripe) -> None:
    made = await stripe.post("topups", amount=2000, currency="usd")
    assert (await stripe.post(f"topups/{made['id']}/cancel"))["status"] == "canceled"
    assert (await stripe.event_types())[-1] == "topup.canceled"
    stripe.harness.clock.advance(days=10)
    assert await connect.available(stripe) == 0
    assert (await stripe.get(f"topups/{made['id']}"))["status"] == "canceled"
    await stripe.error("POST", f"topups/{made['id']}/cancel", 400)


async def test_top_ups_are_changed_and_listed(stripe: Stripe) -> None:
    made = [await stripe.post("topups", amount=amount, currency="usd") for amount in (100, 200, 300)]
    new = await stripe.post(f"topups/{made[0]['id']}", description="Other", metadata={"k": "v"})
    assert (new["description"], new["metadata"]) == ("Other", {"k": "v"})
    await stripe.post(f"topups/{made[0]['id']}/cancel")
    for filters, count in (
        ({"status": "pending"}, 2),
        ({"status": "canceled"}, 1),
        ({"amount": 200}, 1),
        ({"amount": {"gte": 200}}, 2),
        ({"amount": {"lt": 100}}, 0),
    ):
        assert len((await stripe.get("topups", **filters))["data"]) == count


async def test_what_cannot_be_is_refused(stripe: Stripe) -> None:
    card = await stripe.post("payment_methods", type="card", card={"token": "tok_visa"})
    before = stripe.records()
    for wrong, param in (
        ({"amount": 0}, "amount"),
        ({"source": "btok_nobody"}, "source"),
        ({"source": "src_nobody"}, "source"),
        ({"payment_method": "pm_nobody"}, "payment_method"),
        ({"payment_method": card["id"]}, "payment_method"),
        ({"payment_method": card["id"], "source": "btok_us_verified"}, "payment_method"),
        ({"statement_descriptor": "A much too long one"}, "statement_descriptor"),
        ({"statement_descriptor": "123"}, "statement_descriptor"),
    ):
        error = await stripe.error("POST", "topups", 400, **{"amount": 100, "currency": "usd", **wrong})
        assert error["param"] == param
    assert stripe.records() == before
    assert (await stripe.error("GET", "topups/tu_nobody", 404))["code"] == "resource_missing"
