"""Whether an address may send: handlers ask it, and here a call of theirs is looked into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mocks.base import Call
from mocks.sendgrid import senders
from mocks.sendgrid.service import SERVICE
from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail


async def asked(folder: Path, domain: str) -> tuple[Harness, dict[str, bool]]:
    """A mock whose list of scopes answers who may send."""
    found: dict[str, bool] = {}

    async def look(call: Call) -> Any:
        for address in ("Orders@example.com", f"any@{domain}", f"any@deep.{domain}", "any@other.example"):
            found[address] = await senders.verified(call, address)
        return {"scopes": []}

    service = replace(SERVICE, operations={**SERVICE.operations, "GET_scopes": look})
    return Harness(service, folder, strict_errors=False), found


async def test_who_is_verified_may_send(tmp_path: Path) -> None:
    sendgrid, found = await asked(tmp_path, "shop.example")
    await sendgrid.call("GET", "/v3/scopes")
    assert set(found.values()) == {False}
    body = {"nickname": "Orders", "from_email": "orders@example.com", "reply_to": "orders@example.com"}
    await sendgrid.call("POST", "/v3/verified_senders", json=body)
    await sendgrid.call("GET", "/v3/scopes")
    assert set(found.values()) == {False}
    token = (await newest_mail(sendgrid))["text"].partition("token=")[2].strip()
    await sendgrid.call("GET", f"/v3/verified_senders/verify/{token}")
    await sendgrid.call("GET", "/v3/scopes")
    assert [found[address] for address in found] == [True, False, False, False]
    await sendgrid.close()


async def test_a_valid_domain_lets_all_its_addresses_send(tmp_path: Path) -> None:
    sendgrid, found = await asked(tmp_path, "shop.example")
    domain = value(await sendgrid.call("POST", "/v3/whitelabel/domains", json={"domain": "Shop.Example"}))
    await sendgrid.call("GET", "/v3/scopes")
    assert set(found.values()) == {False}
    await sendgrid.call("POST", f"/v3/whitelabel/domains/{domain['id']}/validate")
    await sendgrid.call("GET", "/v3/scopes")
    assert [found[address] for address in found] == [False, True, True, False]
    await sendgrid.close()
