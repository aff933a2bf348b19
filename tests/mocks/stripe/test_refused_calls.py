"""A refusal leaves nothing half-done: the whole state before and after, for every operation that has behaviour."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mocks.stripe.service import OPERATIONS, SERVICE
from tests.mocks.stripe import world
from tests.mocks.stripe.client import Stripe


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world that is only ever copied."""
    folder = tmp_path_factory.mktemp("world")
    asyncio.run(world.build(folder))
    return folder


#: What a declined payment leaves: https://docs.stripe.com/payments/paymentintents/lifecycle (2026-11), a failed charge
#: (https://docs.stripe.com/declines), and an invoice, which ``pay`` finalizes first:
#: its number is the customer's next.
DECLINED = {
    "charge", "payment_intent", "setup_intent", "setup_attempt", "payment_method", "payment_method_history",
    "customer", "invoice", "invoice_details", "invoice_payment", "payment_intent_invoice",
}  # fmt: skip
TOLD = {
    "charge.failed", "payment_intent.created", "payment_intent.payment_failed", "payment_intent.requires_action",
    "setup_intent.created", "setup_intent.setup_failed", "setup_intent.requires_action",
    "invoice.finalized", "invoice.updated", "invoice.payment_failed", "invoice.payment_action_required",
}  # fmt: skip

Stored = dict[str, list[tuple[Any, ...]]]


class Worlds:
    """A copy of the template, and another one once something has changed."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._template, self._folder, self._made = template, folder, 0
        self._stripe: Stripe | None = None
        #: All that is stored, and what is kept of idempotency keys.
        self.before: Stored = {}
        self.kept: list[tuple[Any, ...]] = []

    async def current(self) -> Stripe:
        if self._stripe is None:
            self._made += 1
            folder = self._folder / str(self._made)
            shutil.copytree(self._template, folder)
            self._stripe = world.opened(folder)
            self.before = world.everything(folder)
            self.kept = self.before.pop("keys")
        return self._stripe

    async def drop(self) -> None:
        if self._stripe is not None:
            await self._stripe.harness.close()
            shutil.rmtree(self._stripe.folder)
            self._stripe = None


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_nothing_is_left(name: str, template: Path, tmp_path: Path) -> None:
    calls = world.Calls(world.ids(template)).of(SERVICE.contract().operations()[name])
    worlds = Worlds(template, tmp_path)
    keys = iter(range(1000))

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(call=calls)
    def check(call: world.Call) -> None:
        asyncio.run(_check(worlds, call, f"key-{next(keys)}"))

    check()


async def _check(worlds: Worlds, call: world.Call, key: str) -> None:
    """With a key, because a refusal that is kept for its retries is committed."""
    stripe = await worlds.current()
    try:
        headers = {"Idempotency-Key": key} | ({"Stripe-Account": call.account} if call.account else {})
        answer = await stripe.send(call.method, call.path.removeprefix("/v1/"), call.params, headers)
        after = world.everything(stripe.folder)
        before, worlds.kept = worlds.kept, after.pop("keys")
        assert worlds.kept[: len(before)] == before
        new = [row[2] for row in worlds.kept[len(before) :]]
        assert new in ([], [key]), "its own key, or none where nothing was carried out"
        if answer.status < 400:
            await worlds.drop()
        elif answer.status != 402:
            assert after == worlds.before, answer.body
        else:
            _only_what_a_decline_leaves(worlds.before, after)
            await worlds.drop()
    except BaseException:
        await worlds.drop()
        raise


def _only_what_a_decline_leaves(before: Stored, after: Stored) -> None:
    kinds = {row[1].rpartition("/")[2] for row in set(after["records"]) ^ set(before["records"])}
    assert kinds <= DECLINED
    assert {row[3] for row in after["events"] if row not in before["events"]} <= TOLD
    assert after["events"][: len(before["events"])] == before["events"]
    for table in ("blobs", "attempts", "mails"):
        assert after[table] == before[table]
