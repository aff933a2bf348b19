"""Every attempt to cross a wall is stored and counted, without the key that was used."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from contracts.exchange import Request
from tests.broker.tiny import Gate


async def test_an_incident_says_what_and_where(gate: Gate) -> None:
    home = await gate.open("pr-1")
    sent = Request(method="POST", path="/v1/things", sent_path="/e/pr-1/tiny/v1/things")
    found = await gate.incident_book.report(
        "foreign_id", "An id of another.", request=sent, environment=home, service="tiny", belongs_to="pr-2"
    )
    (stored,) = await gate.incidents("pr-1")
    assert stored.id == found
    assert found.startswith("inc_")
    assert (stored.kind, stored.message, stored.at) == ("foreign_id", "An id of another.", gate.clock.now())
    assert (stored.environment, stored.uid, stored.service) == ("pr-1", home.uid, "tiny")
    assert stored.details == {"method": "POST", "path": "/e/pr-1/tiny/v1/things", "belongs_to": "pr-2"}
    assert gate.incident_book.counts == {("tiny", "foreign_id"): 1}


async def test_the_path_is_kept_without_secrets_and_the_query_not_at_all(gate: Gate) -> None:
    for path in ("/v1/sk_live_" + "abcdefghijkl", "/v1/tk_test_abcdefghijkl", "/v1/4242424242424242"):
        sent = Request(method="GET", path="/", sent_path=path, query="key=sk_live_abcdefghijkl")
        await gate.incident_book.report("unknown_environment", "Unknown.", request=sent, name="pr-9")
    stored = await gate.incidents()
    assert [each.details["path"] for each in stored] == ["/v1/[hidden]"] * 3
    assert {(each.environment, each.uid, each.service) for each in stored} == {("pr-9", None, None)}
    assert gate.incident_book.counts == {("none", "unknown_environment"): 3}


async def test_one_that_cannot_be_stored_is_logged_and_counted(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(incident: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gate.storage.registry, "add_incident", full)
    with caplog.at_level(logging.ERROR):
        found = await gate.incident_book.report("internal", "x", request=Request(method="GET", path="/"))
    assert found in caplog.text
    assert gate.incident_book.counts == {("none", "internal"): 1}


async def test_a_long_path_is_cut_and_still_holds_no_secret(gate: Gate) -> None:
    for length in (10, 2040, 2047, 4090, 60_000):
        sent = Request(method="GET", path="/", sent_path="/" + "a" * length + "/sk_live_" + "abcdefghijkl" * 9)
        await gate.incident_book.report("unknown_environment", "Unknown.", request=sent, name="pr-9")
    for stored in await gate.incidents():
        assert len(stored.details["path"]) <= 2048
        assert "abcdefgh" not in stored.details["path"]
