"""``broker events trigger``: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from broker import cli
from broker.app import Broker
from broker.cli import client, codes
from broker.settings import Settings
from contracts import triggers
from tests.broker.cli.conftest import InProcess, Ran
from tests.broker.control.conftest import TOKEN


class Whole:
    """Runs commands against a whole server in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = cli.main(arguments)
        return Ran(code, *self._capsys.readouterr())


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Whole]:
    broker = Broker(Settings(data=tmp_path, token=TOKEN, strict_replies=True))

    def connect(found: Settings, headers: Mapping[str, str]) -> httpx.Client:
        return httpx.Client(transport=InProcess(broker.application), base_url=found.url, headers=headers)

    monkeypatch.setattr(client, "connect", connect)
    monkeypatch.setenv("BROKER_TOKEN", TOKEN)
    made = Whole(capsys)
    made("env", "open", "pr-1")
    yield made
    asyncio.run(broker.storage.close())


def test_an_event_is_made_and_shown(shell: Whole) -> None:
    ran = shell("events", "trigger", "pr-1", "charge.succeeded", "--override", "amount=700")
    assert ran.code == codes.OK, ran.err
    assert ran.out.startswith("200  charge: POST /v1/charges  ch_")
    assert "* charge.succeeded [evt_" in ran.out
    listed = shell("events", "list", "pr-1", "--type", "charge.succeeded", "--json").json
    assert shell("events", "show", "pr-1", listed[0]["id"], "--json").json["payload"]["data"]["object"]["amount"] == 700


def test_parameters_are_added_and_left_out(shell: Whole) -> None:
    words = ("--add", "customer:metadata.plan=gold", "--remove", "customer:email", "--header", "x-trace: 1")
    found = shell("events", "trigger", "pr-1", "customer.created", *words, "--json").json
    payload = shell("events", "show", "pr-1", found["event"], "--json").json["payload"]
    assert (payload["data"]["object"]["metadata"], payload["data"]["object"]["email"]) == ({"plan": "gold"}, None)


def test_the_types_are_shown(shell: Whole) -> None:
    assert "charge.refunded" in shell("events", "trigger", "--list").out
    listed = shell("events", "trigger", "--list", "--json").json
    assert sorted(each["type"] for each in listed) == list(triggers.types())
    assert sorted(listed, key=lambda each: (each["service"] != listed[0]["service"], each["type"])) == listed
    told = shell("events", "trigger", "--help").out
    assert set(triggers.types()) <= set(told.split())


def test_what_cannot_be_triggered_ends_with_a_failure(shell: Whole) -> None:
    unknown = shell("events", "trigger", "pr-1", "charge.refundet")
    assert (unknown.code, "charge.refunded" in unknown.err) == (codes.FAILED, True)
    none = shell("events", "trigger", "pr-1", "payment_intent.succeeded", "--override", "confirm=false")
    assert (none.code, "no payment_intent.succeeded came of it" in none.err) == (codes.FAILED, True)
    for words in (("pr-1",), ("pr-1", "charge.refunded", "--override", "amount"), ("x", "y", "--header", "none")):
        assert shell("events", "trigger", *words).code == codes.USAGE
