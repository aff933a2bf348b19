"""Hostile words in every place that somebody outside writes: no page of the dashboard runs, loads or follows any.

The places are those of tests/broker/dashboard/filled.py. Pages are found by following links, read by a parser, and
shown by a browser.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from tests import browser as chromium
from tests.broker.dashboard.crawling import Crawl, active, crawl
from tests.broker.dashboard.filled import PLACES, fill
from tests.broker.dashboard.site import Site, enter, served
from tests.browser import Page

#: Out of an attribute of either kind, out of text, out of a script; a template's and an address's way to run.
HOSTILE = (
    "\"'><img src=x onerror=planted()><script>planted()</script></script><svg onload=planted()>"
    "{{7*'7'}}<xss-planted onclick=planted()>javascript:planted()<!--"
)


def hostile(place: str) -> str:
    """Told apart by where it stands; short enough for whatever is cut."""
    return f"xq-{place}-{HOSTILE}"


@pytest.fixture
async def planted(tmp_path: Path) -> AsyncIterator[tuple[Site, Crawl]]:
    """A server with hostile words everywhere, and all of its pages."""
    async with served(tmp_path / "server") as site:
        await fill(site, hostile)
        yield site, await crawl(site)


async def test_nothing_that_was_written_outside_is_markup(planted: tuple[Site, Crawl]) -> None:
    _, found = planted
    pages = found.documents()
    assert len(pages) > 25, "the crawl came nowhere"
    failed = {address: answer.status_code for address, answer in found.answers.items() if answer.status_code >= 500}
    assert not failed
    wrong = {address: bad for address, answer in pages.items() if (bad := active(answer.text))}
    assert not wrong
    for address, answer in pages.items():
        assert "<xss-planted" not in answer.text, address
        assert "7777777" not in answer.text, address
    together = unescape(" ".join(answer.text for answer in pages.values()))
    unseen = [place for place in PLACES if f"xq-{place}-\"'><img" not in together]
    assert not unseen, "planted, and shown nowhere: the test says nothing of it"


async def test_what_is_no_page_of_ours_is_contained(planted: tuple[Site, Crawl]) -> None:
    """Files and mails as they are: never with our origin."""
    _, found = planted
    others = set(found.answers) - set(found.documents())
    for address in others:
        headers = found.answers[address].headers
        policy = headers["content-security-policy"]
        assert "sandbox" in policy, address
        assert "allow-same-origin" not in policy, address
        assert "allow-scripts" not in policy, address
        assert headers["x-content-type-options"] == "nosniff", address


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(chromium.find() is None, reason="this machine has no Chromium")
async def test_a_browser_runs_none_of_it(planted: tuple[Site, Crawl], tmp_path: Path) -> None:
    site, found = planted
    async with chromium.browser(tmp_path / "browser", loopback=True) as page:
        await page.ask("Page.enable")
        watch = "window.planted = () => { document.documentElement.dataset.planted = location.href }"
        await page.ask("Page.addScriptToEvaluateOnNewDocument", source=watch)
        await enter(page, site)
        for address in found.documents():
            await page.visit(site.origin + address)
            await _touch(page)
            assert await page.value("document.documentElement.dataset.planted || null") is None, address
        elsewhere = [each for each in page.requests if not each.startswith((site.origin + "/", "data:", "chrome"))]
        assert not elsewhere
        told = [each for each in page.complaints if re.search("Security Policy|planted|exception", each)]
        assert not told


async def _touch(page: Page) -> None:
    """Everything that has a handler would run it now."""
    await page.value(
        "document.querySelectorAll('main *').forEach((one) => { "
        "for (const kind of ['mouseover', 'focus', 'error', 'load']) one.dispatchEvent(new Event(kind)) })"
    )
