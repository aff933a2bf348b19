"""Email Activity: what became of each recipient's mail, searched by a query, read one by one, downloaded.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-email-activity-api (2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from mocks.base import Call, Mail, Missing, Record, State
from mocks.sendgrid import accounts, downloads, history, messages, stats
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.happenings import READING_AGENT, SENDING_ADDRESS, message_id
from mocks.sendgrid.sgql.meaning import Type, check, holds
from mocks.sendgrid.sgql.reading import read
from mocks.sendgrid.sgql.words import Unreadable

#: What a query may ask for: the query reference of the page above.
FIELDS: Final[Mapping[str, Type]] = {
    "msg_id": "text",
    "from_email": "text",
    "to_email": "text",
    "subject": "text",
    "status": "text",
    "template_id": "text",
    "template_name": "text",
    "asm_group_id": "number",
    "asm_group_name": "text",
    "api_key_id": "text",
    "campaign_id": "text",
    "campaign_name": "text",
    "teammate": "text",
    "events": "array",
    "originating_ip": "text",
    "outbound_ip": "text",
    "categories": "array",
    "unique_args": "map",
    "last_event_time": "time",
    "clicks": "number",
    "opens": "number",
}

#: Events by their names here.
NAMES: Final[Mapping[str, str]] = {
    "bounce": "bounced",
    "open": "opened",
    "click": "clicked",
    "spamreport": "spam_report",
}
_DELIVERED: Final = frozenset(["delivered", "open", "click", "spamreport", "unsubscribe", "group_unsubscribe"])
_FAILED: Final = frozenset(["bounce", "dropped"])

#: Where mail is sent from: an address for documentation (RFC 5737).
_CALLER: Final = "192.0.2.1"
_USUAL: Final = 10
_HOLDER: Final = "owner@example.com"
_DOWNLOAD: Final = "messages"

_COLUMNS: Final = (
    "processed", "message_id", "event", "subject", "from", "email", "asm_group_id", "template_id", "originating_ip",
    "reason", "outbound_ip", "outbound_ip_type", "mx", "attempt", "url", "user_agent", "type", "categories",
    "unique_args",
)  # fmt: skip


async def find(call: Call) -> Record:
    """The messages that the query is true of, what happened last first."""
    query = call.params.query
    found = await _matching(call.state, condition(query.get("query")), call.now)
    return {"messages": [_summary(row) for row in found[: int(query.get("limit") or _USUAL)]]}


async def retrieve(call: Call) -> Record:
    """One recipient's mail with all that happened to it."""
    wanted = str(call.params.path["msg_id"])
    row = await one(call.state, wanted)
    if row is None:
        raise Missing("message", wanted, "msg_id")
    return _whole(row)


async def download(call: Call) -> Record:
    """202: the account's holder gets a mail that tells where the file is."""
    condition(call.params.query.get("query"))
    told = {"query": call.params.query.get("query")}
    entry = await downloads.offer(call, _DOWNLOAD, told, days=3)
    link = downloads.url(call, entry)
    call.send_mail(
        Mail(
            id=call.new_id("", 22),
            sender={"email": "noreply@sendgrid.com", "name": "SendGrid"},
            to=[{"email": _HOLDER}],
            subject="Your Email Activity CSV is ready to download",
            text=f"Download {entry['id']}: {link}\n",
        )
    )
    message = f"An email will be sent to {_HOLDER} when the CSV is ready to download."
    return {"status": "pending", "message": message}


async def downloaded(call: Call) -> Record:
    """Where the file is that was asked for."""
    wanted = str(call.params.path["download_uuid"])
    entry = await downloads.find(call.state, wanted)
    if entry is None or entry["what"] != _DOWNLOAD or entry["account"] != accounts.name(call):
        raise Missing("download", wanted, "download_uuid")
    link = downloads.url(call, entry)
    return {"csv": link, "presigned_url": link}


async def file(call: Call, entry: Record) -> tuple[str, bytes]:
    """The file of a download: a line for each event."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, _COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for row in await _matching(call.state, condition(entry["told"]["query"]), call.now):
        for happened in row["history"]:
            writer.writerow(_line(row, happened))
    return "text/csv", lines.getvalue().encode()


def condition(query: str | None) -> Callable[[Record, datetime], bool]:
    """What a query asks of a row of FIELDS; no query asks nothing. Raises ServiceError."""
    if not (query or "").strip():
        return lambda row, now: True
    try:
        tree = read(str(query))
        check(tree, FIELDS)
    except Unreadable as wrong:
        raise refused([Fault(str(wrong), "query")]) from None
    return lambda row, now: holds(tree, row, now)


async def _matching(state: State, wanted: Callable[[Record, datetime], bool], now: datetime) -> list[Record]:
    found = [row async for row in rows(state) if wanted(row, now)]
    found.reverse()  # of one moment, those that were sent last come first
    return sorted(found, key=lambda row: row["last_event_time"], reverse=True)


async def rows(state: State) -> AsyncIterator[Record]:
    """A row of FIELDS for each recipient of the account's messages, with its ``sent`` record and its ``history``."""
    async for sent in stats.every(state):
        for address, happened in history.by_recipient(sent).items():
            yield row_of(sent, address, happened)


async def one(state: State, wanted: str) -> Record | None:
    """The row of the mail with that id."""
    mail = wanted.partition(".")[0]
    for sent in await state.page(messages.KIND, order="key", prefix=f"{mail}.", limit=1_000):
        for address, happened in history.by_recipient(sent).items():
            if message_id(sent, address) == wanted:
                return row_of(sent, address, happened)
    return None


def row_of(sent: Record, address: str, happened: Sequence[Record]) -> Record:
    """What a query is asked of: a recipient's mail, and what happened to it."""
    events = [each["event"] for each in happened]
    return {
        "sent": sent,
        "history": happened,
        "msg_id": message_id(sent, address),
        "from_email": sent["from"]["email"],
        "to_email": address,
        "subject": sent["subject"],
        "status": _status(events),
        "template_id": sent.get("template_id"),
        "asm_group_id": sent.get("asm_group_id"),
        "events": list(dict.fromkeys(NAMES.get(event, event) for event in events)),
        "originating_ip": _CALLER,
        "outbound_ip": SENDING_ADDRESS,
        "categories": sent.get("categories") or [],
        "unique_args": sent.get("custom_args") or {},
        "last_event_time": datetime.fromtimestamp(max(each["at"] for each in happened), UTC),
        "clicks": events.count("click"),
        "opens": events.count("open"),
    }


def _status(events: list[str]) -> str:
    if _DELIVERED.intersection(events):
        return "delivered"
    return "not_delivered" if _FAILED.intersection(events) else "processed"


def _summary(row: Record) -> Record:
    shown = {name: row[name] for name in ("from_email", "msg_id", "subject", "to_email", "status")}
    return {
        **shown,
        "opens_count": row["opens"],
        "clicks_count": row["clicks"],
        "last_event_time": iso(row["last_event_time"].timestamp()),
    }


def _whole(row: Record) -> Record:
    shown = {name: row[name] for name in ("from_email", "msg_id", "subject", "to_email", "status")}
    named = {name: row[name] for name in ("template_id", "asm_group_id") if row[name] is not None}
    return {
        **shown,
        **named,
        "teammate": "",
        "events": [_event(row, happened) for happened in row["history"]],
        "originating_ip": row["originating_ip"],
        "categories": row["categories"],
        "unique_args": orjson.dumps(row["unique_args"]).decode(),
        "outbound_ip": row["outbound_ip"],
        "outbound_ip_type": "shared",
    }


def _event(row: Record, happened: Mapping[str, Any]) -> Record:
    event = happened["event"]
    found: Record = {"event_name": NAMES.get(event, event), "processed": iso(happened["at"])}
    if happened.get("reason"):
        found["reason"] = happened["reason"]
    if event == "deferred":
        found["attempt_num"] = int(happened.get("attempt") or 1)
    if event == "click" and happened.get("url"):
        found["url"] = happened["url"]
    if event == "bounce":
        found["bounce_type"] = "blocked" if happened.get("type") == "blocked" else "bounced"
    if event in ("open", "click"):
        found["http_user_agent"] = happened.get("useragent") or READING_AGENT
    if event in ("delivered", "deferred", "bounce"):
        found["mx_server"] = f"mx.{row['to_email'].rpartition('@')[2]}"
    return found


def _line(row: Record, happened: Mapping[str, Any]) -> Mapping[str, Any]:
    told = _event(row, happened)
    return {
        **row,
        "processed": told["processed"],
        "message_id": row["msg_id"],
        "event": told["event_name"],
        "from": row["from_email"],
        "email": row["to_email"],
        "reason": told.get("reason"),
        "outbound_ip_type": "shared",
        "mx": told.get("mx_server"),
        "attempt": told.get("attempt_num"),
        "url": told.get("url"),
        "user_agent": told.get("http_user_agent"),
        "type": told.get("bounce_type"),
        "categories": orjson.dumps(row["categories"]).decode(),
        "unique_args": orjson.dumps(row["unique_args"]).decode(),
    }


def iso(at: float) -> str:
    """``2026-11-27T12:00:00Z`` for a Unix time."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
