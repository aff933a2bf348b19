"""Bounces by what they are classified as, and by the domains that they came from.

https://www.twilio.com/docs/sendgrid/api-reference/bounces-api/retrieve-bounce-classification-totals (2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from typing import Final

from mocks.base import Call, Record, Reply
from mocks.sendgrid import stats
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.stats import Span

_UNCLASSIFIED: Final = "Unclassified"
#: So many days are told where the call names none: wording and number ours.
_USUAL_DAYS: Final = 30


async def totals(call: Call) -> Reply:
    """How many bounces of each classification there were, day by day, the most first."""
    return await _answer(call, "classification", _classified)


async def of_one(call: Call) -> Reply:
    """How many bounces of one classification each domain had."""
    wanted = str(call.params.path["classification"])

    def domains(sent: Record, happened: Record) -> Iterable[str]:
        fits = wanted in _classified(sent, happened)
        return (happened["to"].rpartition("@")[2].lower(),) if fits else ()

    return await _answer(call, "domain", domains)


def _classified(sent: Record, happened: Record) -> Iterable[str]:
    return (happened.get("bounce_classification") or _UNCLASSIFIED,) if happened["event"] == "bounce" else ()


async def _answer(call: Call, member: str, names: stats.Names) -> Reply:
    asked = _span(call)
    found = await stats.tally([call.state], asked, names)
    result = []
    for day in asked.groups():
        counts = [(sum(counter.values()), name) for (when, name), counter in found.items() if when == day]
        ordered = sorted(counts, key=lambda each: (-each[0], each[1]))
        shown = [{member: name, "count": number} for number, name in ordered]
        result.append({"date": day.isoformat(), "stats": shown})
    if "text/csv" in (call.request.headers.get("accept") or ""):
        return Reply(headers=[("content-type", "text/csv")], stream=_lines(member, result))
    return Reply({"result": result})


def _span(call: Call) -> Span:
    query = call.params.query
    last = stats.day_of(query["end_date"], "end_date") if query.get("end_date") else call.now.date()
    if query.get("start_date"):
        first = stats.day_of(query["start_date"], "start_date")
    else:
        first = last - timedelta(days=_USUAL_DAYS)
    if last < first:
        raise refused([Fault("end_date must not be before start_date", "end_date")])
    if (last - first).days > stats.MOST_DAYS:
        raise refused([Fault(f"a range has at most {stats.MOST_DAYS} days", "start_date")])
    return Span(first, last)


async def _lines(member: str, result: Sequence[Record]) -> AsyncIterator[bytes]:
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["date", member, "count"])
    for day in result:
        writer.writerows([day["date"], each[member], each["count"]] for each in day["stats"])
    yield lines.getvalue().encode()
