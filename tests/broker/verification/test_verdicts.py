"""Verdicts: what was found, what came near, and why it is not it."""

from __future__ import annotations

from typing import Any

from broker.storage.base import EnvironmentStore
from broker.verification.asking import read
from broker.verification.verdicts import verdict
from tests.broker.storage.samples import delivery, event, exchange, mail
from tests.clocks import START

JSON = [("content-type", "application/json")]


async def said(store: EnvironmentStore, **asked: Any) -> dict[str, Any]:
    return await verdict(store, read({"kind": "exchanges", **asked}))


async def test_what_is_so(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(3)])
    found = await said(store, match={"operation": "things.create"}, count=3)
    assert (found["ok"], found["count"], found["wanted"]) == (True, 3, {"exactly": 3})
    assert found["found"] == ["exc_00002", "exc_00001", "exc_00000"]
    assert found["near_misses"] == []
    assert found["message"] == "expected exactly 3 of the exchanges to match, found 3"


async def test_the_nearest_are_told_with_their_differences(store: EnvironmentStore) -> None:
    body = '{"email":"bob@example.com","name":"Bob"}'
    await store.journal.add(
        [
            exchange(1, service="beta", operation="other", method="GET", request_headers=JSON, request_body="{}"),
            exchange(2, request_headers=JSON, request_body=body, request_size=len(body)),
            *[exchange(number, service="gamma", method="PUT", operation="x") for number in range(3, 9)],
        ]
    )
    found = await said(
        store,
        match={"service": "alpha", "method": "POST", "request.body": {"email": "ada@example.com", "name": "Bob"}},
    )
    assert (found["ok"], found["count"], len(found["near_misses"])) == (False, 0, 3)
    first = found["near_misses"][0]
    assert (first["id"], first["score"]) == ("exc_00002", 0.75)
    assert [(one["place"], one["expected"], one["actual"]) for one in first["differences"]] == [
        ("request.body.email", "ada@example.com", "bob@example.com")
    ]
    assert "near miss exc_00002 (75%)  POST /v1/things 200 (alpha, things.create)" in found["message"]
    assert 'request.body.email: expected "ada@example.com", found "bob@example.com"' in found["message"]
    scores = [miss["score"] for miss in found["near_misses"]]
    assert scores == sorted(scores, reverse=True)


async def test_too_many_are_listed_without_near_misses(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(3)])
    found = await said(store, match={"service": "alpha"}, count=0)
    assert (found["ok"], found["near_misses"]) == (False, [])
    assert found["message"].startswith("expected none of the exchanges to match, found 3\n  exc_00002  POST /v1/things")


async def test_without_anything_to_compare_with(store: EnvironmentStore) -> None:
    found = await said(store)
    assert found["message"].endswith("there are no other exchanges to compare with")


async def test_near_misses_are_of_the_scope_and_time_alone(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1, scope="one"), exchange(2, scope="two")])
    found = await said(store, match={"status": 500}, scope="one")
    assert [miss["id"] for miss in found["near_misses"]] == ["exc_00001"]
    found = await said(store, match={"status": 500}, since="2100-01-01T00:00:00Z")
    assert found["near_misses"] == []


async def test_a_hidden_value_says_so(store: EnvironmentStore) -> None:
    body = '{"client_secret":"[hidden]"}'
    await store.journal.add([exchange(1, request_headers=JSON, request_body=body, request_size=len(body))])
    found = await said(store, match={"request.body.client_secret": "s"})
    assert "(the journal hides secrets)" in found["near_misses"][0]["differences"][0]["message"]


async def test_each_kind_has_its_line(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.start()
    call.add_mail("alpha", mail(1), START)
    call.add_event(event(1))
    call.add_delivery(delivery(1))
    await call.commit()
    lines = {}
    for kind in ("mails", "events", "deliveries"):
        found = await verdict(store, read({"kind": kind, "match": {"nothing": 1}}))
        lines[kind] = found["near_misses"][0]["summary"]
    assert lines == {
        "mails": "mail to Ann@Example.com: number 1",
        "events": "thing.created (alpha)",
        "deliveries": "thing.created to http://127.0.0.1:9/hook: pending after 0 attempts",
    }
