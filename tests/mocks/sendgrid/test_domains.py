"""Authenticated domains: their records, which one is the default, and whom one is lent to."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import accounts
from tests.harness import Harness, value

DOMAINS = "/v3/whitelabel/domains"


async def made(sendgrid: Harness, domain: str = "example.com", **members: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", DOMAINS, json={"domain": domain, **members})
    assert response.status == 201, response.body
    return dict(value(response))


async def subuser(sendgrid: Harness, name: str = "shop") -> None:
    """A subuser, put where the mock keeps them."""
    store = await sendgrid.store()
    transaction = store.begin("sendgrid")
    await transaction.put(accounts.KIND, name, {"username": name, "account": name, "id": 7, "disabled": False})
    await transaction.commit()


async def test_a_domain_and_its_records(sendgrid: Harness) -> None:
    domain = await made(sendgrid, subdomain="em", default=True)
    assert (domain["valid"], domain["default"], domain["automatic_security"], domain["legacy"]) == (
        *(False, True, True, False),
    )
    assert domain["dns"] == {
        "mail_cname": {"valid": False, "type": "cname", "host": "em.example.com", "data": "u1.wl.sendgrid.net"},
        "dkim1": {
            "valid": False,
            "type": "cname",
            "host": "s1._domainkey.example.com",
            "data": "s1.domainkey.u1.wl.sendgrid.net",
        },
        "dkim2": {
            "valid": False,
            "type": "cname",
            "host": "s2._domainkey.example.com",
            "data": "s2.domainkey.u1.wl.sendgrid.net",
        },
    }
    assert value(await sendgrid.call("GET", f"{DOMAINS}/{domain['id']}")) == domain
    assert value(await sendgrid.call("GET", DOMAINS)) == [{**domain, "subusers": []}]


async def test_manual_security_asks_for_other_records(sendgrid: Harness) -> None:
    domain = await made(sendgrid, automatic_security=False, custom_spf=True, ips=["192.0.2.1"], subdomain="em")
    assert {name: one["type"] for name, one in domain["dns"].items()} == {
        "mail_server": "mx",
        "subdomain_spf": "txt",
        "domain_spf": "txt",
        "dkim": "txt",
    }
    assert domain["dns"]["subdomain_spf"]["data"] == "v=spf1 ip4:192.0.2.1 -all"
    path = f"{DOMAINS}/{domain['id']}/ips"
    more = value(await sendgrid.call("POST", path, json={"ip": "192.0.2.2"}))
    assert more["ips"] == ["192.0.2.1", "192.0.2.2"]
    assert "ip4:192.0.2.2" in more["dns"]["subdomain_spf"]["data"]
    less = value(await sendgrid.call("DELETE", f"{path}/192.0.2.1"))
    assert less["ips"] == ["192.0.2.2"]
    assert (await sendgrid.call("DELETE", f"{path}/192.0.2.1")).status == 404
    assert (await sendgrid.call("POST", path, json={})).status == 400


async def test_a_selector_of_its_own(sendgrid: Harness) -> None:
    domain = await made(sendgrid, custom_dkim_selector="abc")
    assert domain["dns"]["dkim1"]["host"] == "abc._domainkey.example.com"
    assert "selector" not in domain


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"domain": ""},
        {"domain": "example"},
        {"domain": "a b.com"},
        {"domain": "example.com", "custom_dkim_selector": "four"},
        {"domain": "example.com", "subdomain": "-"},
        {"domain": "example.com", "ips": "x"},
    ],
)
async def test_what_is_no_domain_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", DOMAINS, json=body)).status == 400
    assert value(await sendgrid.call("GET", DOMAINS)) == []


async def test_a_domain_and_subdomain_once(sendgrid: Harness) -> None:
    await made(sendgrid, subdomain="em")
    await made(sendgrid, subdomain="em2")
    body = {"domain": "Example.com", "subdomain": "EM"}
    assert (await sendgrid.call("POST", DOMAINS, json=body)).status == 400


async def test_records_are_found_but_for_names_that_begin_with_invalid(sendgrid: Harness) -> None:
    good, bad = await made(sendgrid), await made(sendgrid, "invalid.example.com")
    answer = value(await sendgrid.call("POST", f"{DOMAINS}/{good['id']}/validate"))
    assert (answer["id"], answer["valid"]) == (good["id"], True)
    assert set(answer["validation_results"]) == {"mail_cname", "dkim1", "dkim2"}
    shown = value(await sendgrid.call("GET", f"{DOMAINS}/{good['id']}"))
    assert (shown["valid"], shown["dns"]["dkim1"]["valid"]) == (True, True)
    assert shown["last_validation_attempt_at"]
    answer = value(await sendgrid.call("POST", f"{DOMAINS}/{bad['id']}/validate"))
    assert answer["valid"] is False
    assert answer["validation_results"]["dkim1"]["reason"].startswith("Expected CNAME for ")


async def test_one_is_the_default(sendgrid: Harness) -> None:
    assert (await sendgrid.call("GET", f"{DOMAINS}/default")).status == 404
    first, second = await made(sendgrid, default=True), await made(sendgrid, "other.example", default=True)
    assert value(await sendgrid.call("GET", f"{DOMAINS}/default"))["id"] == second["id"]
    changed = value(await sendgrid.call("PATCH", f"{DOMAINS}/{first['id']}", json={"default": True}))
    assert (changed["id"], changed["default"]) == (first["id"], True)
    assert value(await sendgrid.call("GET", f"{DOMAINS}/default"))["id"] == first["id"]
    assert value(await sendgrid.call("GET", f"{DOMAINS}/{second['id']}"))["default"] is False
    found = value(await sendgrid.call("GET", f"{DOMAINS}/default", query={"domain": "other.example"}))
    assert found["id"] == second["id"]


async def test_lists_are_searched_and_paged(sendgrid: Harness) -> None:
    ids = [(await made(sendgrid, f"{name}.example.com"))["id"] for name in ("a", "b", "c")]
    for query, places in (
        ({"limit": 2}, [0, 1]),
        ({"limit": 2, "offset": 2}, [2]),
        ({"domain": "b.ex"}, [1]),
        ({"username": "nobody"}, []),
    ):
        found = value(await sendgrid.call("GET", DOMAINS, query=query))
        assert [one["id"] for one in found] == [ids[place] for place in places]
    assert (await sendgrid.call("GET", DOMAINS, query={"limit": 0})).status == 400


async def test_a_deleted_domain_is_gone(sendgrid: Harness) -> None:
    path = f"{DOMAINS}/{(await made(sendgrid))['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/validate"), ("GET", f"{DOMAINS}/nobody")):
        assert (await sendgrid.call(method, where)).status == 404


async def test_a_domain_is_lent_to_a_subuser(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    first, second = await made(sendgrid), await made(sendgrid, "other.example")
    where = {"username": "shop"}
    assert (await sendgrid.call("POST", f"{DOMAINS}/{first['id']}/subuser", json=where)).status == 400
    for one in (first, second):
        await sendgrid.call("POST", f"{DOMAINS}/{one['id']}/validate")
        lent = await sendgrid.call("POST", f"{DOMAINS}/{one['id']}/subuser", json=where)
        assert (lent.status, value(lent)["id"]) == (201, one["id"])
    assert value(await sendgrid.call("GET", f"{DOMAINS}/subuser", query=where))["id"] == second["id"]
    listed = value(await sendgrid.call("GET", DOMAINS))
    assert [one["subusers"] for one in listed] == [[], [{"user_id": 7, "username": "shop"}]]
    assert (await sendgrid.call("DELETE", f"{DOMAINS}/subuser", query=where)).status == 204
    assert (await sendgrid.call("GET", f"{DOMAINS}/subuser", query=where)).status == 404
    nobody = {"username": "nobody"}
    assert (await sendgrid.call("POST", f"{DOMAINS}/{first['id']}/subuser", json=nobody)).status == 404


async def test_a_domain_of_a_subuser_is_seen_by_both(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    domain = await made(sendgrid, username="shop")
    assert (domain["username"], domain["user_id"]) == ("shop", 7)
    assert [one["id"] for one in value(await sendgrid.call("GET", DOMAINS))] == [domain["id"]]
    assert value(await sendgrid.call("GET", DOMAINS, query={"exclude_subusers": "true"})) == []
    behalf = {"on-behalf-of": "shop"}
    assert value(await sendgrid.call("GET", DOMAINS, headers=behalf))[0]["id"] == domain["id"]
    assert value(await sendgrid.call("GET", f"{DOMAINS}/{domain['id']}"))["username"] == "shop"
    assert (await sendgrid.call("POST", DOMAINS, json={"domain": "x.example", "username": "nobody"})).status == 404
