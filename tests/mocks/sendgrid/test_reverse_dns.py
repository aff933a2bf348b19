"""Reverse DNS, and records that are sent to a colleague."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail

IPS = "/v3/whitelabel/ips"


async def made(sendgrid: Harness, ip: str = "192.0.2.1", domain: str = "example.com", **more: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", IPS, json={"ip": ip, "domain": domain, **more})
    assert response.status == 201, response.body
    return dict(value(response))


async def test_an_address_gets_a_name(sendgrid: Harness) -> None:
    one = await made(sendgrid, subdomain="email")
    assert (one["rdns"], one["valid"], one["users"]) == ("o1.email.example.com", False, [])
    assert one["a_record"] == {"valid": False, "type": "a", "host": "o1.email.example.com", "data": "192.0.2.1"}
    assert value(await sendgrid.call("GET", f"{IPS}/{one['id']}")) == one


async def test_lists_are_searched_and_paged(sendgrid: Harness) -> None:
    ids = [(await made(sendgrid, ip))["id"] for ip in ("192.0.2.1", "192.0.2.2", "198.51.100.1")]
    for query, places in (({"ip": "192."}, [0, 1]), ({"limit": 1, "offset": 1}, [1]), ({}, [0, 1, 2])):
        found = value(await sendgrid.call("GET", IPS, query=query))
        assert [one["id"] for one in found] == [ids[place] for place in places]
    assert (await sendgrid.call("GET", IPS, query={"limit": -1})).status == 400


async def test_what_is_no_address_or_domain_is_refused(sendgrid: Harness) -> None:
    await made(sendgrid)
    for body in ({"ip": "192.0.2.1", "domain": "a.com"}, {"ip": "x", "domain": "a.com"}, {"ip": "192.0.2.2"}):
        assert (await sendgrid.call("POST", IPS, json=body)).status == 400


async def test_its_record_is_found(sendgrid: Harness) -> None:
    good, bad = await made(sendgrid), await made(sendgrid, "192.0.2.2", "invalid.example.com")
    answer = value(await sendgrid.call("POST", f"{IPS}/{good['id']}/validate"))
    assert answer == {
        "id": good["id"],
        "valid": True,
        "validation_results": {"a_record": {"valid": True, "reason": None}},
    }
    assert value(await sendgrid.call("GET", f"{IPS}/{good['id']}"))["a_record"]["valid"] is True
    answer = value(await sendgrid.call("POST", f"{IPS}/{bad['id']}/validate"))
    assert answer["validation_results"]["a_record"]["reason"].startswith("Failed to resolve A Record at ")


async def test_what_is_deleted_is_gone(sendgrid: Harness) -> None:
    path = f"{IPS}/{(await made(sendgrid))['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/validate"), ("GET", f"{IPS}/x")):
        gone = await sendgrid.call(method, where)
        assert (gone.status, value(gone)["errors"][0]["message"]) == (404, "Reverse DNS record not found.")


async def test_records_are_sent_by_mail(sendgrid: Harness) -> None:
    domain = value(await sendgrid.call("POST", "/v3/whitelabel/domains", json={"domain": "example.com"}))
    link = value(await sendgrid.call("POST", "/v3/whitelabel/links", json={"domain": "example.com"}))
    share = "/v3/whitelabel/dns/email"
    body = {"email": "ops@example.com", "domain_id": domain["id"], "link_id": link["id"], "message": "Please"}
    assert (await sendgrid.call("POST", share, json=body)).status == 204
    mail = await newest_mail(sendgrid)
    assert mail["to"] == [{"email": "ops@example.com"}]
    assert mail["text"].startswith("Please\n\nCNAME\t")
    assert link["dns"]["owner_cname"]["host"] in mail["text"]
    for wrong, status in (
        ({"email": "ops@example.com"}, 400),
        ({"email": "x", "domain_id": domain["id"]}, 400),
        ({"email": "ops@example.com", "domain_id": 5}, 404),
        ({"email": "ops@example.com", "link_id": 5}, 404),
    ):
        assert (await sendgrid.call("POST", share, json=wrong)).status == status
