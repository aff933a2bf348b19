"""Statistics by what people read their mail with, and by who keeps it for them.

https://www.twilio.com/docs/sendgrid/api-reference/stats (2026-11). Clients, devices and browsers are told by the user
agent of an open or a click, mailbox providers by the domain of the address. Nobody's place is known: there is none in
the answer by country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import stats
from mocks.sendgrid.happenings import READING_AGENT

_OPENS: Final = ("opens", "unique_opens")
_CLICKS: Final = ("clicks", "unique_clicks")
_OF_PROVIDER: Final = (
    "blocks",
    "bounces",
    "clicks",
    "deferred",
    "delivered",
    "drops",
    "opens",
    "processed",
    "requests",
    "spam_reports",
    "unique_clicks",
    "unique_opens",
)
_DROPS: Final = ("bounce_drops", "invalid_emails", "spam_report_drops", "unsubscribe_drops")

#: What a user agent gives away: (what it contains, the client's name, its type). The first that fits counts.
_CLIENTS: Final = (
    (re.compile("GoogleImageProxy"), "Gmail", "webmail"),
    (re.compile("YahooMailProxy"), "Yahoo", "webmail"),
    (re.compile("iPad"), "Apple iPad", "tablet"),
    (re.compile("iPhone"), "Apple iPhone", "phone"),
    (re.compile("Android(?!.*Mobile)"), "Android", "tablet"),
    (re.compile("Android"), "Android", "phone"),
    (re.compile("Thunderbird"), "Thunderbird", "desktop"),
    (re.compile("Outlook|MSOffice"), "Outlook", "desktop"),
    (re.compile(r"Macintosh.*AppleWebKit/[\d.]+ \(KHTML, like Gecko\)$"), "Apple Mail", "desktop"),
)
_OTHER_CLIENT: Final = ("Other", "webmail")

_BROWSERS: Final = (
    (re.compile("Edg"), "Edge"),
    (re.compile("OPR|Opera"), "Opera"),
    (re.compile("Firefox"), "Firefox"),
    (re.compile("Chrome|CriOS"), "Chrome"),
    (re.compile("Safari"), "Safari"),
    (re.compile("MSIE|Trident"), "Internet Explorer"),
)

_PROVIDERS: Final[Mapping[str, str]] = {
    "aol": "AOL",
    "comcast": "Comcast",
    "gmail": "Gmail",
    "googlemail": "Gmail",
    "hotmail": "Hotmail",
    "icloud": "Apple",
    "live": "Hotmail",
    "mac": "Apple",
    "me": "Apple",
    "msn": "Hotmail",
    "outlook": "Hotmail",
    "yahoo": "Yahoo",
    "ymail": "Yahoo",
}


def _client(agent: str) -> tuple[str, str]:
    """The name and the type of the mail client with that user agent."""
    return next(((name, kind) for pattern, name, kind in _CLIENTS if pattern.search(agent)), _OTHER_CLIENT)


def _clients(sent: Record, happened: Record) -> Iterable[str]:
    return (_client(_agent(happened))[0],) if happened["event"] == "open" else ()


def _clients_of(wanted: str) -> stats.Names:
    def names(sent: Record, happened: Record) -> Iterable[str]:
        if happened["event"] != "open":
            return ()
        name, kind = _client(_agent(happened))
        return (name,) if kind == wanted else ()

    return names


def _devices(sent: Record, happened: Record) -> Iterable[str]:
    return (_client(_agent(happened))[1].capitalize(),) if happened["event"] == "open" else ()


def _browsers(sent: Record, happened: Record) -> Iterable[str]:
    if happened["event"] != "click":
        return ()
    agent = _agent(happened)
    return (next((name for pattern, name in _BROWSERS if pattern.search(agent)), "Other"),)


def _providers(sent: Record, happened: Record) -> Iterable[str]:
    domain = happened["to"].rpartition("@")[2].lower()
    return (_PROVIDERS.get(domain.partition(".")[0], "Other"),)


def _agent(happened: Record) -> str:
    return str(happened.get("useragent") or READING_AGENT)


def _segmented(kind: str, names: stats.Names, metrics: Sequence[str], chosen: str | None = None) -> Handler:
    """GET by one kind of thing, those that the query parameter ``chosen`` names alone."""

    async def handler(call: Call) -> list[Record]:
        wanted = call.params.query.get(chosen) if chosen else None
        return await _answer(call, kind, names, metrics, wanted)

    return handler


async def _answer(
    call: Call, kind: str, names: stats.Names, metrics: Sequence[str], wanted: Sequence[str] | None = None
) -> list[Record]:
    asked = stats.span(call)
    found = await stats.tally([call.state], asked, names)
    days: list[dict[str, Any]] = []
    for day in asked.groups():
        there = sorted(name for when, name in found if when == day and (not wanted or name in wanted))
        days.append(
            {"date": day.isoformat(), "stats": [_shown(kind, name, found[day, name], metrics) for name in there]}
        )
    return list(stats.paged(call, days))


def _shown(kind: str, name: str, counter: Mapping[str, int], metrics: Sequence[str]) -> Record:
    drops = sum(counter.get(metric, 0) for metric in _DROPS)
    return {"type": kind, "name": name, "metrics": stats.counted({**counter, "drops": drops}, metrics)}


of_clients: Final = _segmented("client", _clients, _OPENS)
of_devices: Final = _segmented("device", _devices, _OPENS)
of_browsers: Final = _segmented("browser", _browsers, _CLICKS, "browsers")
of_providers: Final = _segmented("mailbox_provider", _providers, _OF_PROVIDER, "mailbox_providers")
of_places: Final = _segmented("country", lambda sent, happened: (), _OPENS + _CLICKS)


async def of_client_type(call: Call) -> list[Record]:
    """GET of the clients of one type: phone, tablet, webmail or desktop."""
    kind = str(call.params.path["client_type"])
    return await _answer(call, "client", _clients_of(kind), _OPENS)
