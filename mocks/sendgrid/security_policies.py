"""Security policies: what the posts of inbound parse are signed and admitted with, where a setting names one.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks and
https://www.twilio.com/docs/sendgrid/api-reference/settings-inbound-parse/create-a-parse-webhook-security-policy
(2026-11). Wording of what is refused ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from mocks.base import Call, Record, Reply, State
from mocks.sendgrid import signing
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.event_webhooks import checked_url
from mocks.sendgrid.webhook_secrets import Credentials

KIND: Final = "security_policy"
_PAGE: Final = 500
_OAUTH: Final = ("client_id", "token_url", "scopes")


async def find(state: State, key: str) -> Record | None:
    """The policy of that id, of the account whose records ``state`` is."""
    return await state.get(KIND, key)


def credentials(record: Record, unseal: Callable[[str], str]) -> Credentials:
    """What a post is signed with, and where its token comes from."""
    key = unseal(record["key"]) if record.get("signed") else ""
    oauth = record.get("oauth")
    if not oauth:
        return Credentials(key)
    secret = unseal(record["oauth_secret"])
    return Credentials(key, oauth["client_id"], secret, oauth["token_url"], " ".join(oauth.get("scopes") or ()))


async def list_all(call: Call) -> Record:
    """The oldest first."""
    found = await call.state.page(KIND, order="oldest", limit=_PAGE)
    return {"policies": [_shown(each) for each in found]}


async def create(call: Call) -> Reply:
    """A policy has a name, and a signature or OAuth."""
    body = call.params.body or {}
    if not body.get("name"):
        raise refused([Fault("name is required", "name")])
    record = _changed(call, {"id": str(uuid5(NAMESPACE_URL, call.new_id("", 32)))}, body)
    await call.state.put(KIND, record["id"], record)
    return Reply({"policy": _shown(record)}, 201)


async def retrieve(call: Call) -> Record:
    return {"policy": _shown(await _named(call))}


async def update(call: Call) -> Record:
    """What is not named stays; the key of a signature does as long as it is on."""
    record = _changed(call, await _named(call), call.params.body or {})
    await call.state.put(KIND, record["id"], record)
    return {"policy": _shown(record)}


async def delete(call: Call) -> None:
    """204: posts of settings that name it are not signed any more."""
    await call.state.delete(KIND, (await _named(call))["id"])


async def _named(call: Call) -> Record:
    record = await find(call.state, str(call.params.path["id"]))
    if record is None:
        raise refused([Fault("resource not found")], 404)
    return record


def _changed(call: Call, record: Record, body: Mapping[str, Any]) -> Record:
    found = dict(record)
    if body.get("name"):
        found["name"] = body["name"]
    if body.get("signature") is not None:
        found["signed"] = bool(body["signature"].get("enabled"))
        if found["signed"] and "key" not in found:
            key, _ = signing.new_key(lambda length, letters: call.new_id("", length))
            found.update(key=call.seal(key), public_key=signing.public_key(key))
    if body.get("oauth") is not None:
        _set_oauth(call, found, body["oauth"])
    if not found.get("signed") and not found.get("oauth"):
        raise refused([Fault("One of signature or oauth must be given")])
    return found


def _set_oauth(call: Call, record: Record, oauth: Mapping[str, Any]) -> None:
    """OAuth's members together; the secret that is known need not be told again."""
    told = {**(record.get("oauth") or {}), **{name: oauth[name] for name in _OAUTH if oauth.get(name) is not None}}
    if not any(told.values()):
        record.pop("oauth", None)
        return
    for name in ("client_id", "token_url"):
        if not told.get(name):
            raise refused([Fault(f"{name} is required", f"oauth.{name}")])
    checked_url(told["token_url"])
    if oauth.get("client_secret"):
        record["oauth_secret"] = call.seal(oauth["client_secret"])
    if "oauth_secret" not in record:
        raise refused([Fault("client_secret is required", "oauth.client_secret")])
    record["oauth"] = told


def _shown(record: Record) -> Record:
    """Without the secret, which is told to nobody."""
    told: Record = {"id": record["id"], "name": record["name"]}
    if record.get("oauth"):
        told["oauth"] = record["oauth"]
    if record.get("signed"):
        told["signature"] = {"public_key": record["public_key"]}
    return told
