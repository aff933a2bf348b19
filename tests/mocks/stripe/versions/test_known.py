"""Which versions there are, and the account's default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mocks.base import ServiceError
from mocks.stripe.calls import API_VERSION
from mocks.stripe.service import SERVICE
from mocks.stripe.versions import known
from tests.harness import Harness
from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(
    "version",
    ["2019-08-14", "2024-06-20", "2025-03-31.basil", API_VERSION, "2025-08-27.preview", "2020-08-27; link_beta=v1"],
)
def test_versions_that_there_are(version: str) -> None:
    assert known.checked(version) == version


def test_a_newer_one_is_believed() -> None:
    assert known.checked("2031-03-25.fern") == "2031-03-25.fern"


@pytest.mark.parametrize(
    "version", ["2019-8-14", "2022-08-02", "2025-09-30.acacia", "2025-03-31", "", "today", "2019-12-03, 2019-12-03"]
)
def test_versions_that_there_never_were(version: str) -> None:
    with pytest.raises(ServiceError, match=f"Invalid Stripe API version: {version}"):
        known.checked(version)


async def test_it_is_refused_before_anything_else(stripe: Stripe) -> None:
    answer = await stripe.send("POST", "customers", {"unknown": 1}, {"Stripe-Version": "2022-08-02"})
    assert answer.status == 400
    assert b"Invalid Stripe API version: 2022-08-02" in answer.body


@pytest.fixture
async def older(tmp_path: Path) -> AsyncIterator[Stripe]:
    """An account whose default version is an old one."""
    policy = {"services": {"stripe": {"options": {"api_version": "2022-08-01"}}}}
    harness = Harness(SERVICE, tmp_path, policy=policy)
    yield Stripe(harness, tmp_path)
    await harness.close()


async def test_the_default_holds_where_nothing_is_said(older: Stripe) -> None:
    paid = await older.pay()
    assert paid["charges"]["total_count"] == 1
    answer = await older.send("GET", f"payment_intents/{paid['id']}", {})
    assert answer.header("stripe-version") == "2022-08-01"
    refused = await older.send("POST", "customers", {"unknown": 1})
    assert (refused.status, refused.header("stripe-version")) == (400, "2022-08-01")
    named = await older.send("GET", f"payment_intents/{paid['id']}", {}, {"Stripe-Version": API_VERSION})
    assert (named.header("stripe-version"), b'"charges"' in named.body) == (API_VERSION, False)


async def test_events_are_of_the_default(older: Stripe) -> None:
    await older.pay(headers={"Stripe-Version": API_VERSION})
    (event,) = (await older.get("events", type="payment_intent.succeeded"))["data"]
    assert event["api_version"] == "2022-08-01"
    assert event["data"]["object"]["charges"]["total_count"] == 1
