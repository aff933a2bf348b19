"""The settings of event webhooks, with and without an id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from mocks.sendgrid import event_webhooks
from tests.harness import Harness, value

PATH = "/v3/user/webhooks/event/settings"
KINDS = tuple(event_webhooks.SETTINGS.values())


async def made(sendgrid: Harness, url: str = "https://app.example.com/hook", **more: Any) -> Any:
    response = await sendgrid.call("POST", PATH, json={"url": url, **more})
    assert response.status == 201, response.value
    return value(response)


def messages(response: Any) -> list[str]:
    return [each["message"] for each in value(response)["errors"]]


async def test_one_is_made_read_changed_and_deleted(sendgrid: Harness) -> None:
    found = await made(sendgrid, enabled=True, delivered=True, friendly_name="Delivery")
    UUID(found["id"])
    assert found == {
        "id": found["id"],
        "url": "https://app.example.com/hook",
        "enabled": True,
        **dict.fromkeys(KINDS, False),
        "delivered": True,
        "friendly_name": "Delivery",
        "created_date": found["created_date"],
        "updated_date": found["created_date"],
    }
    assert found["created_date"].endswith("Z")
    shown = value(await sendgrid.call("GET", f"{PATH}/{found['id']}"))
    assert shown == {name: each for name, each in found.items() if not name.endswith("_date")}
    changed = await sendgrid.call("PATCH", f"{PATH}/{found['id']}", json={"open": True, "enabled": False})
    assert changed.status == 200
    assert {name: value(changed)[name] for name in ("open", "delivered", "enabled", "url")} == {
        "open": True,
        "delivered": True,
        "enabled": False,
        "url": "https://app.example.com/hook",
    }
    assert (await sendgrid.call("DELETE", f"{PATH}/{found['id']}")).status == 204
    for method, body in (("GET", None), ("PATCH", {"open": True}), ("DELETE", None)):
        gone = await sendgrid.call(method, f"{PATH}/{found['id']}", json=body)
        assert (gone.status, messages(gone)) == (404, ["Invalid id provided."])


async def test_all_are_listed_with_how_many_there_may_be(sendgrid: Harness) -> None:
    assert value(await sendgrid.call("GET", f"{PATH}/all")) == {"max_allowed": 5, "webhooks": []}
    ids = [(await made(sendgrid, f"https://app.example.com/{number}"))["id"] for number in range(event_webhooks.MOST)]
    listed = value(await sendgrid.call("GET", f"{PATH}/all"))
    assert [each["id"] for each in listed["webhooks"]] == ids
    refused = await sendgrid.call("POST", PATH, json={"url": "https://app.example.com/more"})
    assert refused.status == 400
    assert messages(refused) == ["You have reached the maximum number of webhooks per your current billing plan."]


async def test_no_two_go_to_the_same_url(sendgrid: Harness) -> None:
    first, second = await made(sendgrid, "https://a.example.com"), await made(sendgrid, "https://b.example.com")
    expected = {
        "errors": [
            {
                "id": first["id"],
                "message": "Webhook at 'https://a.example.com' already exists. Please provide a unique URL.",
                "url": "https://a.example.com",
            }
        ]
    }
    for refused in (
        await sendgrid.call("POST", PATH, json={"url": "https://a.example.com"}),
        await sendgrid.call("PATCH", f"{PATH}/{second['id']}", json={"url": "https://a.example.com"}),
    ):
        assert (refused.status, value(refused)) == (400, expected)
    same = await sendgrid.call("PATCH", f"{PATH}/{first['id']}", json={"url": "https://a.example.com"})
    assert same.status == 200


@pytest.mark.parametrize("url", ["", "example.com", "ftp://example.com/x", "http://", "http://a b.example.com"])
async def test_what_is_no_url_is_refused(sendgrid: Harness, url: str) -> None:
    refused = await sendgrid.call("POST", PATH, json={"url": url})
    assert (refused.status, messages(refused)) == (400, [f"'{url}' is not a valid url"])
    assert value(await sendgrid.call("GET", f"{PATH}/all"))["webhooks"] == []


async def test_a_url_is_needed(sendgrid: Harness) -> None:
    refused = await sendgrid.call("POST", PATH, json={"enabled": True})
    assert (refused.status, messages(refused)) == (400, ["url is required"])
    enabled = await sendgrid.call("PATCH", PATH, json={"enabled": True})
    assert (enabled.status, messages(enabled)) == (400, ["'' is not a valid url"])


async def test_without_an_id_it_is_the_oldest(sendgrid: Harness) -> None:
    empty = value(await sendgrid.call("GET", PATH))
    assert empty == {"url": "", "enabled": False, **dict.fromkeys(KINDS, False)}
    first = value(
        await sendgrid.call("PATCH", PATH, json={"enabled": True, "url": "https://a.example.com", "open": True})
    )
    await made(sendgrid, "https://b.example.com")
    assert value(await sendgrid.call("GET", PATH)) == first
    again = value(await sendgrid.call("PATCH", PATH, json={"click": True}))
    assert (again["id"], again["open"], again["click"]) == (first["id"], True, True)
    listed = value(await sendgrid.call("GET", f"{PATH}/all"))["webhooks"]
    assert [each["url"] for each in listed] == ["https://a.example.com", "https://b.example.com"]


async def test_account_status_changes_are_shown_where_they_are_asked_for(sendgrid: Harness) -> None:
    found = await made(sendgrid)
    assert "account_status_change" not in found
    query = {"include": "account_status_change"}
    assert value(await sendgrid.call("GET", PATH, query=query))["account_status_change"] is False
    changed = await sendgrid.call("PATCH", f"{PATH}/{found['id']}", json={"account_status_change": True}, query=query)
    assert value(changed)["account_status_change"] is True
    listed = value(await sendgrid.call("GET", f"{PATH}/all", query=query))["webhooks"]
    assert [each["account_status_change"] for each in listed] == [True]


async def test_oauth_is_told_but_for_its_secret_and_switched_off_by_empty_text(sendgrid: Harness) -> None:
    oauth = {"oauth_client_id": "me", "oauth_client_secret": "mine", "oauth_token_url": "https://id.example.com/token"}
    found = await made(sendgrid, **oauth)
    assert {name: found.get(name) for name in oauth} == {**oauth, "oauth_client_secret": None}
    kept = await sendgrid.call("PATCH", f"{PATH}/{found['id']}", json={"oauth_client_id": "you"})
    assert (kept.status, value(kept)["oauth_client_id"]) == (200, "you")
    off = await sendgrid.call("PATCH", f"{PATH}/{found['id']}", json=dict.fromkeys(oauth, ""))
    assert off.status == 200
    assert not set(oauth) & set(value(off))
    again = await sendgrid.call(
        "PATCH", f"{PATH}/{found['id']}", json={name: oauth[name] for name in ("oauth_client_id", "oauth_token_url")}
    )
    assert again.status == 400  # the secret went with the rest


@pytest.mark.parametrize(
    "oauth",
    [
        {"oauth_client_id": "me"},
        {"oauth_token_url": "https://id.example.com"},
        {"oauth_client_id": "me", "oauth_token_url": "https://id.example.com"},
        {"oauth_client_secret": "mine"},
        {"oauth_client_id": "me", "oauth_client_secret": "mine", "oauth_token_url": "nowhere"},
    ],
)
async def test_half_of_oauth_is_refused(sendgrid: Harness, oauth: dict[str, str]) -> None:
    assert (await sendgrid.call("POST", PATH, json={"url": "https://a.example.com", **oauth})).status == 400
