"""What belongs to a connected account and is called below it: persons, external accounts and capabilities.

https://docs.stripe.com/api/persons, https://docs.stripe.com/api/external_accounts and https://docs.stripe.com/api/capabilities
(2026-11). Each change may complete the account, or leave it wanting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Missing
from mocks.stripe import accounts, external_accounts, legal_tokens, persons
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.lists import list_of, page

#: What accounts can be made able to do.
CAPABILITIES = ("card_payments", "transfers")
#: Those that are no payments: parameters of https://docs.stripe.com/api/accounts/create
OTHERS = ("app_distribution", "card_issuing", "tax_reporting_us_1099_k", "tax_reporting_us_1099_misc", "treasury")


async def _inside(call: StripeCall) -> tuple[Object, StripeCall]:
    account = await accounts.connected(call, call.path("account"))
    return account, call.inside(account["id"])


# Persons


async def create_person(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    person = persons.build(inside, await legal_tokens.told(call, "person_token"))
    await persons.store(inside, person)
    inside.event("person.created", person)
    await accounts.reassess(call, account, {})
    return person


async def retrieve_person(call: StripeCall) -> Object:
    _, inside = await _inside(call)
    return await inside.named(persons.KIND, call.path("person"))


async def update_person(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    old = await inside.named(persons.KIND, call.path("person"))
    new, previous = await persons.changed_by(inside, old, await legal_tokens.told(call, "person_token"))
    if previous:
        inside.event("person.updated", new, previous)
    await accounts.reassess(call, account, {})
    return new


async def delete_person(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    person = await inside.named(persons.KIND, call.path("person"))
    await inside.state.delete(persons.KIND, person["id"])
    inside.event("person.deleted", person)
    await accounts.reassess(call, account, {})
    return {"id": person["id"], "object": persons.KIND, "deleted": True}


async def list_persons(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    wanted: Mapping[str, Any] = call.body.get("relationship") or {}
    return await page(
        inside,
        persons.KIND,
        keep=lambda person: all(bool(person["relationship"].get(name)) == asked for name, asked in wanted.items()),
        url=f"/v1/accounts/{account['id']}/persons",
    )


# External accounts


async def create_external(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    body = call.body
    metadata = external_accounts.metadata_of(body)
    found = await external_accounts.build(inside, body["external_account"], account["id"], "external_account")
    added = await external_accounts.add(
        inside, {**found, "metadata": metadata}, default=bool(body.get("default_for_currency"))
    )
    inside.event("account.external_account.created", added)
    await accounts.reassess(call, account, {})
    return added


async def retrieve_external(call: StripeCall) -> Object:
    _, inside = await _inside(call)
    return await external_accounts.named(inside)


async def update_external(call: StripeCall) -> Object:
    _, inside = await _inside(call)
    new, previous = await external_accounts.changed_by(inside, await external_accounts.named(inside))
    if previous:
        inside.event("account.external_account.updated", new, previous)
    return new


async def delete_external(call: StripeCall) -> Object:
    account, inside = await _inside(call)
    found = await external_accounts.named(inside)
    await external_accounts.forget(inside, found)
    inside.event("account.external_account.deleted", found)
    await accounts.reassess(call, account, {})
    return {"id": found["id"], "object": found["object"], "deleted": True, "currency": found["currency"]}


async def list_externals(call: StripeCall) -> Object:
    _, inside = await _inside(call)
    return await external_accounts.list_all(inside)


# Capabilities


async def list_capabilities(call: StripeCall) -> Object:
    account, _ = await _inside(call)
    names = sorted({*CAPABILITIES, *account["capabilities"]})
    url = f"/v1/accounts/{account['id']}/capabilities"
    return list_of([accounts.capability(account, name) for name in names], url)


def _known(call: StripeCall) -> str:
    """The capability of the path."""
    name = call.path("capability")
    if name not in CAPABILITIES and not name.endswith("_payments") and name not in OTHERS:
        raise Missing("capability", name)
    return name


async def retrieve_capability(call: StripeCall) -> Object:
    account, _ = await _inside(call)
    return accounts.capability(account, _known(call))


async def update_capability(call: StripeCall) -> Object:
    account, _ = await _inside(call)
    name = _known(call)
    asked = call.body.get("requested")
    if asked is not None:
        kept = {key: status for key, status in account["capabilities"].items() if key != name}
        if asked:
            kept[name] = account["capabilities"].get(name, "inactive")
        account = await accounts.reassess(call, account, {"capabilities": kept})
    return accounts.capability(account, name)
