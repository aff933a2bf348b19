"""The pages agree with the table of routes and the tree of errors, and load nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from broker.control import pages
from broker.control.routes import ROUTES
from mocks.base import REFUSAL_STATUS

ROUTES_PAGE = pages.routes_page(ROUTES, 'http://x"<b>')
ERRORS_PAGE = pages.errors_page()


@pytest.mark.parametrize("page", [ROUTES_PAGE, ERRORS_PAGE], ids=["routes", "errors"])
def test_nothing_is_loaded_and_nothing_runs(page: str) -> None:
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert "<script" not in page


def test_every_route_has_its_section_and_every_refusal_its_entry() -> None:
    for route in ROUTES:
        assert f'id="{route.id}"' in ROUTES_PAGE
    linked = set(re.findall(r'errors#([\w-]+)"', ROUTES_PAGE))
    anchors = re.findall(r'id="([\w-]+)"', ERRORS_PAGE)
    assert linked <= set(anchors)
    assert len(set(anchors)) == len(anchors), "an id stands once"
    for reason in REFUSAL_STATUS:
        assert reason.replace("_", "-") in anchors


def test_every_error_says_what_to_do_next() -> None:
    assert {error.slug for error in pages.error_types()} == set(pages.NEXT_STEPS)


def test_text_from_settings_is_escaped() -> None:
    assert "<b>" not in ROUTES_PAGE.replace('<b class="method">', "")
