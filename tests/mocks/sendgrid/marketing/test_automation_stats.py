"""There are no automations, and their statistics say so."""

from __future__ import annotations

from tests.harness import Harness, read, value

STATS = "/v3/marketing/stats/automations"
NOBODY = "11111111-1111-4111-8111-111111111111"


async def test_there_are_none(sendgrid: Harness) -> None:
    answer = value(await sendgrid.call("GET", STATS, query={"page_size": "2"}))
    assert answer["results"] == []
    assert answer["_metadata"]["count"] == 0
    assert "next" not in answer["_metadata"]


async def test_no_id_is_one(sendgrid: Harness) -> None:
    for path in (NOBODY, f"{NOBODY}/links"):
        response = await sendgrid.call("GET", f"{STATS}/{path}")
        assert (response.status, value(response)["errors"][0]["field"]) == (404, "id")


async def test_the_export_has_a_head_alone(sendgrid: Harness) -> None:
    response = await sendgrid.call("GET", f"{STATS}/export", query={"ids": NOBODY})
    assert (await read(response)).decode().splitlines()[0].startswith("id,name,")
    assert len((await read(response)).splitlines()) == 1
