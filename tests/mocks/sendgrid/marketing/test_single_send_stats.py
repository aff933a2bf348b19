"""What became of single sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, read, value
from tests.mocks.sendgrid.marketing.campaign import SENDS, complete, drafted

STATS = "/v3/marketing/stats/singlesends"


async def gone(sendgrid: Harness, *names: str) -> dict[str, Any]:
    """A single send that left."""
    single = await complete(sendgrid, *names)
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    return single


async def test_events_are_counted_by_their_single_send(sendgrid: Harness) -> None:
    single = await gone(sendgrid, "Ada", "Bea+open", "Carl+bounce")
    other = await drafted(sendgrid)
    (row,) = value(await sendgrid.call("GET", STATS))["results"]
    assert (row["id"], row["ab_phase"], row["aggregation"]) == (single["id"], "all", "total")
    counted = {name: number for name, number in row["stats"].items() if number}
    assert counted == {"requests": 3, "delivered": 2, "opens": 1, "unique_opens": 1, "bounces": 1}
    assert value(await sendgrid.call("GET", f"{STATS}/{single['id']}"))["results"] == [row]
    (nothing,) = value(await sendgrid.call("GET", f"{STATS}/{other['id']}"))["results"]
    assert set(nothing["stats"].values()) == {0}


async def test_days_and_ranges(sendgrid: Harness) -> None:
    single = await gone(sendgrid, "Ada")
    today = sendgrid.clock.now().date().isoformat()
    path = f"{STATS}/{single['id']}"
    (row,) = value(await sendgrid.call("GET", path, query={"aggregated_by": "day"}))["results"]
    assert (row["aggregation"], row["stats"]["delivered"]) == (today, 1)
    (row,) = value(await sendgrid.call("GET", path, query={"end_date": "2010-01-01"}))["results"]
    assert row["stats"]["delivered"] == 0
    for query in ({"start_date": "2010-01-02", "end_date": "2010-01-01"}, {"start_date": "soon"}):
        assert (await sendgrid.call("GET", path, query=query)).status == 400


async def test_pages_and_choices(sendgrid: Harness) -> None:
    first, second = await gone(sendgrid, "Ada"), await complete_again(sendgrid)
    answer = value(await sendgrid.call("GET", STATS, query={"page_size": 1}))
    assert ([one["id"] for one in answer["results"]], answer["_metadata"]["count"]) == ([second], 2)
    following = answer["_metadata"]["next"].partition("?")[2]
    answer = value(await sendgrid.call("GET", STATS, query=following))
    assert [one["id"] for one in answer["results"]] == [first["id"]]
    back = answer["_metadata"]["prev"].partition("?")[2]
    assert value(await sendgrid.call("GET", STATS, query=back))["results"][0]["id"] == second
    chosen = value(await sendgrid.call("GET", STATS, query={"singlesend_ids": first["id"]}))["results"]
    assert [one["id"] for one in chosen] == [first["id"]]
    for token in ("x", "9"):
        assert (await sendgrid.call("GET", STATS, query={"page_token": token})).status == 400


async def complete_again(sendgrid: Harness) -> str:
    """Another single send that left: a copy of the first."""
    first = value(await sendgrid.call("GET", SENDS))["result"][0]
    copy = value(await sendgrid.call("POST", f"{SENDS}/{first['id']}", json={}))
    await sendgrid.call("PUT", f"{SENDS}/{copy['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    return str(copy["id"])


async def test_links_that_were_clicked(sendgrid: Harness) -> None:
    html = "<a href='https://shop.example/cake'>cake</a> {{{unsubscribe}}}"
    single = await complete(sendgrid, "Ada+click", "Bea+click", html_content=html)
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    answer = value(await sendgrid.call("GET", f"{STATS}/{single['id']}/links"))
    assert answer["total_clicks"] == 2
    assert [(one["url"], one["clicks"]) for one in answer["results"]] == [("https://shop.example/cake", 2)]


async def test_lines_of_csv(sendgrid: Harness) -> None:
    single = await gone(sendgrid, "Ada")
    answer = await sendgrid.call("GET", f"{STATS}/export", query={"ids": single["id"]})
    head, row = (await read(answer)).decode().splitlines()
    assert ("content-type", "text/plain") in answer.headers
    assert head.startswith("id,name,send_at,bounce_drops")
    assert row.startswith(f"{single['id']},News,")
    assert len((await read(await sendgrid.call("GET", f"{STATS}/export", query={"ids": "x"}))).splitlines()) == 1


@pytest.mark.parametrize("path", ["", "/links"])
async def test_what_is_not_there(sendgrid: Harness, path: str) -> None:
    assert (await sendgrid.call("GET", f"{STATS}/nobody{path}")).status == 404
