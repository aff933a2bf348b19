"""Pages as declared: their addresses, their titles, and what they may call."""

from __future__ import annotations

import pytest

from broker.dashboard.page import Addresses, Page, View
from broker.dashboard.sessions import Session
from broker.errors import InvalidInput, NotFound
from tests.broker.control.conftest import Bench
from tests.broker.control.conftest import bench as bench


async def nothing(view: View) -> dict[str, str]:
    return {}


PAGES = (
    Page(name="one", path="/one/{name}", title="{name}", show=nothing),
    Page(name="file", path="/files/{key:path}", title="File", show=nothing),
)


def test_addresses_are_quoted() -> None:
    url = Addresses(PAGES, ())
    assert url("one", name="a/b?c") == "/_broker/ui/one/a%2Fb%3Fc"
    assert url("file", {"x": "&", "y": None, "z": ""}, key="a/b c") == "/_broker/ui/files/a/b%20c?x=%26"
    assert PAGES[0].called({"name": "pr-1"}) == "pr-1"
    assert PAGES[1].called({"key": "x"}) == "File"


async def test_a_page_reads_through_the_control_api(bench: Bench) -> None:
    await bench.environments.open("pr-1")
    view = View(bench.parts, Session("csrf", 0, 0), {"name": "pr-1"})
    assert (await view.call("showEnvironment"))["name"] == "pr-1"
    assert (await view.call("listEnvironments", path={}, query={"limit": 5, "status": ""}))["next"] is None
    assert b"# HELP" in (await view.call("metrics", path={}))
    assert (await view.answer("openEnvironment", body={})).headers["broker-outcome"] == "unchanged"
    with pytest.raises(InvalidInput, match="limit"):
        await view.call("listEnvironments", path={}, query={"limit": 0})
    with pytest.raises(InvalidInput, match="ttl"):
        await view.call("renewEnvironment", body={"ttl": 5})
    with pytest.raises(NotFound):
        await view.call("showEnvironment", path={"name": "pr-2"})
    with pytest.raises(InvalidInput, match="path"):
        await view.call("showEnvironment", path={"name": "\x00"})


async def test_a_list_of_what_the_server_does_not_have_is_empty(bench: Bench) -> None:
    view = View(bench.parts, Session(csrf="x", begun=0, seen=0), {})
    assert await view.listed("listTriggers", path={}) == []
    names = [each["name"] for each in await view.listed("listServices", path={})]
    assert names == list(bench.parts.services)
