"""What mocks hold, through the control API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.control.answering import Ask
from broker.control.browse_routes import download
from tests.broker.control.conftest import Bench
from tests.broker.dashboard.buckets import put_object
from tests.broker.dashboard.site import TOKEN, Site

V1 = "/_broker/v1/environments/pr-1/services"
KEYED = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """With the services that a server has."""
    made = Site(tmp_path / "server")
    await made.broker.environments.open("pr-1")
    yield made
    await made.close()


async def put(site: Site, kind: str, key: str, **members: object) -> None:
    environments = site.broker.environments
    transaction = (await environments.store(await environments.get("pr-1"))).begin("stripe")
    await transaction.put(kind, key, {"id": key, **members})
    await transaction.commit()


async def test_kinds_records_and_one_record(site: Site) -> None:
    for number in range(3):
        await put(site, "customer", f"cus_{number}", name=f"Ada {number}")
    await put(site, "acct_1/customer", "cus_9", name="connected")
    ask = site.client
    kinds = (await ask.get(f"{V1}/stripe/kinds", headers=KEYED)).json()["items"]
    assert {"kind": "customer", "count": 3} in kinds
    assert {"kind": "acct_1/customer", "count": 1} in kinds
    page = (await ask.get(f"{V1}/stripe/records", params={"kind": "customer", "limit": 2}, headers=KEYED)).json()
    assert ([each["key"] for each in page["items"]], page["next"]) == (["cus_2", "cus_1"], "cus_1")
    query = {"kind": "customer", "after": page["next"]}
    rest = (await ask.get(f"{V1}/stripe/records", params=query, headers=KEYED)).json()
    assert ([each["key"] for each in rest["items"]], rest["next"]) == (["cus_0"], None)
    one = await ask.get(f"{V1}/stripe/record", params={"kind": "acct_1/customer", "key": "cus_9"}, headers=KEYED)
    assert one.json()["record"]["name"] == "connected"
    for params in ({"kind": "customer", "key": "none"}, {"kind": "none", "key": "cus_1"}):
        assert (await ask.get(f"{V1}/stripe/record", params=params, headers=KEYED)).status_code == 404
    assert (await ask.get(f"{V1}/none/kinds", headers=KEYED)).status_code == 404
    assert (await ask.get(f"{V1}/stripe/kinds")).status_code == 401


async def test_secrets_of_a_record_are_hidden(site: Site) -> None:
    await put(site, "token", "t", secret="hush-hush", note="whsec_0123456789abcdef0123", card="4242424242424242")
    found = await site.client.get(f"{V1}/stripe/record", params={"kind": "token", "key": "t"}, headers=KEYED)
    for word in ("hush-hush", "whsec_0123456789", "4242424242424242"):
        assert word not in found.text


async def test_files_are_listed_told_and_downloaded_in_pieces(site: Site) -> None:
    size = 24 << 20
    environments = site.broker.environments
    variables = (await environments.bundle(await environments.get("pr-1")))["variables"]
    await put_object(site, variables, "/photos")
    await put_object(site, variables, "/photos/2026/big.bin", b"x" * size, "text/html")
    ask = site.client
    tops = (await ask.get(f"{V1}/s3/files", headers=KEYED)).json()["items"]
    assert [each["name"] for each in tops] == ["photos"]
    folder = (await ask.get(f"{V1}/s3/files/photos", headers=KEYED)).json()
    assert (folder["folders"], folder["files"], folder["next"]) == (["2026/"], [], None)
    below = (await ask.get(f"{V1}/s3/files/photos", params={"prefix": "2026/"}, headers=KEYED)).json()
    assert [(each["name"], each["size"]) for each in below["files"]] == [("2026/big.bin", size)]
    told = (await ask.get(f"{V1}/s3/files/photos/file", params={"file": "2026/big.bin"}, headers=KEYED)).json()
    assert told["media"] == "text/html"
    answer = await ask.get(f"{V1}/s3/files/photos/content", params={"file": "2026/big.bin"}, headers=KEYED)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''big.bin"
    assert answer.headers["content-type"] == "application/octet-stream", "never what a browser would show"
    # That client collects an answer: the pieces themselves are looked at, too.
    path = {"name": "pr-1", "service": "s3", "top": "photos"}
    given = await download(site.broker._parts(), Ask(path=path, query={"file": "2026/big.bin"}))
    assert given.stream is not None
    lengths = [len(piece) async for piece in given.stream]
    assert max(lengths) <= 1 << 20
    assert sum(lengths) == len(answer.content) == size


@pytest.mark.parametrize("path", ["s3/files/none", "s3/files/none/file?file=x", "s3/files/none/content?file=x"])
async def test_what_there_is_not_is_404(site: Site, path: str) -> None:
    assert (await site.client.get(f"{V1}/{path}", headers=KEYED)).status_code == 404


async def test_a_service_without_files_says_so(bench: Bench) -> None:
    await bench.client.put("/_broker/v1/environments/pr-1")
    answer = await bench.client.get(f"{V1}/alpha/files")
    assert (answer.status_code, answer.json()["detail"]) == (404, "alpha keeps no files")
