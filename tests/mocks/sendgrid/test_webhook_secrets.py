"""What signs and admits a delivery, as one text; and the token of OAuth."""

from __future__ import annotations

import pytest

from contracts.exchange import Headers, Request, Response
from mocks.base import Target
from mocks.posting import NotGranted
from mocks.sendgrid import webhook_secrets
from mocks.sendgrid.webhook_secrets import Credentials

DELIVERY = Request(method="POST", path="/", headers=Headers([("content-type", "application/json")]), body=b"[]")


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(),
        Credentials("MIGHAg=="),
        Credentials("k", "id", "s{}", "https://x"),
        Credentials("", "a", "b", "c"),
    ],
)
def test_a_text_holds_them(credentials: Credentials) -> None:
    assert webhook_secrets.read(credentials.written()) == credentials


def test_a_key_alone_is_itself() -> None:
    assert Credentials("MIGHAg==").written() == "MIGHAg=="
    assert Credentials().written() == ""


def test_a_token_is_asked_for_by_the_clients_name_and_secret() -> None:
    text = Credentials("", "me", "mine", "https://id.example.com/token?x=1").written()
    asked = webhook_secrets.GRANTING.ask(Target("https://app.example.com", text))
    assert asked is not None
    url, request = asked
    assert url == "https://id.example.com/token?x=1"
    assert (request.method, request.body) == ("POST", b"grant_type=client_credentials")
    assert request.headers.get("authorization") == "Basic bWU6bWluZQ=="
    assert webhook_secrets.GRANTING.ask(Target("https://app.example.com", "MIGHAg==")) is None


def test_the_token_goes_with_the_delivery() -> None:
    admitted = webhook_secrets.GRANTING.admit(DELIVERY, Response(200, [], b'{"access_token": "abc", "expires_in": 1}'))
    assert admitted.headers.get("authorization") == "Bearer abc"
    assert admitted.body == DELIVERY.body


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"access_token": "abc"}'),
        (200, b"no"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b'{"access_token": "a\\r\\nb"}'),
    ],
)
def test_no_token(status: int, body: bytes) -> None:
    with pytest.raises(NotGranted):
        webhook_secrets.GRANTING.admit(DELIVERY, Response(status, [], body))
