"""A customer's balance: https://docs.stripe.com/api/customer_balance_transactions."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_each_transaction_says_what_is_left(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/balance_transactions"
    first = await stripe.post(path, amount=-500, currency="usd", description="welcome", metadata={"why": "gift"})
    assert (first["type"], first["ending_balance"], first["metadata"]) == ("adjustment", -500, {"why": "gift"})
    second = await stripe.post(path, amount=200, currency="usd")
    assert second["ending_balance"] == -300
    now = await stripe.get(f"customers/{customer['id']}", expand=["invoice_credit_balance"])
    assert (now["balance"], now["currency"], now["invoice_credit_balance"]) == (-300, "usd", {"usd": -300})
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [second["id"], first["id"]]
    assert await stripe.event_types() == ["customer.created", "customer.updated", "customer.updated"]


async def test_other_currencies_are_counted_apart(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/balance_transactions"
    await stripe.post(path, amount=-500, currency="usd")
    other = await stripe.post(path, amount=-70, currency="eur")
    assert other["ending_balance"] == -70
    now = await stripe.get(f"customers/{customer['id']}", expand=["invoice_credit_balance"])
    assert (now["balance"], now["invoice_credit_balance"]) == (-500, {"usd": -500, "eur": -70})


async def test_a_balance_set_by_hand_is_noted(stripe: Stripe) -> None:
    customer = await stripe.customer(balance=-100)
    await stripe.post(f"customers/{customer['id']}", balance=50)
    found = (await stripe.get(f"customers/{customer['id']}/balance_transactions"))["data"]
    assert [(each["amount"], each["ending_balance"]) for each in found] == [(150, 50), (-100, -100)]


async def test_only_words_can_change(stripe: Stripe) -> None:
    customer, other = await stripe.customer(), await stripe.customer()
    made = await stripe.post(f"customers/{customer['id']}/balance_transactions", amount=-5, currency="usd")
    path = f"customers/{customer['id']}/balance_transactions/{made['id']}"
    assert (await stripe.post(path, description="tea"))["description"] == "tea"
    assert (await stripe.get(path))["description"] == "tea"
    await stripe.get(f"customers/{other['id']}/balance_transactions/{made['id']}", expect=404)
    error = await stripe.error(
        "POST", f"customers/{customer['id']}/balance_transactions", 400, amount=0, currency="usd"
    )
    assert error["param"] == "amount"
