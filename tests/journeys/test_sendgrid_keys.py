"""Keys that an application makes with the official sendgrid-python: what they open, and what they do not."""

from __future__ import annotations

from typing import Any

import pytest
from python_http_client.exceptions import ForbiddenError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment

FORBIDDEN = {"errors": [{"field": None, "message": "access forbidden"}]}


def _client(key: str, host: str) -> SendGridAPIClient:
    return SendGridAPIClient(key, host=host)


def _own(environment: dict[str, Any]) -> SendGridAPIClient:
    variables = environment["variables"]
    return _client(variables["SENDGRID_API_KEY"], variables["SENDGRID_API_BASE"])


def _make(api: SendGridAPIClient, *scopes: str) -> dict[str, Any]:
    made = api.client.api_keys.post(request_body={"name": "made", "scopes": list(scopes)})
    assert made.status_code == 201
    found: dict[str, Any] = made.to_dict
    return found


def _hello() -> Mail:
    return Mail("shop@example.com", "ada@example.com", "Hello", "plain")


@pytest.mark.parametrize("way", ["path", "credential"])
def test_a_key_for_mail_sends_mail_and_nothing_else(server: Broker, environment: dict[str, Any], way: str) -> None:
    made = _make(_own(environment), "mail.send")
    host = server.url if way == "credential" else environment["variables"]["SENDGRID_API_BASE"]
    api = _client(made["api_key"], host)
    assert api.send(_hello()).status_code == 202
    for call in (api.client.api_keys.get, api.client.templates.get, api.client.suppression.bounces.get):
        with pytest.raises(ForbiddenError) as refused:
            call()
        assert refused.value.to_dict == FORBIDDEN
    assert api.client.scopes.get().to_dict == {"scopes": ["mail.send"]}


def test_a_deleted_key_is_shut_out(environment: dict[str, Any]) -> None:
    own = _own(environment)
    made = _make(own, "mail.send")
    api = _client(made["api_key"], environment["variables"]["SENDGRID_API_BASE"])
    assert api.send(_hello()).status_code == 202
    own.client.api_keys._(made["api_key_id"]).delete()
    with pytest.raises(UnauthorizedError) as refused:
        api.send(_hello())
    assert refused.value.to_dict["errors"][0]["message"].startswith("The provided authorization grant is invalid")


def test_the_journal_does_not_hold_a_made_key(server: Broker, environment: dict[str, Any]) -> None:
    made = _make(_own(environment), "mail.send")
    _client(made["api_key"], environment["variables"]["SENDGRID_API_BASE"]).send(_hello())
    listed = server.control("GET", f"environments/{environment['name']}/exchanges")["items"]
    shown = [server.control("GET", f"environments/{environment['name']}/exchanges/{one['id']}") for one in listed]
    assert len(shown) == 2
    assert made["api_key"].rpartition(".")[2] not in str(shown)


def test_a_made_key_is_refused_at_another_environments_address(
    server: Broker, environment: dict[str, Any], open_environment: OpenEnvironment
) -> None:
    other = open_environment()
    made = _make(_own(environment), "mail.send")
    with pytest.raises(UnauthorizedError):
        _client(made["api_key"], other["variables"]["SENDGRID_API_BASE"]).send(_hello())
    for name in (environment["name"], other["name"]):
        found = server.control("GET", f"environments/{name}/incidents")["items"]
        assert [one["kind"] for one in found] == ["foreign_credential"]


def test_keys_outlive_a_kill_and_so_does_their_end(own_server: Broker) -> None:
    own_server.start()
    environment = own_server.open("pr-keys")
    own = _own(environment)
    stays, goes = _make(own, "mail.send"), _make(own, "mail.send")
    own.client.api_keys._(goes["api_key_id"]).delete()
    own_server.restart()
    base = environment["variables"]["SENDGRID_API_BASE"]
    assert _client(stays["api_key"], base).send(_hello()).status_code == 202
    with pytest.raises(UnauthorizedError):
        _client(goes["api_key"], base).send(_hello())
