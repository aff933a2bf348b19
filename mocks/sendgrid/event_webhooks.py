"""An account's event webhooks: where its events go, and which of them.

https://www.twilio.com/docs/sendgrid/api-reference/webhooks (2026-11), and SendGrid's newer document of them
(https://github.com/twilio/sendgrid-oai/blob/main/spec/json/tsg_webhooks_v3.json). The addresses without an id speak of
the oldest one, as they did when an account had one only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from mocks.base import Call, Record, Reply, ServiceError, State
from mocks.sendgrid import accounts
from mocks.sendgrid.errors import Fault, refused

#: All accounts' records, each with the ``account`` that it is of: an event looks for who hears it in one place.
KIND: Final = "event_webhook"
#: What a webhook can hear, by the event that it is about.
SETTINGS: Final[Mapping[str, str]] = {
    "group_resubscribe": "group_resubscribe",
    "delivered": "delivered",
    "group_unsubscribe": "group_unsubscribe",
    "spamreport": "spam_report",
    "bounce": "bounce",
    "deferred": "deferred",
    "unsubscribe": "unsubscribe",
    "processed": "processed",
    "open": "open",
    "click": "click",
    "dropped": "dropped",
}
_EXTRA: Final = "account_status_change"
_FLAGS: Final = ("enabled", *SETTINGS.values(), _EXTRA)
_OAUTH: Final = ("oauth_client_id", "oauth_token_url")
#: "max_allowed" of the document's examples; it is the plan's at SendGrid.
MOST: Final = 5
_NO_ID: Final = "Invalid id provided."
_FULL: Final = "You have reached the maximum number of webhooks per your current billing plan."


async def every(state: State, account: str) -> list[Record]:
    """An account's, the oldest first."""
    return list(await state.page(KIND, order="oldest", where={"account": account}, limit=MOST))


async def oldest(call: Call) -> Record | None:
    """The one that is meant without an id."""
    found = await every(call.state, accounts.name(call))
    return found[0] if found else None


async def named(call: Call) -> Record:
    """The one of the path's id. Raises ServiceError."""
    found = await call.state.get(KIND, str(call.params["id"]))
    if found is None or found["account"] != accounts.name(call):
        raise refused([Fault(_NO_ID)], 404)
    return found


async def store(call: Call, record: Record) -> None:
    await call.state.put(KIND, record["id"], record, {"account": record["account"]})


def new(call: Call) -> Record:
    """One that hears nothing yet."""
    return {
        "id": str(uuid5(NAMESPACE_URL, call.new_id("", 32))),
        "account": accounts.name(call),
        "url": "",
        **dict.fromkeys(_FLAGS, False),
        "created": _stamp(call.now),
        "updated": _stamp(call.now),
    }


async def forget(state: State, account: str) -> None:
    """The account is gone, and so are its webhooks."""
    for record in await every(state, account):
        await state.delete(KIND, record["id"])


# -- the operations --------------------------------------------------------------------------------


async def list_all(call: Call) -> Record:
    """All of them, and how many there may be."""
    found = await every(call.state, accounts.name(call))
    return {"max_allowed": MOST, "webhooks": [shown(call, each, dates=True, key=True) for each in found]}


async def create(call: Call) -> Reply:
    """A new one. No two of an account go to the same URL."""
    known = await every(call.state, accounts.name(call))
    record = changed(call, new(call), known)
    if len(known) >= MOST:
        raise refused([Fault(_FULL)])
    await store(call, record)
    return Reply(shown(call, record, dates=True), 201)


async def retrieve(call: Call) -> Record:
    return shown(call, await named(call), key=True)


async def update(call: Call) -> Record:
    """What is not named stays as it is."""
    known = await every(call.state, accounts.name(call))
    record = changed(call, await named(call), known)
    await store(call, record)
    return shown(call, record, dates=True)


async def delete(call: Call) -> None:
    """204: nothing is planned for it any more; what was planned before still goes out."""
    await call.state.delete(KIND, (await named(call))["id"])


async def retrieve_oldest(call: Call) -> Record:
    """The oldest; an account without one has settings that are all off."""
    record = await oldest(call)
    if record is None:
        return {"url": "", **{name: False for name in _FLAGS if name != _EXTRA or _wants_extra(call)}}
    return shown(call, record, key=True)


async def update_oldest(call: Call) -> Record:
    """The oldest, which is made where there was none."""
    known = await every(call.state, accounts.name(call))
    record = changed(call, known[0] if known else new(call), known)
    await store(call, record)
    return shown(call, record)


# -- how they are read and shown -------------------------------------------------------------------


def changed(call: Call, record: Record, known: list[Record]) -> Record:
    """The record with what the body says. ``known`` are the account's. Raises ServiceError."""
    body = call.params.body or {}
    told = {name: body[name] for name in (*_FLAGS, "url", "friendly_name") if body.get(name) is not None}
    found = {**record, **told, "updated": _stamp(call.now)}
    if "url" in body or found["enabled"]:
        checked_url(found["url"])
    twin = next((each for each in known if each["id"] != record["id"] and each["url"] == found["url"]), None)
    if twin is not None and found["url"]:
        raise _taken(twin)
    return _with_oauth(call, found, body)


def _with_oauth(call: Call, record: Record, body: Mapping[str, Any]) -> Record:
    """With OAuth's settings: empty ones switch it off; the secret is kept, and need not be told again."""
    found = {**record, **{name: body[name] for name in _OAUTH if body.get(name) is not None}}
    if body.get("oauth_client_secret") is not None:
        found["oauth_secret"] = call.seal(body["oauth_client_secret"]) if body["oauth_client_secret"] else ""
    told = [bool(found.get(name)) for name in _OAUTH]
    # Wording ours, here and below.
    if any(told) and not all(told):
        raise refused([Fault("oauth_client_id and oauth_token_url are needed together")])
    if all(told):
        checked_url(found["oauth_token_url"])
        if not found.get("oauth_secret"):
            raise refused([Fault("oauth_client_secret is needed with oauth_client_id and oauth_token_url")])
    elif found.get("oauth_secret"):
        if body.get("oauth_client_secret"):
            raise refused([Fault("oauth_client_secret needs oauth_client_id and oauth_token_url")])
        found["oauth_secret"] = ""
    return found


def checked_url(url: Any) -> None:
    """Raises ServiceError for what cannot be posted to."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(sign.isspace() for sign in url):
        raise refused([Fault(f"'{url}' is not a valid url")])


def _taken(twin: Record) -> ServiceError:
    message = f"Webhook at '{twin['url']}' already exists. Please provide a unique URL."
    error = {"id": twin["id"], "message": message, "url": twin["url"]}
    return ServiceError(400, "invalid_request", message, details={"errors": [error]})


def shown(call: Call, record: Record, *, dates: bool = False, key: bool = False) -> Record:
    """As an answer has it: OAuth's members where it is on, the public key where it signs."""
    told: Record = {"id": record["id"], "url": record["url"]}
    told.update({name: record[name] for name in _FLAGS if name != _EXTRA or _wants_extra(call)})
    if record.get("friendly_name") is not None:
        told["friendly_name"] = record["friendly_name"]
    told.update({name: record[name] for name in _OAUTH if record.get(name)})
    if key and record.get("signed"):
        told["public_key"] = record["public_key"]
    if dates:
        told.update(created_date=record["created"], updated_date=record["updated"])
    return told


def _wants_extra(call: Call) -> bool:
    return _EXTRA in str(call.params.query.get("include") or "").split(",")


def _stamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
