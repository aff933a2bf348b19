"""Designs: content that is kept in a library, for single sends and automations.

https://www.twilio.com/docs/sendgrid/api-reference/designs-api (2026-11). The designs that SendGrid ships are a few of
ours, so that there is something to copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mocks.base import Call, Handler, Record, ServiceError
from mocks.sendgrid import ids, token_pages
from mocks.sendgrid.plain_text import plain

KIND: Final = "design"
_HEAVY: Final = ("html_content", "plain_content")
_SENT: Final = ("name", "editor", "subject", "categories", "generate_plain_content", "html_content", "plain_content")
_SHIPPED_AT: Final = "2020-01-01T00:00:00.000Z"


def _shipped(number: int, name: str, subject: str, html: str) -> Record:
    return {
        "id": f"00000000-0000-4000-a000-{number:012d}",
        "name": name,
        "editor": "design",
        "subject": subject,
        "categories": [],
        "generate_plain_content": True,
        "html_content": html,
        "plain_content": plain(html),
        "created_at": _SHIPPED_AT,
        "updated_at": _SHIPPED_AT,
    }


SHIPPED: Final = (
    _shipped(1, "Welcome", "Welcome!", "<h1>Welcome</h1><p>It is good to have you here, {{first_name}}.</p>"),
    _shipped(2, "News", "What is new", "<h1>News</h1><p>This is what happened.</p><p>{{{unsubscribe}}}</p>"),
)


def iso(moment: datetime) -> str:
    """``2025-10-15T13:52:38.804Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _error(status: int, message: str, field: str) -> ServiceError:
    """Errors of these endpoints have an ``error_id``, says the contract; which ones there are no page tells."""
    entry = {"message": message, "field": field, "error_id": "not_found" if status == 404 else "invalid"}
    return ServiceError(status, "invalid_request", message, details={"errors": [entry]})


async def create(call: Call) -> Record:
    """A new design."""
    sent = call.params.body or {}
    if not sent.get("html_content"):
        raise _error(400, "html_content is required", "html_content")
    now = iso(call.now)
    record: Record = {
        "id": ids.uuid(call),
        "name": "My Design",
        "editor": "code",
        "subject": "",
        "categories": [],
        "generate_plain_content": True,
        "plain_content": "",
        **_given(sent),
        "created_at": now,
        "updated_at": now,
    }
    return await _put(call, record)


def _given(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in _SENT if sent.get(name) is not None}


async def _put(call: Call, record: Record) -> Record:
    if record["generate_plain_content"] or not record["plain_content"]:
        record["plain_content"] = plain(record["html_content"])
    await call.state.put(KIND, record["id"], record)
    return record


async def list_all(call: Call) -> Record:
    """A page of designs, without their content unless ``summary`` is false."""
    size = _size(call)
    found, metadata = await token_pages.page(call, KIND, size, lambda why: _error(400, why, "page_token"))
    return {"result": [_listed(call, one) for one in found], "_metadata": metadata}


def _size(call: Call) -> int:
    size = call.params.query.get("page_size")
    return 100 if size is None else max(1, min(int(size), 1_000))


def _listed(call: Call, one: Record) -> Record:
    if call.params.query.get("summary") is False:
        return one
    return {name: value for name, value in one.items() if name not in _HEAVY}


async def retrieve(call: Call) -> Record:
    return await _stored(call)


async def edit(call: Call) -> Record:
    """What is named is changed; the editor stays."""
    record = await _stored(call)
    sent = {name: value for name, value in _given(call.params.body or {}).items() if name != "editor"}
    return await _put(call, {**record, **sent, "updated_at": iso(call.now)})


async def duplicate(call: Call) -> Record:
    """A copy, called after what it is a copy of unless it is named."""
    return await _copied(call, await _stored(call))


async def delete(call: Call) -> None:
    record = await _stored(call)
    await call.state.delete(KIND, record["id"])


async def list_shipped(call: Call) -> Record:
    """All of the designs that are there from the beginning; there is one page of them."""
    address = f"{call.address}{call.request.path}"
    shown = [_listed(call, one) for one in SHIPPED[: _size(call)]]
    return {"result": shown, "_metadata": {"self": address, "count": len(SHIPPED)}}


async def retrieve_shipped(call: Call) -> Record:
    return _shipped_one(call)


async def duplicate_shipped(call: Call) -> Record:
    return await _copied(call, _shipped_one(call))


def _shipped_one(call: Call) -> Record:
    found = next((one for one in SHIPPED if one["id"] == str(call.params.path["id"])), None)
    if found is None:
        raise _error(404, "design not found", "id")  # wording ours
    return found


async def _copied(call: Call, record: Record) -> Record:
    sent, now = call.params.body or {}, iso(call.now)
    name = sent.get("name") or f"Duplicate: {record['name']}"
    changes = {"id": ids.uuid(call), "name": name, "created_at": now, "updated_at": now}
    return await _put(call, {**record, **changes, "editor": sent.get("editor") or record["editor"]})


async def found(call: Call, design_id: str) -> Record | None:
    """The account's design of that id."""
    return await call.state.get(KIND, design_id)


async def _stored(call: Call) -> Record:
    record = await found(call, str(call.params.path["id"]))
    if record is None:
        raise _error(404, "design not found", "id")  # wording ours
    return record


OPERATIONS: Final[Mapping[str, Handler]] = {
    "LIST-designs": list_all,
    "post_designs": create,
    "GET-design": retrieve,
    "PUT-design": edit,
    "POST-design": duplicate,
    "DELETE-design": delete,
    "LIST-Sendgrid-Pre-built-designs": list_shipped,
    "GET-sendgrid-pre-built-design": retrieve_shipped,
    "POST-sendgrid-pre-built-design": duplicate_shipped,
}
