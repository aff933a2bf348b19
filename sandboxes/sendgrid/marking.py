"""The marker in the names of what is made, and out of them again in answers. Pure.

SendGrid's objects have no metadata, so their names begin with the marker's label. What the label leaves of a name's
length is what an application has: 79 of 100 characters; of the thirty of an unsubscribe group, nineteen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson

from contracts.exchange import UNSET, Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing
from sandboxes.sendgrid import mail, wire

#: Operations whose body names the object -> the name that it gets when the application gives none (SendGrid's own
#: would be the copied object's, with that one's marker in the middle).
NAMED: Final[Mapping[str, str | None]] = {
    "POST_templates": None,
    "POST_templates-template_id": "Duplicate",
    "PATCH_templates-template_id": None,
    "post_designs": "My Design",
    "POST-design": "Duplicate",
    "PUT-design": None,
    "POST-sendgrid-pre-built-design": "Duplicate",
    "POST_mc-lists": None,
    "PATCH_mc-lists-id": None,
    "POST_segments": None,
    "PATCH_segments-segment_id": None,
    "POST_marketing-segments": None,
    "PATCH_marketing-segments-segment_id": None,
}

#: Groups: their names hold thirty characters only and must differ within the account, so these begin with the ten
#: characters that differ, and the label stands before the description.
GROUPS: Final = frozenset({"POST_asm-groups", "PATCH_asm-groups-group_id"})

#: Headers that are about the very bytes of a body.
_OF_THE_BODY: Final = ("etag", "content-md5")


def outbound(call: Outgoing, account: Account, marker: Marker, now: datetime) -> Request:
    """The application's request as the account's own. Raises Refused for what only a subuser may do."""
    wire.only_for_subusers(call, account)
    body = call.request.body
    headers = wire.passing(call.request.headers)
    changed = _body(call, account, marker)
    if changed is not None:
        body = orjson.dumps(changed)
        if "content-type" not in headers:
            headers = Headers([*headers, ("content-type", "application/json")])
    request = Request(
        method=call.request.method,
        path=call.request.path,
        query=_query(call, account),
        headers=headers,
        body=body,
        stream=call.request.stream if changed is None else None,
    )
    return wire.sign(request, account, now)


def _query(call: Outgoing, account: Account) -> str:
    """Deleting a list must leave the contacts in it: on a shared account they may be somebody else's, too."""
    query = call.request.query
    if call.operation.id != "DELETE_lists-id" or account.subaccount is not None:
        return query
    return urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "delete_contacts"])


def _body(call: Outgoing, account: Account, marker: Marker) -> Any:
    """The body with the marker in it; None when it goes out as it came."""
    operation = call.operation.id
    if operation != mail.OPERATION and operation not in NAMED and operation not in GROUPS:
        return None
    body = wire.decoded(call.request.body) if call.request.body else {}
    if not isinstance(body, dict):
        return None  # the contract has let it pass; SendGrid will say what it is worth
    if operation == mail.OPERATION:
        return mail.marked(body, account, marker)
    if operation in GROUPS:
        return _group(body, call.rule.effect == "create", account, marker)
    name = body.get("name", NAMED[operation])
    return {**body, "name": marker.label + name} if isinstance(name, str) else body


def _group(body: Mapping[str, Any], create: bool, account: Account, marker: Marker) -> dict[str, Any]:
    group = dict(body)
    if isinstance(body.get("name"), str):
        group["name"] = f"{marker.short} {body['name']}"
    if create or isinstance(body.get("description"), str):
        group["description"] = marker.label + (body.get("description") or "")
    # There is one default group an account, and it would stay gone when this one is deleted.
    if body.get("is_default") and account.subaccount is None:
        group["is_default"] = False
    return group


def inbound(call: Outgoing, response: Response, marker: Marker) -> Response:
    """The answer without the marker. Its characters need no escapes in JSON, so that they are cut out of the bytes:
    numbers, spaces and the order of members stay as SendGrid wrote them."""
    label, name = marker.label.encode(), b'"' + marker.short.encode() + b" "
    if response.stream is not None:
        headers = [pair for pair in response.headers if pair[0] not in (*_OF_THE_BODY, "content-length")]
        return replace(response, headers=headers, stream=_cut(response.stream, label, name))
    body = response.body
    if label not in body and name not in body:
        return response
    body = body.replace(label, b"").replace(name, b'"')
    headers = [
        (field, str(len(body)) if field == "content-length" else value)
        for field, value in response.headers
        if field not in _OF_THE_BODY
    ]
    return replace(response, headers=headers, body=body, value=UNSET)


async def _cut(stream: AsyncIterator[bytes], label: bytes, name: bytes) -> AsyncIterator[bytes]:
    """The same of a long answer, piece by piece: what may be the begin of a marker waits for the next one."""
    held = b""
    keep = max(len(label), len(name)) - 1
    async for piece in stream:
        held = (held + piece).replace(label, b"").replace(name, b'"')
        if len(held) > keep:
            yield held[:-keep]
            held = held[-keep:]
    if held:
        yield held
