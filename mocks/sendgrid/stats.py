"""Statistics: what happened to an account's mails, counted from the records of its messages when somebody asks.

https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/stats-overview (2026-11). Days are those of UTC,
weeks those of ISO 8601 (sendgrid-csharp issue 568).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from mocks.base import Call, Record, State
from mocks.sendgrid import accounts, history, messages, paging
from mocks.sendgrid.errors import Fault, refused

#: What is counted, by the names of the answers.
METRICS: Final = (
    "blocks",
    "bounce_drops",
    "bounces",
    "clicks",
    "deferred",
    "delivered",
    "invalid_emails",
    "opens",
    "processed",
    "requests",
    "spam_report_drops",
    "spam_reports",
    "unique_clicks",
    "unique_opens",
    "unsubscribe_drops",
    "unsubscribes",
)
_OF_EVENT: Final[Mapping[str, Sequence[str]]] = {
    "processed": ("processed", "requests"),
    "dropped": ("requests",),
    "delivered": ("delivered",),
    "deferred": ("deferred",),
    "bounce": ("bounces",),
    "open": ("opens",),
    "click": ("clicks",),
    "spamreport": ("spam_reports",),
    "unsubscribe": ("unsubscribes",),
    "group_unsubscribe": ("unsubscribes",),
}
_OF_DROP: Final = {
    "Bounced Address": "bounce_drops",
    "Spam Reporting Address": "spam_report_drops",
    "Unsubscribed Address": "unsubscribe_drops",
    "Invalid": "invalid_emails",
}
_UNIQUE: Final = {"open": "unique_opens", "click": "unique_clicks"}

#: The longest time that is told at once, so that an answer stays an answer: a limit of ours.
MOST_DAYS: Final = 40_000
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: "By default, 500 items will be returned per request": the Advanced Stats' pages.
MOST: Final = 500

#: Under which names an event of a message counts: none, one, or several.
Names = Callable[[Record, Record], Iterable[str]]
#: What was counted, by the beginning of its day, week or month, and by name.
Tally = dict[tuple[date, str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are asked for, both included, in groups of ``by``."""

    first: date
    last: date
    by: str = "day"

    def group(self, day: date) -> date:
        """The first day of the group that ``day`` is in, as far as it was asked for."""
        if self.by == "week":
            day -= timedelta(days=day.weekday())
        elif self.by == "month":
            day = day.replace(day=1)
        return max(day, self.first)

    def groups(self) -> list[date]:
        """The groups, in order."""
        days = range((self.last - self.first).days + 1)
        return list(dict.fromkeys(self.group(self.first + timedelta(days=number)) for number in days))


def span(call: Call) -> Span:
    """The days of a call's ``start_date``, ``end_date`` and ``aggregated_by``. Raises ServiceError."""
    query = call.params.query
    first = day_of(query["start_date"], "start_date")
    last = day_of(query["end_date"], "end_date") if query.get("end_date") else call.now.date()
    if query.get("end_date") and last < first:
        raise refused([Fault("end_date must not be before start_date", "end_date")])  # wording ours, here and below
    if (last - first).days > MOST_DAYS:
        raise refused([Fault(f"a range has at most {MOST_DAYS} days", "start_date")])
    return Span(first, max(first, last), query.get("aggregated_by") or "day")


def day_of(text: str, name: str) -> date:
    """The day that ``text`` names, ``YYYY-MM-DD``."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refused([Fault(f"{name} must be a date in the format YYYY-MM-DD", name)])


def everything(sent: Record, happened: Record) -> Iterable[str]:
    """The ``Names`` of what is counted as one."""
    return ("",)


async def tally(states: Sequence[State], asked: Span, names: Names = everything) -> Tally:
    """Count what happened within ``asked`` to the mails of the accounts whose records ``states`` are."""
    found: Tally = {}
    for state in states:
        async for sent in every(state):
            _count(found, asked, names, sent)
    return found


def every(state: State) -> AsyncIterator[Record]:
    """The records of an account's messages, the oldest first."""
    return paging.every(state, messages.KIND, lambda sent: messages.key(sent["message_id"], sent["place"]))


def _count(found: Tally, asked: Span, names: Names, sent: Record) -> None:
    seen: set[tuple[str, str]] = set()
    for happened in history.of(sent):
        event = happened["event"]
        metrics = list(_metrics(happened))
        if event in _UNIQUE and (happened["to"], event) not in seen:
            seen.add((happened["to"], event))
            metrics.append(_UNIQUE[event])
        day = datetime.fromtimestamp(happened["at"], UTC).date()
        if asked.first <= day <= asked.last:
            for name in names(sent, happened):
                found.setdefault((asked.group(day), name), Counter()).update(metrics)


def _metrics(happened: Record) -> Iterable[str]:
    if happened["event"] == "bounce" and happened.get("type") == "blocked":
        return ("blocks",)
    if happened["event"] == "dropped":
        reason = _OF_DROP.get(happened.get("reason", ""))
        return ("requests", reason) if reason else ("requests",)
    return _OF_EVENT.get(happened["event"], ())


async def family(call: Call) -> list[State]:
    """The records of the account that asks; of a parent, and of its subusers too."""
    if accounts.name(call):
        return [call.state]
    return [call.state, *(state for _, state in await subusers(call))]


async def subusers(call: Call) -> list[tuple[Record, State]]:
    """The account's subusers with their records, the oldest first."""
    found = await accounts.subusers(call.state)
    return [(record, accounts.of(call.state, record["account"])) for record in found]


def counted(counter: Mapping[str, int] | None, metrics: Sequence[str] = METRICS) -> dict[str, int]:
    """The ``metrics`` of an answer, zeros included."""
    return {metric: (counter or {}).get(metric, 0) for metric in metrics}


def paged(call: Call, found: Sequence[Any], usual: int = MOST) -> Sequence[Any]:
    """The part of an answer that ``limit`` and ``offset`` ask for."""
    query = call.params.query
    start, limit = query.get("offset") or 0, query.get("limit")
    return found[start : start + (usual if limit is None else limit)]


async def of_account(call: Call) -> list[Record]:
    """GET /v3/stats: the account's, a subuser's own or a parent's with all of its subusers."""
    asked = span(call)
    found = await tally(await family(call), asked)
    days = [{"date": day.isoformat(), "stats": [{"metrics": counted(found.get((day, "")))}]} for day in asked.groups()]
    return list(paged(call, days, len(days)))
