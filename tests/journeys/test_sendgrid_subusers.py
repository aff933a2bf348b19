"""Subusers with the official sendgrid-python: by a key of their own, and by the parent's key on their behalf."""

from __future__ import annotations

from typing import Any

import pytest
from python_http_client.exceptions import ForbiddenError, NotFoundError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

SUBUSER = {"username": "ada", "email": "ada@example.com", "password": "a long password", "ips": ["127.0.0.1"]}


def _parent(environment: dict[str, Any], behalf: str | None = None) -> SendGridAPIClient:
    variables = environment["variables"]
    return SendGridAPIClient(
        variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"], impersonate_subuser=behalf
    )


def _keys(api: SendGridAPIClient) -> list[str]:
    return [one["name"] for one in api.client.api_keys.get().to_dict["result"]]


def test_a_subuser_has_a_world_of_its_own(environment: dict[str, Any]) -> None:
    parent = _parent(environment)
    assert parent.client.subusers.post(request_body=SUBUSER).status_code == 200
    behalf = _parent(environment, "ada")
    made = behalf.client.api_keys.post(request_body={"name": "theirs"}).to_dict
    own = SendGridAPIClient(made["api_key"], host=environment["variables"]["SENDGRID_API_BASE"])
    assert own.send(Mail("ada@example.com", "bea@example.com", "Hello", "plain")).status_code == 202
    assert (_keys(own), _keys(behalf), _keys(parent)) == (["theirs"], ["theirs"], [])

    group = own.client.asm.groups.post(request_body={"name": "News", "description": "Weekly"}).to_dict
    assert behalf.client.asm.groups._(group["id"]).get().to_dict["name"] == "News"
    with pytest.raises(NotFoundError):
        parent.client.asm.groups._(group["id"]).get()

    with pytest.raises(ForbiddenError):
        own.client.subusers.get()
    parent.client.subusers._("ada").patch(request_body={"disabled": True})
    for shut in (own, behalf):
        with pytest.raises(ForbiddenError):
            shut.client.api_keys.get()
    parent.client.subusers._("ada").delete()
    with pytest.raises(UnauthorizedError):
        own.client.api_keys.get()


def test_nobody_acts_for_the_subuser_of_another_environment(environment: dict[str, Any], open_environment: Any) -> None:
    _parent(environment).client.subusers.post(request_body=SUBUSER)
    with pytest.raises(ForbiddenError):
        _parent(open_environment(), "ada").client.api_keys.get()
