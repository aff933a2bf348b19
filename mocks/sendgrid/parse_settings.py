"""Inbound parse: the hostnames whose mail is posted to an application, and where to.

https://www.twilio.com/docs/sendgrid/api-reference/settings-inbound-parse (2026-11). "The subdomain-domain combination
must be globally unique": across an environment's accounts here. Whether the domain is authenticated is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mocks.base import Call, Record, Reply, State
from mocks.sendgrid import accounts, security_policies
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.event_webhooks import checked_url

#: All accounts' records, each with the ``account`` that it is of, by hostname.
KIND: Final = "parse_setting"
_PAGE: Final = 500
_MEMBERS: Final = ("url", "hostname", "spam_check", "send_raw")
#: The id of what signs its posts; it is told where there is one, and taken away by an empty text.
POLICY: Final = "security_policy"
_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}", re.IGNORECASE)


async def of_host(state: State, hostname: str) -> Record | None:
    """The setting of a hostname, whichever account's it is."""
    return await accounts.parent(state).get(KIND, hostname.lower())


async def every(state: State, account: str) -> Sequence[Record]:
    """An account's, the oldest first."""
    return await state.page(KIND, order="oldest", where={"account": account}, limit=_PAGE)


async def forget(state: State, account: str) -> None:
    """The account is gone: its hostnames are free."""
    for record in await every(state, account):
        await state.delete(KIND, record["hostname"].lower())


async def list_all(call: Call) -> Record:
    """The account's, the oldest first."""
    return {"result": [_shown(each) for each in await every(call.state, accounts.name(call))]}


async def create(call: Call) -> Reply:
    """A hostname and a URL. Wording of what is refused ours."""
    body = call.params.body or {}
    for name in ("hostname", "url"):
        if not body.get(name):
            raise refused([Fault(f"{name} is required", name)])
    record = {
        "url": body["url"],
        "hostname": body["hostname"],
        "spam_check": bool(body.get("spam_check")),
        "send_raw": bool(body.get("send_raw")),
        "account": accounts.name(call),
        POLICY: body.get(POLICY) or "",
    }
    await _check(call, record)
    await _store(call, record)
    return Reply(_shown(record), 201)


async def retrieve(call: Call) -> Record:
    return _shown(await _named(call))


async def update(call: Call) -> Record:
    """What is not named stays."""
    record = await _named(call)
    body = call.params.body or {}
    changed = {**record, **{name: body[name] for name in (*_MEMBERS, POLICY) if body.get(name) is not None}}
    await _check(call, changed, before=record["hostname"])
    if changed["hostname"].lower() != record["hostname"].lower():
        await call.state.delete(KIND, record["hostname"].lower())
    await _store(call, changed)
    return _shown(changed)


async def delete(call: Call) -> None:
    """204: mail to the hostname is nobody's from then on."""
    await call.state.delete(KIND, (await _named(call))["hostname"].lower())


async def _named(call: Call) -> Record:
    record = await of_host(call.state, str(call.params.path["hostname"]))
    if record is None or record["account"] != accounts.name(call):
        # The API's words for what it does not have (sendgrid/docs issue 1569).
        raise refused([Fault("resource not found")], 404)
    return record


async def _check(call: Call, record: Record, before: str = "") -> None:
    if not _HOST.fullmatch(record["hostname"]):
        raise refused([Fault(f"'{record['hostname']}' is not a valid hostname", "hostname")])
    checked_url(record["url"])
    if record.get(POLICY) and await security_policies.find(call.state, record[POLICY]) is None:
        raise refused([Fault(f"There is no security policy '{record[POLICY]}'", POLICY)])
    if record["hostname"].lower() != before.lower() and await of_host(call.state, record["hostname"]) is not None:
        raise refused([Fault(f"A parse setting for '{record['hostname']}' already exists", "hostname")])


async def _store(call: Call, record: Record) -> None:
    await call.state.put(KIND, record["hostname"].lower(), record, {"account": record["account"]})


def _shown(record: Record) -> Record:
    policy = {POLICY: record[POLICY]} if record.get(POLICY) else {}
    return {**{name: record[name] for name in _MEMBERS}, **policy}
