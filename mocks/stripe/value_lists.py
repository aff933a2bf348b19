"""Radar's value lists: https://docs.stripe.com/api/radar/value_lists and /value_list_items (2026-11)."""

from __future__ import annotations

import re

from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged

KIND = "radar.value_list"
ITEM = "radar.value_list_item"

#: Type of the items -> what a value looks like; others take any text.
FORMS = {
    "card_bin": r"\d{6,8}",
    "country": r"[A-Z]{2}",
    "email": r"[^@\s]+@[^@\s]+",
    "ip_address": r"[0-9A-Fa-f.:]+(/\d{1,3})?",
    "customer_id": r"cus_\w+",
    "account": r"acct_\w+",
}

#: Types whose values differ by their capitals.
SENSITIVE = frozenset(["case_sensitive_string", "card_fingerprint", "customer_id", "account", "country"])


async def _items(call: StripeCall, key: str) -> Object:
    found = await call.state.page(ITEM, where={"value_list": key}, limit=11)
    url = f"/v1/radar/value_list_items?value_list={key}"
    return list_of(found[:10], url, len(found) > 10, total_count=await call.state.count(ITEM, {"value_list": key}))


async def _shown(call: StripeCall, record: Object) -> Object:
    return {**record, "list_items": await _items(call, record["id"])}


async def _unique_alias(call: StripeCall, alias: str) -> None:
    if await call.state.page(KIND, where={"alias": alias}, limit=1):
        raise invalid(
            f"A value list with the alias '{alias}' already exists.", code="resource_already_exists", param="alias"
        )


async def create(call: StripeCall) -> Object:
    alias = call.body["alias"]
    await _unique_alias(call, alias)
    record: Object = {
        "id": call.new_id("rsl_1", 23),
        "object": KIND,
        "alias": alias,
        "created": call.timestamp,
        "created_by": "API",
        "item_type": call.body.get("item_type") or "string",
        "livemode": False,
        "metadata": first(call.body.get("metadata")),
        "name": call.body["name"],
    }
    await call.state.put(KIND, record["id"], record, {"alias": alias})
    return await _shown(call, record)


async def retrieve(call: StripeCall) -> Object:
    return await _shown(call, await call.named(KIND, call.path("value_list")))


async def update(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("value_list"))
    changes: Object = {name: call.body[name] for name in ("alias", "name") if call.body.get(name)}
    if changes.get("alias", old["alias"]) != old["alias"]:
        await _unique_alias(call, changes["alias"])
    if "metadata" in call.body:
        changes["metadata"] = merged(old["metadata"], call.body["metadata"])
    new, _ = changed(old, changes)
    await call.state.put(KIND, new["id"], new, {"alias": new["alias"]})
    return await _shown(call, new)


async def delete(call: StripeCall) -> Object:
    record = await call.named(KIND, call.path("value_list"))
    while found := await call.state.page(ITEM, where={"value_list": record["id"]}, limit=100):
        for item in found:
            await call.state.delete(ITEM, item["id"])
    await call.state.delete(KIND, record["id"])
    return {"id": record["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    """``contains`` asks for lists that have an item of that value."""
    holding = None
    if call.body.get("contains"):
        items = await call.state.page(ITEM, where={"value": call.body["contains"]}, limit=100)
        holding = {item["value_list"] for item in items}
    where = {"alias": call.body["alias"]} if call.body.get("alias") else None
    keep = None if holding is None else (lambda record: record["id"] in holding)
    found = await page(call, KIND, where, keep=keep)
    return {**found, "data": [await _shown(call, record) for record in found["data"]]}


async def create_item(call: StripeCall) -> Object:
    owner = await call.referred(KIND, call.body["value_list"], "value_list")
    value, kind = call.body["value"], owner["item_type"]
    if kind not in SENSITIVE:
        value = value.lower()
    if not re.fullmatch(FORMS.get(kind, r"(?s).+"), value):
        raise invalid(f"Invalid value for a list of type {kind}: {value}", param="value")
    where = {"value_list": owner["id"], "value": value}
    if await call.state.page(ITEM, where=where, limit=1):
        raise invalid("The value is already in the list.", code="resource_already_exists", param="value")
    item: Object = {
        "id": call.new_id("rsli_1", 23),
        "object": ITEM,
        "created": call.timestamp,
        "created_by": "API",
        "livemode": False,
        "value": value,
        "value_list": owner["id"],
    }
    await call.state.put(ITEM, item["id"], item, where)
    return item


async def retrieve_item(call: StripeCall) -> Object:
    return await call.named(ITEM, call.path("item"))


async def delete_item(call: StripeCall) -> Object:
    item = await call.named(ITEM, call.path("item"))
    await call.state.delete(ITEM, item["id"])
    return {"id": item["id"], "object": ITEM, "deleted": True}


async def list_items(call: StripeCall) -> Object:
    owner = await call.referred(KIND, call.body["value_list"], "value_list")
    where = {"value_list": owner["id"]}
    if call.body.get("value"):
        where["value"] = call.body["value"]
    return await page(call, ITEM, where)
