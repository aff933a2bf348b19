"""Subusers: accounts below the parent account, with keys, templates, suppressions and mails of their own.

https://www.twilio.com/docs/sendgrid/api-reference/subusers-api (2026-11), and the answers in the examples of
github.com/twilio/sendgrid-oai, spec/yaml/tsg_subusers_v3.yaml. Other wording is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mocks.base import Call, Handler, Record, Result, ServiceError
from mocks.sendgrid import accounts, api_keys, event_webhooks, parse_settings, user
from mocks.sendgrid.accounts import KIND
from mocks.sendgrid.errors import told

_PAGE: Final = 500


def unknown() -> ServiceError:
    """The refusal of a subuser that is not there, as its credits are refused."""
    return told(400, "No user found")


def parents(handler: Handler) -> Handler:
    """The handler, for the parent account alone: a subuser has no subusers."""

    async def guarded(call: Call) -> Result:
        if accounts.name(call):
            raise ServiceError(403, "forbidden", _NOT_ALLOWED, details={"errors": [{"message": _NOT_ALLOWED}]})
        return await handler(call)

    return guarded


#: The example of a 403 in the API's document.
_NOT_ALLOWED: Final = "you dont have permission to access this resource"


async def create(call: Call) -> Record:
    """A new subuser; its name must be free. Its password is not kept: nobody can log in here."""
    sent = _body(call)
    username = str(sent["username"])
    if not accounts.is_username(username):
        raise _said(400, "invalid username")
    if not sent["password"]:
        raise told(400, "password is required", "password")
    taken = username == (await user.username(call))["username"]
    if taken or await accounts.subuser(call.state, username) is not None:
        raise _said(400, "username exists")
    region = sent.get("region") or "global"
    record = await accounts.make(call.state, username, sent["email"], sent["ips"], region)
    shown = {"username": username, "user_id": record["id"], "email": record["email"]}
    return shown | {"credit_allocation": {"type": "unlimited"}} | _region(record, sent.get("include_region"))


async def list_all(call: Call) -> list[Record]:
    """The subusers, oldest first: all, the one of a name, or those of a region."""
    query = call.params.query
    limit, offset = _window(query)
    if username := query.get("username"):
        found = await accounts.subuser(call.state, username)
        records: Sequence[Record] = [] if found is None else [found]
    else:
        records = await accounts.subusers(call.state)
    region = query.get("region") or "all"
    chosen = [record for record in records if region in ("all", record["region"])]
    return [shown(record) | _region(record, query.get("include_region")) for record in chosen[offset : offset + limit]]


async def change(call: Call) -> None:
    """PATCH: enable or disable. A disabled one's keys may do nothing until it is enabled again."""
    sent = call.params.body or {}
    record = await accounts.subuser(call.state, _name(call))
    if record is None:
        raise _said(400, "invalid username")
    if "disabled" not in sent:
        raise _said(400, "no fields provided")
    await call.state.put(KIND, record["username"], {**record, "disabled": sent["disabled"]})


async def change_access(call: Call) -> None:
    """PATCH website_access: kept, and nothing here has a website to enter."""
    sent = call.params.body or {}
    record = await accounts.subuser(call.state, _name(call))
    if record is None:
        raise _said(400, "invalid username")
    await call.state.put(KIND, record["username"], {**record, "website_access": not sent.get("disabled", False)})


async def delete(call: Call) -> None:
    """ "This is a permanent action": its keys are dead, and who takes its name again starts anew."""
    record = await accounts.subuser(call.state, _name(call))
    if record is None:
        raise told(404, "not found")
    for forget in (api_keys.forget, event_webhooks.forget, parse_settings.forget):
        await forget(call.state, record["account"])
    await call.state.delete(KIND, record["username"])


async def assign(call: Call) -> Record:
    """PUT ips: the addresses that its mails leave from."""
    record = await _stored(call)
    ips = list(call.params.body or ())
    await call.state.put(KIND, record["username"], {**record, "ips": ips})
    return {"ips": ips}


async def reputations(call: Call) -> list[Record]:
    """Of the named ones, or of all. Nothing here spoils a reputation."""
    names = call.params.query.get("usernames") or []
    if not names:
        return [_reputed(record) for record in await accounts.subusers(call.state)]
    found = [await accounts.subuser(call.state, name) for name in dict.fromkeys(names)]
    return [_reputed(record) for record in found if record is not None]


async def _stored(call: Call) -> Record:
    record = await accounts.subuser(call.state, _name(call))
    if record is None:
        raise unknown()
    return record


def _name(call: Call) -> str:
    return str(call.params.path["subuser_name"])


def _body(call: Call) -> Record:
    sent = call.params.body
    if sent is None:
        raise told(400, "username is required", "username")
    found: Record = sent
    return found


def _said(status: int, message: str) -> ServiceError:
    """An error that names no field at all, as these endpoints do."""
    return ServiceError(status, "invalid_request", message, details={"errors": [{"message": message}]})


def _window(query: Any) -> tuple[int, int]:
    limit, offset = query.get("limit"), query.get("offset") or 0
    if limit is not None and limit < 0:
        raise told(400, "limit must not be negative", "limit")
    if offset < 0:
        raise told(400, "offset must not be negative", "offset")
    return _PAGE if limit is None else limit, offset


def shown(record: Record) -> Record:
    """A subuser as lists show it."""
    return {name: record[name] for name in ("id", "username", "email", "disabled")}


def _region(record: Record, wanted: Any) -> Record:
    return {"region": record["region"]} if wanted else {}


def _reputed(record: Record) -> Record:
    return {"username": record["username"], "reputation": 100}
