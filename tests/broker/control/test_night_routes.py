"""Nights over the control API: begun, followed, reported in every format, and never green by silence."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import lxml.html
import pytest

from broker.control.app import describe
from tests.broker.control.conftest import Bench
from tests.broker.nightly import PlainChecks, account, finding, nights
from tests.clocks import HeldClock


class Nightly(Bench):
    """With nights, carried by the test, of one account of ``tiny``."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        super().__init__(folder, clock)
        self.checks = PlainChecks(self, finding())
        self.nights = nights(self, self.checks, at="03:00")
        self.drift.nights = self.nights

    async def night(self) -> str:
        """One to its end."""
        await account(self, "one")
        begun = await self.nights.begin()
        await self.nights.start()
        assert await self.nights.attempt(begun.id) is None
        await self.nights.stop()
        self.nights._stopping = False
        return begun.id


@pytest.fixture
async def bench(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Nightly]:
    made = Nightly(tmp_path, clock)
    yield made
    await made.nights.stop()
    await made.close()


def holds(name: str, value: Any) -> None:
    """The value is what the document promises."""
    document = describe()
    jsonschema.validate(value, {**document["components"]["schemas"][name], "components": document["components"]})


async def test_a_night_is_begun_and_followed(bench: Nightly) -> None:
    await account(bench, "one")
    begun = await bench.client.post("/_broker/v1/drift/nights")
    assert begun.status_code == 202
    holds("NightState", begun.json())
    assert [(part["source"], part["status"]) for part in begun.json()["parts"]] == [
        ("probes", "waiting"),
        ("observed", "waiting"),
    ]
    assert (await bench.client.post("/_broker/v1/drift/nights")).status_code == 409
    listed = (await bench.client.get("/_broker/v1/drift/nights")).json()
    holds("NightList", listed)
    assert (listed["current"], listed["items"]) == (begun.json(), [])
    await bench.nights.start()
    await bench.nights.attempt(begun.json()["id"])
    listed = (await bench.client.get("/_broker/v1/drift/nights")).json()
    holds("NightList", listed)
    assert (listed["current"], [each["verdict"] for each in listed["items"]]) == (None, ["drift"])


async def test_no_report_before_the_first_night(bench: Nightly) -> None:
    missing = await bench.client.get("/_broker/v1/drift/report")
    assert missing.status_code == 404
    assert "BROKER_DRIFT_AT" in missing.json()["detail"]


async def test_the_report_in_every_format(bench: Nightly) -> None:
    first = await bench.night()
    answer = await bench.client.get("/_broker/v1/drift/report")
    holds("DriftReport", answer.json())
    assert (answer.json()["night"], answer.json()["verdict"]) == (first, "drift")
    await bench.night()
    news = (await bench.client.get("/_broker/v1/drift/report?since=last")).json()
    holds("DriftReport", news)
    assert (news["verdict"], news["new"], news["since_last"]) == ("clean", [], True)
    kinds = {
        "html": "text/html; charset=utf-8",
        "markdown": "text/markdown; charset=utf-8",
        "junit": "application/xml",
        "sarif": "application/sarif+json",
        "json": "application/json",
    }
    for name, media in kinds.items():
        shown = await bench.client.get(f"/_broker/v1/drift/report?format={name}&fail_on=any")
        assert (shown.status_code, shown.headers["content-type"]) == (200, media)
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert "name is only in the real answer" in shown.text
        assert ("content-security-policy" in shown.headers) == (name == "html")
        if name == "junit":
            assert ElementTree.fromstring(shown.content).get("failures") == "1"  # noqa: S314 - our own text
        elif name == "html":
            assert lxml.html.fromstring(shown.text).xpath("//span[@id='verdict']")[0].text == "Drift"
        elif name in ("sarif", "json"):
            json.loads(shown.text)
    for wrong in ("format=pdf", "since=first", "fail_on=all"):
        assert (await bench.client.get(f"/_broker/v1/drift/report?{wrong}")).status_code == 400


async def test_an_old_night_is_no_green(bench: Nightly, clock: HeldClock) -> None:
    bench.checks.findings = []
    await bench.night()
    assert (await bench.client.get("/_broker/v1/drift/report")).json()["verdict"] == "clean"
    clock.advance(days=2)
    stale = (await bench.client.get("/_broker/v1/drift/report")).json()
    assert stale["verdict"] == "failed"
    assert "is not over" in stale["failures"][0]
    assert "is not over" in (await bench.client.get("/_broker/v1/drift/nights")).json()["late"]


async def test_the_token_is_asked_for(bench: Nightly) -> None:
    bare = await bench.client.get("/_broker/v1/drift/report", headers={"authorization": ""})
    assert bare.status_code == 401
