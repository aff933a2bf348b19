"""Clients of SDKs, imported when they are asked for; that they work is tried with the environment."""

from __future__ import annotations

import pytest

from broker_pytest import clients
from broker_pytest.clients import NoClient

VARIABLES = {
    "STRIPE_API_BASE": "http://127.0.0.1:9/e/pr-1~one/stripe",
    "STRIPE_API_KEY": "sk_test_x",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9/e/pr-1~one/s3",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_REGION": "us-east-1",
    "SENDGRID_API_BASE": "http://127.0.0.1:9/e/pr-1~one/sendgrid",
    "SENDGRID_API_KEY": "SG.x",
}


def test_each_speaks_to_the_scope() -> None:
    assert type(clients.stripe(VARIABLES)).__name__ == "StripeClient"
    assert clients.s3(VARIABLES).meta.endpoint_url == VARIABLES["AWS_ENDPOINT_URL_S3"]
    assert clients.sendgrid(VARIABLES).client.host == VARIABLES["SENDGRID_API_BASE"]


def test_a_service_that_is_not_there_is_named() -> None:
    with pytest.raises(NoClient, match="STRIPE_API_BASE"):
        clients.stripe({})


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sendgrid", None)
    with pytest.raises(NoClient, match="pip install sendgrid"):
        clients.sendgrid(VARIABLES)
