"""The account's statistics count what happened, by the environment's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mocks.sendgrid.stats import METRICS
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import later, mailed


def today(sendgrid: Harness, days: int = 0) -> str:
    return (sendgrid.clock.now() + timedelta(days=days)).date().isoformat()


async def metrics(sendgrid: Harness, **query: Any) -> dict[str, int]:
    """What today's metrics are, zeros left out."""
    [day] = value(await sendgrid.call("GET", "/v3/stats", query={"start_date": today(sendgrid), **query}))
    assert day["date"] == today(sendgrid)
    assert list(day["stats"][0]["metrics"]) == list(METRICS)
    return {name: count for name, count in day["stats"][0]["metrics"].items() if count}


async def test_nothing_was_sent(sendgrid: Harness) -> None:
    assert await metrics(sendgrid) == {}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["processed", "delivered"], {"processed": 1, "requests": 1, "delivered": 1}),
        (["processed", ("bounce", {"type": "bounce"})], {"processed": 1, "requests": 1, "bounces": 1}),
        (["processed", ("bounce", {"type": "blocked"})], {"processed": 1, "requests": 1, "blocks": 1}),
        ([("dropped", {"reason": "Bounced Address"})], {"requests": 1, "bounce_drops": 1}),
        ([("dropped", {"reason": "Spam Reporting Address"})], {"requests": 1, "spam_report_drops": 1}),
        ([("dropped", {"reason": "Unsubscribed Address"})], {"requests": 1, "unsubscribe_drops": 1}),
        (["dropped"], {"requests": 1, "invalid_emails": 1}),
        (["deferred", "open", "open"], {"deferred": 1, "opens": 2, "unique_opens": 1}),
        (["click", "click"], {"clicks": 2, "unique_clicks": 1}),
        (["spamreport", "unsubscribe", "group_unsubscribe"], {"spam_reports": 1, "unsubscribes": 2}),
        (["group_resubscribe"], {}),
    ],
)
async def test_each_event_counts_as_its_metric(sendgrid: Harness, events: list[Any], expected: dict[str, int]) -> None:
    await mailed(sendgrid, *events)
    assert await metrics(sendgrid) == expected


async def test_every_day_of_the_range_is_told(sendgrid: Harness) -> None:
    start = today(sendgrid)
    first = await mailed(sendgrid, "processed", "open")
    sendgrid.clock.advance(days=2)
    await later(sendgrid, first, "open")
    found = value(await sendgrid.call("GET", "/v3/stats", query={"start_date": start}))
    assert [day["date"] for day in found] == [start, today(sendgrid, -1), today(sendgrid)]
    counted = [day["stats"][0]["metrics"] for day in found]
    assert [(each["opens"], each["unique_opens"]) for each in counted] == [(1, 1), (0, 0), (1, 0)]
    paged = await sendgrid.call("GET", "/v3/stats", query={"start_date": start, "limit": 1, "offset": 1})
    assert [day["date"] for day in value(paged)] == [today(sendgrid, -1)]
    ended = await sendgrid.call("GET", "/v3/stats", query={"start_date": start, "end_date": start})
    assert [day["date"] for day in value(ended)] == [start]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", 40),
        ("week", ["2024-01-03", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29", "2024-02-05"]),
        ("month", ["2024-01-03", "2024-02-01"]),
    ],
)
async def test_days_are_grouped(sendgrid: Harness, by: str, expected: Any) -> None:
    query = {"start_date": "2024-01-03", "end_date": "2024-02-11", "aggregated_by": by}
    found = [day["date"] for day in value(await sendgrid.call("GET", "/v3/stats", query=query))]
    assert (len(found) if by == "day" else found) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "start_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2024-02-30"}, "start_date"),
        ({"start_date": "20240201"}, "start_date"),
        ({"start_date": "2024-W01-1"}, "start_date"),
        ({"start_date": "2024-02-02", "end_date": "2024-02-01"}, "end_date"),
        ({"start_date": "2024-02-02", "end_date": "soon"}, "end_date"),
        ({"start_date": "2024-02-02", "aggregated_by": "year"}, "aggregated_by"),
        ({"start_date": "2024-02-02", "limit": "0"}, "limit"),
        ({"start_date": "2024-02-02", "offset": "-1"}, "offset"),
        ({"start_date": "0001-01-01"}, "start_date"),
    ],
)
async def test_what_no_range_is(sendgrid: Harness, query: dict[str, str], field: str) -> None:
    response = await sendgrid.call("GET", "/v3/stats", query=query)
    assert response.status == 400
    assert value(response)["errors"][0]["field"] == field


async def test_a_day_that_is_to_come_is_told_too(sendgrid: Harness) -> None:
    found = value(await sendgrid.call("GET", "/v3/stats", query={"start_date": today(sendgrid, 1)}))
    assert [day["date"] for day in found] == [today(sendgrid, 1)]


async def test_more_messages_than_a_page_holds_are_counted(sendgrid: Harness) -> None:
    for _ in range(503):
        await mailed(sendgrid, "processed")
    assert await metrics(sendgrid) == {"processed": 503, "requests": 503}
