"""Cassettes through the control API."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from broker.backends.record import Lost
from broker.cassettes import document
from broker.cassettes.recorded import Cassette
from broker.control import cassette_routes
from broker.control.answering import Ask
from broker.errors import NotFound
from tests.broker.cassettes.exchanges import asked
from tests.broker.control.conftest import Bench
from tests.clocks import START

V1 = "/_broker/v1/cassettes"
KEY = "sk_" + "test_abcdefgh12345678"


def recorded(bench: Bench, name: str = "first", exchanges: int = 2) -> None:
    bench.recording.shelf.append("alpha", name, [asked()] * exchanges, environment="pr-1", uid="pr-1-abc")


async def test_cassettes_are_listed_with_what_was_lost_of_them(bench: Bench) -> None:
    assert (await bench.client.get(V1)).json() == {"items": []}
    recorded(bench)
    lost = bench.recording.record.lost
    lost["alpha", "first"] = deque([Lost(START, "things.create", "secret", "it looks like one")])
    lost["beta", "none"] = deque([Lost(START, "things.create", "failed", "the disk is full")])
    bench.recording.shelf.put(Cassette("alpha", "imported", [asked(answer={"x": "a\n- request: b\n"})]))
    first, imported, none = (await bench.client.get(V1)).json()["items"]
    assert (first["service"], first["name"], first["environment"], first["exchanges"]) == ("alpha", "first", "pr-1", 2)
    assert first["bytes"] == bench.recording.shelf.path("alpha", "first").stat().st_size
    assert first["changed_at"].endswith("Z")
    assert first["lost"] == [
        {
            "at": "2026-03-01T12:00:00.000000Z",
            "operation": "things.create",
            "why": "secret",
            "message": "it looks like one",
        }
    ]
    assert (imported["environment"], imported["exchanges"], imported["lost"]) == (None, 1, [])
    assert (none["name"], none["exchanges"], none["bytes"], none["changed_at"]) == ("none", 0, 0, None)


async def test_a_file_goes_out_and_comes_in(bench: Bench) -> None:
    recorded(bench)
    got = await bench.client.get(V1 + "/alpha/first")
    assert got.headers["content-type"].startswith("application/yaml")
    assert got.text == bench.recording.shelf.path("alpha", "first").read_text()
    put = await bench.client.put(V1 + "/alpha/second", json={"text": got.text})
    assert (put.status_code, put.json()["exchanges"], put.json()["environment"]) == (200, 2, "pr-1")
    plain = await bench.client.put(V1 + "/alpha/second", content=got.text, headers={"content-type": "text/plain"})
    assert plain.status_code == 200
    found = bench.recording.shelf.read("alpha", "second")
    assert found is not None
    assert found.name == "second"


async def test_what_comes_in_is_masked_and_scanned(bench: Bench) -> None:
    text = document.text(Cassette("alpha", "x", [asked(answer={"email": "ada@b.org"})]))
    assert (await bench.client.put(V1 + "/alpha/x", json={"text": text})).status_code == 200
    assert "ada@" not in bench.recording.shelf.path("alpha", "x").read_text()
    secret = document.text(Cassette("alpha", "y", [asked(answer={KEY: 1})]))
    refused = await bench.client.put(V1 + "/alpha/y", json={"text": secret})
    assert refused.status_code == 400
    assert "exchange 1, response.json (a name in it)" in refused.json()["detail"]
    assert KEY not in refused.text
    assert (await bench.client.get(V1 + "/alpha/y")).status_code == 404


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("/alpha/x", "cassette: [", "not valid YAML"),
        ("/alpha/x", "a: 1", "no cassette of this broker's"),
        ("/alpha/x", document.text(Cassette("beta", "x")), "is one of beta, not of alpha"),
        ("/alpha/.x", document.text(Cassette("alpha", "x")), "cannot name a cassette"),
    ],
)
async def test_what_is_none_is_refused(bench: Bench, path: str, text: str, words: str) -> None:
    refused = await bench.client.put(V1 + path, json={"text": text})
    assert refused.status_code == 400
    assert words in refused.json()["detail"]


async def test_one_that_is_being_recorded_is_not_replaced(bench: Bench) -> None:
    bench.recording.record._claims["alpha", "first"] = "pr-1-abc"
    text = document.text(Cassette("alpha", "first"))
    refused = await bench.client.put(V1 + "/alpha/first", json={"text": text})
    assert refused.status_code == 409
    bench.recording.ended("pr-1-abc")
    assert (await bench.client.put(V1 + "/alpha/first", json={"text": text})).status_code == 200


async def test_a_deleted_one_is_gone_with_what_was_lost_of_it(bench: Bench) -> None:
    recorded(bench)
    bench.recording.record.lost["alpha", "first"] = deque([Lost(START, "things.create", "secret", "x")])
    assert (await bench.client.delete(V1 + "/alpha/first")).json() == {
        "service": "alpha",
        "name": "first",
        "deleted": True,
    }
    assert (await bench.client.get(V1)).json() == {"items": []}
    assert (await bench.client.delete(V1 + "/alpha/first")).status_code == 404
    assert (await bench.client.get(V1 + "/alpha/first")).status_code == 404


async def test_a_server_without_cassettes_says_so(bench: Bench) -> None:
    with pytest.raises(NotFound, match="no cassettes"):
        await cassette_routes.list_cassettes(replace(bench.parts, recording=None), Ask({}, {}))
