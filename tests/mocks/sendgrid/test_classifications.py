"""Bounces are counted by their classification, and by domain."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, read, value
from tests.mocks.sendgrid.audience import mailed
from tests.mocks.sendgrid.test_stats import today

CLASSIFICATIONS = "/v3/suppression/bounces/classifications"
REPUTATION = ("bounce", {"type": "blocked", "bounce_classification": "Reputation"})


@pytest.fixture
async def bounced(sendgrid: Harness) -> Harness:
    for address in ("ada@example.com", "bob@example.com", "eve@example.org"):
        await mailed(sendgrid, "processed", "bounce", to=address)
    await mailed(sendgrid, "processed", REPUTATION)
    return sendgrid


async def found(sendgrid: Harness, path: str = "", **query: Any) -> list[dict[str, Any]]:
    response = await sendgrid.call("GET", CLASSIFICATIONS + path, query={"start_date": today(sendgrid), **query})
    assert response.status == 200, response.body
    shown: list[dict[str, Any]] = value(response)["result"]
    return shown


async def test_totals_of_a_day(bounced: Harness) -> None:
    assert await found(bounced) == [
        {
            "date": today(bounced),
            "stats": [
                {"classification": "Invalid Address", "count": 3},
                {"classification": "Reputation", "count": 1},
            ],
        }
    ]


async def test_domains_of_one(bounced: Harness) -> None:
    [day] = await found(bounced, "/Invalid Address")
    assert day["stats"] == [{"domain": "example.com", "count": 2}, {"domain": "example.org", "count": 1}]
    assert (await bounced.call("GET", f"{CLASSIFICATIONS}/Weather")).status == 400


async def test_a_month_is_told_where_no_day_is_named(bounced: Harness) -> None:
    response = await bounced.call("GET", CLASSIFICATIONS)
    days = value(response)["result"]
    assert (len(days), days[-1]["date"], len(days[-1]["stats"])) == (31, today(bounced), 2)
    wrong = ({"start_date": "soon"}, {"start_date": today(bounced), "end_date": today(bounced, -1)})
    for query in (*wrong, {"start_date": "0001-01-01"}):
        assert (await bounced.call("GET", CLASSIFICATIONS, query=query)).status == 400


async def test_the_same_as_csv(bounced: Harness) -> None:
    asked = await bounced.call(
        "GET", CLASSIFICATIONS, query={"start_date": today(bounced)}, headers={"accept": "text/csv"}
    )
    assert asked.header("content-type") == "text/csv"
    assert (await read(asked)).decode().splitlines() == [
        "date,classification,count",
        f"{today(bounced)},Invalid Address,3",
        f"{today(bounced)},Reputation,1",
    ]
