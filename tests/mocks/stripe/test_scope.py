"""Objects are there only with the account that they were made with."""

from __future__ import annotations

from mocks.stripe import scope
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_what_is_made_with_the_header_is_there_with_it_alone(stripe: Stripe) -> None:
    one, other = (await connect.account(stripe))["id"], (await connect.account(stripe))["id"]
    made = await stripe.post("customers", email="a@shop.example", headers=connect.on(one))
    assert await stripe.get(f"customers/{made['id']}", headers=connect.on(one)) == made
    await stripe.get(f"customers/{made['id']}", expect=404)
    await stripe.get(f"customers/{made['id']}", expect=404, headers=connect.on(other))
    for headers, count in ((connect.on(one), 1), (connect.on(other), 0), (None, 0)):
        assert len((await stripe.get("customers", headers=headers))["data"]) == count


async def test_objects_of_the_generic_engine_are_as_separate(stripe: Stripe) -> None:
    key = (await connect.account(stripe))["id"]
    made = await stripe.post("climate/orders", metric_tons="1", product="p", headers=connect.on(key))
    await stripe.get(f"climate/orders/{made['id']}", headers=connect.on(key))
    await stripe.get(f"climate/orders/{made['id']}", expect=404)


async def test_events_are_the_accounts_own(stripe: Stripe) -> None:
    key = (await connect.account(stripe))["id"]
    await stripe.post("customers", headers=connect.on(key))
    await stripe.post("products", name="Lamp")
    theirs = (await stripe.get("events", headers=connect.on(key)))["data"]
    assert [(each["type"], each["account"]) for each in theirs] == [("customer.created", key)]
    ours = (await stripe.get("events"))["data"]
    assert [each["type"] for each in ours] == ["product.created"]
    assert "account" not in ours[0]
    await stripe.get(f"events/{theirs[0]['id']}", expect=404)
    assert (await stripe.get("events", type="customer.*"))["data"] == []
    assert len((await stripe.get("events", types=["customer.created"], headers=connect.on(key)))["data"]) == 1


async def test_a_key_of_idempotency_belongs_to_an_account(stripe: Stripe) -> None:
    key = (await connect.account(stripe))["id"]
    again = {"idempotency-key": "once"}
    ours = await stripe.post("customers", headers=again)
    theirs = await stripe.post("customers", headers={**again, **connect.on(key)})
    assert ours["id"] != theirs["id"]
    assert (await stripe.post("customers", headers={**again, **connect.on(key)}))["id"] == theirs["id"]


async def test_the_platforms_ids_are_the_same_each_time(stripe: Stripe) -> None:
    found = await stripe.get("account")
    assert found["id"].startswith("acct_1")
    assert len(found["id"]) == len("acct_1ChyayFk4eGpfLOC")
    assert (await stripe.get("account"))["id"] == found["id"]
    assert (await stripe.get("account", headers=connect.on(found["id"])))["id"] == found["id"]


async def test_a_scope_shares_events_and_accounts_alone() -> None:
    assert {"account", "appointment", "deleted_account", "event"} == scope.SHARED
