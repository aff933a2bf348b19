"""Cassettes played against a mock: what counts, what does not, and what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from broker.cassettes import retelling
from broker.cassettes.likeness import Difference
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.scoring import Score, Tally, score
from tests.broker.tiny import signed, tiny

A, B = "thi_AbCdEfGhIj1", "thi_KlMnOpQrSt2"


def one(method: str, path: str, status: int, answer: Any = None, *, sent: Any = None, **more: Any) -> Recorded:
    kind = {"content-type": "application/json"}
    return Recorded(
        operation=None,
        method=method,
        path=path,
        request=Body() if sent is None else Body("json", sent),
        status=status,
        response=Body() if answer is None else Body("json", answer),
        response_headers={} if answer is None else kind,
        **more,
    )


def made(id: str = A, name: str = "Ada", **more: Any) -> Recorded:
    return one("POST", "/v1/things", 200, {"id": id, "name": name, **more}, sent={"name": name})


async def played(folder: Path, *exchanges: Recorded) -> Score:
    return await score([Cassette("tiny", "way", list(exchanges))], {"tiny": tiny()}, folder)


async def test_a_true_recording_is_worth_one(tmp_path: Path) -> None:
    found = await played(
        tmp_path,
        made(),
        made(B, "Bob"),
        one("GET", f"/v1/things/{A}", 200, {"id": A, "name": "Ada"}),
        one("GET", "/v1/things", 200, {"data": [{"id": B, "name": "Bob"}, {"id": A, "name": "Ada"}]}),
        one("DELETE", f"/v1/things/{A}", 204),
        one("GET", f"/v1/things/{A}", 404, {"error": {"code": "resource_missing", "message": "Gone."}}),
    )
    assert found.differences == {}
    assert (found.all.exchanges, found.all.scored, found.all.exact, found.all.score) == (6, 6, 6, 1.0)
    assert {name: tally.scored for name, tally in found.operations.items()} == {
        "things.create": 2,
        "things.retrieve": 2,
        "things.list": 1,
        "things.delete": 1,
    }


async def test_differences_are_counted_with_their_places(tmp_path: Path) -> None:
    found = await played(tmp_path, made(size=1), made(B, "Bob", size=2), made("thi_UvWxYzAbCd3", "Cy"))
    assert (found.all.scored, found.all.exact) == (3, 1)
    assert found.all.score == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    key = ("things.create", Difference("fields", "size", "missing in ours; recorded number"))
    assert found.differences == {key: 2}
    assert found.examples[key] == ["way #1", "way #2"]
    assert found.all.losses() == {"fields": pytest.approx(2 / 9)}


async def test_score_and_losses_make_one(tmp_path: Path) -> None:
    found = await played(
        tmp_path, made(size=1), one("GET", f"/v1/things/{A}", 500), one("GET", f"/v1/things/{A}", 200, {"id": A})
    )
    assert found.all.score is not None
    assert found.all.score + sum(found.all.losses().values()) == pytest.approx(1.0)
    assert list(found.all.losses()) == ["status", "fields"]


async def test_what_needs_an_earlier_life_counts_in_no_score(tmp_path: Path) -> None:
    found = await played(
        tmp_path,
        one("GET", f"/v1/things/{B}", 200, {"id": B, "name": "Bob"}),
        one("GET", "/v1/things", 200, {"data": [{"id": B, "name": "Bob"}]}),
        one("GET", "/v1/things/thi_1111111111", 200),
        one("GET", "/v1/files/a", 200),
    )
    assert found.reasons == {
        "it needs thi_… that no scored exchange of its cassette made": 2,
        retelling.EARLIER: 1,
        "it needs something that no scored exchange of its cassette made": 1,
    }
    assert (found.all.exchanges, found.all.scored, found.all.unscored, found.all.score) == (4, 0, 4, None)
    assert found.differences == {}


async def test_a_key_that_was_refused_is_refused_here(tmp_path: Path) -> None:
    found = await played(tmp_path, one("GET", "/v1/things", 401, {"error": {"code": "unknown_credential"}}))
    assert (found.all.scored, {difference.aspect for _, difference in found.differences}) == (1, {"fields"})


async def test_the_account_s_default_version_is_told(tmp_path: Path) -> None:
    asked = one("GET", "/v1/things", 200, {"data": []}, contract="2020", request_headers={"tiny-version": "2020"})
    found = await played(tmp_path, asked, one("GET", "/v1/things", 200, {"data": []}, contract="2019"))
    assert found.defaults == {"2019": 1}


async def test_what_ours_failed_to_make_counts(tmp_path: Path) -> None:
    refused = one("POST", "/v1/things", 200, {"id": A, "name": "Ada"}, sent={"wrong": 1})
    found = await played(tmp_path, refused, one("GET", f"/v1/things/{A}", 200, {"id": A, "name": "Ada"}))
    assert (found.all.scored, found.all.score) == (2, 0.0)
    assert {difference.aspect for _, difference in found.differences} == {"status"}


async def test_operations_that_nobody_knows_count_as_wrong(tmp_path: Path) -> None:
    found = await played(tmp_path, one("GET", "/v9/nowhere/AbCd12345", 200, {"id": A}))
    assert (found.all.score, list(found.operations)) == (0.0, ["GET /v9/nowhere/{id}"])


async def test_what_breaks_down_is_told(tmp_path: Path) -> None:
    found = await played(tmp_path, one("GET", "/v1/fail", 200, {}))
    assert found.failures == ["way #1: things.fail: ZeroDivisionError: by nought"]
    assert found.all.score == 0.0


async def test_streams_in_and_out(tmp_path: Path) -> None:
    put = Recorded(
        operation=None,
        method="PUT",
        path="/v1/files/a.txt",
        status=200,
        request=Body("text", "hello"),
        response=Body("json", {"size": 5}),
        response_headers={"content-type": "application/json"},
    )
    got = Recorded(operation=None, method="GET", path="/v1/files/a.txt", status=200, response=Body("text", "hello"))
    found = await played(tmp_path, put, got)
    assert (found.all.scored, found.all.exact) == (2, 2)


async def test_each_cassette_has_a_life_and_a_time_of_its_own(tmp_path: Path) -> None:
    def at(moment: str, id: str) -> Cassette:
        return Cassette("tiny", moment, [one("GET", "/v1/things", 200, {"data": []}, recorded_at=moment), made(id)])

    cassettes = [at("2024-02-29T10:00:00Z", A), at("2020-01-01T00:00:00Z", B), Cassette("signed", "s", [made()])]
    found = await score(cassettes, {"tiny": tiny(), "signed": signed()}, tmp_path)
    assert (found.cassettes, found.all.scored, found.all.exact) == (3, 5, 5)


async def test_services_that_nobody_mocks_are_counted(tmp_path: Path) -> None:
    found = await score([Cassette("else", "x", [made(), made()])], {"tiny": tiny()}, tmp_path)
    assert (found.all.exchanges, found.all.unscored, found.reasons) == (2, 2, {"there is no mock of else": 2})


async def test_versions_have_tallies_of_their_own(tmp_path: Path) -> None:
    found = await played(tmp_path, one("GET", "/v1/things", 200, {"data": []}, contract="2020-08-27"), made())
    assert {version: tally.scored for version, tally in found.versions.items()} == {"2020-08-27": 1, "unknown": 1}


def test_nothing_has_no_score() -> None:
    assert (Tally().score, Tally().losses()) == (None, {})
