"""A page in headless Chromium, through the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/

``async with browser(folder) as page``: ``await page.open(path)``, ``await page.value("document.title")``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

#: Names that Chromium goes by.
NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60


def find() -> str | None:
    """The browser of this machine."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Page:
    """One page. ``requests`` are the addresses that it asked for, ``complaints`` what its console said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._loaded = False
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def ask(self, method: str, **params: Any) -> Any:
        """The result of a command; events that come meanwhile are noted."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=_SECONDS)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.complaints.append(str(params))
        elif method == "Page.loadEventFired":
            self._loaded = True

    async def open(self, path: Path) -> None:
        """Load a file, to its end."""
        await self.visit(path.as_uri())

    async def visit(self, address: str) -> None:
        """Load a page, to its end."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        self._loaded = False
        await self.ask("Page.navigate", url=address)
        await self._load()

    async def _load(self) -> None:
        while not self._loaded:
            self._note(await self._socket.receive_json(timeout=_SECONDS))

    async def fill(self, **values: str) -> None:
        """Type into fields, by their ids."""
        for field, text in values.items():
            await self.value(f"document.getElementById({field!r}).focus()")
            await self.value(f"document.getElementById({field!r}).select()")
            await self.ask("Input.insertText", text=text)

    async def click(self, id: str) -> None:
        """Press what leads to another page, and wait for that."""
        self._loaded = False
        await self.value(f"document.getElementById({id!r}).click()")
        await self._load()

    async def follow(self, selector: str) -> None:
        """Press what leads to another page, found by a selector of CSS, and wait for that. Questions are answered with
        yes."""
        self._loaded = False
        await self.value(f"window.confirm = () => true; document.querySelector({selector!r}).click()")
        await self._load()

    async def value(self, expression: str) -> Any:
        """What an expression comes to in the page."""
        found = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def window(self, width: int, height: int = 900) -> None:
        """How large it is."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def scheme(self, scheme: str) -> None:
        """``light`` or ``dark``."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.ask("Emulation.setEmulatedMedia", features=[feature])


@contextlib.asynccontextmanager
async def browser(folder: Path, *, loopback: bool = False) -> AsyncIterator[Page]:
    """A fresh one, that reaches no network, but this machine where it is told so."""
    program = find()
    assert program is not None
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND" + (", EXCLUDE 127.0.0.1" if loopback else ""),
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / "DevToolsActivePort", process)
        async with aiohttp.ClientSession() as session:  # noqa: TID251 - speaks to the browser on this machine
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json(content_type=None)
            [address] = [one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page"]
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _port(file: Path, process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(_SECONDS):
        while (port := _listening(file)) is None:
            assert process.returncode is None, "the browser did not start"
            await asyncio.sleep(0.02)
    return port


def _listening(file: Path) -> int | None:
    """It writes down where."""
    words = file.read_text().split() if file.exists() else []
    return int(words[0]) if words else None
