"""Expectations: kept in their order, by scope, and never more than there may be."""

from __future__ import annotations

from typing import Any

from broker.storage.base import EnvironmentStore, Expectation
from tests.clocks import START


def expectation(number: int, **changes: Any) -> Expectation:
    fields: dict[str, Any] = {
        "id": f"exp_{number}",
        "scope": "",
        "name": "",
        "wanted": {"kind": "mails", "match": {"to": "ä@example.com"}},
        "since": START,
        "created_at": START,
    }
    return Expectation(**{**fields, **changes})


async def test_they_come_back_as_they_were(store: EnvironmentStore) -> None:
    made = [expectation(1, scope="one", name="a mail"), expectation(2), expectation(3, scope="one")]
    for each in made:
        assert await store.expectations.add(each, 10)
    assert await store.expectations.expectations() == made
    assert await store.expectations.expectations(scope="one") == [made[0], made[2]]
    assert await store.expectations.expectation("exp_2") == made[1]
    assert await store.expectations.expectation("exp_9") is None


async def test_no_more_than_there_may_be(store: EnvironmentStore) -> None:
    assert [await store.expectations.add(expectation(number), 2) for number in range(3)] == [True, True, False]
    assert len(await store.expectations.expectations()) == 2


async def test_they_go_one_by_one_by_scope_and_with_a_reset(store: EnvironmentStore) -> None:
    for number, scope in enumerate(("one", "one", "two", "")):
        await store.expectations.add(expectation(number, scope=scope), 10)
    assert await store.expectations.remove(expectation_id="exp_0") == 1
    assert await store.expectations.remove(expectation_id="exp_0") == 0
    assert await store.expectations.remove(scope="one") == 1
    assert [one.id for one in await store.expectations.expectations()] == ["exp_2", "exp_3"]
    await store.reset()
    assert await store.expectations.expectations() == []
