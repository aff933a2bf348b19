"""Every way of addressing reaches the same environment: by path, by host name, by the credential alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.raw import WAYS, Caller, Way

Calling = Callable[..., Caller]


@pytest.fixture
def calling(server: Broker, environment: dict[str, Any]) -> Iterator[Calling]:
    """``calling(way)`` answers a caller of the test's environment."""
    callers: list[Caller] = []

    def make(way: Way = "path", **options: Any) -> Caller:
        callers.append(Caller(server.url, environment, way, **options))
        return callers[-1]

    yield make
    for one in callers:
        one.close()


@pytest.mark.parametrize("way", WAYS)
def test_stripe(calling: Calling, environment: dict[str, Any], way: Way) -> None:
    made = calling(way).stripe("POST", "/v1/customers", {"email": "ada@example.com"})
    assert made.status_code == 200, made.text
    assert made.headers["broker-environment"] == environment["name"]
    assert made.headers["broker-mode"] == "mock"
    assert made.headers["broker-fidelity"] == "stateful"
    assert made.headers["broker-exchange"]
    for other in WAYS:
        found = calling(other).stripe("GET", f"/v1/customers/{made.json()['id']}")
        assert found.json() == made.json()


@pytest.mark.parametrize("way", WAYS)
def test_s3(calling: Calling, environment: dict[str, Any], way: Way) -> None:
    caller = calling(way)
    assert caller.s3("PUT", "/attachments").status_code == 200
    put = caller.s3("PUT", "/attachments/a%20b/%E2%9C%93.txt", b"hello")
    assert put.status_code == 200, put.text
    assert put.headers["broker-environment"] == environment["name"]
    for other in WAYS:
        assert calling(other).s3("GET", "/attachments/a%20b/%E2%9C%93.txt").content == b"hello"


def test_a_bucket_by_its_host(calling: Calling) -> None:
    caller = calling()
    caller.s3("PUT", "/by-host")
    assert caller.s3("PUT", "/key", b"hello", bucket="by-host").status_code == 200
    assert caller.s3("GET", "/by-host/key").content == b"hello"
    assert b"<Key>key</Key>" in caller.s3("GET", "/", bucket="by-host").content


@pytest.mark.parametrize("way", WAYS)
def test_sendgrid(calling: Calling, environment: dict[str, Any], server: Broker, way: Way) -> None:
    sent = calling(way).sendgrid()
    assert sent.status_code == 202, sent.text
    assert sent.headers["x-message-id"]
    assert sent.headers["broker-environment"] == environment["name"]
    assert "hello" in server.cli("mail", "list", environment["name"]).stdout


def test_operations_without_a_handler_are_generated(calling: Calling) -> None:
    made = calling().stripe("POST", "/v1/apple_pay/domains", {"domain_name": "shop.example.com"})
    assert made.status_code == 200, made.text
    assert made.headers["broker-fidelity"] == "generated"
    again = calling().stripe("GET", f"/v1/apple_pay/domains/{made.json()['id']}")
    assert again.json()["domain_name"] == "shop.example.com"


def test_the_variables_alone_are_enough(environment: dict[str, Any]) -> None:
    variables = environment["variables"]
    answer = httpx.get(
        f"{variables['STRIPE_API_BASE']}/v1/customers",
        headers={"Authorization": f"Bearer {variables['STRIPE_API_KEY']}"},
    )
    assert answer.status_code == 200
    assert variables["EXTERNAL_API_ENDPOINT"]
    assert variables["BROKER_ENVIRONMENT"] == environment["name"]
    assert environment["bindings"]["stripe"]["mode"] == "mock"


@pytest.mark.parametrize("way", ["path", "host"])
def test_a_foreign_key_is_refused_at_every_address(
    calling: Calling, open_environment: OpenEnvironment, server: Broker, way: Way
) -> None:
    other = open_environment()
    refused = calling(way, name=other["name"]).stripe("GET", "/v1/customers")
    assert refused.status_code == 401
    assert refused.json()["error"]["type"] == "invalid_request_error"
    listed = server.json("incidents", other["name"])
    assert "foreign_credential" in {incident["kind"] for incident in listed}


@pytest.mark.parametrize("way", WAYS)
def test_nobody_answers_without_a_credential(server: Broker, environment: dict[str, Any], way: Way) -> None:
    caller = Caller(server.url, environment, way)
    target, headers = caller.address("stripe", "/v1/customers")
    refused = httpx.get(server.url + target, headers=headers)
    caller.close()
    assert refused.status_code in (401, 404)
    assert "broker-fidelity" not in refused.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [("/e/never-opened/stripe/v1/customers", 404), ("/e/{name}/nonesuch/v1/customers", 404), ("/e/{name}", 404)],
)
def test_unknown_places(server: Broker, environment: dict[str, Any], path: str, status: int) -> None:
    answer = httpx.get(server.url + path.format(name=environment["name"]))
    assert answer.status_code == status, answer.text


def test_the_brokers_own_paths_stay_the_brokers(server: Broker) -> None:
    assert httpx.get(f"{server.url}/_broker/healthz").status_code == 200
    assert httpx.get(f"{server.url}/_broker/v1/environments").status_code == 401
