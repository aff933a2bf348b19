"""One environment's lists out of a shared account, page by page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import CUT
from sandboxes.sendgrid import lists
from sandboxes.sendgrid.lists import LISTINGS, narrow
from sandboxes.sendgrid.provider import PROVIDER
from tests.sandboxes.sendgrid.calls import Scripted, Shared, call, reply, token_of


class Visible:
    """Sees these ids; counts how often it is asked."""

    def __init__(self, *ids: str) -> None:
        self.ids = set(ids)
        self.asked = 0

    async def __call__(self, ids: Sequence[str]) -> Mapping[str, str]:
        self.asked += 1
        return {each: "" for each in ids if each in self.ids}


def test_every_list_of_own_objects_can_be_narrowed() -> None:
    own = {name for name, rule in PROVIDER.rules.items() if rule.effect == "list" and rule.scope == "own"}
    assert own == LISTINGS.keys()


async def pages(account: Shared, visible: Visible, size: int) -> list[list[str]]:
    """Every page of the templates' list, followed by its links."""
    found: list[list[str]] = []
    token: str | None = ""
    while token is not None:
        query = [("page_size", str(size)), *([("page_token", token)] if token else [])]
        response = await narrow(call("GET", "/v3/templates", query=query), account, visible)
        value = json.loads(response.body)
        found.append([item["name"] for item in value["result"]])
        assert response.header(CUT[0]) is None
        token = token_of(value)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 200])
@pytest.mark.parametrize("total", [0, 1, 199, 200, 201, 650])
async def test_pages_are_full_and_end_where_the_objects_end(size: int, total: int) -> None:
    account = Shared()
    ours = [account.put("/v3/templates", name=f"n{number}") for number in range(total)]
    ours = [name for number, name in enumerate(ours) if number % 9 == 4 or 190 < number < 205]
    wanted = [item["name"] for item in account.kept["/v3/templates"] if item["id"] in ours]
    found = await pages(account, Visible(*ours), size)
    assert [name for page in found for name in page] == wanted
    assert all(len(page) == size for page in found[:-1])
    assert wanted == [] or found[-1]


async def test_links_lead_to_the_gateway_and_counts_are_the_environments() -> None:
    account = Shared()
    ours = [account.put("/v3/marketing/lists", name=f"n{number}") for number in range(6)]
    visible = Visible(*ours[::2])
    whole = json.loads((await narrow(call("GET", "/v3/marketing/lists"), account, visible)).body)
    assert whole["_metadata"] == {"self": "http://gateway.example/e/pr-142/sendgrid/v3/marketing/lists?", "count": 3}
    query = [("page_size", "2")]
    first = json.loads((await narrow(call("GET", "/v3/marketing/lists", query=query), account, visible)).body)
    assert first["_metadata"]["next"].startswith("http://gateway.example/e/pr-142/sendgrid/v3/marketing/lists?")
    assert "count" not in first["_metadata"]
    assert "page_size=1000" in account.asked[-1].query


async def test_a_list_that_would_take_too_long_is_cut_and_can_be_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGES", 3)
    account = Shared()
    made = [account.put("/v3/templates", name=f"n{number}") for number in range(1000)]
    visible = Visible(made[5], made[900])
    first = await narrow(call("GET", "/v3/templates", query=[("page_size", "10")]), account, visible)
    value = json.loads(first.body)
    assert first.header(CUT[0]) == CUT[1]
    assert [item["name"] for item in value["result"]] == ["n5"]
    token = token_of(value)
    assert token is not None
    query = [("page_size", "10"), ("page_token", token)]
    second = await narrow(call("GET", "/v3/templates", query=query), account, visible)
    assert [item["name"] for item in json.loads(second.body)["result"]] == ["n900"]
    assert second.header(CUT[0]) is None


@pytest.mark.parametrize(
    ("path", "answer", "kept"),
    [
        ("/v3/asm/groups", [{"id": 1}, {"id": 2}], [{"id": 1}]),
        ("/v3/asm/suppressions", [{"group_id": 1, "email": "a"}, {"group_id": 2, "email": "b"}], None),
        ("/v3/user/scheduled_sends", [{"batch_id": "1"}, {"batch_id": "x"}], [{"batch_id": "1"}]),
        ("/v3/marketing/segments", {"results": [{"id": "1"}, {"id": "x"}]}, {"results": [{"id": "1"}]}),
        (
            "/v3/marketing/segments/2.0",
            {"segments": [{"id": "1"}], "_metadata": {"count": 9}},
            {"segments": [{"id": "1"}]},
        ),
        (
            "/v3/asm/suppressions/a@example.com",
            {"suppressions": [{"id": 1, "suppressed": True}, {"id": 2}]},
            {"suppressions": [{"id": 1, "suppressed": True}]},
        ),
    ],
)
async def test_lists_that_come_whole(path: str, answer: Any, kept: Any) -> None:
    response = await narrow(call("GET", path), Scripted(reply(200, answer)), Visible("1"))
    assert json.loads(response.body) == (kept or answer[:1])
    assert response.header("content-length") == str(len(response.body))


@pytest.mark.parametrize("path", ["/v3/asm/groups", "/v3/marketing/lists"])
@pytest.mark.parametrize("answer", [reply(403, {"errors": [{"message": "no"}]}), reply(200, "odd"), reply(200)])
async def test_what_is_no_list_passes_as_it_is(path: str, answer: Response) -> None:
    visible = Visible()
    assert await narrow(call("GET", path), Scripted(answer), visible) is answer
    assert visible.asked == 0


async def test_a_token_of_sendgrids_own_stands_for_its_page() -> None:
    seen: list[Request] = []

    async def send(request: Request) -> Response:
        seen.append(request)
        return reply(200, {"result": [], "_metadata": {}})

    await narrow(call("GET", "/v3/designs", query=[("page_token", "pbx.y")]), send, Visible())
    assert seen[0].query == "page_size=100&page_token=pbx.y"


@pytest.mark.parametrize("path", ["/v3/asm/groups", "/v3/marketing/lists"])
async def test_long_pages_that_come_as_streams_are_read(path: str) -> None:
    items = [{"id": 1, "name": "ours"}, {"id": 2, "name": "theirs"}]
    whole = json.dumps(items if path == "/v3/asm/groups" else {"result": items}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield whole[:10]
        yield whole[10:]

    response = await narrow(call("GET", path), Scripted(Response(200, stream=pieces())), Visible("1"))
    assert b"theirs" not in response.body
    assert b"ours" in response.body
