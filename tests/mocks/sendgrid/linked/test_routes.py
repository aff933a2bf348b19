"""Which requests are for pages."""

from __future__ import annotations

import pytest

from contracts.exchange import Request
from mocks.sendgrid.linked import leaving, reading, routes
from mocks.sendgrid.service import SERVICE


@pytest.mark.parametrize(
    ("method", "path", "page"),
    [
        ("GET", "/wf/open", reading.OPEN),
        ("HEAD", "/ls/click", reading.CLICK),
        ("POST", "/wf/unsubscribe", leaving.UNSUBSCRIBE),
        ("GET", "/asm/unsubscribe", leaving.GROUP),
        ("POST", "/asm", leaving.PREFERENCES),
        ("POST", "/wf/open", None),
        ("DELETE", "/asm", None),
        ("GET", "/v3/asm/groups", None),
        ("GET", "/wf/open/more", None),
    ],
)
def test_a_page_by_its_path(method: str, path: str, page: object) -> None:
    assert routes.page(Request(method=method, path=path)) is page
    assert SERVICE.pages(Request(method=method, path=path)) is page
