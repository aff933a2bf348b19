"""Statistics by category and by subuser: day by day, and as sums of a time or a month.

https://www.twilio.com/docs/sendgrid/api-reference/categories and
https://www.twilio.com/docs/sendgrid/api-reference/subuser-statistics (2026-11).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mocks.base import Call, Missing, Record
from mocks.sendgrid import accounts, stats
from mocks.sendgrid.errors import Fault, refused
from mocks.sendgrid.stats import Span

_USUAL_SUMS: Final = 5
_USUAL_CATEGORIES: Final = 50


async def categories(call: Call) -> list[Record]:
    """The categories of the account's mails, those that begin with ``category`` alone, by name."""
    prefix = (call.params.query.get("category") or "").lower()
    found = {name async for sent in stats.every(call.state) for name in sent.get("categories", ())}
    names = sorted(name for name in found if name.lower().startswith(prefix))
    return [{"category": name} for name in stats.paged(call, names, _USUAL_CATEGORIES)]


async def of_categories(call: Call) -> list[Record]:
    """Day by day, for the categories asked for."""
    wanted = list(dict.fromkeys(call.params.query["categories"]))
    asked = stats.span(call)
    found = await stats.tally([call.state], asked, _categories)
    return _days(call, asked, found, "category", wanted)


async def sums_of_categories(call: Call) -> Record:
    """The sums of each category, sorted by a metric."""
    asked = stats.span(call)
    sums = _summed(await stats.tally([call.state], asked, _categories))
    return _sums(call, asked, [_shown("category", name, sums[name]) for name in sums])


async def of_subusers(call: Call) -> list[Record]:
    """Day by day, for the subusers asked for."""
    wanted = list(dict.fromkeys(call.params.query["subusers"]))
    asked = stats.span(call)
    found: stats.Tally = {}
    for name in wanted:
        record = await accounts.subuser(call.state, name)
        if record is not None:
            tallied = await stats.tally([accounts.of(call.state, record["account"])], asked)
            found.update({(day, name): counter for (day, _), counter in tallied.items()})
    return _days(call, asked, found, "subuser", wanted)


async def sums_of_subusers(call: Call) -> Record:
    """The sums of each subuser, sorted by a metric."""
    asked = stats.span(call)
    return _sums(call, asked, await _of_each(call, asked, await stats.subusers(call)))


async def month_of_subusers(call: Call) -> Record:
    """The sums of a month of each subuser whose name contains ``subuser``."""
    asked, part = _month(call), (call.params.query.get("subuser") or "").lower()
    chosen = [each for each in await stats.subusers(call) if part in each[0]["username"].lower()]
    return _sums(call, asked, await _of_each(call, asked, chosen, named=True))


async def month_of_subuser(call: Call) -> Record:
    """The sums of a month of one subuser."""
    name, asked = str(call.params.path["subuser_name"]), _month(call)
    record = await accounts.subuser(call.state, name)
    if record is None:
        raise Missing("subuser", name, "subuser_name")
    chosen = [(record, accounts.of(call.state, record["account"]))]
    return _sums(call, asked, await _of_each(call, asked, chosen, named=True))


async def _of_each(
    call: Call, asked: Span, chosen: Sequence[tuple[Record, object]], named: bool = False
) -> list[Record]:
    shown = []
    for record, _ in chosen:
        state = accounts.of(call.state, record["account"])
        sums = _summed(await stats.tally([state], asked))
        person = {"first_name": "", "last_name": ""} if named else {}
        shown.append({**person, **_shown("subuser", record["username"], sums.get("", Counter()))})
    return shown


def _categories(sent: Record, happened: Record) -> Iterable[str]:
    names: Sequence[str] = sent.get("categories", ())
    return names


def _month(call: Call) -> Span:
    first = stats.day_of(call.params.query["date"], "date").replace(day=1)
    return Span(first, first.replace(day=monthrange(first.year, first.month)[1]), "month")


def _summed(found: stats.Tally) -> Mapping[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {}
    for (_, name), counter in found.items():
        sums.setdefault(name, Counter()).update(counter)
    return sums


def _shown(kind: str, name: str, counter: Mapping[str, int] | None) -> Record:
    return {"type": kind, "name": name, "metrics": stats.counted(counter)}


def _days(call: Call, asked: Span, found: stats.Tally, kind: str, names: Sequence[str]) -> list[Record]:
    days = [
        {"date": day.isoformat(), "stats": [_shown(kind, name, found.get((day, name))) for name in names]}
        for day in asked.groups()
    ]
    return list(stats.paged(call, days))


def _sums(call: Call, asked: Span, shown: Sequence[Record]) -> Record:
    """An answer of sums, sorted and paged as the call asks. Raises ServiceError for a metric that there is not."""
    query = call.params.query
    metric = query.get("sort_by_metric") or "delivered"
    if metric not in stats.METRICS:
        raise refused([Fault(f"sort_by_metric must be one of {', '.join(stats.METRICS)}", "sort_by_metric")])
    turn = 1 if query.get("sort_by_direction") == "asc" else -1
    ordered = sorted(shown, key=lambda each: (turn * each["metrics"][metric], each["name"]))
    return {"date": asked.first.isoformat(), "stats": list(stats.paged(call, ordered, _USUAL_SUMS))}
