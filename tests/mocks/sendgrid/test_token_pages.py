"""Pages by token lead there and back, with what the query asks for besides."""

from __future__ import annotations

from tests.harness import Harness, value

DESIGNS = "/v3/designs"


async def test_every_record_is_on_one_page(sendgrid: Harness) -> None:
    made = []
    for number in range(5):
        body = {"name": f"d{number}", "html_content": "x"}
        made.append(value(await sendgrid.call("POST", DESIGNS, json=body))["id"])
    answer = value(await sendgrid.call("GET", DESIGNS, query="page_size=2&summary=false"))
    seen = [one["id"] for one in answer["result"]]
    while following := answer["_metadata"].get("next"):
        assert "summary=false" in following
        answer = value(await sendgrid.call("GET", DESIGNS, query=following.partition("?")[2]))
        seen += [one["id"] for one in answer["result"]]
    assert seen == made[::-1]
    back = answer["_metadata"]["prev"].partition("?")[2]
    assert [one["id"] for one in value(await sendgrid.call("GET", DESIGNS, query=back))["result"]] == made[1:3][::-1]


async def test_what_is_no_token_is_refused(sendgrid: Harness) -> None:
    assert (await sendgrid.call("GET", DESIGNS, query="page_token=nobody")).status == 400
