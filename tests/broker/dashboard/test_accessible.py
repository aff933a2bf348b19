"""Every page of the table, as axe-core sees it in both schemes, and by the keyboard alone."""

from __future__ import annotations

import asyncio

import pytest

from broker.dashboard.page import HOME
from broker.dashboard.routes import PAGES
from tests.broker.dashboard.crawling import crawl, page_of
from tests.broker.dashboard.filled import fill
from tests.broker.dashboard.site import Site, serious
from tests.browser import Page

#: Pages that no link leads to here, each with its reason.
UNREACHED: dict[str, str] = {
    "live": "a stream, which the script opens",
    "arrived": "what the script waits for",
    "receipt": "of a closed environment",
}

_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}


async def test_every_page_is_reached_by_links_and_answers(site: Site) -> None:
    await fill(site)
    found = await crawl(site)
    wrong = {address: answer.status_code for address, answer in found.answers.items() if answer.status_code != 200}
    assert not wrong
    unreached = {page.name for page in PAGES} - found.reached()
    assert unreached == set(UNREACHED), "give tests.broker.dashboard.filled something that leads there"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(shown_site: tuple[Site, Page], scheme: str) -> None:
    site, page = shown_site
    await fill(site)
    found = await crawl(site)
    # One address of each page, on a desk and on a phone.
    one = {name.name: address for address in reversed(found.documents()) if (name := page_of(address)) is not None}
    await page.scheme(scheme)
    wrong = []
    for width in (1280, 390):
        await page.window(width)
        for name, address in one.items():
            await page.visit(site.origin + address)
            wrong += [f"{name} at {width}: {rule}" for rule in await serious(page)]
            if await page.value("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
                wrong.append(f"{name} at {width}: wider than the window")
    assert not wrong, "\n".join(wrong)
    assert not [each for each in page.complaints if "Security Policy" in each or "exception" in each.lower()]


async def press(page: Page, key: str) -> None:
    """A key, as the browser gets it from a keyboard."""
    text = {"text": "\r" if key == "Enter" else key} if key not in ("Tab", "Escape") else {}
    code = _KEYS.get(key, ord(key[0].upper()))
    await page.ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
    await page.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)


@pytest.mark.browser
async def test_the_keyboard_is_enough(shown_site: tuple[Site, Page]) -> None:
    site, page = shown_site
    for number in range(2, 5):
        await site.broker.environments.open(f"pr-{number}")
    await page.visit(f"{site.origin}{HOME}/")
    await press(page, "Tab")
    assert await page.value("document.activeElement.className") == "skip"
    await press(page, "/")
    assert await page.value("document.activeElement.name") == "text"
    await press(page, "Escape")
    for key, name in (("j", "pr-1"), ("j", "pr-2"), ("k", "pr-1"), ("k", "pr-1")):
        await press(page, key)
        assert await page.value("document.querySelector('tr.at a.go').textContent") == name
        assert await page.value("document.activeElement.textContent") == name
    await press(page, "?")
    assert await page.value("document.getElementById('help').open")
    await press(page, "Escape")
    assert not await page.value("document.getElementById('help').open")
    for theme in ("light", "dark", None):
        await press(page, "t")
        assert await page.value("document.documentElement.dataset.theme || null") == theme
    await leaves(page, "Enter", f"{HOME}/environments/pr-1")
    await leaves(page, "u", f"{HOME}/")


async def leaves(page: Page, key: str, path: str) -> None:
    """The key leads to another page."""
    await press(page, key)
    for _ in range(500):
        await asyncio.sleep(0.01)
        if await page.value("document.readyState === 'complete' && location.pathname") == path:
            return
    raise AssertionError(f"{key} led to {await page.value('location.pathname')}")
