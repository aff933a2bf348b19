"""Expectations of a scope, tallied together, and what nobody expected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from broker.storage.base import EnvironmentStore, Expectation
from broker.verification.expected import judged, plan, stand, surveyed, unmatched, wanted
from tests.broker.storage.samples import exchange, mail
from tests.clocks import START


def planned(number: int, **asked: Any) -> Expectation:
    return plan({"kind": "exchanges", **asked}, f"exp_{number}", START)


async def test_how_it_stands(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(2)])
    survey = await surveyed(
        store,
        [
            planned(1, match={"service": "alpha"}),
            planned(2, match={"service": "beta"}),
            planned(3, match={"service": "alpha"}, count=0),
            planned(4, match={"service": "beta"}, count=0),
            planned(5, match={"service": "alpha"}, count={"at_least": 3}),
        ],
        scope=None,
    )
    assert [stand(tally) for _, tally in survey.tallies] == ["met", "unmet", "violated", "met", "unmet"]


async def test_only_what_came_since_in_its_scope_counts(store: EnvironmentStore) -> None:
    earlier = exchange(3, scope="one", at=START - timedelta(days=1))
    await store.journal.add([exchange(1), exchange(2, scope="one"), earlier])
    survey = await surveyed(store, [planned(1, scope="one"), planned(2)], scope=None)
    assert [tally.count for _, tally in survey.tallies] == [1, 2]


async def test_all_at_once_with_what_nobody_expected(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1, scope="one"), exchange(2, scope="one", operation="other"), exchange(3)])
    call = store.begin("alpha")
    await call.start()
    call.add_mail("alpha", mail(1), START, "one")
    await call.commit()
    expectations = [
        planned(1, scope="one", match={"operation": "things.create"}, name="it is made"),
        planned(2, scope="one", kind="mails", match={"to": "ann@example.com"}, count=1),
    ]
    survey = await surveyed(store, expectations, scope="one", strict=True)
    found = await judged(store, survey, strict=True)
    assert [one["state"] for one in found["expectations"]] == ["met", "met"]
    assert (found["ok"], found["unmatched_count"]) == (False, 1)
    assert [one["id"] for one in found["unmatched"]] == ["exc_00002"]
    assert "1 exchanges that nothing expects:" in found["message"]
    lenient = await judged(store, await surveyed(store, expectations, scope="one"), strict=False)
    assert (lenient["ok"], "unmatched" in lenient) == (True, False)


async def test_a_failed_one_is_told_with_its_name_and_near_misses(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1)])
    survey = await surveyed(store, [planned(1, match={"status": 500}, name="it breaks")], scope=None)
    found = await judged(store, survey, strict=False)
    assert not found["ok"]
    assert found["expectations"][0]["near_misses"][0]["id"] == "exc_00001"
    assert "unmet: it breaks: expected at least 1" in found["message"]


async def test_without_expectations_everything_is_unexpected(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(60)])
    found = unmatched(await surveyed(store, [], scope=None, strict=True))
    assert (found["unmatched_count"], len(found["unmatched"])) == (60, 50)
    later = await surveyed(store, [], scope=None, since=START + timedelta(days=1), strict=True)
    assert later.surplus == 0


def test_what_is_kept_is_what_was_asked_for() -> None:
    made = planned(1, match={"status": 200}, count={"at_most": 2}, scope="one", name="n", since="2026-11-27T18:00:00Z")
    assert made.wanted == {"kind": "exchanges", "match": {"status": 200}, "count": {"at_most": 2}}
    found = wanted(made)
    assert (found.scope, found.since, found.count.most) == ("one", made.since, 2)
    assert made.since != made.created_at
