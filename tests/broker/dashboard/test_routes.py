"""The table of pages: names and addresses stand once, and every page is reached from another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broker.dashboard import routes
from broker.dashboard.page import HOME, Action, Page
from tests.broker.dashboard.site import Site

TEMPLATES = Path(routes.__file__).parent / "templates"


def test_names_and_addresses_stand_once() -> None:
    both = [*routes.PAGES, *routes.ACTIONS]
    assert len({each.name for each in both}) == len(both)
    assert len({page.path for page in routes.PAGES}) == len(routes.PAGES)
    assert len({action.path for action in routes.ACTIONS}) == len(routes.ACTIONS)


def test_pages_stand_under_others_and_their_templates_exist() -> None:
    names = {page.name for page in routes.PAGES}
    for page in routes.PAGES:
        assert not page.under or page.under in names, page.name
        assert page.part or (TEMPLATES / page.template).is_file(), page.name
        assert page.nav != "environment" or page.path.startswith("/environments/{name}"), page.name


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    """The content security policy would stop both."""
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert " on" + "click" not in text, template
        assert "|safe" not in text, template
        assert text.count("<script") == text.count('<script nonce="{{ nonce }}" src='), template


def somewhere(path: str) -> str:
    """The path with some parameters."""
    return HOME + re.sub(r"\{name\}", "pr-1", re.sub(r"\{(?!name\})\w+(:path)?\}", "x", path))


@pytest.mark.parametrize("action", routes.ACTIONS, ids=lambda action: action.name)
async def test_no_action_is_done_for_others(site: Site, action: Action) -> None:
    address, csrf = somewhere(action.path), await site.csrf()
    async with site.stranger() as stranger:
        for form in ({}, {"csrf": csrf}):
            answer = await stranger.post(address, data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, HOME + "/login")
    for form, headers in (
        ({}, {}),
        ({"csrf": "x" * len(csrf)}, {}),
        ({"csrf": csrf}, {"origin": "https://evil.example"}),
        ({"csrf": csrf}, {"origin": f"http://pay.pr-1.localhost:{site.broker.settings.port}"}),
        ({"csrf": csrf}, {"sec-fetch-site": "same-site"}),
    ):
        answer = await site.client.post(address, data=form, headers=headers)
        assert answer.status_code == 403, (form, headers)
    for method in ("GET", "PUT", "DELETE"):
        answer = await site.client.request(method, address)
        assert answer.status_code in (200, 404, 405), "a page of the same address, or nothing"


@pytest.mark.parametrize("page", routes.PAGES, ids=lambda page: page.name)
async def test_no_page_is_shown_to_strangers(site: Site, page: Page) -> None:
    async with site.stranger() as stranger:
        answer = await stranger.get(somewhere(page.path))
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(HOME + "/login")
        assert not answer.content
        assert (await stranger.get(somewhere(page.path), headers={"sec-fetch-mode": "cors"})).status_code == 401
    if not page.part:
        framed = await site.client.get(somewhere(page.path), headers={"sec-fetch-dest": "iframe"})
        assert framed.status_code == 403
