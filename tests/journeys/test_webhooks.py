"""Webhooks as an application hears them: signed, retried, replayed, and neither lost nor doubled by kill -9."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import stripe

from demo.receiver import Arrived, Receiver
from demo.serving import Broker, CommandFailed
from tests.journeys.conftest import OpenEnvironment


@contextmanager
def receiving(answer: Callable[[Arrived], int] | None = None) -> Iterator[Receiver]:
    receiver = Receiver(answer)
    try:
        yield receiver
    finally:
        receiver.close()


def client(bundle: dict[str, Any]) -> stripe.StripeClient:
    variables = bundle["variables"]
    return stripe.StripeClient(
        variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=0
    )


def verified(one: Arrived, bundle: dict[str, Any]) -> stripe.Event:
    """As the SDK checks it: the signature over the raw body, with the environment's secret."""
    secret = bundle["variables"]["STRIPE_WEBHOOK_SECRET"]
    return stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]  # the SDK's own helper
        one.body, one.headers["stripe-signature"], secret
    )


def delivery_of(server: Broker, name: str, event_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.json("events", "show", name, event_id)["deliveries"]
    return found


def settle(server: Broker, name: str, event_id: str, status: str = "delivered") -> list[dict[str, Any]]:
    """The event's deliveries, once all of them have that status."""
    for _ in range(200):
        found = delivery_of(server, name, event_id)
        if found and all(each["status"] == status for each in found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"{event_id} is not {status}: {found}")


def retrying(url: str, *waits: str) -> dict[str, Any]:
    return {"version": 1, "services": {"stripe": {"webhooks": [{"url": url}], "webhook_retries": list(waits)}}}


def test_an_event_arrives_signed_and_soon(server: Broker, open_environment: OpenEnvironment) -> None:
    with receiving() as receiver:
        bundle = open_environment("hooks", webhooks={"stripe": receiver.url + "/hook"})
        customer = client(bundle).v1.customers.create({"email": "ada@example.com"})
        assert receiver.wait(lambda arrived: len(arrived) == 1)
        event = verified(receiver.arrived[0], bundle)
        assert event.type == "customer.created"
        assert event.data.object["id"] == customer.id
        [delivery] = settle(server, bundle["name"], event.id)
        assert [attempt["status"] for attempt in delivery["attempts"]] == [200]
        other = open_environment("hooks")
        client(other).v1.customers.create({"email": "eve@example.com"})
        assert not receiver.wait(lambda arrived: len(arrived) > 1, timeout=0.5), "another environment's event"


def test_a_failing_target_is_tried_again_with_the_same_event(server: Broker, open_environment: OpenEnvironment) -> None:
    answers = iter([500, 302, 200])
    with receiving(lambda one: next(answers, 200)) as receiver:
        bundle = open_environment("retry", policy=retrying(receiver.url + "/hook", "50ms", "50ms", "50ms"))
        client(bundle).v1.customers.create({"email": "ada@example.com"})
        assert receiver.wait(lambda arrived: len(arrived) == 3)
        events = [verified(one, bundle) for one in receiver.arrived]
        assert len({event.id for event in events}) == 1
        assert len({one.headers["broker-delivery"] for one in receiver.arrived}) == 1
        [delivery] = settle(server, bundle["name"], events[0].id)
        assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 200]


def test_what_failed_is_visible_and_can_be_replayed(server: Broker, open_environment: OpenEnvironment) -> None:
    answers = iter([500, 500])
    with receiving(lambda one: next(answers, 200)) as receiver:
        bundle = open_environment("replay", policy=retrying(receiver.url + "/hook", "20ms"))
        client(bundle).v1.customers.create({"email": "ada@example.com"})
        assert receiver.wait(lambda arrived: len(arrived) == 2)
        [listed] = server.json("events", "list", bundle["name"])
        settle(server, bundle["name"], listed["id"], "failed")
        server.json("events", "resend", bundle["name"], listed["id"])
        assert receiver.wait(lambda arrived: len(arrived) == 3)
        assert verified(receiver.arrived[2], bundle).id == listed["id"]
        deliveries = delivery_of(server, bundle["name"], listed["id"])
        assert deliveries[0]["status"] == "failed"


def test_endpoints_made_through_the_api_hear_what_they_ask_for(
    server: Broker, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment("endpoint")
    with receiving() as receiver:
        sdk = client(bundle)
        endpoint = sdk.v1.webhook_endpoints.create(
            {"url": receiver.url + "/made", "enabled_events": ["product.created"]}
        )
        sdk.v1.customers.create({"email": "ada@example.com"})
        product = sdk.v1.products.create({"name": "Tea"})
        assert receiver.wait(lambda arrived: bool(arrived))
        [one] = receiver.at("/made")
        assert endpoint.secret
        event = stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]  # the SDK's own helper
            one.body, one.headers["stripe-signature"], endpoint.secret
        )
        assert (event.type, event.data.object["id"]) == ("product.created", product.id)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://metadata.google.internal/"]
)
def test_metadata_addresses_are_no_targets(server: Broker, url: str) -> None:
    with pytest.raises(CommandFailed, match="never a target"):
        server.open("never-opened", webhooks={"stripe": url})


def test_a_burst_arrives_complete(server: Broker, open_environment: OpenEnvironment) -> None:
    with receiving() as receiver:
        bundle = open_environment("burst", webhooks={"stripe": receiver.url + "/hook"})
        sdk = client(bundle)
        made = [sdk.v1.customers.create({"email": f"c{number}@example.com"}).id for number in range(100)]
        assert receiver.wait(lambda arrived: len(arrived) >= 100, timeout=30)
        heard = [json.loads(one.body)["data"]["object"]["id"] for one in receiver.arrived]
        assert sorted(heard) == sorted(made)


@pytest.mark.slow
def test_retries_go_on_after_a_kill(own_server: Broker) -> None:
    refusing = threading.Event()
    refusing.set()
    with receiving(lambda one: 503 if refusing.is_set() else 200) as receiver:
        own_server.start()
        bundle = own_server.open("pr-1", policy=retrying(receiver.url + "/hook", "700ms", "700ms", "700ms", "700ms"))
        client(bundle).v1.customers.create({"email": "ada@example.com"})
        assert receiver.wait(lambda arrived: len(arrived) == 1)
        event = verified(receiver.arrived[0], bundle)
        while not delivery_of(own_server, "pr-1", event.id)[0]["attempts"]:
            time.sleep(0.02)
        own_server.kill()
        refusing.clear()
        own_server.start()
        [delivery] = settle(own_server, "pr-1", event.id)
        assert delivery["attempts"][-1]["status"] == 200
        numbers = [attempt["number"] for attempt in delivery["attempts"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(receiver.arrived) == len(numbers), "an attempt that nobody recorded"
        assert {verified(one, bundle).id for one in receiver.arrived} == {event.id}


@pytest.mark.slow
def test_a_server_that_is_stopped_while_it_delivers_doubles_nothing(own_server: Broker) -> None:
    with receiving() as receiver:
        own_server.start()
        bundle = own_server.open("pr-1", webhooks={"stripe": receiver.url + "/hook"})
        sdk = client(bundle)
        made = [sdk.v1.customers.create({"email": f"c{number}@example.com"}).id for number in range(60)]
        own_server.stop()
        assert "Traceback" not in own_server.log.read_text(), own_server.tail(60)
        own_server.start()
        assert receiver.wait(lambda arrived: len(arrived) >= len(made), timeout=30)
        heard = [json.loads(one.body)["data"]["object"]["id"] for one in receiver.arrived]
        assert sorted(heard) == sorted(made)


@pytest.mark.slow
def test_events_of_a_server_that_is_killed_while_it_is_busy_all_arrive(own_server: Broker) -> None:
    """Whatever was answered is heard of; an event heard twice carries the same delivery id."""
    with receiving() as receiver:
        own_server.start()
        bundle = own_server.open("pr-1", webhooks={"stripe": receiver.url + "/hook"})
        answered: list[str] = []

        def create() -> None:
            sdk = client(bundle)
            try:
                while True:
                    answered.append(sdk.v1.customers.create({"email": "ada@example.com"}).id)
            except stripe.APIConnectionError:
                pass  # the kill

        creating = threading.Thread(target=create)
        creating.start()
        while len(answered) < 100:
            time.sleep(0.01)
        own_server.kill()
        creating.join()
        own_server.start()

        def heard(arrived: list[Arrived]) -> set[str]:
            return {json.loads(one.body)["data"]["object"]["id"] for one in arrived}

        assert receiver.wait(lambda arrived: heard(arrived) >= set(answered), timeout=30)
        by_event: dict[str, set[str]] = {}
        for one in receiver.arrived:
            by_event.setdefault(json.loads(one.body)["id"], set()).add(one.headers["broker-delivery"])
        assert all(len(deliveries) == 1 for deliveries in by_event.values())
        # Only what was under way at that moment may come a second time.
        assert len(receiver.arrived) - len(by_event) <= 8
