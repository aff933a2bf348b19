"""Traffic as pages: filtered, live, one in full; incidents."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from broker.dashboard import traffic_pages
from broker.dashboard.page import HOME, View
from broker.dashboard.sessions import Session
from broker.storage.base import Event, Incident
from mocks.base import Mail
from tests.broker.dashboard.site import Site, shown, until
from tests.browser import Page

BROKEN = [
    {"side": "request", "where": "body.card.number", "rule": "pattern", "message": "is no number of a card"},
    {"side": "response", "where": "body.items[1]", "rule": "type", "message": "must be an integer"},
]
FORM = [("content-type", "application/x-www-form-urlencoded"), ("authorization", "[hidden]")]


async def fill(site: Site) -> None:
    await site.record(
        "pr-1",
        {"path": "/e/pr-1/alpha/v1/things", "status": 404, "request_body": "needle"},
        {
            "path": "/e/pr-1/alpha/v1/charges?a=1",
            "violations": BROKEN,
            "request_headers": FORM,
            "request_body": "card[number]=x&amount=5",
            "response_body": '{"items": [1, 2.5]}',
        },
        {"service": None, "operation": None, "mode": "refuse", "incident": "inc_1", "status": 401},
    )


async def rows(site: Site, query: str = "") -> list[str]:
    return re.findall(r'<tr id="x-(\w+)"', await site.text(f"/environments/pr-1/traffic{query}"))


async def test_traffic_is_filtered(site: Site) -> None:
    assert "Nothing was called yet" in await site.text("/environments/pr-1/traffic")
    await fill(site)
    assert await rows(site) == ["ex_2", "ex_1", "ex_0"]
    assert await rows(site, "?status=4xx&text=NEEDLE") == ["ex_0"]
    assert await rows(site, "?violations=true") == ["ex_1"]
    assert await rows(site, "?incidents=true") == ["ex_2"]
    assert await rows(site, "?service=alpha&operation=things.create") == ["ex_1", "ex_0"]
    assert await rows(site, "?after=ex_2&scope=") == ["ex_1", "ex_0"]
    assert "No exchange fits the filter" in await site.text("/environments/pr-1/traffic?scope=t-1")
    assert (await site.get("/environments/pr-1/traffic?status=odd")).status_code == 400
    text = await site.text("/environments/pr-1/traffic?violations=true")
    assert f'data-live="{HOME}/environments/pr-1/traffic/live?violations=true"' in text
    assert "/v1/charges?a=1" in shown(text)
    assert "/e/pr-1" not in shown(text)


async def test_an_exchange_shows_its_violations_where_they_are(site: Site) -> None:
    await fill(site)
    text = await site.text("/environments/pr-1/traffic/ex_1")
    assert "2 broken" in text
    assert '<tr class="broken"><th scope="row">card[number]</th>' in text
    assert re.search(r'class="l marked">[^\n]*2\.5[^\n]*must be an integer', text)
    assert "[hidden]" in text
    assert "--data-raw" in text
    assert (await site.get("/environments/pr-1/traffic/none")).status_code == 404
    plain = shown(await site.text("/environments/pr-1/traffic/ex_2"))
    assert "none that the contract knows" in plain
    assert "inc_1" in plain


async def test_an_exchange_leads_to_what_it_brought_about(site: Site) -> None:
    environments = site.broker.environments
    store = await environments.store(await environments.get("pr-1"))
    now = site.broker.clock.now()
    await site.record("pr-1", {"at": now, "service": "stripe"}, {"at": now - timedelta(seconds=1)})
    transaction = store.begin("stripe")
    await transaction.start()
    for number, at in enumerate((now, now - timedelta(seconds=5))):
        event = Event(id=f"evt_{number}", service="stripe", type=f"thing.{number}", payload={}, created_at=at)
        transaction.add_event(event)
        person = {"email": "a@example.com"}
        transaction.add_mail("stripe", Mail(id=f"m_{number}", sender=person, to=[person], subject=f"Mail {number}"), at)
    await transaction.commit()
    text = await site.text("/environments/pr-1/traffic/ex_0")
    assert f'{HOME}/environments/pr-1/events/evt_0"' in text
    assert f'{HOME}/environments/pr-1/mails/m_0"' in text
    assert "evt_1" not in text
    assert "Mail 1" not in text
    assert "What it brought about" not in await site.text("/environments/pr-1/traffic/ex_1")
    await environments.set_clock("pr-1", now, timedelta())
    assert "What it brought about" not in await site.text("/environments/pr-1/traffic/ex_0"), "all has one time"


async def test_incidents_of_one_and_of_all(site: Site) -> None:
    assert "No incident" in await site.text("/environments/pr-1/incidents")
    environment = await site.broker.environments.get("pr-1")
    for number, (name, uid) in enumerate((("pr-1", environment.uid), (None, None))):
        await site.broker.storage.registry.add_incident(
            Incident(
                id=f"inc_{number}",
                at=site.broker.clock.now(),
                kind="foreign_credential",
                environment=name,
                uid=uid,
                service="alpha",
                message=f"message {number}",
                details={"method": "GET", "path": "/v1", "more": [1]},
            )
        )
    assert "message 1" not in await site.text("/environments/pr-1/incidents")
    both = shown(await site.text("/incidents"))
    assert "message 0" in both
    assert "message 1" in both
    assert "nobody&#39;s" in both or "nobody's" in both
    assert "Incidents 1" in shown(await site.text("/environments/pr-1"))


@pytest.fixture
async def watching(site: Site) -> AsyncIterator[Any]:
    """Lines of the stream, as they come."""
    view = View(site.broker._parts(), Session("csrf", 0, 0), {"name": "pr-1"}, {"status": "5xx"})
    answer: Any = await traffic_pages.live(view)
    lines = answer.body_iterator
    assert "retry" in await anext(lines)
    yield view, lines
    await lines.aclose()


async def publish(site: Site, *changes: dict[str, Any]) -> None:
    """As the recorder does."""
    await site.record("pr-1", *changes)
    environment = await site.broker.environments.get("pr-1")
    store = await site.broker.environments.store(environment)
    site.broker.recorder.feed.publish(environment.uid, list(reversed(await store.journal.exchanges())))


async def test_live_traffic_tells_what_fits(site: Site, watching: Any) -> None:
    _, lines = watching
    next_line = asyncio.ensure_future(anext(lines))  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    await publish(site, {"status": 200}, {"status": 503, "path": "/<script>"})
    line = await next_line
    assert line.startswith("event: exchange\ndata: <tr id=")
    assert "/&lt;script&gt;" in line
    assert line.endswith("\n\n")
    assert not re.search(r"\n(?!data: |\n|$)", line)
    site.broker.recorder.feed.end((await site.broker.environments.get("pr-1")).uid)
    assert (await anext(lines)).startswith("event: over")


async def test_live_traffic_ends_with_its_session_and_says_that_it_lives(
    site: Site, watching: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic_pages, "_STILL", 0.001)
    view, lines = watching
    assert await anext(lines) == ": still here\n\n"
    view.session.over = True
    with pytest.raises(StopAsyncIteration):
        await anext(lines)
    assert site.broker.recorder.feed._listeners == {}


async def test_so_many_may_watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.feed.MOST", 0)
    answer = await site.get("/environments/pr-1/traffic/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "so many watch already" in answer.text


@pytest.mark.browser
async def test_a_browser_sees_traffic_as_it_comes(shown_site: tuple[Site, Page]) -> None:
    site, page = shown_site
    await page.visit(f"{site.origin}{HOME}/environments/pr-1/traffic")
    count = "document.querySelectorAll('tbody tr').length"
    await until(page, "document.getElementById('live-state').dataset.state === 'on'")
    await publish(site, {"path": "/v1/seen"})
    await until(page, f"{count} === 1")
    await page.value("document.getElementById('live-pause').click()")
    await publish(site, {"path": "/v1/waits", "id": "ex_7"})
    await until(page, "document.getElementById('live-pause').textContent.includes('(')")
    assert await page.value(count) == 1
    await page.value("document.getElementById('live-pause').click()")
    assert await page.value(count) == 2
    assert await page.value("document.querySelector('tbody a').textContent.includes('/v1/waits')")
