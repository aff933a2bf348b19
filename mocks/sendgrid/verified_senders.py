"""Single senders: made, listed, edited, deleted, and verified by the link in a mail.

https://www.twilio.com/docs/sendgrid/api-reference/sender-verification (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Record, ServiceError
from mocks.sendgrid import domains, numbers, senders

_FIRST: Final = 1001
_MEMBERS: Final = (
    "nickname",
    "from_email",
    "from_name",
    "reply_to",
    "reply_to_name",
    "address",
    "address2",
    "state",
    "city",
    "country",
    "zip",
)
#: Domains whose DMARC policy refuses mail of others, or asks for care: the examples of the page.
_DMARC: Final = {"hard_failures": ["yahoo.com"], "soft_failures": ["gmail.com"]}


def _error(status: int, message: str, field: str | None = None, error_id: str = "") -> ServiceError:
    """Errors of these endpoints have an ``error_id``, says the contract; which ones there are no page tells."""
    entry = {"message": message, "error_id": error_id, **({"field": field} if field else {})}
    return ServiceError(status, "invalid_request", message, details={"errors": [entry]})


async def create(call: Call) -> Record:
    """A new sender, not verified, and the mail that verifies it. In a domain that is authenticated there is nothing
    to verify."""
    sent = call.params.body or {}
    for name in ("nickname", "from_email", "reply_to"):
        if not sent.get(name):
            raise _error(400, f"{name} is required", name)
    await _refuse_twin(call, sent["nickname"], None)
    number = await numbers.following(call.state, senders.SINGLE, _FIRST)
    record = {name: sent.get(name) or "" for name in _MEMBERS}
    known = await domains.authenticated(call, sent["from_email"].rpartition("@")[2].lower())
    record |= {"id": number, "verified": known, "locked": False}
    await _put(call, record)
    if not known:
        await _ask(call, record)
    return record


async def list_all(call: Call) -> Record:
    """All senders, by id; ``lastSeenID`` and ``limit`` page through them, ``id`` selects one."""
    query = call.params.query
    if query.get("id") is not None:
        found = await call.state.get(senders.SINGLE, numbers.key(int(query["id"])))
        return {"results": [found] if found else []}
    last = query.get("lastSeenID")
    limit = int(query["limit"]) if query.get("limit") is not None else 1000
    if limit < 1:
        raise _error(400, "limit must be a positive number", "limit")  # wording ours
    after = numbers.key(int(last)) if last is not None else None
    return {"results": list(await call.state.page(senders.SINGLE, order="key", after=after, limit=limit))}


async def edit(call: Call) -> Record:
    """What is named is changed. Another address has to be verified again."""
    record = await _stored(call)
    sent = {name: value for name, value in (call.params.body or {}).items() if name in _MEMBERS}
    for name in ("nickname", "from_email", "reply_to"):
        if name in sent and not sent[name]:
            raise _error(400, f"{name} is required", name)
    if "nickname" in sent:
        await _refuse_twin(call, sent["nickname"], record["id"])
    moved = str(sent.get("from_email") or record["from_email"]).lower() != record["from_email"].lower()
    changed: Record = {**record, **{name: value or "" for name, value in sent.items()}}
    if moved:
        changed["verified"] = await domains.authenticated(call, changed["from_email"].rpartition("@")[2].lower())
    await _put(call, changed)
    if not changed["verified"] and moved:
        await _ask(call, changed)
    return changed


async def delete(call: Call) -> None:
    """204."""
    record = await _stored(call)
    await call.state.delete(senders.SINGLE, numbers.key(record["id"]))


async def resend(call: Call) -> None:
    """204: the mail once more. There is none for who is verified."""
    record = await _stored(call)
    if record["verified"]:
        raise _error(400, "already verified", error_id="already_verified")  # wording ours
    await _ask(call, record)


async def verify(call: Call) -> None:
    """204 for the token of a verification mail."""
    if await senders.answer(call, str(call.params.path["token"])) is None:
        raise _error(404, "not found", error_id="not_found")


async def steps(call: Call) -> Record:
    """Which ways of verification are completed."""
    done = {"sender_verified": await senders.any_verified(call.state), "domain_verified": await domains.any_valid(call)}
    return {"results": done}


async def dmarc(call: Call) -> Record:
    """Domains known to refuse mail that others send for them."""
    return {"results": _DMARC}


async def _stored(call: Call) -> Record:
    number = str(call.params.path["id"])
    found = None
    if number.isascii() and number.isdecimal() and len(number) <= 12:
        found = await call.state.get(senders.SINGLE, numbers.key(int(number)))
    if found is None:
        raise _error(404, "not found", error_id="not_found")
    return found


async def _put(call: Call, record: Record) -> None:
    index = {**senders.index(record["from_email"], record["verified"]), "nickname": record["nickname"]}
    await call.state.put(senders.SINGLE, numbers.key(record["id"]), record, index)


async def _ask(call: Call, record: Record) -> None:
    key, name = numbers.key(record["id"]), record["from_name"]
    await senders.ask(call, senders.SINGLE, key, record["from_email"], name)


async def _refuse_twin(call: Call, nickname: str, number: int | None) -> None:
    """Nicknames are the account's own (seen for /v3/senders in sendgrid-php issue 1036)."""
    found: Any = await call.state.page(senders.SINGLE, limit=1, where={"nickname": nickname})
    if found and found[0]["id"] != number:
        raise _error(400, "already exists", "nickname", "already_exists")  # wording ours


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_verified_senders": list_all,
    "POST_verified_senders": create,
    "PATCH_verified_senders-id": edit,
    "DELETE_verified_senders-id": delete,
    "POST_verified_senders-resend-id": resend,
    "GET_verified_senders-verify-token": verify,
    "GET_verified_senders-steps_completed": steps,
    "GET_verified_senders-domains": dmarc,
}
