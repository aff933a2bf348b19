"""Pools of addresses."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import ip_pools
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_ip_addresses import added

POOLS = "/v3/ips/pools"
UNKNOWN = {"error": "Unable to locate specified IPs Pool"}


async def made(sendgrid: Harness, name: str = "marketing") -> None:
    response = await sendgrid.call("POST", POOLS, json={"name": name})
    assert (response.status, value(response)) == (200, {"name": name})


async def test_pools_are_made_and_listed(sendgrid: Harness) -> None:
    await made(sendgrid)
    await made(sendgrid, "other pool")
    assert value(await sendgrid.call("GET", POOLS)) == [{"name": "marketing"}, {"name": "other pool"}]
    assert value(await sendgrid.call("GET", f"{POOLS}/marketing")) == {"pool_name": "marketing", "ips": []}


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "n" * 65}, {"name": "marketing"}])
async def test_what_is_no_pool_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    await made(sendgrid)
    assert (await sendgrid.call("POST", POOLS, json=body)).status == 400


async def test_an_account_has_so_many(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip_pools, "MOST", 1)
    await made(sendgrid)
    assert (await sendgrid.call("POST", POOLS, json={"name": "second"})).status == 400


async def test_addresses_join_and_leave(sendgrid: Harness) -> None:
    await made(sendgrid)
    (address,) = await added(sendgrid)
    joined = await sendgrid.call("POST", f"{POOLS}/marketing/ips", json={"ip": address})
    assert (joined.status, value(joined)["pools"]) == (201, ["marketing"])
    assert value(await sendgrid.call("GET", f"{POOLS}/marketing"))["ips"] == [address]
    assert value(await sendgrid.call("GET", f"/v3/ips/{address}"))["pools"] == ["marketing"]
    for path, ip in (("marketing", "192.0.2.1"), ("nobody", address)):
        assert (await sendgrid.call("POST", f"{POOLS}/{path}/ips", json={"ip": ip})).status == 404
    assert (await sendgrid.call("DELETE", f"{POOLS}/marketing/ips/{address}")).status == 204
    gone = await sendgrid.call("DELETE", f"{POOLS}/marketing/ips/{address}")
    assert (gone.status, value(gone)) == (404, UNKNOWN)


async def test_a_pool_is_renamed_with_its_addresses(sendgrid: Harness) -> None:
    await made(sendgrid)
    await made(sendgrid, "taken")
    (address,) = await added(sendgrid)
    await sendgrid.call("POST", f"{POOLS}/marketing/ips", json={"ip": address})
    assert value(await sendgrid.call("PUT", f"{POOLS}/marketing", json={"name": "new"})) == {"name": "new"}
    assert value(await sendgrid.call("GET", f"{POOLS}/new"))["ips"] == [address]
    assert (await sendgrid.call("PUT", f"{POOLS}/new", json={"name": "taken"})).status == 400
    missing = await sendgrid.call("PUT", f"{POOLS}/marketing", json={"name": "x"})
    assert value(missing) == {"errors": [{"message": "ip pool not found", "field": None}]}


async def test_a_deleted_pool_is_gone(sendgrid: Harness) -> None:
    await made(sendgrid)
    assert (await sendgrid.call("DELETE", f"{POOLS}/marketing")).status == 204
    gone = await sendgrid.call("DELETE", f"{POOLS}/marketing")
    assert (gone.status, value(gone)) == (404, UNKNOWN)
    missing = value(await sendgrid.call("GET", f"{POOLS}/marketing"))
    assert missing == {"errors": [{"message": UNKNOWN["error"], "field": "error"}]}
