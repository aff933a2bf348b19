"""The composition root: secrets made once, one server a folder, and what cannot be listened on told plainly."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.app import Broker, main, serve
from broker.claiming import lock_folder
from broker.settings import InvalidSetting, Settings
from mocks.registry import SERVICES
from tests.broker.tiny import tiny

ROOT = Path(__file__).parents[2]


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(data=folder, port=0).with_(**changes)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def permissions(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_secrets_are_made_at_the_first_start_for_the_owner_alone(tmp_path: Path) -> None:
    first = Broker(settings(tmp_path / "data"), services=[tiny()])
    await first.storage.close()
    assert [permissions(tmp_path / "data" / name) for name in ("", "token", "key")] == [0o700, 0o600, 0o600]
    again = Broker(settings(tmp_path / "data"), services=[tiny()])
    await again.storage.close()
    assert again.token == first.token
    assert again.vault.unseal(first.vault.seal("x")) == "x"


async def test_given_secrets_are_not_written_down(tmp_path: Path) -> None:
    broker = Broker(settings(tmp_path, token="a token of ours", key="a key of ours, long"), services=[tiny()])
    await broker.storage.close()
    assert broker.token == "a token of ours"
    assert {"token", "key"}.isdisjoint(names(tmp_path))


async def test_the_parts_work_together_and_end_cleanly(tmp_path: Path) -> None:
    broker = Broker(settings(tmp_path, port=4600), services=[tiny()])
    async with broker.lifespan():
        opened = await broker.environments.open("pr-1")
        bundle = await broker.environments.bundle(opened.environment)
        transport = httpx.ASGITransport(broker.application)
        async with httpx.AsyncClient(transport=transport) as client:  # noqa: TID251 - in process, to our own application
            headers = {"authorization": f"Bearer {bundle['variables']['TINY_KEY']}"}
            url = bundle["variables"]["TINY_URL"]
            made = await client.post(f"{url}/v1/things", json={"name": "one"}, headers=headers)
            assert (made.status_code, made.headers["broker-environment"]) == (200, "pr-1")
            health = await client.get("http://127.0.0.1:4600/_broker/healthz")
            assert health.status_code == 200
            unseen = await client.get("http://127.0.0.1:4600/_broker/v1/environments")
            assert unseen.status_code == 401
            metrics = await client.get(
                "http://127.0.0.1:4600/_broker/metrics", headers={"authorization": f"Bearer {broker.token}"}
            )
            assert 'broker_exchanges_total{mode="mock",service="tiny",status="200"} 1.0' in metrics.text
    # What was answered is in the journal after an orderly end.
    again = Broker(settings(tmp_path), services=[tiny()])
    store = await again.storage.open(opened.environment)
    assert [each.operation for each in await store.journal.exchanges()] == ["things.create"]
    await again.storage.close()


def test_every_service_of_the_registry_is_served(tmp_path: Path) -> None:
    broker = Broker(settings(tmp_path))
    assert list(broker.services) == [service.name for service in SERVICES]
    broker.storage.registry.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - refused
def test_beyond_loopback_a_token_is_needed(tmp_path: Path, host: str) -> None:
    with pytest.raises(InvalidSetting, match="BROKER_TOKEN"):
        serve(settings(tmp_path / "data", host=host))
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_told_by_its_variable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidSetting, match=f"BROKER_PORT: cannot listen on 127.0.0.1:{port}"):
            serve(settings(tmp_path, port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_told(tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "invalid" in host:
        # Looking a name up would leave the machine.
        def unknown(*_: Any) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket.socket, "bind", unknown)
    with pytest.raises(InvalidSetting, match="BROKER_PORT"):
        serve(settings(tmp_path, host=host, token="a token of ours"))


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    lock = lock_folder(tmp_path)
    with pytest.raises(InvalidSetting, match="BROKER_DATA: another server uses"):
        serve(settings(tmp_path))
    os.close(lock)
    os.close(lock_folder(tmp_path))


def test_main_tells_a_wrong_setting_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROKER_PORT", "many")
    assert main() == 2
    assert capsys.readouterr().err.startswith("broker: BROKER_PORT: ")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """``main`` configures the root logger; what it added goes again."""
    before = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = before


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server on a free port, and its origin."""
    environment = {"PATH": os.defpath, "BROKER_DATA": str(folder), "BROKER_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "broker.app"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        # A runner may have started us with interrupts ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            assert process.stderr is not None
            lines = []
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"listens on (http://127\.0\.0\.1:\d+)", line):
                    yield process, found.group(1)
                    break
            else:
                raise AssertionError("".join(lines))
        finally:
            process.kill()


def test_a_server_picks_a_free_port_keeps_its_folder_and_ends_in_order(tmp_path: Path) -> None:
    with running(tmp_path) as (first, origin):
        assert httpx.get(f"{origin}/_broker/healthz", trust_env=False).status_code == 200
        token = (tmp_path / "token").read_text().strip()
        headers = {"authorization": f"Bearer {token}"}
        opened = httpx.put(f"{origin}/_broker/v1/environments/pr-1", json={}, headers=headers, trust_env=False)
        assert opened.status_code in (200, 201)
        second = subprocess.run(
            [sys.executable, "-m", "broker.app"],
            cwd=ROOT,
            env={"PATH": os.defpath, "BROKER_DATA": str(tmp_path), "BROKER_PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert "BROKER_DATA: another server uses" in second.stderr
        first.kill()
    # The lock went with the process, and the state is still there.
    with running(tmp_path) as (third, origin):
        found = httpx.get(f"{origin}/_broker/v1/environments/pr-1", headers=headers, trust_env=False)
        assert (found.status_code, found.json()["name"]) == (200, "pr-1")
        third.send_signal(signal.SIGTERM)
        assert third.wait(20) in (0, -signal.SIGTERM)


def test_it_ends_from_the_keyboard_without_a_traceback(tmp_path: Path) -> None:
    with running(tmp_path) as (server, origin):
        assert httpx.get(f"{origin}/_broker/healthz", trust_env=False).status_code == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 130


async def test_another_key_than_the_one_that_the_folder_was_written_with_is_refused(tmp_path: Path) -> None:
    first = Broker(settings(tmp_path, key="the first key of ours"), services=[tiny()])
    async with first.lifespan():
        await first.environments.open("pr-1")
    with pytest.raises(InvalidSetting, match="written with another key"):
        Broker(settings(tmp_path, key="another key of ours"), services=[tiny()])
    again = Broker(settings(tmp_path, key="the first key of ours"), services=[tiny()])
    await again.storage.close()


async def test_any_key_opens_a_folder_in_which_no_credential_lives(tmp_path: Path) -> None:
    first = Broker(settings(tmp_path, key="the first key of ours"), services=[tiny()])
    await first.storage.close()
    again = Broker(settings(tmp_path, key="another key of ours"), services=[tiny()])
    await again.storage.close()


def test_a_folder_that_cannot_be_one_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert main({"data": tmp_path / "file", "port": 0}) == 2
    assert capsys.readouterr().err.startswith(f"broker: BROKER_DATA: {tmp_path / 'file'}: File exists; name a folder")


def test_a_registry_that_is_damaged_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broker.db").write_bytes(b"this is no database" * 1000)
    assert main({"data": tmp_path, "port": 0}) == 2
    assert f"BROKER_DATA: {tmp_path / 'broker.db'} cannot be opened (file is not a database)" in capsys.readouterr().err
