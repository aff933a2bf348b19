"""Every format says the same of a night."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from broker.reports.formats import FORMATS, value
from broker.reports.night import Night, Report
from tests.broker.reports.nights import ACCEPTED, HISTORY, whole
from tests.broker.reports.test_html import hostile


def rendered(name: str, night: Night | None = None, fail_on: str = "breaking", **options: Any) -> str:
    _, render = FORMATS[name]
    return render(Report(night=night or whole(), history=HISTORY, **options), fail_on, "1.0")


@pytest.mark.parametrize("name", FORMATS)
def test_each_tells_what_could_not_be_found_out(name: str) -> None:
    for options in ({}, {"since_last": True}):
        assert "the account is locked" in rendered(name, **options)
    assert "it is old" in rendered(name, replace(whole(), parts=[]), late="it is old")
    assert rendered(name, hostile())


def test_json() -> None:
    found = json.loads(rendered("json"))
    assert found == json.loads(json.dumps(value(Report(night=whole())), default=list))
    assert (found["verdict"], found["counts"]["new"]) == ("failed", {"breaking": 1, "risky": 0, "safe": 1})
    assert {name: len(found[name]) for name in ("new", "known", "accepted", "over")} == {
        "new": 2,
        "known": 1,
        "accepted": 1,
        "over": 1,
    }
    assert found["new"][0]["key"] == whole().fresh[0].key
    assert found["parts"][1]["counts"] == {"breaking": 2, "risky": 1, "safe": 0}
    news = json.loads(rendered("json", since_last=True))
    assert (len(news["new"]), news["known"], news["accepted"], news["over"], news["unknown"]) == (2, [], [], [], [])


@pytest.mark.parametrize(("fail_on", "failures"), [("never", 0), ("breaking", 1), ("risky", 2), ("any", 3)])
def test_junit(fail_on: str, failures: int) -> None:
    root = ElementTree.fromstring(rendered("junit", fail_on=fail_on).encode())  # noqa: S314 - our own text
    suite = root[0]
    figures = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert figures == {"tests": "5", "failures": str(failures), "errors": "1", "skipped": "1"}
    [skipped] = suite.iter("skipped")
    assert ACCEPTED in str(skipped.get("message"))


def test_junit_of_a_failed_night_without_drift_is_no_pass() -> None:
    night = Night(id="n", begun_at="2026-03-01T03:00:00+00:00", errors=["no account"])
    root = ElementTree.fromstring(rendered("junit", night).encode())  # noqa: S314 - our own text
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_sarif() -> None:
    [run] = json.loads(rendered("sarif"))["runs"]
    assert len(run["results"]) == 4
    assert [each["baselineState"] for each in run["results"]].count("new") == 2
    [suppressed] = [each for each in run["results"] if "suppressions" in each]
    assert ACCEPTED in suppressed["suppressions"][0]["justification"]
    assert run["invocations"][0]["executionSuccessful"] is False
    [news] = json.loads(rendered("sarif", since_last=True))["runs"]
    assert {each["baselineState"] for each in news["results"]} == {"new"}
