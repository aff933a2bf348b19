"""Branded links: the domain that tracked links lead through.

https://www.twilio.com/docs/sendgrid/api-reference/link-branding (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record, State
from mocks.sendgrid import accounts, dns_records, numbers
from mocks.sendgrid.dns_records import record as dns_record
from mocks.sendgrid.errors import told

KIND: Final = "branded_link"
_FIRST: Final = 1001
_MOST: Final = 3_000


async def create(call: Call) -> Record:
    """A branded link and its two records; the second tells whose it is."""
    sent = call.params.body or {}
    domain = sent.get("domain") or ""
    if "." not in domain:
        raise told(400, "domain is required" if not domain else "invalid domain", "domain")  # wording ours
    number = await numbers.following(call.state, KIND, _FIRST)
    owner = await dns_records.owner(call)
    subdomain = sent.get("subdomain") or f"url{number}"
    await _refuse_twin(call.state, domain, subdomain)
    dns = {
        "domain_cname": dns_record("cname", f"{subdomain}.{domain}", dns_records.LINKS),
        "owner_cname": dns_record("cname", f"{owner['user_id']}.{domain}", dns_records.LINKS),
    }
    made: Record = {
        "id": number,
        "domain": domain,
        "subdomain": subdomain,
        **owner,
        "default": bool(sent.get("default")),
        "valid": False,
        "legacy": False,
        "dns": dns,
    }
    await _put(call.state, made)
    return _shown(made)


async def _refuse_twin(state: State, domain: str, subdomain: str) -> None:
    for other in await state.page(KIND, limit=_MOST, where={"domain": domain.lower()}):
        if other["subdomain"].lower() == subdomain.lower():
            raise told(400, "a branded link for this domain and subdomain exists already", "domain")  # wording ours


async def list_all(call: Call) -> list[Record]:
    limit = call.params.query.get("limit")
    if limit is not None and int(limit) < 1:
        raise told(400, "limit must be a positive number", "limit")  # wording ours
    found = await call.state.page(KIND, order="key", limit=min(int(limit or _MOST), _MOST))
    return [_shown(one) for one in found]


async def retrieve(call: Call) -> Record:
    return _shown(await _stored(call, "id"))


async def edit(call: Call) -> Record:
    """Whether it is the default."""
    one = await _stored(call, "id")
    wanted = (call.params.body or {}).get("default")
    if wanted is not None:
        one = {**one, "default": bool(wanted)}
        await _put(call.state, one)
    return _shown(one)


async def delete(call: Call) -> None:
    one = await _stored(call, "id")
    await call.state.delete(KIND, numbers.key(one["id"]))


async def default(call: Call) -> Record:
    """In the order of the page: the valid one that was set as default, then the first valid one that matches
    ``domain`` or is there at all; then those that are not valid."""
    wanted = str(call.params.query.get("domain") or "").lower()
    found = list(await call.state.page(KIND, order="key", limit=_MOST))
    if wanted:
        found = [one for one in found if one["domain"].lower() == wanted]
    found.sort(key=lambda one: (not one["valid"], not one["default"]))
    if not found:
        raise told(404, "no default branded link")  # wording ours
    return _shown(found[0])


async def validate(call: Call) -> Record:
    """Looks for the link's records: see dns_records."""
    one = await _stored(call, "id")
    valid = dns_records.there(one["domain"])
    results = dns_records.results(one["dns"], valid)
    await _put(call.state, {**one, "valid": valid, "dns": dns_records.checked(one["dns"], valid)})
    return {"id": one["id"], "valid": valid, "validation_results": results}


async def lend(call: Call) -> Record:
    """The link becomes the one of a subuser, instead of another that was lent to it."""
    one = await _stored(call, "link_id")
    username = str((call.params.body or {}).get("username") or "")
    await _known(call, username)
    for other in await call.state.page(KIND, limit=_MOST, where={"subuser": username}):
        await _write(call.state, {**other, "subuser": ""})
    one = {**one, "subuser": username}
    await _write(call.state, one)
    return _shown(one)


async def borrowed(call: Call) -> Record:
    found = await _lent(call)
    if found is None:
        raise told(404, "no branded link is associated with this subuser", "username")  # wording ours
    return _shown(found)


async def take_back(call: Call) -> None:
    found = await _lent(call)
    if found is not None:
        await _write(call.state, {**found, "subuser": ""})


async def _lent(call: Call) -> Record | None:
    username = str(call.params.query.get("username") or "")
    await _known(call, username)
    found = await call.state.page(KIND, limit=1, where={"subuser": username})
    return found[0] if found else None


async def _known(call: Call, username: str) -> None:
    if not username or await accounts.subuser(accounts.parent(call.state), username) is None:
        raise told(404, "username not found", "username")  # wording ours


async def _stored(call: Call, parameter: str) -> Record:
    found = await call.state.get(KIND, numbers.key(int(call.params.path[parameter])))
    if found is None:
        raise told(404, "branded link not found", "id")  # wording ours
    return found


def _shown(one: Record) -> Record:
    return {name: value for name, value in one.items() if name != "subuser"}


async def _put(state: State, one: Record) -> None:
    """Write a link; where it is the default, no other is."""
    if one["default"]:
        for other in await state.page(KIND, limit=_MOST, where={"default": "1"}):
            if other["id"] != one["id"]:
                await _write(state, {**other, "default": False})
    await _write(state, one)


async def _write(state: State, one: Record) -> None:
    index = {"domain": one["domain"].lower(), "subuser": one.get("subuser") or ""}
    await state.put(KIND, numbers.key(one["id"]), one, {**index, "default": "1" if one["default"] else "0"})


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_whitelabel-links": list_all,
    "POST_whitelabel-links": create,
    "GET_whitelabel-links-default": default,
    "GET_whitelabel-links-subuser": borrowed,
    "DELETE_whitelabel-links-subuser": take_back,
    "GET_whitelabel-links-id": retrieve,
    "PATCH_whitelabel-links-id": edit,
    "DELETE_whitelabel-links-id": delete,
    "POST_whitelabel-links-id-validate": validate,
    "POST_whitelabel-links-link_id-subuser": lend,
}
