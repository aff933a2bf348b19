"""Events: https://docs.stripe.com/api/events."""

from __future__ import annotations

import orjson
import stripe as stripe_sdk

from mocks.base import Target
from mocks.stripe import events
from mocks.stripe.calls import API_VERSION
from mocks.stripe.service import SERVICE
from tests.mocks.stripe.client import Stripe


async def test_an_event_is_complete(stripe: Stripe) -> None:
    customer = await stripe.customer(name="Ada")
    (event,) = (await stripe.get("events"))["data"]
    assert event["data"] == {"object": customer}
    assert (event["object"], event["type"], event["api_version"]) == ("event", "customer.created", API_VERSION)
    assert (event["livemode"], event["pending_webhooks"]) == (False, 0)
    assert event["request"]["id"].startswith("req_")
    assert event["request"]["idempotency_key"] is None
    store = await stripe.harness.store()
    (kept,) = await store.outbox.events()
    assert kept.payload == event


async def test_events_are_filtered_by_type(stripe: Stripe) -> None:
    await stripe.pay()
    types = [event["type"] for event in (await stripe.get("events", type="charge.*"))["data"]]
    assert types == ["charge.updated", "charge.succeeded"]
    assert len((await stripe.get("events", type="payment_intent.succeeded"))["data"]) == 1
    chosen = await stripe.get("events", types=["payment_intent.succeeded", "payment_intent.created"])
    assert len(chosen["data"]) == 2
    one = chosen["data"][0]
    assert await stripe.get(f"events/{one['id']}") == one
    assert (await stripe.error("GET", "events/evt_none", 404))["code"] == "resource_missing"


async def test_an_event_shows_ids_where_the_answer_was_expanded(stripe: Stripe) -> None:
    customer = await stripe.customer()
    await stripe.pay(customer=customer["id"], expand=["customer", "latest_charge"])
    for event in (await stripe.get("events", types=["payment_intent.succeeded", "charge.succeeded"]))["data"]:
        assert event["data"]["object"]["customer"] == customer["id"]


async def test_a_refused_call_has_no_event(stripe: Stripe) -> None:
    await stripe.error("POST", "customers", 402, source="tok_chargeDeclined")
    assert await stripe.event_types() == []


async def test_targets_are_the_enabled_endpoints(stripe: Stripe) -> None:
    made = await stripe.post("webhook_endpoints", url="https://shop.example/a", enabled_events=["charge.succeeded"])
    off = await stripe.post("webhook_endpoints", url="https://shop.example/b", enabled_events=["*"])
    await stripe.post(f"webhook_endpoints/{off['id']}", disabled=True)
    transaction = (await stripe.harness.store()).begin("stripe")
    found = await events.targets(transaction, stripe.harness.vault.unseal)
    await transaction.rollback()
    assert found == [Target("https://shop.example/a", made["secret"], ("charge.succeeded",), made["id"])]


async def test_an_endpoint_hears_its_own_version(stripe: Stripe) -> None:
    old = await stripe.post(
        "webhook_endpoints", url="https://shop.example/a", enabled_events=["*"], api_version="2022-08-01"
    )
    new = await stripe.post("webhook_endpoints", url="https://shop.example/b", enabled_events=["*"])
    made = await stripe.post("payment_intents", amount=500, currency="usd")
    await stripe.post(
        f"payment_intents/{made['id']}/confirm", payment_method="pm_card_visa", return_url="https://a.example"
    )
    outbox = (await stripe.harness.store()).outbox
    (stored,) = await outbox.events(type="payment_intent.succeeded")
    heard = {}
    for endpoint in (old, new):
        target = Target(endpoint["url"], endpoint["secret"], endpoint=endpoint["id"])
        assert SERVICE.sign_event is not None
        signed = SERVICE.sign_event(stored.payload, target, stripe.harness.clock.now())
        event = stripe_sdk.Webhook.construct_event(
            signed.body, signed.headers.get("stripe-signature"), endpoint["secret"], tolerance=None
        )
        heard[event["api_version"]] = orjson.loads(signed.body)
    assert set(heard) == {"2022-08-01", API_VERSION}
    assert heard["2022-08-01"]["data"]["object"]["charges"]["data"][0]["refunds"]["data"] == []
    assert "charges" not in heard[API_VERSION]["data"]["object"]
    assert all(events.HEARD not in event for event in heard.values())
    shown = await stripe.get(f"events/{stored.id}", headers={"Stripe-Version": "2022-08-01"})
    assert shown == heard[API_VERSION]
    listed = await stripe.get("events", type="payment_intent.succeeded")
    assert listed["data"] == [shown]


async def test_previous_attributes_are_of_the_endpoints_version_too(stripe: Stripe) -> None:
    await stripe.post("webhook_endpoints", url="https://shop.example/a", enabled_events=["*"], api_version="2019-10-08")
    customer = await stripe.customer(balance=100)
    await stripe.post(f"customers/{customer['id']}", balance=-5)
    outbox = (await stripe.harness.store()).outbox
    (stored,) = await outbox.events(type="customer.updated")
    ((_, heard),) = stored.payload[events.HEARD].items()
    assert heard["data"]["previous_attributes"] == {"account_balance": 100, "balance": 100}
    assert stored.payload["data"]["previous_attributes"] == {"balance": 100}


async def test_connect_endpoints_hear_of_accounts_and_the_others_of_the_platform(stripe: Stripe) -> None:
    ours = await stripe.post("webhook_endpoints", url="https://shop.example/a", enabled_events=["*"])
    theirs = await stripe.post("webhook_endpoints", url="https://shop.example/b", enabled_events=["*"], connect=True)
    assert ours["application"] is None
    assert theirs["application"].startswith("ca_")
    transaction = (await stripe.harness.store()).begin("stripe")
    found = {each.endpoint: each for each in await events.targets(transaction, stripe.harness.vault.unseal)}
    await transaction.rollback()
    of_platform, of_account = {"id": "evt_1"}, {"id": "evt_2", "account": "acct_1"}
    assert [found[ours["id"]].wants(each) for each in (of_platform, of_account)] == [True, False]
    assert [found[theirs["id"]].wants(each) for each in (of_platform, of_account)] == [False, True]
    await stripe.customer()
    assert (await stripe.get("events"))["data"][0]["pending_webhooks"] == 1


def test_an_event_of_the_provider_is_heard_as_it_came() -> None:
    assert events.heard({"id": "evt_1", "type": "customer.updated"}, None) == {
        "id": "evt_1",
        "type": "customer.updated",
    }
