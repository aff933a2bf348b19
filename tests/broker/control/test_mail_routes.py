"""The mailbox of an environment through the control API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from broker.storage.base import EnvironmentStore
from broker.storage.mail import IN_ROW
from mocks.base import Attachment
from tests.broker.control.conftest import Bench
from tests.broker.inbox.samples import PAGE, mail, send, stored

MAILS = "/_broker/v1/environments/pr-1/mails"


async def opened(bench: Bench) -> EnvironmentStore:
    await bench.environments.open("pr-1")
    return await bench.environments.store(await bench.environments.get("pr-1"))


@pytest.fixture
async def box(bench: Bench) -> EnvironmentStore:
    """Three mails, the newest with a file and a script."""
    store = await opened(bench)
    now = bench.clock.now()
    blob = await stored(store, b"%PDF")
    evil = Attachment("<b>.html", "text/html", blob)
    await send(store, mail("m1", to=[{"email": "bob@example.com"}], categories=["news"]), at=now)
    await send(store, mail("m2", subject="Confirm", text=None, html="<p>hi"), at=now, scope="one")
    await send(store, mail("m3", html=PAGE, files=[evil]), at=now)
    return store


async def ids(bench: Bench, **query: Any) -> list[str]:
    answer = await bench.client.get(MAILS, params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_mails_are_listed_and_chosen(bench: Bench, box: EnvironmentStore) -> None:
    assert await ids(bench) == ["m3", "m2", "m1"]
    assert await ids(bench, to="BOB@example.com") == ["m1"]
    assert await ids(bench, subject="confirm") == ["m2"]
    assert await ids(bench, scope="one") == ["m2"]
    assert await ids(bench, category="news") == ["m1"]
    assert await ids(bench, search="has:attachment pay") == ["m3"]
    assert await ids(bench, service="alpha", **{"from": "shop"}, search="-to:bob") == ["m3", "m2"]
    page = (await bench.client.get(MAILS, params={"limit": 2})).json()
    assert page["next"] == "m2"
    assert await ids(bench, after="m2") == ["m1"]
    for wrong in ({"after": "nobody"}, {"search": "before:soon"}, {"limit": 0}, {"what": 1}, {"scope": "a b"}):
        assert (await bench.client.get(MAILS, params=wrong)).status_code == 400, wrong


async def test_a_list_tells_what_a_mail_is(bench: Bench, box: EnvironmentStore) -> None:
    newest, second, _ = (await bench.client.get(MAILS)).json()["items"]
    assert (newest["text"], newest["snippet"], newest["read"], newest["scope"]) == ("Thank you", "Thank you", False, "")
    assert (newest["html_size"], second["text"], second["text_size"], second["snippet"]) == (
        len(PAGE),
        None,
        None,
        "hi",
    )
    (file,) = newest["attachments"]
    assert (file["number"], file["filename"], file["size"]) == (1, "<b>.html", 4)
    assert "raw" not in newest
    assert "bodies" not in newest


async def test_one_mail_with_links_and_fields(bench: Bench, box: EnvironmentStore) -> None:
    found = (await bench.client.get(f"{MAILS}/m3")).json()
    assert found["links"] == [{"url": "https://shop.test/pay?a=1&b=2", "text": "pay here"}]
    assert ["Subject", "Your receipt"] in found["header_fields"]
    for path in ("nobody", "nobody/raw", "nobody/attachments/1", "m1/html", "m2/text", "m3/attachments/2"):
        assert (await bench.client.get(f"{MAILS}/{path}")).status_code == 404, path
    assert (await bench.client.get(f"{MAILS}/m3/attachments/x")).status_code == 404


async def test_its_parts_are_never_active(bench: Bench, box: EnvironmentStore) -> None:
    html = await bench.client.get(f"{MAILS}/m3/html")
    assert (html.text, html.headers["content-type"]) == (PAGE, "text/html; charset=utf-8")
    text = await bench.client.get(f"{MAILS}/m3/text")
    assert (text.text, text.headers["content-type"]) == ("Thank you", "text/plain; charset=utf-8")
    raw = await bench.client.get(f"{MAILS}/m3/raw")
    assert raw.headers["content-type"] == "message/rfc822"
    assert raw.headers["content-disposition"].startswith('attachment; filename="m3.eml"')
    assert raw.text.startswith("Date: ")
    file = await bench.client.get(f"{MAILS}/m3/attachments/1")
    assert file.content == b"%PDF"
    assert file.headers["content-disposition"].startswith('attachment; filename="<b>.html"')
    for answer in (html, text, raw, file):
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_long_text_is_read_by_itself(bench: Bench) -> None:
    store = await opened(bench)
    await send(store, mail("m1", html="x" * (IN_ROW + 1)), at=bench.clock.now())
    found = (await bench.client.get(f"{MAILS}/m1")).json()
    assert (found["html"], found["html_size"]) == (None, IN_ROW + 1)
    assert len((await bench.client.get(f"{MAILS}/m1/html")).content) == IN_ROW + 1


async def test_mails_are_counted_and_marked(bench: Bench, box: EnvironmentStore) -> None:
    assert (await bench.client.get(f"{MAILS}/count")).json() == {"mails": 3, "unread": 3}
    assert (await bench.client.post(f"{MAILS}/read", json={"ids": ["m1"], "read": True})).json() == {"mails": 1}
    assert await ids(bench, read="true") == ["m1"]
    assert await ids(bench, read="false", search="is:unread") == ["m3", "m2"]
    assert (await bench.client.post(f"{MAILS}/read", json={"read": True})).json() == {"mails": 3}
    assert (await bench.client.get(f"{MAILS}/count")).json() == {"mails": 3, "unread": 0}
    assert (await bench.client.post(f"{MAILS}/read", json={"ids": ["m1"]})).status_code == 400


async def test_mails_are_deleted(bench: Bench, box: EnvironmentStore) -> None:
    assert (await bench.client.delete(f"{MAILS}/m2")).json() == {"deleted": 1}
    assert (await bench.client.delete(f"{MAILS}/m2")).status_code == 404
    assert (await bench.client.delete(MAILS, params={"search": "has:attachment"})).json() == {"deleted": 1}
    assert (await box.inventory())["blobs"] == {"count": 0, "bytes": 0}
    assert await ids(bench) == ["m1"]
    assert (await bench.client.delete(MAILS)).json() == {"deleted": 1}
    assert (await bench.client.get(f"{MAILS}/latest")).status_code == 404


async def until(so: Callable[[], bool]) -> None:
    if not so():
        await asyncio.sleep(0.001)
        await until(so)


async def waited(bench: Bench, **query: Any) -> tuple[int, Mapping[str, Any]]:
    answer = await bench.client.get(f"{MAILS}/wait", params=query)
    return answer.status_code, answer.json()


async def test_somebody_waits(bench: Bench, box: EnvironmentStore) -> None:
    assert (await waited(bench, to="bob@example.com"))[1]["id"] == "m1"
    assert (await waited(bench, after="m1", timeout=0))[1]["id"] == "m3"
    status, problem = await waited(bench, after="m3", timeout=0)
    assert (status, problem["type"]) == (408, "/_broker/docs/errors#nothing-came")
    assert (await waited(bench, after="2030-01-01", timeout=0))[0] == 408
    assert (await waited(bench, after="soon", timeout=0))[0] == 400
    assert (await waited(bench, timeout=301))[0] == 400
    uid = (await bench.environments.get("pr-1")).uid
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(waited(bench, subject="at last", timeout=60))
        async with asyncio.timeout(10):
            await until(lambda: bench.inbox.arrivals.count > 0)
        await send(box, mail("m4", subject="At last"), at=bench.clock.now())
        bench.inbox.came(uid, ["m4"])
    status, found = asked.result()
    assert (status, found["id"], found["links"]) == (200, "m4", [])
