"""``broker listen`` beside a real application: signed events, a slow receiver, a killed server, a clean end."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import stripe

from demo.receiver import Arrived, Receiver
from demo.serving import BROKER, Broker, plain_environment

COUNT = 8


@contextmanager
def listening(broker: Broker, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    variables = plain_environment(folder) | {"BROKER_URL": broker.url, "BROKER_TOKEN": broker.token}
    process = subprocess.Popen(
        [BROKER, "listen", *words],
        env=variables,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        assert "Ready: listening" in process.stderr.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def verified(one: Arrived, secret: str) -> Any:
    construct: Any = stripe.Webhook.construct_event
    return construct(one.body, one.headers["stripe-signature"], secret)


def test_events_are_posted_once_each_through_a_kill_and_past_a_slow_receiver(
    own_server: Broker, tmp_path: Path
) -> None:
    own_server.start()
    bundle = own_server.open("pr-1")
    secret = bundle["variables"]["STRIPE_WEBHOOK_SECRET"]
    released = threading.Event()

    def slow(one: Arrived) -> int:
        if b"ada0@example.com" in one.body:
            released.wait(20)
        return 200

    receiver = Receiver(slow)
    try:
        url = receiver.url + "/hook"
        with listening(own_server, tmp_path, "pr-1", "--forward-to", url, "--events", "customer.*") as process:
            for number in range(COUNT):
                if number == COUNT // 2:
                    own_server.kill()
                    own_server.start()
                customer(bundle, number)
            # The first one is still being taken by the application; all others have passed it.
            assert receiver.wait(lambda arrived: len(arrived) == COUNT - 1)
            released.set()
            assert receiver.wait(lambda arrived: len(arrived) == COUNT)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=15)
        assert process.returncode == 0, err
        events = [verified(one, secret) for one in receiver.arrived]
        assert sorted(event.data.object["email"] for event in events) == [f"ada{n}@example.com" for n in range(COUNT)]
        assert out.count(" --> customer.created [") == out.count(f"[200] POST {url} [") == COUNT
        assert "Traceback" not in out + err
        printed = own_server.cli("listen", "pr-1", "--print-secret", "--service", "stripe").stdout
        assert printed.strip() == secret
    finally:
        released.set()
        receiver.close()


def customer(bundle: dict[str, Any], number: int) -> None:
    variables = bundle["variables"]
    client = stripe.StripeClient(
        variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=2
    )
    client.v1.customers.create({"email": f"ada{number}@example.com"})
    client.v1.products.create({"name": "Tea"})
