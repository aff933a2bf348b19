"""What an environment gets of a SendGrid account for itself alone: a key with fewer permissions, or a subuser.

https://www.twilio.com/docs/sendgrid/api-reference/api-keys/create-api-keys and
https://www.twilio.com/docs/sendgrid/api-reference/subusers-api/create-subuser (2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from sandboxes.base import Account, Issued, Marker, Refused, Resource, Secret, Upstream, Wish
from sandboxes.sendgrid.wire import ask, decoded, members, words


async def issue(wish: Wish, account: Account, send: Upstream) -> Issued | None:
    """A subuser where the environment is to have an account of its own; a key where the policy names its permissions;
    else nothing. Raises Refused."""
    if wish.isolation == "account":
        if wish.scopes:
            raise Refused(
                400, "a subuser acts with the account's own key: scopes and isolation: account exclude another"
            )
        return await _subuser(wish.marker, account, send)
    return await _key(wish, send) if wish.scopes else None


async def _key(wish: Wish, send: Upstream) -> Issued:
    wanted = {"name": wish.marker.label + "key", "scopes": list(wish.scopes)}
    try:
        answer = await ask(send, "POST", "/v3/api_keys", value=wanted)
    except Refused as refused:
        raise Refused(
            refused.status,
            f"no API key could be made: {refused}. An account holds at most 100 keys, and a key can only be given "
            "permissions that the account's own key has",
        ) from None
    made = members(answer, "api_key", "api_key_id")
    return Issued(secret=Secret(str(made["api_key"])), resource=Resource("api_key", str(made["api_key_id"])))


async def _subuser(marker: Marker, account: Account, send: Upstream) -> Issued:
    """Its name tells whose it is; nobody ever logs in with its password, so it is made of the account's secret instead
    of being kept."""
    name = marker.label.rstrip("-")
    address = str(account.options.get("subuser_email") or "{name}@example.com").replace("{name}", name)
    wanted = {
        "username": name,
        "email": address,
        "password": _password(marker, account.secret),
        "ips": await _addresses(account, send),
    }
    answer = await ask(send, "POST", "/v3/subusers", value=wanted, accept=(400,))
    if answer.status == 400 and not await _exists(name, send):
        raise Refused(answer.status, words(answer))
    return Issued(subaccount=name, resource=Resource("subuser", name))


def _password(marker: Marker, secret: Secret) -> str:
    digest = hmac.new(secret.key.encode(), f"subuser {marker.text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") + "aA1!"


async def _addresses(account: Account, send: Upstream) -> list[str]:
    """The addresses that the subuser may send from: it must have one."""
    named: Any = account.options.get("ips")
    if named:
        return [named] if isinstance(named, str) else [str(each) for each in named]
    listed = decoded((await ask(send, "GET", "/v3/ips", query=urlencode({"limit": 1}))).body)
    several = listed if isinstance(listed, list) else []
    found = [str(each["ip"]) for each in several if isinstance(each, dict) and each.get("ip")]
    if not found:
        raise Refused(409, "a subuser needs an IP address, and the account has none: name some in its option ips")
    return found[:1]


async def _exists(name: str, send: Upstream) -> bool:
    """Whether an earlier try, whose answer was lost, has made it."""
    listed = decoded((await ask(send, "GET", "/v3/subusers", query=urlencode({"username": name}))).body)
    several = listed if isinstance(listed, list) else []
    return any(isinstance(each, dict) and each.get("username") == name for each in several)
