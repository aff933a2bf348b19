"""A dashboard that is logged in, in this process or in a browser: see tests/broker/dashboard/site.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import browser as chromium
from tests.broker.dashboard.site import AXE, Site, enter, served
from tests.browser import Page
from tests.standins import npm


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path / "server")
    await made.broker.environments.open("pr-1")
    # The journal is written also where no test begins the server's whole life.
    made.broker.recorder.start()
    await made.log_in()
    yield made
    await made.close()


@pytest.fixture
async def shown_site(tmp_path: Path) -> AsyncIterator[tuple[Site, Page]]:
    """A server on a socket and a browser that is logged in there; marked ``browser`` where it is used."""
    if chromium.find() is None:
        pytest.skip("this machine has no Chromium")
    if not npm.available():
        pytest.skip("Node.js with npm is not installed, so axe cannot judge on this machine")
    npm.installed(AXE.parents[2])
    async with served(tmp_path / "server") as site, chromium.browser(tmp_path / "browser", loopback=True) as page:
        await enter(page, site)
        yield site, page
