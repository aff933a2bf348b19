"""The propagation check: keys, digests, and what is read from them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker import attestation
from broker.attestation import ENDPOINT, Finding, Other, Question, digest, digests, from_lines, holder, judge, own_key
from broker.storage.base import Environment
from broker.storage.external import Attested
from broker.vault import Vault
from tests.clocks import START

VAULT = Vault("a key for tests only")
UID = "pr-142-8f3kd02ma1"
KEY, SALT = own_key(VAULT, UID), attestation.salt(VAULT)
OTHER_KEY = own_key(VAULT, "pr-141-00000000aa")


def report(component: str, values: dict[str, str], *, key: str = KEY, salt: str | None = SALT, **age: Any) -> Attested:
    return Attested(uid=UID, component=component, digests=digests(values, key, salt), at=START - timedelta(**age))


def question(*reports: Attested, **more: Any) -> Question:
    endpoint = {ENDPOINT: "http://broker/e/pr-142"}
    return Question(environment="pr-142", key=KEY, now=START, reports=reports, given=endpoint, **more)


def verdicts(asked: Question) -> dict[tuple[str, str | None], str]:
    return {(found.component, found.variable): found.verdict for found in judge(asked)}


def environment(trust: Any) -> Environment:
    return Environment(
        name="pr-142",
        uid=UID,
        tag="00001",
        status="open",
        policy={},
        seed=1,
        created_at=START,
        expires_at=START,
        trust=trust,
    )


def test_a_key_says_whose_it_is_and_cannot_be_made_up() -> None:
    assert holder(VAULT, KEY) == UID
    assert holder(VAULT, OTHER_KEY) == "pr-141-00000000aa"
    assert KEY.split(".")[1] not in (SALT, OTHER_KEY.split(".")[1])
    for wrong in ("", ".", UID, KEY + "0", KEY[:-1], KEY.replace("142", "143"), SALT, f".{SALT}", "é." + "0" * 64):
        assert holder(VAULT, wrong) is None
    assert holder(Vault("another key than before"), KEY) is None


def test_a_fork_gets_no_salt() -> None:
    member = attestation.variables(VAULT, environment("member"))
    assert member == {"BROKER_ATTEST_KEY": KEY, "BROKER_ATTEST_SALT": SALT}
    assert attestation.variables(VAULT, environment("fork")) == {"BROKER_ATTEST_KEY": KEY}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_digests_differ_by_key_and_hold_no_value(value: str) -> None:
    own, shared = digests({"A": value}, KEY, SALT)["A"].split(":")
    assert own == digest(KEY, value) != shared
    assert own != digests({"A": value}, OTHER_KEY, None)["A"]
    assert digests({"A": value}, OTHER_KEY, SALT)["A"].split(":")[1] == shared


def test_openssl_makes_the_same_digest() -> None:
    """The recipe of docs/orchestrators.md for components without Python."""
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", KEY],
        input="postgres://db/ü",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == digest(KEY, "postgres://db/ü")


def test_bytes_that_are_no_text_have_a_digest() -> None:
    assert digest(KEY, b"\xff".decode("utf-8", "surrogateescape")) != digest(KEY, "")


def test_lines() -> None:
    assert from_lines("A=1\n\n  B_2=2:3 \r\n") == {"digests": {"A": "1", "B_2": "2:3"}}
    for wrong in ("A", "A 1", "=1", "A=1 2"):
        with pytest.raises(ValueError, match="line 1 is not NAME=digest"):
            from_lines(wrong)


def test_all_is_well() -> None:
    values = {ENDPOINT: "http://broker/e/pr-142", "DATABASE_URL": "postgres://db/142"}
    asked = question(report("web", values), report("worker", values), components=["web"], max_age=timedelta(hours=1))
    found = judge(asked)
    assert {one.verdict for one in found} == {"ok"}
    assert [one.variable for one in found] == ["DATABASE_URL", ENDPOINT] * 2
    assert Finding("web", "DATABASE_URL", "ok", "is the same in 1 other") in found
    alone = judge(question(report("web", {"DATABASE_URL": "x"})))
    assert alone == [Finding("web", "DATABASE_URL", "ok", "nobody else has it")]


def test_another_environments_endpoint_and_anybodys_wrong_one() -> None:
    other = Other("pr-141", {ENDPOINT: "http://broker/e/pr-141"})
    asked = question(
        report("web", {ENDPOINT: "http://broker/e/pr-141"}), report("job", {ENDPOINT: "https://live/"}), others=[other]
    )
    assert judge(asked) == [
        Finding("web", ENDPOINT, "foreign", "has pr-141's value"),
        Finding("job", ENDPOINT, "wrong", "is not what the bundle says"),
    ]


def test_one_database_for_two_environments_is_seen_by_the_salt_alone() -> None:
    shared = {"DATABASE_URL": "postgres://db/shared"}
    theirs = report("worker", shared, key=OTHER_KEY)
    other = Other("pr-141", {}, [replace(theirs, uid="pr-141-00000000aa")])
    asked = question(report("worker", shared), others=[other])
    assert judge(asked) == [Finding("worker", "DATABASE_URL", "foreign", "is the same as in pr-141's worker")]
    expected = replace(asked, expected={"DATABASE_URL": digest(KEY, shared["DATABASE_URL"])})
    assert verdicts(expected) == {("worker", "DATABASE_URL"): "foreign"}, "also where the orchestrator wants it so"
    unsalted = replace(asked, reports=[report("worker", shared, salt=None)])
    assert verdicts(unsalted) == {("worker", "DATABASE_URL"): "ok"}
    both = Other("pr-141", {}, [report("worker", shared, key=OTHER_KEY, salt=None)])
    assert verdicts(replace(unsalted, others=[both])) == {("worker", "DATABASE_URL"): "ok"}, "no salt equals nothing"


def test_components_that_disagree() -> None:
    asked = question(
        report("web", {"CACHE_KEY_PREFIX": "pr-142:"}),
        report("worker", {"CACHE_KEY_PREFIX": "pr-14:"}),
        report("page", {"FRONTEND_API_BASE_URL": "/api"}),
    )
    assert judge(asked)[:2] == [
        Finding("web", "CACHE_KEY_PREFIX", "differs", "is another value than in worker"),
        Finding("worker", "CACHE_KEY_PREFIX", "differs", "is another value than in web"),
    ]
    assert verdicts(asked)["page", "FRONTEND_API_BASE_URL"] == "ok"


def test_what_is_expected_and_required() -> None:
    asked = question(
        report("web", {"DATABASE_URL": "postgres://db/142", "A": "1"}),
        report("worker", {"DATABASE_URL": "postgres://db/old"}),
        expected={"DATABASE_URL": digest(KEY, "postgres://db/142")},
        required=["A"],
    )
    assert verdicts(asked) == {
        ("web", "DATABASE_URL"): "ok",
        ("web", "A"): "ok",
        ("worker", "DATABASE_URL"): "wrong",
        ("worker", "A"): "missing",
    }


@pytest.mark.parametrize(
    ("age", "words"), [({"seconds": 61}, "1m"), ({"hours": 3}, "3h"), ({"days": 2}, "2d"), ({"seconds": 60}, None)]
)
def test_old_reports(age: dict[str, int], words: str | None) -> None:
    found = judge(question(report("web", {"A": "1"}, **age), max_age=timedelta(minutes=1)))
    stale = [one.because for one in found if one.verdict == "stale"]
    assert stale == ([] if words is None else [f"attested {words} ago"])
    assert not [one for one in judge(question(report("web", {"A": "1"}, **age))) if one.verdict == "stale"]


def test_components_that_never_came_or_came_with_another_key() -> None:
    asked = question(report("web", {"A": "1"}), components=["web", "worker", "cron"], refused={"cron": "pr-141"})
    assert judge(asked)[1:] == [
        Finding("worker", None, "missing", "has never attested in this environment"),
        Finding("cron", None, "refused", "came with the key of pr-141: it has that one's bundle"),
    ]
