"""JUnit is well-formed whatever a contract holds; SARIF has what version 2.1.0 requires."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from broker.reports import machines
from contracts.drift import Finding

HOSTILE = ']]><x a="1">&\'\x00\ud800 end'


def finding(severity: str, message: str = "is gone") -> Finding:
    return Finding(
        service="shop",
        operation=None,
        rule="response-required-property-removed",
        place="response.#cart.id",
        severity=severity,  # type: ignore[arg-type]  # one of the three
        message=message,
    )


def test_junit() -> None:
    found = [finding("breaking", HOSTILE), finding("safe")]
    root = ElementTree.fromstring(machines.junit(HOSTILE, found, ["breaking"]).encode())  # noqa: S314 - our own text
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.find("failure") is not None for case in suite] == [True, False]
    message = suite[0][0].get("message")
    assert message is not None
    assert message.startswith(']]><x a="1">&\'')


def test_junit_of_nothing_passes() -> None:
    root = ElementTree.fromstring(machines.junit("a", [], ["breaking"]).encode())  # noqa: S314 - our own text
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_sarif() -> None:
    log = json.loads(machines.sarif("a", [finding("breaking"), finding("risky"), finding("safe")], "1.0"))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    assert run["tool"]["driver"]["name"] == "preview-broker"
    assert [each["level"] for each in run["results"]] == ["error", "warning", "note"]
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["message"]["text"]
        assert each["partialFingerprints"]["finding/v1"]


@pytest.mark.parametrize(("word", "count"), [("breaking", 1), ("risky", 2), ("any", 3), ("never", 0)])
def test_what_fails_a_build(word: str, count: int) -> None:
    assert len(machines.failing(word)) == count


def test_what_could_not_be_found_out_and_what_is_accepted() -> None:
    found = [finding("breaking"), finding("risky", "is another")]
    accepted = {found[0].key: HOSTILE}
    text = machines.junit("a", found[:1], ["breaking"], errors=[HOSTILE], accepted=accepted)
    suite = ElementTree.fromstring(text.encode())[0]  # noqa: S314 - our own text
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("0", "1", "1")
    run = json.loads(machines.sarif("a", found, "1", errors=[HOSTILE], accepted=accepted, fresh=[]))["runs"][0]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["level"] == "error"
    assert run["results"][0]["suppressions"][0]["kind"] == "external"
    assert [each["baselineState"] for each in run["results"]] == ["unchanged"] * 2
    plain = json.loads(machines.sarif("a", found, "1"))["runs"][0]
    assert "invocations" not in plain
    assert "baselineState" not in plain["results"][0]
