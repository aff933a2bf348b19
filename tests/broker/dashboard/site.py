"""The dashboard for tests: a client that is logged in, a server for browsers, and what axe says of a page.

``Site`` speaks to the application in this process; ``Served`` has it on a socket. ``serious(page)`` is what axe-core
(deque.com/axe) finds that is serious or critical.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from broker.app import Broker
from broker.dashboard.page import HOME
from broker.settings import Settings
from tests.broker.control.conftest import exchange
from tests.browser import Page

TOKEN = "a token of the tests"
AXE = Path(__file__).parents[2] / "journeys/node/node_modules/axe-core/axe.min.js"


class Site:
    """A server with the open environment ``pr-1``; ``client`` is logged in."""

    def __init__(self, folder: Path, origin: str = "http://127.0.0.1:4600", **settings: Any) -> None:
        port = int(origin.rpartition(":")[2])
        self.broker = Broker(Settings(data=folder, token=TOKEN, strict_replies=True, port=port).with_(**settings))
        self.origin = origin
        self.client = self.stranger()

    def stranger(self) -> httpx.AsyncClient:  # noqa: TID251 - the type of it
        """A client that is not logged in; it sends forms as a page of the server does."""
        return httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
            transport=httpx.ASGITransport(self.broker.application),
            base_url=self.origin,
            headers={"origin": self.origin},
        )

    async def log_in(self) -> None:
        answer = await self.client.post(f"{HOME}/login", data={"token": TOKEN})
        assert answer.status_code == 303, answer.text

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """A page below HOME."""
        return await self.client.get(HOME + path, **options)

    async def text(self, path: str) -> str:
        """A page that is there, as HTML."""
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, shown(answer.text))
        return answer.text

    async def csrf(self) -> str:
        """What forms of this session carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', await self.text("/"))
        assert found is not None
        return found[1]

    async def post(self, path: str, **form: str) -> httpx.Response:
        """A form of this session; a field ``csrf`` replaces its own."""
        return await self.client.post(HOME + path, data={"csrf": await self.csrf(), **form})

    async def record(self, name: str = "pr-1", *changes: dict[str, Any]) -> None:
        """An exchange in the journal for each of the changes to a plain one."""
        from dataclasses import replace

        environments = self.broker.environments
        store = await environments.store(await environments.get(name))
        now = self.broker.clock.now()
        plain = [replace(exchange(f"ex_{number}", now), **change) for number, change in enumerate(changes)]
        await store.journal.add(plain)

    async def close(self) -> None:
        await self.client.aclose()
        await self.broker.keeper.stop()
        await self.broker.storage.close()


def shown(html: str) -> str:
    """The text of a page, without its markup."""
    return " ".join(re.sub(r"<(script|style|svg).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL).split())


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Site]:
    """The same on a socket of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Site(folder, f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(site.broker.application, lifespan="on", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listening]))  # noqa: TID251 - awaited below
        try:
            while not server.started:
                assert not running.done(), running.result()
                await asyncio.sleep(0.01)
            await site.broker.environments.open("pr-1")
            await site.log_in()
            yield site
        finally:
            await site.client.aclose()
            server.should_exit = True
            await running


async def enter(page: Page, site: Site) -> None:
    """Log the browser in, through the form."""
    await page.visit(f"{site.origin}{HOME}/login")
    await page.fill(token=TOKEN)
    await page.click("log-in")


async def until(page: Page, expression: str) -> None:
    """Wait for what the page's script will make true."""
    for _ in range(1000):
        if await page.value(expression):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never came true: {expression}; the page says {await page.value('document.body.innerText')}")


async def serious(page: Page) -> list[str]:
    """Each rule of axe that the page breaks seriously, with the places."""
    await page.value(AXE.read_text() + ";1")
    found = await page.ask(
        "Runtime.evaluate",
        expression="axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => "
        "[v.impact, v.id, v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary).slice(0, 4)]))",
        awaitPromise=True,
        returnByValue=True,
    )
    assert "exceptionDetails" not in found, found
    return [
        f"{rule}: {places}" for impact, rule, places in found["result"]["value"] if impact in ("serious", "critical")
    ]
