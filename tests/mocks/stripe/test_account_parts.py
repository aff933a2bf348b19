"""Capabilities, and what hangs together below an account."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_capability_is_asked_for_and_given_back(stripe: Stripe) -> None:
    account = await connect.account(stripe, capabilities={"transfers": {"requested": True}})
    path = f"accounts/{account['id']}/capabilities"
    assert {each["id"]: each["status"] for each in (await stripe.get(path))["data"]} == {
        "card_payments": "unrequested", "transfers": "active",
    }  # fmt: skip
    asked = await stripe.post(f"{path}/card_payments", requested=True)
    assert (asked["status"], asked["requested"], asked["account"]) == ("active", True, account["id"])
    assert await stripe.get(f"{path}/card_payments") == asked
    types = [each["type"] for each in (await stripe.get("events", headers=connect.on(account["id"])))["data"]]
    assert types == ["account.updated", "capability.updated"]
    back = await stripe.post(f"{path}/card_payments", requested=False)
    assert (back["status"], back["requested"]) == ("unrequested", False)
    assert (await stripe.get(f"accounts/{account['id']}"))["capabilities"] == {"transfers": "active"}
    await stripe.error("GET", f"{path}/teleportation", 404)


async def test_nobody_looks_below_another_account(stripe: Stripe) -> None:
    one, other = await connect.account(stripe), await connect.account(stripe)
    person = one["individual"]["id"]
    await stripe.error("GET", f"accounts/{other['id']}/persons/{person}", 404)
    await stripe.get(f"accounts/{one['id']}/persons", expect=403, headers=connect.on(other["id"]))
    await stripe.get(f"accounts/{one['id']}/persons", headers=connect.on(one["id"]))
