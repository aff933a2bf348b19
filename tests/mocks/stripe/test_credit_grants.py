"""Billing credits: https://docs.stripe.com/api/billing/credit-grant."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, metered
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


async def granted(stripe: Stripe, customer: Any, value: int = 1000, expect: int = 200, **more: Any) -> Any:
    """Credits for everything that is metered."""
    asked = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": customer["id"],
    }
    return await stripe.post("billing/credit_grants", expect=expect, **{**asked, **more})


async def balance(stripe: Stripe, customer: Any, **wanted: Any) -> list[tuple[str, int]]:
    """What is there, by currency."""
    asked = wanted or {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}}
    found = await stripe.get("billing/credit_balance_summary", customer=customer["id"], filter=asked)
    sums = [each["available_balance"]["monetary"] for each in found["balances"]]
    return [(each["currency"], each["value"]) for each in sums]


async def kinds(stripe: Stripe, customer: Any) -> list[tuple[str, int]]:
    """The customer's transactions, oldest first."""
    found = await stripe.get("billing/credit_balance_transactions", customer=customer["id"], limit=100)
    sides = [each["credit"] or each["debit"] for each in reversed(found["data"])]
    return [(each["type"], each["amount"]["monetary"]["value"]) for each in sides]


async def test_a_grant_is_made_read_and_changed(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await granted(stripe, customer, name="Welcome", category="promotional")
    assert (made["id"][:12], made["priority"], made["category"]) == ("credgr_test_", 50, "promotional")
    assert (made["effective_at"], made["expires_at"], made["voided_at"]) == (made["created"], None, None)
    assert await stripe.get(f"billing/credit_grants/{made['id']}") == made
    later = made["created"] + 30 * DAY
    changed = await stripe.post(f"billing/credit_grants/{made['id']}", expires_at=later, metadata={"a": "b"})
    assert (changed["expires_at"], changed["metadata"]) == (later, {"a": "b"})
    listed = await stripe.get("billing/credit_grants", customer=customer["id"])
    assert [each["id"] for each in listed["data"]] == [made["id"]]
    assert (await stripe.event_types())[1:] == [
        "billing.credit_grant.created",
        "billing.credit_balance_transaction.created",
        "billing.credit_grant.updated",
    ]
    found = (await stripe.get("billing/credit_balance_transactions", credit_grant=made["id"]))["data"][0]
    assert (found["type"], found["debit"], found["credit"]["type"]) == ("credit", None, "credits_granted")
    assert await stripe.get(f"billing/credit_balance_transactions/{found['id']}") == found


async def test_balances_are_by_scope_and_by_grant(stripe: Stripe) -> None:
    customer, one = await stripe.customer(), await metered(stripe, await meter(stripe))
    first = await granted(stripe, customer)
    await granted(stripe, customer, 500)
    scope = {"scope": {"prices": [{"id": one["id"]}]}}
    await granted(stripe, customer, 70, applicability_config=scope)
    await granted(stripe, customer, 90, effective_at=first["created"] + DAY)
    assert await balance(stripe, customer) == [("usd", 1500)]
    assert await balance(stripe, customer, type="credit_grant", credit_grant=first["id"]) == [("usd", 1000)]
    narrow = {"prices": [{"id": one["id"]}]}
    assert await balance(stripe, customer, type="applicability_scope", applicability_scope=narrow) == [("usd", 70)]
    stripe.wait(days=2)
    assert await balance(stripe, customer) == [("usd", 1590)]


async def test_grants_end(stripe: Stripe) -> None:
    customer = await stripe.customer()
    first, second = await granted(stripe, customer), await granted(stripe, customer, 500)
    voided = await stripe.post(f"billing/credit_grants/{first['id']}/void")
    expired = await stripe.post(f"billing/credit_grants/{second['id']}/expire")
    assert (voided["voided_at"], expired["expires_at"]) == (voided["updated"], expired["updated"])
    assert (await kinds(stripe, customer))[2:] == [("credits_voided", 1000), ("credits_expired", 500)]
    assert await balance(stripe, customer) == [("usd", 0)]
    for each in (first, second):
        for act in ("void", "expire"):
            await stripe.error("POST", f"billing/credit_grants/{each['id']}/{act}", 400)


async def test_a_grant_expires_at_its_time(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await stripe.customer(test_clock=clock["id"])
    made = await granted(stripe, customer, expires_at=START + DAY)
    assert (made["created"], made["test_clock"]) == (START, clock["id"])
    await advanced(stripe, clock, START + DAY)
    assert (await kinds(stripe, customer))[-1] == ("credits_expired", 1000)


async def test_what_cannot_be_granted(stripe: Stripe) -> None:
    customer = await stripe.customer()
    plain = await price(stripe)
    before = stripe.records()
    wrong: dict[str, dict[str, Any]] = {
        "amount[monetary][value]": {"amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 0}}},
        "amount[monetary]": {"amount": {"type": "monetary"}},
        "expires_at": {"expires_at": 1000},
        "priority": {"priority": 101},
        "applicability_config[scope][prices][0][id]": {
            "applicability_config": {"scope": {"prices": [{"id": plain["id"]}]}}
        },
        "applicability_config[scope][price_type]": {
            "applicability_config": {"scope": {"price_type": "metered", "prices": [{"id": plain["id"]}]}}
        },
        "customer": {"customer": "cus_nobody"},
    }
    for param, asked in wrong.items():
        refused = await granted(stripe, {"id": asked.pop("customer", customer["id"])}, expect=400, **asked)
        assert refused["error"]["param"] == param
    assert stripe.records() == before
    await stripe.get("billing/credit_grants/credgr_test_nothing", expect=404)
