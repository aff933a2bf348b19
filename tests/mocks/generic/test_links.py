"""Pages of a document's lists, in the style that the document has, and the way to the next one."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.harness import Harness, value
from tests.mocks.generic import crm
from tests.mocks.generic.crm import KEY

HEADERS = {"x-crm-key": KEY}
NUMBER = {"type": "integer"}
TEXT = {"type": "string"}


async def shop_of(folder: Path, *names: str, **members: Any) -> Harness:
    """A mock whose list takes these parameters and has these members beside its items; five contacts are there."""
    paths: Any = deepcopy(crm.DOCUMENT["paths"])
    parameters = [{"name": name, "in": "query", "schema": TEXT if "oken" in name else NUMBER} for name in names]
    paths["/contacts"]["get"]["parameters"] = parameters
    answer = paths["/contacts"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["properties"] |= members
    seeds = [{"id": f"c-{number}", "name": "A"} for number in range(5)]
    return crm.harness(folder, {"seed_data": {"contacts": seeds}}, paths=paths)


@pytest.mark.parametrize(
    "names",
    [("page", "per_page"), ("limit", "offset"), ("pageSize", "pageToken"), ("$top", "$skip"), ("size", "pageNumber")],
)
async def test_every_page_leads_to_the_next(tmp_path: Path, names: tuple[str, str]) -> None:
    shop = await shop_of(tmp_path, *names, nextPageToken=TEXT)
    size = next(name for name in names if name in ("per_page", "limit", "pageSize", "$top", "size"))
    seen: list[str] = []
    query: dict[str, str] | None = {size: "2"}
    try:
        while query is not None:
            page = await shop.call("GET", "/v2/contacts", query=query, headers=HEADERS)
            seen += [one["id"] for one in value(page)["items"]]
            link = page.header("link")
            query = None if link is None else dict(parse_qsl(urlsplit(link[1 : link.index(">")]).query))
            assert link is None or link.endswith('>; rel="next"')
            assert len(seen) <= 6
        assert sorted(seen) == [f"c-{number}" for number in range(5)]
    finally:
        await shop.close()


async def test_what_lists_carry_beside_their_objects(tmp_path: Path) -> None:
    beside = {"nextPageToken": TEXT, "hasMore": {"type": "boolean"}, "next": TEXT, "pageSize": NUMBER}
    shop = await shop_of(tmp_path, "pageSize", "pageToken", **beside)
    try:
        first = value(await shop.call("GET", "/v2/contacts", query={"pageSize": "3"}, headers=HEADERS))
        assert (first["hasMore"], first["pageSize"]) == (True, 3)
        assert first["nextPageToken"] == first["items"][-1]["id"]
        assert f"pageToken={first['nextPageToken']}" in first["next"]
        query = {"pageSize": "3", "pageToken": first["nextPageToken"]}
        last = value(await shop.call("GET", "/v2/contacts", query=query, headers=HEADERS))
        assert (last["hasMore"], last["nextPageToken"], last["next"]) == (False, "", "")
    finally:
        await shop.close()
