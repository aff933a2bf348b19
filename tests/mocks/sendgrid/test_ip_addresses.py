"""Addresses: added, listed, warmed up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_domains import subuser

IPS = "/v3/ips"
NOT_FOUND = {"errors": [{"message": "resource not found", "field": None}]}


async def added(sendgrid: Harness, count: int = 1, **more: Any) -> list[str]:
    response = await sendgrid.call("POST", IPS, json={"count": count, **more})
    assert response.status == 201, response.body
    return [one["ip"] for one in value(response)["ips"]]


async def test_an_account_begins_without_and_adds_some(sendgrid: Harness) -> None:
    assert value(await sendgrid.call("GET", IPS)) == []
    answer = value(await sendgrid.call("POST", IPS, json={"count": 2, "warmup": True}))
    assert [one["ip"] for one in answer["ips"]] == ["198.51.100.1", "198.51.100.2"]
    assert (answer["remaining_ips"], answer["warmup"]) == (252, True)
    assert value(await sendgrid.call("GET", f"{IPS}/remaining"))["results"][0]["remaining"] == 252
    shown = value(await sendgrid.call("GET", f"{IPS}/198.51.100.1"))
    assert (shown["warmup"], shown["pools"], shown["rdns"], shown["whitelabeled"]) == (True, [], "", False)
    assert value(await sendgrid.call("GET", f"{IPS}/assigned"))[1]["ip"] == "198.51.100.2"
    assert (await sendgrid.call("GET", f"{IPS}/192.0.2.1")).status == 404


@pytest.mark.parametrize("body", [{}, {"count": 0}, {"count": 255}, {"count": 1, "subusers": ["nobody"]}])
async def test_what_cannot_be_added(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", IPS, json=body)).status == 400
    assert value(await sendgrid.call("GET", IPS)) == []


async def test_lists_are_searched_sorted_and_paged(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    own, lent = await added(sendgrid, 11), await added(sendgrid, subusers=["shop"])
    for query, wanted in (
        ({}, own[:10]),
        ({"limit": 2, "offset": 10}, [own[10], *lent]),
        ({"sort_by_direction": "desc", "limit": 2}, [*lent, own[10]]),
        ({"subuser": "shop"}, lent),
        ({"ip": own[3]}, [own[3]]),
    ):
        assert [one["ip"] for one in value(await sendgrid.call("GET", IPS, query=query))] == wanted
    assert (await sendgrid.call("GET", IPS, query={"limit": 0})).status == 400
    behalf = {"on-behalf-of": "shop"}
    assert [one["ip"] for one in value(await sendgrid.call("GET", IPS, headers=behalf))] == lent


async def test_a_name_that_is_valid_is_told(sendgrid: Harness) -> None:
    (address,) = await added(sendgrid)
    body = {"ip": address, "domain": "example.com", "subdomain": "email"}
    named = value(await sendgrid.call("POST", "/v3/whitelabel/ips", json=body))
    await sendgrid.call("POST", f"/v3/whitelabel/ips/{named['id']}/validate")
    shown = value(await sendgrid.call("GET", f"{IPS}/{address}"))
    assert (shown["rdns"], shown["whitelabeled"]) == ("o1.email.example.com", True)
    assert value(await sendgrid.call("GET", IPS, query={"exclude_whitelabels": "true"})) == []


async def test_an_address_is_warmed_up(sendgrid: Harness) -> None:
    (address,) = await added(sendgrid)
    warmup = f"{IPS}/warmup"
    assert value(await sendgrid.call("GET", warmup)) == []
    assert value(await sendgrid.call("GET", f"{warmup}/{address}")) == NOT_FOUND
    started = value(await sendgrid.call("POST", warmup, json={"ip": address}))
    assert started[0]["ip"] == address
    for path in (warmup, f"{warmup}/{address}"):
        assert value(await sendgrid.call("GET", path)) == started
    assert (await sendgrid.call("DELETE", f"{warmup}/{address}")).status == 204
    assert value(await sendgrid.call("DELETE", f"{warmup}/{address}")) == NOT_FOUND
    assert value(await sendgrid.call("POST", warmup, json={"ip": "192.0.2.1"})) == NOT_FOUND
