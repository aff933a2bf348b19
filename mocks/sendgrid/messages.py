"""Messages that were sent, one record a personalization: what later events, statistics and Email Activity go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Record, State

KIND: Final = "message"


def key(message_id: str, place: int) -> str:
    """The key of the record of a message's personalization; the mail of it has the same id."""
    return f"{message_id}.{place}"


def record(
    body: Mapping[str, Any], block: Mapping[str, Any], *, message_id: str, place: int, account: str, at: int
) -> Record:
    """What is known of a personalization before it is sent. Absent is what the message does not name:
    ``asm_group_id``, ``groups_to_display``, ``template_id``, ``batch_id``, ``pool``, ``send_at``, ``cc``, ``bcc``,
    ``categories``, ``custom_args``, ``account``. ``outcomes`` has the last event of each recipient."""
    found: Record = {
        "message_id": message_id,
        "place": place,
        "created": at,
        "from": block.get("from") or body["from"],
        "to": block["to"],
        "subject": block.get("subject") or body.get("subject") or "",
        "outcomes": {},
    }
    asm = body.get("asm") or {}
    named = {
        "account": account,
        "cc": block.get("cc"),
        "bcc": block.get("bcc"),
        "categories": body.get("categories"),
        "custom_args": {**(body.get("custom_args") or {}), **(block.get("custom_args") or {})},
        "asm_group_id": asm.get("group_id"),
        "groups_to_display": asm.get("groups_to_display"),
        "template_id": body.get("template_id"),
        "batch_id": body.get("batch_id"),
        "pool": body.get("ip_pool_name"),
        "send_at": block.get("send_at") or body.get("send_at"),
    }
    found.update({name: value for name, value in named.items() if value})
    return found


async def stored(state: State, message_key: str) -> Record | None:
    """The record of a personalization."""
    return await state.get(KIND, message_key)


async def store(call: Call, sent: Record) -> None:
    """Write the record of a personalization, or write it again. It is of the ``scope`` of whoever sent it."""
    if call.scope:
        sent.setdefault("scope", call.scope)
    await call.state.put(KIND, key(sent["message_id"], sent["place"]), sent)
