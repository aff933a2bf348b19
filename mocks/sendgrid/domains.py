"""Authenticated domains: made, validated, made the default, lent to subusers.

https://www.twilio.com/docs/sendgrid/api-reference/domain-authentication (2026-11).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Handler, Record, State
from mocks.sendgrid import accounts, dns_records, numbers
from mocks.sendgrid.dns_records import record as dns_record
from mocks.sendgrid.errors import told

KIND: Final = "domain"
_FIRST: Final = 1001
_MOST: Final = 3_000
_NAME: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_SELECTOR: Final = re.compile(r"[a-z0-9]{1,3}", re.IGNORECASE)


async def authenticated(call: Call, domain: str) -> bool:
    """Whether mail may come from any address in ``domain``: it, or a domain that it is in, is the account's and valid,
    or is lent to it."""
    labels = domain.split(".")
    names = [".".join(labels[place:]) for place in range(max(1, len(labels) - 1))]
    for name in names:
        if await call.state.count(KIND, {"domain": name, "valid": "1"}):
            return True
    account = accounts.name(call)
    if not account:
        return False
    lent = await _lent(accounts.parent(call.state), account.partition("~")[0])
    return lent is not None and lent["valid"] and lent["domain"].lower() in names


async def any_valid(call: Call) -> bool:
    """Whether the account has a valid domain."""
    return bool(await call.state.count(KIND, {"valid": "1"}))


async def create(call: Call) -> Record:
    """A domain and the records that authenticate it, none of which is looked for yet. With ``username`` the domain is
    that subuser's own."""
    sent = call.params.body or {}
    domain, selector = sent.get("domain") or "", sent.get("custom_dkim_selector") or ""
    if not _NAME.fullmatch(domain):
        raise told(400, "domain is required" if not domain else "invalid domain", "domain")  # wording ours
    if selector and not _SELECTOR.fullmatch(selector):
        raise told(400, "custom_dkim_selector must be up to three letters or numbers", "custom_dkim_selector")
    number = await numbers.following(accounts.parent(call.state), KIND, _FIRST)
    subdomain = sent.get("subdomain") or f"em{number}"
    if not _LABEL.fullmatch(subdomain):
        raise told(400, "invalid subdomain", "subdomain")
    state, owner = await _owned(call, sent.get("username"))
    await _refuse_twin(state, domain, subdomain)
    made: Record = {
        "id": number,
        **owner,
        "subdomain": subdomain,
        "domain": domain,
        "ips": list(sent.get("ips") or ()),
        "custom_spf": bool(sent.get("custom_spf")),
        "default": bool(sent.get("default")),
        "legacy": False,
        "automatic_security": sent.get("automatic_security", True) is not False,
        "valid": False,
        "selector": selector,
    }
    await _put(state, _with_dns(made))
    return _shown(_with_dns(made))


async def _owned(call: Call, username: str | None) -> tuple[State, Record]:
    if not username or accounts.name(call):
        return call.state, await dns_records.owner(call)
    found = await accounts.subuser(call.state, username)
    if found is None:
        if username == dns_records.USERNAME:
            return call.state, await dns_records.owner(call)
        raise told(404, "username not found", "username")  # wording ours
    return accounts.of(call.state, found["account"]), {"user_id": found["id"], "username": username}


async def _refuse_twin(state: State, domain: str, subdomain: str) -> None:
    for other in await state.page(KIND, limit=_MOST, where={"domain": domain.lower()}):
        if other["subdomain"].lower() == subdomain.lower():
            raise told(400, "a domain authentication for this domain and subdomain exists already", "domain")


def _with_dns(one: Record) -> Record:
    """The domain with the records that it needs: three CNAMEs that lead to SendGrid, or with manual security a mail
    server, SPF and a key."""
    domain, host = one["domain"], f"{one['subdomain']}.{one['domain']}"
    account = f"u{one['user_id']}.wl.sendgrid.net"
    first, second = (one["selector"] or "s1"), (f"{one['selector']}2" if one["selector"] else "s2")
    if one["automatic_security"]:
        dns = {
            "mail_cname": dns_record("cname", host, account),
            "dkim1": dns_record("cname", f"{first}._domainkey.{domain}", f"{first}.domainkey.{account}"),
            "dkim2": dns_record("cname", f"{second}._domainkey.{domain}", f"{second}.domainkey.{account}"),
        }
    else:
        addresses = "".join(f"ip4:{address} " for address in one["ips"])
        spf = f"v=spf1 {addresses}-all" if one["custom_spf"] else "v=spf1 include:sendgrid.net ~all"
        selector = one["selector"] or "m1"
        key = hashlib.sha256(f"{domain}/{one['id']}".encode()).hexdigest()
        dns = {
            "mail_server": dns_record("mx", host, dns_records.MAIL_SERVER),
            "subdomain_spf": dns_record("txt", host, spf),
            "domain_spf": dns_record("txt", domain, f"v=spf1 include:{host} -all"),
            "dkim": dns_record("txt", f"{selector}._domainkey.{domain}", f"k=rsa; t=s; p={key}"),
        }
    return {**one, "dns": dns_records.checked(dns, one["valid"])}


def _shown(one: Record) -> Record:
    return {name: value for name, value in one.items() if name not in ("selector", "subuser")}


async def _put(state: State, one: Record) -> None:
    """Write a domain; where it is the default, no other is."""
    if one["default"]:
        for other in await state.page(KIND, limit=_MOST, where={"default": "1"}):
            if other["id"] != one["id"]:
                await _write(state, {**other, "default": False})
    await _write(state, one)


async def _write(state: State, one: Record) -> None:
    index = {"domain": one["domain"].lower(), "subuser": one.get("subuser") or ""}
    index |= {"valid": "1" if one["valid"] else "0", "default": "1" if one["default"] else "0"}
    await state.put(KIND, numbers.key(one["id"]), one, index)


async def list_all(call: Call) -> list[Record]:
    """The domains of the account, and of its subusers unless they are excluded, the oldest first."""
    query = call.params.query
    limit = int(query["limit"]) if query.get("limit") is not None else _MOST
    offset = int(query.get("offset") or 0)
    if limit < 1 or offset < 0:
        raise told(400, "limit and offset must not be negative", "limit")  # wording ours
    found = list(await call.state.page(KIND, order="key", limit=_MOST))
    if not accounts.name(call) and not query.get("exclude_subusers"):
        for subuser in await call.state.page(accounts.KIND, order="oldest", limit=_MOST):
            found += await accounts.of(call.state, subuser["account"]).page(KIND, order="key", limit=_MOST)
    if query.get("username"):
        found = [one for one in found if one["username"] == query["username"]]
    if query.get("domain"):
        found = [one for one in found if query["domain"].lower() in one["domain"].lower()]
    found.sort(key=lambda one: one["id"])
    return [{**_shown(one), "subusers": await _borrower(call, one)} for one in found[offset : offset + limit]]


async def _borrower(call: Call, one: Record) -> list[Record]:
    if not one.get("subuser"):
        return []
    found = await accounts.subuser(accounts.parent(call.state), one["subuser"]) or {}
    return [{"user_id": found.get("id", 0), "username": one["subuser"]}]


async def stored(call: Call, number: Any) -> tuple[State, Record]:
    """A domain of the account, or for the parent account of one of its subusers, with the records it stands in."""
    written = str(number)
    if written.isascii() and written.isdecimal() and len(written) <= 12:
        key = numbers.key(int(written))
        found = await call.state.get(KIND, key)
        if found is not None:
            return call.state, found
        if not accounts.name(call):
            for subuser in await call.state.page(accounts.KIND, order="oldest", limit=_MOST):
                state = accounts.of(call.state, subuser["account"])
                found = await state.get(KIND, key)
                if found is not None:
                    return state, found
    raise told(404, "domain authentication not found", "id")  # wording ours


async def retrieve(call: Call) -> Record:
    return _shown((await stored(call, call.params.path["domain_id"]))[1])


async def edit(call: Call) -> Record:
    """Whether it is the default, and whether its SPF is the account's own."""
    state, one = await stored(call, call.params.path["domain_id"])
    sent = call.params.body or {}
    changes = {name: bool(sent[name]) for name in ("default", "custom_spf") if sent.get(name) is not None}
    one = _with_dns({**one, **changes})
    await _put(state, one)
    return _shown(one)


async def delete(call: Call) -> None:
    """204."""
    state, one = await stored(call, call.params.path["domain_id"])
    await state.delete(KIND, numbers.key(one["id"]))


async def default(call: Call) -> Record:
    """The default domain, or the one that matches ``domain``."""
    wanted = str(call.params.query.get("domain") or "").lower()
    for where in ({"domain": wanted},) if wanted else ({"default": "1"},):
        found: Sequence[Record] = await call.state.page(KIND, limit=1, where=where)
        if found:
            return _shown(found[0])
    raise told(404, "no default domain authentication")  # wording ours


async def validate(call: Call) -> Record:
    """Looks for the domain's records: see dns_records."""
    state, one = await stored(call, call.params.path["id"])
    valid = dns_records.there(one["domain"])
    now = int(call.now.timestamp())
    await _put(state, _with_dns({**one, "valid": valid, "last_validation_attempt_at": now}))
    return {"id": one["id"], "valid": valid, "validation_results": dns_records.results(one["dns"], valid)}


async def add_ip(call: Call) -> Record:
    """An address more in the custom SPF record."""
    state, one = await stored(call, call.params.path["id"])
    address = (call.params.body or {}).get("ip") or ""
    if not address:
        raise told(400, "ip is required", "ip")
    return await _with_ips(state, one, [*one["ips"], *([] if address in one["ips"] else [address])])


async def remove_ip(call: Call) -> Record:
    state, one = await stored(call, call.params.path["id"])
    address = str(call.params.path["ip"])
    if address not in one["ips"]:
        raise told(404, "ip not found", "ip")  # wording ours
    return await _with_ips(state, one, [each for each in one["ips"] if each != address])


async def _with_ips(state: State, one: Record, addresses: list[str]) -> Record:
    one = _with_dns({**one, "ips": addresses})
    await _put(state, one)
    return _shown(one)


async def lend(call: Call) -> Record:
    """The domain becomes the one that a subuser sends with, instead of another that was lent to it."""
    state, one = await stored(call, call.params.path["domain_id"])
    username = str((call.params.body or {}).get("username") or "")
    await _known(call, username)
    if not one["valid"]:
        # "the parent account must first authenticate and validate the domain"
        raise told(400, "the domain authentication is not valid", "domain_id")  # wording ours
    for other in await call.state.page(KIND, limit=_MOST, where={"subuser": username}):
        await _write(call.state, {**other, "subuser": ""})
    one = {**one, "subuser": username}
    await _write(state, one)
    return _shown(one)


async def borrowed(call: Call) -> Record:
    """The domain that was lent to a subuser."""
    username = str(call.params.query.get("username") or "")
    await _known(call, username)
    found = await _lent(call.state, username)
    if found is None:
        raise told(404, "no domain authentication is associated with this subuser", "username")  # wording ours
    return _shown(found)


async def take_back(call: Call) -> None:
    """204."""
    username = str(call.params.query.get("username") or "")
    await _known(call, username)
    found = await _lent(call.state, username)
    if found is not None:
        await _write(call.state, {**found, "subuser": ""})


async def _known(call: Call, username: str) -> None:
    if not username or await accounts.subuser(accounts.parent(call.state), username) is None:
        raise told(404, "username not found", "username")  # wording ours


async def _lent(state: State, username: str) -> Record | None:
    found = await state.page(KIND, limit=1, where={"subuser": username})
    return found[0] if found else None


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_whitelabel-domains": list_all,
    "POST_whitelabel-domains": create,
    "GET_whitelabel-domains-default": default,
    "GET_whitelabel-domains-subuser": borrowed,
    "DELETE_whitelabel-domains-subuser": take_back,
    "GET_whitelabel-domains-domain_id": retrieve,
    "PATCH_whitelabel-domains-domain_id": edit,
    "DELETE_whitelabel-domains-domain_id": delete,
    "POST_whitelabel-domains-domain_id-subuser": lend,
    "POST_whitelabel-domains-id-ips": add_ip,
    "DELETE_whitelabel-domains-id-ips-ip": remove_ip,
    "POST_whitelabel-domains-id-validate": validate,
}
