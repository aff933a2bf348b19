"""Statistics by category and by subuser."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import accounts
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import calling, mailed, names
from tests.mocks.sendgrid.test_stats import metrics, today


@pytest.fixture
async def family(sendgrid: Harness) -> Harness:
    """A parent with two subusers; a mail of the parent's, three of a subuser's."""
    async with calling(sendgrid) as call:
        for username in ("ada", "bob"):
            await call.state.put(accounts.KIND, username, {"username": username, "account": username})
    await mailed(sendgrid, "processed", "delivered", categories=["News", "offers"])
    for _ in range(3):
        await mailed(sendgrid, "processed", "delivered", account="ada", categories=["private"])
    return sendgrid


async def found(sendgrid: Harness, path: str, **query: Any) -> Any:
    response = await sendgrid.call("GET", f"/v3/{path}", query={"start_date": today(sendgrid), **query})
    assert response.status == 200, response.body
    return value(response)


async def test_a_parent_counts_its_subusers_in(family: Harness) -> None:
    assert await metrics(family) == {"processed": 4, "requests": 4, "delivered": 4}


async def test_categories_are_listed(family: Harness) -> None:
    await mailed(family, "processed", categories=["Newsletter"])
    listed = value(await family.call("GET", "/v3/categories"))
    assert listed == [{"category": "News"}, {"category": "Newsletter"}, {"category": "offers"}]
    assert value(await family.call("GET", "/v3/categories", query={"category": "new", "limit": 1, "offset": 1})) == [
        {"category": "Newsletter"}
    ]
    assert (await family.call("GET", "/v3/categories", query={"limit": 501})).status == 400


async def test_categories_count_day_by_day(family: Harness) -> None:
    [day] = await found(family, "categories/stats", categories=["offers", "unknown"])
    assert names(day["stats"]) == ["offers", "unknown"]
    assert [each["metrics"]["delivered"] for each in day["stats"]] == [1, 0]
    assert {each["type"] for each in day["stats"]} == {"category"}


@pytest.mark.parametrize("categories", [[], [str(number) for number in range(11)]])
async def test_ten_categories_at_most(sendgrid: Harness, categories: list[str]) -> None:
    query = {"start_date": today(sendgrid), "categories": categories}
    assert (await sendgrid.call("GET", "/v3/categories/stats", query=query)).status == 400


async def test_categories_are_summed(family: Harness) -> None:
    await mailed(family, "processed", "delivered", "open", categories=["offers"])
    sums = await found(family, "categories/stats/sums")
    assert sums["date"] == today(family)
    assert names(sums["stats"]) == ["offers", "News"]
    assert names((await found(family, "categories/stats/sums", sort_by_direction="asc"))["stats"]) == ["News", "offers"]
    assert names((await found(family, "categories/stats/sums", sort_by_metric="opens"))["stats"])[0] == "offers"
    assert names((await found(family, "categories/stats/sums", limit=1, offset=1))["stats"]) == ["News"]
    query = {"start_date": today(family), "sort_by_metric": "speed"}
    assert (await family.call("GET", "/v3/categories/stats/sums", query=query)).status == 400


async def test_subusers_count_day_by_day(family: Harness) -> None:
    [day] = await found(family, "subusers/stats", subusers=["bob", "ada", "nobody"])
    assert [(each["name"], each["type"], each["metrics"]["requests"]) for each in day["stats"]] == [
        ("bob", "subuser", 0),
        ("ada", "subuser", 3),
        ("nobody", "subuser", 0),
    ]


async def test_subusers_are_summed(family: Harness) -> None:
    sums = await found(family, "subusers/stats/sums")
    assert [(each["name"], each["metrics"]["delivered"]) for each in sums["stats"]] == [("ada", 3), ("bob", 0)]


async def test_a_month_of_subusers(family: Harness) -> None:
    query = {"date": today(family)}
    month = value(await family.call("GET", "/v3/subusers/stats/monthly", query=query))
    assert month["date"] == today(family)[:8] + "01"
    assert names(month["stats"]) == ["ada", "bob"]
    chosen = value(await family.call("GET", "/v3/subusers/stats/monthly", query={**query, "subuser": "O"}))
    assert names(chosen["stats"]) == ["bob"]
    one = value(await family.call("GET", "/v3/subusers/ada/stats/monthly", query=query))
    assert [each["metrics"]["processed"] for each in one["stats"]] == [3]
    assert (await family.call("GET", "/v3/subusers/nobody/stats/monthly", query=query)).status == 404
    last = value(await family.call("GET", "/v3/subusers/stats/monthly", query={"date": "9999-12-31"}))
    assert last["date"] == "9999-12-01"
    for wrong in ({"date": "May"}, {**query, "sort_by_metric": "deferred"}):
        assert (await family.call("GET", "/v3/subusers/stats/monthly", query=wrong)).status == 400
