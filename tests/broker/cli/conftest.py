"""The commands against a control application in this process: no server, no socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker import cli
from broker.cli import client
from broker.settings import Settings
from tests.broker.control.conftest import TOKEN, Bench
from tests.clocks import HeldClock


class InProcess(httpx.BaseTransport):
    """Carries a synchronous client's requests to an ASGI application in this process."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._carry(request, request.read()))

    async def _carry(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._transport.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands in a folder of their own."""

    def __init__(self, bench: Bench, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.bench = bench
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = cli.main(arguments)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path


@pytest.fixture
def shell(
    tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    bench = Bench(tmp_path / "state", clock)

    def connect(found: Settings, headers: Mapping[str, str]) -> httpx.Client:
        return httpx.Client(transport=InProcess(bench.app), base_url=found.url, headers=headers)

    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(client, "connect", connect)
    monkeypatch.setenv("BROKER_TOKEN", TOKEN)
    yield Shell(bench, folder, capsys)
    asyncio.run(bench.close())
