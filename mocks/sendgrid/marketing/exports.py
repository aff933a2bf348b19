"""Exports of contacts: files that are written when they are fetched.

https://www.twilio.com/docs/sendgrid/api-reference/contacts/export-contacts (2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import orjson

from mocks.base import Call, Mail, Record
from mocks.sendgrid import downloads
from mocks.sendgrid.marketing import fields, lists, people, queries, segments
from mocks.sendgrid.marketing.answers import itself, missing, moment, wrong

KIND: Final = "mc_export"
#: The name of their Writer.
WHAT: Final = "contacts"
_DAYS: Final = 3
_SHOWN: Final = 100
_HOLDER: Final = "owner@example.com"

#: The columns of a file, before the account's own fields.
_COLUMNS: Final = (
    "email",
    "first_name",
    "last_name",
    "address_line_1",
    "address_line_2",
    "city",
    "state_province_region",
    "country",
    "postal_code",
    "line",
    "phone_number",
    "whatsapp",
    "facebook",
    "unique_name",
    "alternate_emails",
    "created_at",
    "updated_at",
)


async def create(call: Call) -> Record:
    """202: an export of all contacts, or of those on lists or in segments."""
    sent = call.params.body or {}
    list_ids = await lists.known(call, sent.get("list_ids") or ())
    segment_ids = await _known(call, sent.get("segment_ids") or ())
    told = {"list_ids": list_ids, "segment_ids": segment_ids, "file_type": sent.get("file_type") or "csv"}
    entry = await downloads.offer(call, WHAT, told, days=_DAYS)
    now = int(call.now.timestamp())
    export = {
        "id": entry["id"],
        "created": now,
        "expires": entry["until"],
        "contact_count": len(await _chosen(call, told)),
        "lists": [await _name(call, lists.KIND, key) for key in list_ids],
        "segments": [await _name(call, segments.KIND, key) for key in segment_ids],
    }
    await call.state.put(KIND, export["id"], export)
    if (sent.get("notifications") or {}).get("email"):
        _notify(call, downloads.url(call, entry))
    return {"id": export["id"], "_metadata": itself(call, f"contacts/exports/{export['id']}")}


async def status(call: Call) -> Record:
    """An export and where its file is."""
    export_id = str(call.params.path["id"])
    export = await call.state.get(KIND, export_id)
    if export is None:
        raise missing("export", export_id)
    return {
        **_shown(call, export),
        "updated_at": moment(export["created"]),
        "contact_count": export["contact_count"],
    }


async def list_all(call: Call) -> Record:
    """The exports whose files are still there, the newest first."""
    found = await call.state.page(KIND, limit=_SHOWN)
    now = int(call.now.timestamp())
    shown = [
        {
            **_shown(call, export),
            "export_type": "list_export"
            if export["lists"]
            else "segment_export"
            if export["segments"]
            else "contacts_export",
            "lists": export["lists"],
            "segments": export["segments"],
        }
        for export in found
        if export["expires"] > now
    ]
    return {"result": shown, "_metadata": itself(call, "contacts/exports")}


def _kind(export: Record) -> str:
    if export["lists"]:
        return "list_export"
    return "segment_export" if export["segments"] else "contacts_export"


async def file(call: Call, entry: Record) -> tuple[str, bytes]:
    """The file: CSV with a line of names, or a JSON object a line."""
    custom = await fields.custom(call.state)
    rows = [people.shown(call, contact, custom) for contact in await _chosen(call, entry["told"])]
    if entry["told"]["file_type"] == "json":
        return "application/json", b"".join(orjson.dumps(_plain(row)) + b"\n" for row in rows)
    lines = io.StringIO()
    names = [field["name"] for field in custom]
    writer = csv.writer(lines)
    writer.writerow([name.upper() for name in _COLUMNS] + ["CONTACT_ID", *names])
    for row in rows:
        own = [row["custom_fields"].get(name, "") for name in names]
        writer.writerow([_text(row[name]) for name in _COLUMNS] + [row["id"], *own])
    return "text/csv", lines.getvalue().encode()


async def _chosen(call: Call, told: Record) -> list[Record]:
    """The contacts of an export, each once."""
    if not told["list_ids"] and not told["segment_ids"]:
        return [contact async for contact in people.every(call.state)]
    found: dict[str, Record] = {}
    for list_id in told["list_ids"]:
        found.update({contact["id"]: contact async for contact in people.every(call.state, list_id)})
    if told["segment_ids"]:
        world = await queries.world(call)
        for segment_id in told["segment_ids"]:
            segment = await call.state.get(segments.KIND, segment_id)
            chosen = segments.members(segment, world) if segment else []
            found.update({contact["id"]: contact for contact in chosen})
    return list(found.values())


async def _known(call: Call, segment_ids: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(segment_ids))
    for segment_id in found:
        if await call.state.get(segments.KIND, segment_id) is None:
            raise wrong("one of the specified segments does not exist", "segment_ids", 404)
    return found


async def _name(call: Call, kind: str, key: str) -> Record:
    record = await call.state.get(kind, key)
    return {"ID": key, "Name": record["name"] if record else ""}


def _notify(call: Call, link: str) -> None:
    call.send_mail(
        Mail(
            id=call.new_id("", 22),
            sender={"email": "noreply@sendgrid.com", "name": "SendGrid"},
            to=[{"email": _HOLDER}],
            subject="Your contacts export is ready to download",
            text=f"{link}\n",
        )
    )


def _shown(call: Call, export: Record) -> Record:
    return {
        "id": export["id"],
        "status": "ready",
        "created_at": moment(export["created"]),
        "completed_at": moment(export["created"]),
        "expires_at": moment(export["expires"]),
        "urls": [f"{call.address}{downloads.PREFIX}{export['id']}"],
        "_metadata": itself(call, f"contacts/exports/{export['id']}"),
    }


def _plain(row: Record) -> Record:
    shown = {name: value for name, value in row.items() if name not in ("_metadata", "id", "list_ids", "segment_ids")}
    return {"contact_id": row["id"], **shown}


def _text(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value
