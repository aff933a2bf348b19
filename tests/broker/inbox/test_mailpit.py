"""Helpers of tests that know Mailpit's API read an environment's mails: through a whole server, without a socket."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from broker.app import Broker
from broker.storage.base import EnvironmentStore
from broker.storage.mail import IN_ROW
from mocks.base import Attachment
from tests.broker.inbox.samples import PAGE, mail, send, stored

Api = httpx.AsyncClient  # noqa: TID251 - speaks to the application in this process


@pytest.fixture
async def box(broker: Broker) -> AsyncIterator[EnvironmentStore]:
    """Three mails; the newest has a file, a picture and a script."""
    broker.recorder.start()
    await broker.environments.open("pr-2")
    store = await broker.environments.store(await broker.environments.get_open("pr-1"))
    blob = await stored(store, b"%PDF")
    files = [
        Attachment("a.pdf", "application/pdf", blob),
        Attachment("l.png", "image/png", blob, "inline", "logo"),
    ]
    now = broker.clock.now()
    await send(store, mail("m1", to=[{"email": "bob@example.com"}], categories=["news"]), at=now, scope="one")
    await send(store, mail("m2", text=None, html="<p>hi" + "x" * IN_ROW), at=now)
    await send(store, mail("m3", html=PAGE + "<img src='cid:logo'>", files=files, categories=["b", "a"]), at=now)
    yield store
    await broker.recorder.flush()
    await broker.keeper.stop()
    await broker.workflows.stop()
    await broker.upstream.close()


async def key(broker: Broker, name: str = "pr-1") -> str:
    bundle = await broker.environments.bundle(await broker.environments.get_open(name))
    return str(bundle["variables"]["MAILPIT_PASSWORD"])


@pytest.fixture
async def api(broker: Broker, box: EnvironmentStore) -> AsyncIterator[Api]:
    """A client that has the variables of the bundle."""
    async with Api(
        transport=httpx.ASGITransport(broker.application),
        base_url="http://broker.test/e/pr-1/mailpit",
        auth=("apikey", await key(broker)),
    ) as client:
        yield client


async def test_the_bundle_says_where(broker: Broker) -> None:
    variables = (await broker.environments.bundle(await broker.environments.get_open("pr-1")))["variables"]
    assert variables["MAILPIT_URL"] == "http://127.0.0.1:4600/e/pr-1/mailpit"
    assert variables["MAILPIT_USER"] == "apikey"
    assert variables["MAILPIT_PASSWORD"] == variables["SENDGRID_API_KEY"]
    assert "SMTP_HOST" not in variables


async def test_lists(api: Api) -> None:
    page = (await api.get("/api/v1/messages", params={"limit": 2})).json()
    assert [one["ID"] for one in page["messages"]] == ["m3", "m2"]
    assert {name: page[name] for name in page if name != "messages"} == {
        "total": 3,
        "unread": 3,
        "count": 2,
        "messages_count": 3,
        "messages_unread": 3,
        "start": 0,
        "tags": ["a", "b"],
    }
    rest = (await api.get("/api/v1/messages", params={"start": 2})).json()
    assert ([one["ID"] for one in rest["messages"]], rest["start"]) == (["m1"], 2)
    assert (await api.get("/api/v1/messages", params={"limit": "x"})).status_code == 400
    about = (await api.get("/api/v1/info")).json()
    assert (about["Messages"], about["Unread"]) == (3, 3)
    assert (await api.get("/api/v1/tags")).json() == ["a", "b", "news"]


async def test_searches(api: Api) -> None:
    async def found(query: str, **more: str) -> list[str]:
        answer = await api.get("/api/v1/search", params={"query": query, **more})
        assert answer.status_code == 200, answer.text
        return [one["ID"] for one in answer.json()["messages"]]

    assert await found("to:bob@example.com") == ["m1"]
    assert await found("tag:news") == ["m1"]
    assert await found("has:attachment pay") == ["m3"]
    assert await found("after:2020-01-01", tz="Pacific/Auckland") == ["m3", "m2", "m1"]
    counted = (await api.get("/api/v1/search", params={"query": "-tag:news", "limit": "1"})).json()
    assert (counted["messages_count"], counted["count"], counted["total"]) == (2, 1, 3)
    for wrong in (
        {},
        {"query": " "},
        {"query": "before:soon"},
        {"query": "x", "tz": "Nowhere"},
        {"query": "x", "tz": "../x"},
    ):
        answer = await api.get("/api/v1/search", params=wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8"), wrong
    assert (await api.delete("/api/v1/search", params={"query": "tag:news"})).text == "ok"
    assert await found("is:unread") == ["m3", "m2"]
    assert (await api.delete("/api/v1/search")).status_code == 400


async def test_one_message(api: Api) -> None:
    shown = (await api.get("/api/v1/message/latest")).json()
    assert (shown["ID"], [part["PartID"] for part in shown["Attachments"]]) == ("m3", ["1"])
    assert [part["ContentID"] for part in shown["Inline"]] == ["logo"]
    assert [one["Read"] for one in (await api.get("/api/v1/messages")).json()["messages"]] == [True, False, False]
    assert (await api.get("/api/v1/message/m2")).json()["HTML"].startswith("<p>hixxx"), "a long text, too"
    assert (await api.get("/api/v1/message/m3/headers")).json()["Subject"] == ["Your receipt"]
    raw = await api.get("/api/v1/message/m3/raw")
    assert (raw.headers["content-type"], raw.text[:6]) == ("text/plain; charset=utf-8", "Date: ")
    part = await api.get("/api/v1/message/m3/part/1")
    assert (part.content, part.headers["content-type"]) == (b"%PDF", "application/pdf")
    assert part.headers["content-disposition"].startswith("attachment; ")
    for missing in ("nobody", "nobody/raw", "m1/part/1", "m3/part/3", "m3/part/x"):
        assert (await api.get(f"/api/v1/message/{missing}")).status_code == 404


async def test_marking_and_deleting(api: Api) -> None:
    assert (await api.put("/api/v1/messages", json={"IDs": ["m1"], "Read": True})).text == "ok"
    assert (await api.get("/api/v1/search", params={"query": "is:read"})).json()["messages_count"] == 1
    assert (await api.put("/api/v1/messages", json={"Read": True})).text == "ok"
    assert (await api.get("/api/v1/messages")).json()["unread"] == 0
    for wrong in ({"IDs": "m1"}, {"IDs": [7]}, {"Read": "yes"}, []):
        assert (await api.put("/api/v1/messages", json=wrong)).status_code == 400
    assert (await api.request("DELETE", "/api/v1/messages", json={"IDs": ["m1"]})).text == "ok"
    assert (await api.get("/api/v1/messages")).json()["total"] == 2
    assert (await api.delete("/api/v1/messages")).text == "ok"
    assert (await api.get("/api/v1/messages")).json()["messages"] == []
    assert (await api.get("/api/v1/message/latest")).status_code == 404


async def test_views_are_never_active(api: Api) -> None:
    html = await api.get("/view/latest.html")
    assert "<script>alert(1)</script>" in html.text
    assert "<img src='../api/v1/message/m3/part/2'>" in html.text
    assert html.headers["content-security-policy"].startswith("sandbox; default-src 'none'; img-src 'self' data:;")
    assert (await api.get("/view/m3.txt")).text == "Thank you"
    for missing in ("m1.html", "m3.xml", "m3", "nobody.html"):
        assert (await api.get(f"/view/{missing}")).status_code == 404


async def test_a_scope_in_the_path_shows_its_own(api: Api) -> None:
    base = "http://broker.test/e/pr-1~one/mailpit/api/v1"
    page = (await api.get(f"{base}/messages")).json()
    assert ([one["ID"] for one in page["messages"]], page["total"], page["unread"]) == (["m1"], 1, 1)
    assert (await api.get(f"{base}/message/latest")).json()["ID"] == "m1"
    assert (await api.get(f"{base}/message/m3")).status_code == 404
    assert (await api.put(f"{base}/messages", json={"Read": True})).text == "ok"
    assert (await api.delete(f"{base}/messages")).text == "ok"
    assert (await api.get("/api/v1/messages")).json()["total"] == 2


async def test_what_is_sent_is_there(api: Api) -> None:
    given: dict[str, Any] = {
        "From": {"Email": "a@example.com"},
        "To": [{"Email": "b@example.com"}],
        "Text": "x",
        "Tags": ["t"],
    }
    sent = await api.post("/api/v1/send", json=given)
    assert sent.status_code == 200, sent.text
    shown = (await api.get(f"/api/v1/message/{sent.json()['ID']}")).json()
    assert (shown["Text"].strip(), shown["Tags"]) == ("x", ["t"])
    refused = await api.post("/api/v1/send", json={**given, "To": []})
    assert (refused.status_code, list(refused.json())) == (400, ["Error"])


async def test_what_is_mailpits_own_is_refused_plainly(api: Api) -> None:
    for method, path in (
        ("GET", "/message/m3/html-check"),
        ("GET", "/message/m3/link-check"),
        ("GET", "/message/m3/sa-check"),
        ("GET", "/message/m3/part/1/thumb"),
        ("POST", "/message/m3/release"),
        ("PUT", "/tags"),
        ("DELETE", "/tags/x"),
        ("GET", "/chaos"),
    ):
        answer = await api.request(method, f"/api/v1{path}")
        assert (answer.status_code, "this inbox does not do it" in answer.text) == (501, True), path
    assert (await api.get("/api/v1/nothing")).status_code == 404
    assert (await api.post("/api/v1/messages")).status_code == 405


async def test_only_the_environments_own_key_opens_it(broker: Broker, api: Api) -> None:
    own, other = await key(broker), await key(broker, "pr-2")
    variables = (await broker.environments.bundle(await broker.environments.get_open("pr-1")))["variables"]
    elsewhere = next(value for value in variables.values() if value.startswith("sk_test_"))
    bearer = await api.get("/api/v1/messages", auth=None, headers={"authorization": f"Bearer {own}"})
    assert bearer.status_code == 200
    tried: list[Any] = [None, ("apikey", ""), ("apikey", "nonsense"), ("apikey", other), ("apikey", elsewhere)]
    for auth in tried:
        answer = await api.get("/api/v1/messages", auth=auth)
        assert answer.status_code == 401, auth
        assert answer.headers["www-authenticate"].startswith("Basic ")
    broken = await api.get("/api/v1/messages", auth=None, headers={"authorization": "Basic ???"})
    assert broken.status_code == 401
    assert (await api.get("http://broker.test/e/nobody/mailpit/api/v1/messages")).status_code == 401
    kinds = [incident.kind for incident in await broker.storage.registry.incidents(None)]
    assert kinds.count("foreign_credential") >= 2
    assert "unknown_credential" in kinds


async def test_a_full_disk_is_told(api: Api, box: EnvironmentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(type(box.mailbox), "mark", full)
    answer = await api.put("/api/v1/messages", json={"Read": True})
    assert (answer.status_code, answer.headers["content-type"]) == (507, "text/plain; charset=utf-8")
    assert "disk is full" in answer.text
