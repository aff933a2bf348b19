"""The list of addresses that may use the account."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import allowed_addresses
from tests.harness import Harness, value

LIST = "/v3/access_settings/whitelist"


async def add(sendgrid: Harness, *ips: str) -> Any:
    response = await sendgrid.call("POST", LIST, json={"ips": [{"ip": ip} for ip in ips]})
    assert response.status == 201, response.body
    return value(response)["result"]


async def test_addresses_are_listed_as_ranges(sendgrid: Harness) -> None:
    added = await add(sendgrid, "192.168.1.1", "192.*.*.*", "192.168.1.3/32", "2001:db8::1")
    assert [one["ip"] for one in added] == ["192.168.1.1/32", "192.0.0.0/8", "192.168.1.3/32", "2001:db8::1/128"]
    assert [one["id"] for one in added] == [1, 2, 3, 4]
    assert value(await sendgrid.call("GET", LIST)) == {"result": added}
    assert value(await sendgrid.call("GET", f"{LIST}/2")) == {"result": [added[1]]}
    [again, new] = await add(sendgrid, "192.168.1.1", "10.0.0.1")
    assert (again, new["id"]) == (added[0], 5)


async def test_they_are_removed_one_by_one_or_together(sendgrid: Harness) -> None:
    await add(sendgrid, "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
    assert (await sendgrid.call("DELETE", f"{LIST}/1")).status == 204
    assert (await sendgrid.call("DELETE", f"{LIST}/1")).status == 404
    assert (await sendgrid.call("GET", f"{LIST}/1")).status == 404
    assert (await sendgrid.call("DELETE", LIST, json={"ids": [2, 99]})).status == 404
    assert (await sendgrid.call("DELETE", LIST, json={"ids": [2, 3]})).status == 204
    assert [one["id"] for one in value(await sendgrid.call("GET", LIST))["result"]] == [4]
    assert (await sendgrid.call("DELETE", LIST, json={})).status == 400


@pytest.mark.parametrize("ip", ["", "somewhere", "300.1.1.1", "1.*.1.1", "*.*.*", "1.1.1.1/33"])
async def test_what_is_no_address_is_refused_with_all_beside_it(sendgrid: Harness, ip: str) -> None:
    response = await sendgrid.call("POST", LIST, json={"ips": [{"ip": "10.0.0.1"}, {"ip": ip}]})
    assert (response.status, value(response)["errors"][0]["field"]) == (400, "ips")
    assert value(await sendgrid.call("GET", LIST)) == {"result": []}


async def test_there_is_an_end_to_them(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowed_addresses, "MOST", 1)
    await add(sendgrid, "10.0.0.1")
    assert (await sendgrid.call("POST", LIST, json={"ips": [{"ip": "10.0.0.2"}]})).status == 400
    assert (await sendgrid.call("POST", LIST, json={"ips": []})).status == 400


async def test_nobody_has_tried_to_enter(sendgrid: Harness) -> None:
    assert value(await sendgrid.call("GET", "/v3/access_settings/activity")) == {"result": []}
