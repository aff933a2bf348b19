"""Finding the server and its token, and what happens when either is missing."""

from __future__ import annotations

import socket

import httpx
import pytest

from broker.cli import client, codes
from tests.broker.cli.conftest import Shell
from tests.broker.control.conftest import TOKEN


def test_the_token_of_a_local_data_folder_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROKER_TOKEN")
    refused = shell("env", "list")
    assert refused.code == codes.UNAUTHORISED
    assert "No token is set: set BROKER_TOKEN" in refused.err
    (shell.folder / "data").mkdir()
    shell.write("data/token", "wrong\n")
    assert "from data/token is not this server's" in shell("env", "list").err
    shell.write("data/token", TOKEN + "\n")
    assert shell("env", "list").code == 0
    elsewhere = shell.folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("BROKER_DATA", str(elsewhere))
    assert shell("env", "list").code == codes.UNAUTHORISED
    shell.write("elsewhere/token", TOKEN)
    assert shell("env", "list").code == 0


REAL = client.connect


def test_no_server_is_3_with_the_next_step(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setattr(client, "connect", REAL)
    monkeypatch.setenv("BROKER_URL", f"http://127.0.0.1:{port}")
    ran = shell("env", "list")
    assert ran.code == codes.UNREACHABLE
    assert "broker serve" in ran.err


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://[", "http://a b", "http://a:b@c/"])
def test_an_unusable_address_is_usage(shell: Shell, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(client, "connect", REAL)
    monkeypatch.setenv("BROKER_URL", url)
    ran = shell("env", "list")
    assert (ran.code, "is no address" in ran.err) == (codes.USAGE, True)


def test_an_unusable_setting_is_usage(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_PORT", "none")
    ran = shell("env", "list")
    assert (ran.code, "BROKER_PORT" in ran.err) == (codes.USAGE, True)


def test_something_else_at_the_address(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, text="<html>")

    monkeypatch.setattr(
        client, "connect", lambda found, headers: httpx.Client(transport=httpx.MockTransport(page), base_url=found.url)
    )
    ran = shell("env", "list")
    assert (ran.code, "is BROKER_URL right?" in ran.err) == (codes.MISSING, True)


def test_pages_are_followed(shell: Shell) -> None:
    for number in range(7):
        shell("env", "open", f"pr-{number}", "--json")
    control = client.Control()
    pages = [page["name"] for page in control.every("/environments", limit=5)]
    assert pages == [f"pr-{number}" for number in range(5)]
    assert len(list(control.every("/environments"))) == 7
