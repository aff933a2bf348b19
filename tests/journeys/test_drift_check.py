"""A check of drift as an operator makes it: through the command, at a stand-in for the provider, and through the end of
the server in its middle."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from broker.cli import codes
from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, put_account
from tests.standins.moto import Moto

ACCOUNT = "s3-drift"


@pytest.fixture(scope="module")
def provider() -> Iterator[Moto]:
    with Moto() as provider:
        yield provider


def account(server: Broker, provider: Moto) -> None:
    provider.reset()
    put_account(server, ACCOUNT, "s3", provider.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})


def buckets(provider: Moto) -> list[str]:
    """What the provider itself says that it has."""
    client = boto3.client(
        "s3",
        endpoint_url=provider.url,
        aws_access_key_id=AWS_KEY,
        aws_secret_access_key=AWS_SECRET,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )
    return [each["Name"] for each in client.list_buckets()["Buckets"]]


def open_ones(server: Broker) -> list[str]:
    found = server.control("GET", "environments?limit=1000")["items"]
    return [each["name"] for each in found if each["name"].startswith("drift-") and each["status"] != "closed"]


def test_a_check_by_the_command(server: Broker, provider: Moto) -> None:
    account(server, provider)
    asked = ("drift", "check", "--account", ACCOUNT, "--probe", "bucket-life")
    ended = server.cli(*asked, "--format", "json", check=False)
    assert ended.returncode == codes.FAILED, ended.stderr
    run = json.loads(ended.stdout)
    assert (run["status"], run["service"], run["endpoint"]) == ("done", "s3", provider.url)
    # S3 tells no names of owners any more (API_Owner.html); the stand-in does.
    assert "response.200.body.ListAllMyBucketsResult.Owner.DisplayName" in {each["place"] for each in run["findings"]}
    assert run["calls"]["passed"] > run["calls"]["failed"]
    assert server.cli(*asked, "--fail-on", "never").returncode == codes.OK
    assert (open_ones(server), buckets(provider)) == ([], [])
    listed: list[dict[str, Any]] = json.loads(server.cli("drift", "runs", "s3", "--json").stdout)["items"]
    assert [each["id"] for each in listed].count(run["id"]) == 1


def test_the_end_of_the_server_in_the_middle_of_a_check(own_server: Broker, provider: Moto) -> None:
    # A create that was under way is looked for once the provider cannot carry it out any more.
    own_server.variables |= {"BROKER_SANDBOX_SETTLE_SECONDS": "1", "BROKER_SANDBOX_TIMEOUT_SECONDS": "1"}
    own_server.start()
    account(own_server, provider)
    run = own_server.control("POST", "drift/checks", {"account": ACCOUNT})
    until = time.monotonic() + 60
    while own_server.control("GET", f"drift/checks/{run['id']}")["finished"] < 3:
        assert time.monotonic() < until
    own_server.kill()
    own_server.start()
    found = own_server.control("GET", f"drift/checks/{run['id']}")
    assert (found["status"], found["errors"]) == ("failed", ["the server ended before the check did"])
    while open_ones(own_server) or buckets(provider):
        assert time.monotonic() < until, (open_ones(own_server), buckets(provider))
        time.sleep(0.05)
    ended = own_server.cli("drift", "check", "--account", ACCOUNT, "--probe", "bucket-life", "--fail-on", "never")
    assert ended.returncode == codes.OK
