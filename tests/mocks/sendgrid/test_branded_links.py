"""Branded links."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_domains import subuser

LINKS = "/v3/whitelabel/links"


async def made(sendgrid: Harness, domain: str = "example.com", **members: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", LINKS, json={"domain": domain, **members})
    assert response.status == 201, response.body
    return dict(value(response))


async def test_a_link_and_its_records(sendgrid: Harness) -> None:
    link = await made(sendgrid, subdomain="go")
    assert (link["default"], link["valid"], link["legacy"]) == (False, False, False)
    assert {name: one["host"] for name, one in link["dns"].items()} == {
        "domain_cname": "go.example.com",
        "owner_cname": "1.example.com",
    }
    assert value(await sendgrid.call("GET", f"{LINKS}/{link['id']}")) == link
    assert value(await sendgrid.call("GET", LINKS)) == [link]


async def test_what_is_no_link_is_refused(sendgrid: Harness) -> None:
    await made(sendgrid, subdomain="go")
    for body in ({}, {"domain": "x"}, {"domain": "Example.com", "subdomain": "go"}, {"domain": 5}):
        assert (await sendgrid.call("POST", LINKS, json=body)).status == 400
    assert (await sendgrid.call("GET", LINKS, query={"limit": 0})).status == 400
    assert len(value(await sendgrid.call("GET", LINKS, query={"limit": 1}))) == 1


async def test_links_are_validated(sendgrid: Harness) -> None:
    good, bad = await made(sendgrid), await made(sendgrid, "invalid.example.com")
    answer = value(await sendgrid.call("POST", f"{LINKS}/{good['id']}/validate"))
    assert (answer["valid"], answer["validation_results"]["domain_cname"]) == (True, {"valid": True, "reason": None})
    assert value(await sendgrid.call("GET", f"{LINKS}/{good['id']}"))["dns"]["owner_cname"]["valid"] is True
    assert value(await sendgrid.call("POST", f"{LINKS}/{bad['id']}/validate"))["valid"] is False


async def test_the_default_is_the_valid_one_that_was_set(sendgrid: Harness) -> None:
    default = f"{LINKS}/default"
    assert (await sendgrid.call("GET", default)).status == 404
    first, second = await made(sendgrid), await made(sendgrid, "other.example", default=True)
    assert value(await sendgrid.call("GET", default))["id"] == second["id"]
    await sendgrid.call("POST", f"{LINKS}/{first['id']}/validate")
    assert value(await sendgrid.call("GET", default))["id"] == first["id"]
    found = value(await sendgrid.call("GET", default, query={"domain": "other.example"}))
    assert found["id"] == second["id"]
    changed = value(await sendgrid.call("PATCH", f"{LINKS}/{first['id']}", json={"default": True}))
    assert changed["default"] is True
    assert value(await sendgrid.call("GET", f"{LINKS}/{second['id']}"))["default"] is False


async def test_a_link_is_lent_to_a_subuser(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    link, where = await made(sendgrid), {"username": "shop"}
    assert value(await sendgrid.call("POST", f"{LINKS}/{link['id']}/subuser", json=where))["id"] == link["id"]
    assert value(await sendgrid.call("GET", f"{LINKS}/subuser", query=where)) == link
    assert (await sendgrid.call("DELETE", f"{LINKS}/subuser", query=where)).status == 204
    assert (await sendgrid.call("GET", f"{LINKS}/subuser", query=where)).status == 404
    assert (await sendgrid.call("GET", f"{LINKS}/subuser", query={"username": "nobody"})).status == 404


async def test_a_deleted_link_is_gone(sendgrid: Harness) -> None:
    path = f"{LINKS}/{(await made(sendgrid))['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/validate")):
        assert (await sendgrid.call(method, where)).status == 404
