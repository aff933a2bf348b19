"""What became of single sends: counted from the records of their messages when somebody asks.

https://www.twilio.com/docs/sendgrid/api-reference/marketing-campaigns-stats (2026-11). There are no A/B tests, so that
every phase and variation is ``all``; days are those of UTC, whatever ``timezone`` says.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import history, stats, token_pages
from mocks.sendgrid.errors import told
from mocks.sendgrid.marketing.campaigns import KIND
from mocks.sendgrid.stats import Span

#: The metrics of an answer.
METRICS: Final = (
    "bounce_drops",
    "bounces",
    "clicks",
    "delivered",
    "invalid_emails",
    "opens",
    "requests",
    "spam_report_drops",
    "spam_reports",
    "unique_clicks",
    "unique_opens",
    "unsubscribes",
)
#: Nothing is older: SendGrid was founded in that year.
_FIRST: Final = date(2009, 1, 1)
_MOST: Final = 5_000
_ALL: Final = {"ab_variation": "all", "ab_phase": "all"}


def _of_send(sent: Record, happened: Record) -> Iterable[str]:
    """The single send that a message is of."""
    found = (sent.get("custom_args") or {}).get("singlesend_id")
    return (str(found),) if found else ()


async def list_all(call: Call) -> Record:
    """The totals of all single sends that left, or of those that are named."""
    wanted = _listed(call.params.query.get("singlesend_ids"))
    found = await stats.tally([call.state], _ever(call), _of_send)
    sums = _sums(found)
    every = [one["id"] for one in await call.state.page(KIND, limit=_MOST) if one["status"] == "triggered"]
    chosen = [one for one in every if not wanted or one in wanted]
    return _paged(call, [_total(one, sums.get(one)) for one in chosen])


def _total(send_id: str, counter: Mapping[str, int] | None) -> Record:
    return {"id": send_id, **_ALL, "aggregation": "total", "stats": stats.counted(counter, METRICS)}


def _listed(asked: Sequence[str] | None) -> list[str]:
    """Ids, which clients that encode the whole query separate by an encoded comma."""
    return [one for part in asked or () for one in str(part).split(",") if one]


def _ever(call: Call) -> Span:
    return Span(_FIRST, max(_FIRST, call.now.date()), "day")


def _sums(found: stats.Tally) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {}
    for (_, name), counter in found.items():
        sums.setdefault(name, Counter()).update(counter)
    return sums


def _paged(call: Call, rows: Sequence[Record]) -> Record:
    """A page of rows by their number, which its token is."""
    size, token = int(call.params.query.get("page_size") or 50), str(call.params.query.get("page_token") or "0")
    if not token.isascii() or not token.isdecimal() or int(token) > len(rows):
        raise told(400, "invalid page token", "page_token")  # wording ours
    start = int(token)
    metadata: dict[str, Any] = {"self": token_pages.address(call, token if start else None), "count": len(rows)}
    if start + size < len(rows):
        metadata["next"] = token_pages.address(call, str(start + size))
    if start:
        metadata["prev"] = token_pages.address(call, str(start - size) if start > size else None)
    return {"results": list(rows[start : start + size]), "_metadata": metadata}


async def of_one(call: Call) -> Record:
    """The totals of a single send, or what it counted day by day."""
    record, query = await _stored(call), call.params.query
    ever = _ever(call)
    first = stats.day_of(query["start_date"], "start_date") if query.get("start_date") else ever.first
    last = stats.day_of(query["end_date"], "end_date") if query.get("end_date") else ever.last
    if last < first:
        raise told(400, "end_date must not be before start_date", "end_date")  # wording ours
    found = await stats.tally([call.state], Span(first, last, "day"), _of_send)
    head = {"id": record["id"], **_ALL}
    if query.get("aggregated_by") != "day":
        return _paged(call, [_total(record["id"], _sums(found).get(record["id"]))])
    days = sorted(day for day, name in found if name == record["id"])
    return _paged(
        call,
        [
            {**head, "aggregation": day.isoformat(), "stats": stats.counted(found[day, record["id"]], METRICS)}
            for day in days
        ],
    )


async def links(call: Call) -> Record:
    """How often each link of a single send was clicked."""
    record = await _stored(call)
    clicks: Counter[str] = Counter()
    async for sent in stats.every(call.state):
        if record["id"] in _of_send(sent, {}):
            clicks.update(one["url"] for one in history.of(sent) if one["event"] == "click" and one.get("url"))
    rows = [{"url": url, "url_location": 0, **_ALL, "clicks": number} for url, number in sorted(clicks.items())]
    return {**_paged(call, rows), "total_clicks": clicks.total()}


async def export(call: Call) -> bytes:
    """The totals as lines of CSV."""
    wanted = _listed(call.params.query.get("ids"))
    sums = _sums(await stats.tally([call.state], _ever(call), _of_send))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("id", "name", "send_at", *METRICS))
    for one in await call.state.page(KIND, limit=_MOST):
        if one["status"] == "triggered" and (not wanted or one["id"] in wanted):
            counted = stats.counted(sums.get(one["id"]), METRICS)
            writer.writerow((one["id"], one["name"], one.get("send_at", ""), *counted.values()))
    return text.getvalue().encode()


async def _stored(call: Call) -> Record:
    record = await call.state.get(KIND, str(call.params.path["id"]))
    if record is None:
        raise told(404, "single send not found", "id")  # wording ours
    return record


OPERATIONS: Final[Mapping[str, Handler]] = {
    "getall-singlesend-stats": list_all,
    "get-singlesend-stat": of_one,
    "get-singlesend-link-stat": links,
    "get-singlesend-stats-export": export,
}
