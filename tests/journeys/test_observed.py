"""Passive drift over a real socket: what an independent imitation of a provider answers beside its contract is told,
and nothing that the application sent or got."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from demo.serving import Broker
from tests.journeys.accounts import STRIPE_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.standins.localstripe import LocalStripe

ACCOUNT = "stripe-observed"


@pytest.fixture(scope="module")
def provider(server: Broker) -> Iterator[LocalStripe]:
    with LocalStripe() as running:
        put_account(server, ACCOUNT, "stripe", running.url, {"value": STRIPE_KEY})
        yield running


@pytest.mark.usefixtures("provider")
def test_what_real_answers_show_is_listed_and_scored(server: Broker, open_environment: OpenEnvironment) -> None:
    bundle = open_environment(policy=policy(stripe=ACCOUNT))
    variables = bundle["variables"]
    form = {"email": "ada.lovelace@example.com", "metadata[shoe]": "size-44", "description": "a private word"}
    asked = {"Authorization": f"Bearer {variables['STRIPE_API_KEY']}", "Broker-Fidelity-Score": "?"}
    answer = httpx.post(f"{variables['STRIPE_API_BASE']}/v1/customers", data=form, headers=asked)
    assert answer.status_code == 200
    # localstripe's customers still have what Stripe renamed to `balance` in 2019.
    assert "account_balance" in answer.json()
    found = server.control("GET", "drift/observed?service=stripe")["items"]
    told = {each["place"]: each for each in found if each["operation"] == "customers.create"}
    old = told["response.200.body.account_balance"]
    assert (old["rule"], old["severity"]) == ("field-undocumented", "safe")
    assert old["example"]["type"] == "number"
    assert old["count"] >= 1
    text = json.dumps(found)
    for private in ("ada.lovelace", "shoe", "size-44", "a private word", answer.json()["id"], STRIPE_KEY):
        assert private not in text
    scored = server.control("GET", "fidelity/stripe?operation=customers.create")["items"][0]
    assert scored["score"] is not None
    assert scored["evidence"]["answers"] >= 1
    points, _, age = answer.headers["broker-fidelity-score"].partition(";age=")
    assert 0 <= int(points) <= 100
    assert int(age) >= 0
