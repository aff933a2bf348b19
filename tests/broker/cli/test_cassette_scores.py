"""``broker fidelity --cassettes``: a score for people, machines and builds."""

from __future__ import annotations

import pytest

from broker.cassettes import document
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.cli import codes
from broker.cli.cassette_scores import percent
from tests.broker.cli.conftest import Shell
from tests.broker.cli.test_cassette import recording

MISSING = {"error": {"code": "resource_missing", "type": "invalid_request_error", "message": "No such customer."}}


def gone(id: str, contract: str = "") -> Recorded:
    return Recorded(
        operation=None,
        method="GET",
        path=f"/v1/customers/{id}",
        status=404,
        response=Body("json", MISSING),
        response_headers={"content-type": "application/json"},
        contract=contract,
    )


@pytest.fixture
def played(shell: Shell) -> Shell:
    """A cassette, and a recording of VCR with a customer that lacks most of its fields."""
    (shell.folder / "all").mkdir()
    shell.write("all/way.yml", recording())
    kept = Cassette("stripe", "kept", [gone("cus_1"), gone("cus_2", "2020-08-27")])
    shell.write("all/kept.yaml", document.text(kept))
    return shell


def test_for_machines(played: Shell) -> None:
    found = played("fidelity", "--cassettes", "all", "--json").json
    assert (found["cassettes"], found["exchanges"], found["scored"], found["unscored"]) == (2, 4, 4, 0)
    assert [one["operation"] for one in found["operations"]] == ["customers.create", "customers.retrieve"]
    assert 0 < found["score"] < 100
    assert found["lost"]["fields"] + found["score"] <= 100.1
    assert {one["version"]: one["exchanges"] for one in found["versions"]} == {"unknown": 3, "2020-08-27": 1}
    made = [one for one in found["differences"] if one["operation"] == "customers.create"]
    assert {(one["aspect"], one["exchanges"], *one["examples"]) for one in made} == {("fields", 1, "way #1")}


def test_for_people(played: Shell) -> None:
    shown = played("fidelity", "--cassettes", "all").out
    assert "OPERATION" in shown
    assert "4 exchanges of 2 cassettes: 4 scored, 0 of them without any difference; score " in shown
    assert "Lost by fields" in shown
    assert "By the version of the API that answered:" in shown
    assert "only in ours: null" in shown
    assert "more kinds (--json has them all)" in shown


def test_for_comments(played: Shell) -> None:
    lines = played("fidelity", "--cassettes", "all", "--markdown").out.splitlines()
    assert lines[0] == "### Mocks played against cassettes"
    assert any(line.startswith("| `customers.retrieve` | ") for line in lines)


def test_a_build_can_fail_by_it(played: Shell) -> None:
    assert played("fidelity", "--cassettes", "all", "--fail-under", "10").code == codes.OK
    ended = played("fidelity", "--cassettes", "all", "--fail-under", "100")
    assert (ended.code, "which is less than 100" in ended.err) == (codes.FAILED, True)


def test_nothing_scored_is_no_number(shell: Shell) -> None:
    long = Body("digest", {"sha256": "0" * 64, "size": 5})
    kept = Recorded(operation=None, method="GET", path="/v1/customers", status=200, response=long)
    shell.write("kept.yaml", document.text(Cassette("stripe", "kept", [kept])))
    ended = shell("fidelity", "--cassettes", "kept.yaml", "--fail-under", "0")
    assert ended.code == codes.FAILED
    assert "nothing could be scored" in ended.out
    assert "Not scored, 1: its answer was too long" in ended.out
    assert "| `customers.list` | - |" in shell("fidelity", "--cassettes", "kept.yaml", "--markdown").out


def test_only_one_service(played: Shell) -> None:
    assert played("fidelity", "stripe", "--cassettes", "all", "--json").json["exchanges"] == 4
    assert played("fidelity", "s3", "--cassettes", "all/kept.yaml").code == codes.MISSING


def test_what_does_not_go_together(played: Shell) -> None:
    for options in (("--save",), ("--operation", "customers.*")):
        assert played("fidelity", "--cassettes", "all", *options).code == codes.USAGE


def test_percents_are_never_rounded_up() -> None:
    assert (percent(1.0), percent(0.9999), percent(0.879), percent(0.0)) == (100.0, 99.9, 87.9, 0.0)
