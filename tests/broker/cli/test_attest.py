"""``broker env attest`` inside a component, ``broker env verify`` beside the orchestrator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from broker.bundle import render
from broker.cli import client, codes
from broker.cli.attest import read_values
from broker.cli.client import Failure
from tests.broker.cli.conftest import Shell
from tests.broker.control.conftest import TOKEN

OURS = ("BROKER_ATTEST_KEY", "BROKER_ATTEST_SALT", "BROKER_ENVIRONMENT", "EXTERNAL_API_ENDPOINT")
CANONICAL = ("DATABASE_URL", "QUEUE_NAMESPACE_PREFIX", "CACHE_KEY_PREFIX", "FRONTEND_API_BASE_URL")


class Component:
    """A process of an environment: it has the bundle, variables of its own, and no control token."""

    def __init__(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self._shell = shell
        self._monkeypatch = monkeypatch
        self.bundle: dict[str, str] = shell("env", "open", name, "--json").json["variables"]

    def attest(self, component: str, *options: str, **values: str) -> Any:
        with self._monkeypatch.context() as patch:
            patch.delenv("BROKER_TOKEN")
            for name in CANONICAL:
                patch.delenv(name, raising=False)
            for name, value in ({one: self.bundle[one] for one in OURS} | values).items():
                patch.setenv(name, value)
            return self._shell("env", "attest", "--component", component, *options)


def test_attest_and_verify(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Component(shell, monkeypatch, "pr-1"), Component(shell, monkeypatch, "pr-2")
    nobody = shell("env", "verify", "pr-1")
    assert (nobody.code, "No component of pr-1 has attested" in nobody.err) == (codes.FAILED, True)
    ran = first.attest("worker", DATABASE_URL="postgres://db/1")
    assert ran.code == 0, ran.err
    assert ran.out == "Attested DATABASE_URL, EXTERNAL_API_ENDPOINT of pr-1's worker.\n"
    assert "not set here: QUEUE_NAMESPACE_PREFIX" in ran.err
    well = shell("env", "verify", "pr-1", "--component", "worker", "--max-age", "1h")
    assert (well.code, "postgres" in well.out) == (0, False), well.out
    assert "DATABASE_URL" in well.out

    second.attest("web", DATABASE_URL="postgres://db/1", EXTERNAL_API_ENDPOINT=first.bundle["EXTERNAL_API_ENDPOINT"])
    leaking = shell("env", "verify", "pr-2")
    assert leaking.code == codes.FAILED
    assert "is the same as in pr-1's worker" in leaking.out
    assert "has pr-1's value" in leaking.out
    assert "pr-2 has 2 faults in what its components see." in leaking.err
    assert shell("env", "verify", "pr-2", "--json").json["faults"] == 2
    unmet = shell("env", "verify", "pr-1", "--component", "cron", "--require", "CACHE_KEY_PREFIX", "--json")
    assert unmet.code == codes.FAILED
    assert [(one["component"], one["variable"], one["verdict"]) for one in unmet.json["findings"]] == [
        ("worker", "DATABASE_URL", "foreign"),
        ("worker", "CACHE_KEY_PREFIX", "missing"),
        ("worker", "EXTERNAL_API_ENDPOINT", "ok"),
        ("cron", None, "missing"),
    ]


def test_expected_values_stay_here(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    component = Component(shell, monkeypatch, "pr-1")
    component.attest("web", "--variable", "SEARCH", DATABASE_URL="postgres://db/1", SEARCH="pr-1'x")
    shell.write("good.env", "# of pr-1\nexport DATABASE_URL='postgres://db/1'\nSEARCH=\"pr-1'x\"\n")
    shell.write("bad.env", "DATABASE_URL=postgres://db/2\n")
    sent: list[httpx.Request] = []
    connect = client.connect

    def listening(*arguments: Any) -> httpx.Client:
        http = connect(*arguments)
        http.event_hooks = {"request": [sent.append]}
        return http

    monkeypatch.setattr(client, "connect", listening)
    assert shell("env", "verify", "pr-1", "--expect", "good.env").code == 0
    wrong = shell("env", "verify", "pr-1", "--expect", "bad.env")
    assert (wrong.code, "is not what was expected" in wrong.out) == (codes.FAILED, True)
    assert len(sent) == 4
    assert not [request for request in sent if b"postgres" in request.content]


def test_a_foreign_key_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    Component(shell, monkeypatch, "pr-2")
    ran = Component(shell, monkeypatch, "pr-1").attest("web", "pr-2")
    assert ran.code == codes.UNAUTHORISED
    assert ran.err.startswith("broker: This key is pr-1's:")
    assert "foreign_attestation" in shell("incidents", "pr-2").out


def test_the_server_is_found_by_the_endpoint(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    component = Component(shell, monkeypatch, "pr-1")
    asked: list[str] = []
    connect = client.connect

    def noting(found: Any, headers: Any) -> httpx.Client:
        asked.append(found.url)
        assert TOKEN not in str(headers)
        return connect(found, headers)

    monkeypatch.setattr(client, "connect", noting)
    component.attest("web", EXTERNAL_API_ENDPOINT="https://broker.test:444/e/pr-1", BROKER_URL="")
    component.attest("web", EXTERNAL_API_ENDPOINT="https://broker.test:444/e/pr-1", BROKER_URL="http://inside:1")
    component.attest("web", EXTERNAL_API_ENDPOINT="", BROKER_URL="", DATABASE_URL="x")
    assert asked == ["https://broker.test:444", "http://inside:1", "http://127.0.0.1:4600"]


def test_what_is_missing_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OURS, *CANONICAL):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("BROKER_ATTEST_KEY", "k"), ("BROKER_ENVIRONMENT", "pr-1"), ("DATABASE_URL", "x")):
        ran = shell("env", "attest", "--component", "web")
        assert ran.code == codes.USAGE
        assert ran.err
        monkeypatch.setenv(name, value)
    assert shell("env", "attest", "--component", "web").code == codes.UNAUTHORISED, "k is no key"


def test_a_server_that_is_none(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    component = Component(shell, monkeypatch, "pr-1")

    def connect(answer: httpx.Response | Exception) -> Any:
        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return lambda found, headers: httpx.Client(transport=httpx.MockTransport(reply), base_url=found.url)

    for answer, code in (
        (httpx.ConnectError("refused"), codes.UNREACHABLE),
        (httpx.Response(200, text="<html>"), codes.FAILED),
        (httpx.Response(502, text="bad gateway"), codes.FAILED),
    ):
        monkeypatch.setattr(client, "connect", connect(answer))
        assert component.attest("web").code == code


def test_values_are_read_as_the_bundle_writes_them(tmp_path: Path) -> None:
    values = {"A": "plain", "B": "two words", "C": "a'b\"c\\d", "D": "two\nlines\r", "E": ""}
    path = tmp_path / "x.env"
    path.write_text(render({"variables": values}, "dotenv"))
    assert read_values(path) == values
    for wrong in ("A", "A B=1", "=1", "1A=2"):
        path.write_text(f"X=1\n{wrong}\n")
        with pytest.raises(Failure, match="line 2 is not NAME=VALUE"):
            read_values(path)
    with pytest.raises(Failure, match="cannot be read"):
        read_values(tmp_path / "absent")
