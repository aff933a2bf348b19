"""Secrets are rolled: a delivery is signed with both while both are good, and the SDK takes either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from broker.app import Broker
from broker.errors import InvalidInput, NotFound
from broker.rolling import Rolling
from broker.settings import Settings
from mocks.registry import SERVICES
from tests.broker.targets import Heard, Site, site, statuses

HOURS = timedelta(hours=2)
Client = httpx.AsyncClient  # noqa: TID251 - speaks to the application in this process


class Whole:
    """A server with the environment pr-1, and an application that hears its events."""

    def __init__(self, broker: Broker, target: Site) -> None:
        self.broker = broker
        self.target = target
        self.rolling = Rolling(
            environments=broker.environments, storage=broker.storage, vault=broker.vault, clock=broker.clock
        )

    async def open(self, *urls: str) -> None:
        body = {"webhooks": [{"url": url} for url in urls], "webhook_retries": ["200ms"]}
        environments = self.broker.environments
        policy = environments.parse_policy({"version": 1, "services": {"stripe": body}})
        await environments.open("pr-1", policy)

    async def variable(self, name: str) -> str:
        environment = await self.broker.environments.get_open("pr-1")
        return (await self.broker.environments.bundle(environment))["variables"][name]

    async def endpoint(self) -> tuple[str, str]:
        """One that was made through the API: its id and its secret."""
        sent = {"url": self.target.url(), "enabled_events[]": "product.created"}
        headers = {"authorization": f"Bearer {await self.variable('STRIPE_API_KEY')}"}
        async with Client(transport=httpx.ASGITransport(self.broker.application), base_url="http://localhost") as http:
            made = (await http.post("/e/pr-1/stripe/v1/webhook_endpoints", data=sent, headers=headers)).json()
        return made["id"], made["secret"]

    async def happen(self) -> Heard:
        """An event: what the application heard last."""
        count = len(self.target.heard)
        await self.broker.triggers.fire("pr-1", "product.created")
        return (await self.target.wait(count + 1))[-1]


def verified(heard: Heard, *secrets: str) -> list[bool]:
    """Whether the SDK takes it with each of the secrets."""
    construct: Any = stripe.Webhook.construct_event
    found = []
    for secret in secrets:
        try:
            construct(heard.body, heard.headers["stripe-signature"], secret)
            found.append(True)
        except stripe.SignatureVerificationError:
            found.append(False)
    return found


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with site(statuses(200)) as target:
        broker = Broker(Settings(data=tmp_path, strict_replies=True))
        async with broker.lifespan():
            yield Whole(broker, target)


async def test_the_environments_secret_overlaps(whole: Whole) -> None:
    await whole.open(whole.target.url())
    first = await whole.variable("STRIPE_WEBHOOK_SECRET")
    rolled = await whole.rolling.roll("pr-1", "stripe", overlap=HOURS)
    assert rolled.secret == await whole.variable("STRIPE_WEBHOOK_SECRET") != first
    assert rolled.until is not None
    key = await whole.variable("STRIPE_API_KEY")
    heard = await whole.happen()
    assert heard.headers["stripe-signature"].count("v1=") == 2
    assert verified(heard, first, rolled.secret, "whsec_other") == [True, True, False]
    last = await whole.rolling.roll("pr-1", "stripe")
    assert last.until is None
    assert verified(await whole.happen(), first, rolled.secret, last.secret) == [False, False, True]
    assert await whole.variable("STRIPE_API_KEY") == key, "keys stay"


async def test_an_endpoints_secret_overlaps(whole: Whole) -> None:
    await whole.open()
    endpoint, first = await whole.endpoint()
    assert verified(await whole.happen(), first) == [True]
    rolled = await whole.rolling.roll("pr-1", "stripe", endpoint=endpoint, overlap=HOURS)
    assert verified(await whole.happen(), first, rolled.secret) == [True, True]
    last = await whole.rolling.roll("pr-1", "stripe", endpoint=endpoint)
    assert verified(await whole.happen(), first, rolled.secret, last.secret) == [False, False, True]


async def test_what_waits_is_signed_with_the_fresh_one_too(whole: Whole) -> None:
    whole.target.answer = statuses(500, 200)
    await whole.open(whole.target.url())
    first = await whole.variable("STRIPE_WEBHOOK_SECRET")
    assert verified(await whole.happen(), first) == [True]
    rolled = await whole.rolling.roll("pr-1", "stripe")
    again = (await whole.target.wait(2))[1]
    assert verified(again, first, rolled.secret) == [False, True]


async def test_rotated_credentials_sign_beside_the_earlier_ones(whole: Whole) -> None:
    await whole.open(whole.target.url())
    first = await whole.variable("STRIPE_WEBHOOK_SECRET")
    await whole.broker.environments.rotate("pr-1")
    assert verified(await whole.happen(), first, await whole.variable("STRIPE_WEBHOOK_SECRET")) == [True, True]
    await whole.broker.environments.rotate("pr-1", overlap=timedelta())
    assert verified(await whole.happen(), first, await whole.variable("STRIPE_WEBHOOK_SECRET")) == [False, True]


async def test_what_cannot_be_rolled(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    await whole.open()
    with pytest.raises(InvalidInput, match="24h at the most"):
        await whole.rolling.roll("pr-1", "stripe", overlap=timedelta(hours=25))
    for service, endpoint in (("other", None), ("stripe", "we_1")):
        with pytest.raises(NotFound):
            await whole.rolling.roll("pr-1", service, endpoint=endpoint)
    silent = replace(SERVICES[0], name="silent", webhook_credential=None)
    monkeypatch.setattr(whole.broker.environments, "services_of", lambda policy: {"silent": silent})
    with pytest.raises(InvalidInput, match="silent signs no events"):
        await whole.rolling.roll("pr-1", "silent")


async def test_an_event_counts_the_targets_that_it_has_not_reached(whole: Whole) -> None:
    answers = statuses(500, 200)
    whole.target.answer = answers
    await whole.open(whole.target.url())
    await whole.endpoint()
    await whole.happen()
    heard = await whole.target.wait(3)
    assert [each.event["pending_webhooks"] for each in heard] == [2, 2, 1], "one failed once, the other arrived"
