"""Mode sandbox, from the gateway to a provider in memory: what passes, what is refused, what is written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from broker.backends import passage
from contracts.exchange import Response
from tests.broker.backends.real import Real, pieces
from tests.broker.sandbox import KEY, Outside
from tests.broker.tiny import code, value
from tests.clocks import HeldClock


@pytest.fixture
async def real(tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Real]:
    monkeypatch.setattr(passage, "_FIRST_WAIT", 0.0)
    real = Real(tmp_path, clock)
    yield real
    await real.gate.close()


def fields(response: Response) -> dict[str, str]:
    return dict(response.headers)


async def test_a_call_goes_out_with_the_real_key_and_comes_back_as_it_is(real: Real) -> None:
    home, key = await real.open("pr-1")
    made = await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert made.status == 200
    (sent,) = real.sending.sent
    assert sent.headers.get("authorization") == f"Bearer {KEY}"
    assert orjson.loads(sent.body)["marker"] == f"pb:k3x9qa:{home.uid}"
    assert key not in str(list(sent.headers))
    found = fields(made)
    assert (found["broker-mode"], found["broker-fidelity"]) == ("sandbox", "real")
    # The provider's own fields only: the mock's are not added.
    assert "x-tiny-request" not in found
    assert await real.states(home) == [("thing", "live", value(made)["id"])]
    (entry,) = await real.entries(home)
    assert (entry.origin, entry.operation, entry.account) == ("made", "things.create", "one")
    assert entry.exchange == found["broker-exchange"]


async def test_the_line_is_committed_before_the_request_leaves(real: Real) -> None:
    home, key = await real.open("pr-1")
    seen: list[tuple[str, str, str | None]] = []
    send = real.outside.send

    async def watching(request: object) -> Response:
        seen.extend(await real.states(home))
        return await send(request)  # type: ignore[arg-type]  # handed on

    real.outside.send = watching  # type: ignore[method-assign]  # watched
    await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert seen == [("thing", "pending", None)]


async def test_an_operation_without_a_rule_is_refused_and_told(real: Real) -> None:
    home, key = await real.open("pr-1")
    refused = await real.gate.call("POST", "/v1/decline", key=key, json={"name": "x"})
    assert (refused.status, code(refused)) == (403, "not_revocable")
    assert real.sending.sent == []
    (incident,) = await real.gate.incidents("pr-1")
    assert incident.kind == "not_revocable"
    assert await real.states(home) == []


async def test_two_environments_on_one_account_are_blind_to_each_other(real: Real) -> None:
    (one, first), (two, second) = await real.open("pr-1"), await real.open("pr-2")
    mine = value(await real.gate.call("POST", "/v1/things", key=first, json={"name": "a"}))["id"]
    other = value(await real.gate.call("POST", "/v1/things", key=second, json={"name": "b"}))["id"]
    listed = value(await real.gate.call("GET", "/v1/things", key=first))
    assert [thing["id"] for thing in listed["data"]] == [mine]
    asked = len(real.sending.sent)
    for method in ("GET", "DELETE"):
        foreign = await real.gate.call(method, f"/v1/things/{other}", key=first)
        assert (foreign.status, code(foreign)) == (404, "resource_missing")
    named = await real.gate.call("POST", "/v1/notes", key=first, json={"name": "n", "thing": other})
    assert named.status == 400
    assert len(real.sending.sent) == asked, "nothing of it reached the provider"
    incidents = await real.gate.incidents("pr-1")
    assert [(each.kind, each.details["belongs_to"]) for each in incidents] == [("foreign_id", "pr-2")] * 3
    assert (await real.gate.call("GET", f"/v1/things/{other}", key=second)).status == 200
    assert [entry.uid for entry in await real.entries()] == [one.uid, two.uid]


async def test_what_was_made_by_hand_is_there_only_where_it_is_shared(real: Real) -> None:
    real.outside.objects["thi_hand"] = {"id": "thi_hand", "kind": "thing", "marker": "", "parent": ""}
    _, blind = await real.open("pr-1")
    _, seeing = await real.open("pr-2", shared="read")
    assert (await real.gate.call("GET", "/v1/things/thi_hand", key=blind)).status == 404
    assert value(await real.gate.call("GET", "/v1/things", key=blind))["data"] == []
    assert (await real.gate.call("GET", "/v1/things/thi_hand", key=seeing)).status == 200
    assert [one["id"] for one in value(await real.gate.call("GET", "/v1/things", key=seeing))["data"]] == ["thi_hand"]
    refused = await real.gate.call("DELETE", "/v1/things/thi_hand", key=seeing)
    assert (refused.status, code(refused)) == (403, "refused_by_policy")
    noted = await real.gate.call("POST", "/v1/notes", key=seeing, json={"name": "n", "thing": "thi_hand"})
    assert noted.status == 200
    assert "thi_hand" in real.outside.objects
    assert [entry.kind for entry in await real.entries()] == ["note"], "what is shared belongs to nobody"


async def test_a_list_is_filled_from_further_pages_and_says_when_it_is_cut(real: Real) -> None:
    _, key = await real.open("pr-1")
    _, other = await real.open("pr-2")
    for number in range(25):
        owner = key if number % 12 == 0 else other
        await real.gate.call("POST", "/v1/things", key=owner, json={"name": str(number)})
    listed = await real.gate.call("GET", "/v1/things", key=key)
    assert [one["name"] for one in value(listed)["data"]] == ["0", "12", "24"]
    for number in range(20):
        await real.gate.call("POST", "/v1/things", key=other, json={"name": str(number)})
    listed = await real.gate.call("GET", "/v1/things", key=key)
    assert fields(listed)["broker-list"] == "cut"


async def test_what_an_answer_mentions_is_the_environments(real: Real) -> None:
    home, key = await real.open("pr-1")
    made = value(await real.gate.call("POST", "/v1/things", key=key, json={"name": "one", "log": True}))
    assert await real.states(home) == [("thing", "live", made["id"]), ("log", "live", made["log"])]
    assert [entry.origin for entry in await real.entries(home)] == ["made", "derived"]


async def test_a_deleted_object_is_gone_in_the_ledger_too(real: Real) -> None:
    home, key = await real.open("pr-1")
    made = value(await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"}))["id"]
    assert (await real.gate.call("DELETE", f"/v1/things/{made}", key=key)).status == 204
    (entry,) = await real.entries(home)
    assert (entry.status, entry.outcome) == ("gone", "deleted")
    # Its id stays the environment's own: asking for it is no crossing.
    assert (await real.gate.call("GET", f"/v1/things/{made}", key=key)).status == 404
    assert await real.gate.incidents("pr-1") == []


@pytest.mark.parametrize(
    ("how", "status", "answer", "line", "there"),
    [
        ("lost", 502, "upstream_failed", "pending", 1),
        ("late", 502, "upstream_failed", "pending", 0),
        ("unsent", 502, "upstream_failed", "gone", 0),
        (500, 500, "", "pending", 0),
        (503, 503, "", "pending", 0),
        (402, 402, "", "gone", 0),
        (409, 409, "", "gone", 0),
        (429, 429, "", "gone", 0),
        (408, 408, "", "pending", 0),
    ],
)
async def test_the_line_stands_until_it_is_certain(
    real: Real, how: int | str, status: int, answer: str, line: str, there: int
) -> None:
    home, key = await real.open("pr-1")
    real.outside.fail(how, "POST", times=9)
    made = await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert made.status == status
    if answer:
        assert code(made) == answer
    assert len(real.outside.of("thing")) == there
    assert [entry.status for entry in await real.entries(home)] == [line]


async def test_a_create_is_not_sent_again_unless_nothing_was_sent(real: Real) -> None:
    _, key = await real.open("pr-1")
    real.outside.fail("lost", "POST")
    await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert real.outside.calls == ["POST /v1/things"]
    real.outside.fail("unsent", "POST")
    again = await real.gate.call("POST", "/v1/things", key=key, json={"name": "two"})
    assert again.status == 200
    assert real.outside.calls == ["POST /v1/things"] * 3


async def test_a_read_is_sent_again_and_not_for_ever(real: Real) -> None:
    _, key = await real.open("pr-1")
    made = value(await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"}))["id"]
    real.outside.fail("lost", "GET")
    assert (await real.gate.call("GET", f"/v1/things/{made}", key=key)).status == 200
    real.outside.fail(500, "GET", times=10)
    asked = len(real.outside.calls)
    assert (await real.gate.call("GET", f"/v1/things/{made}", key=key)).status == 500
    assert len(real.outside.calls) - asked == 3


async def test_an_unsure_attempt_is_not_undone_by_a_refusal_of_the_next(tmp_path: Path, clock: HeldClock) -> None:
    """Sent twice by the provider's own rule: the second answer says nothing about what the first one did."""
    real = Real(tmp_path, clock, repeatable=lambda call, response: response is None)
    home, key = await real.open("pr-1")
    real.outside.fail("lost", "POST")
    real.outside.fail(400, "POST")
    assert (await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})).status == 400
    assert [entry.status for entry in await real.entries(home)] == ["pending"]
    await real.gate.close()


async def test_forks_get_the_mock_whatever_their_policy_says(real: Real) -> None:
    home, key = await real.open("pr-1")
    await real.gate.storage.registry.update_environment(home.uid, trust="fork")
    real.gate.changed(home)
    made = await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert fields(made)["broker-mode"] == "mock"
    assert real.outside.calls == []


async def test_without_an_account_the_call_is_refused_in_the_services_words(real: Real) -> None:
    _, key = await real.open("pr-1")
    real.accounts.outsides.clear()
    refused = await real.gate.call("GET", "/v1/things", key=key)
    assert (refused.status, code(refused)) == (503, "no_account")


@pytest.mark.parametrize(("over", "status", "mode"), [("refuse", 429, "sandbox"), ("mock", 200, "mock")])
async def test_a_budget_ends_as_the_policy_says(real: Real, over: str, status: int, mode: str) -> None:
    _, key = await real.open("pr-1", budget={"calls": 1, "over": over})
    assert (await real.gate.call("GET", "/v1/things", key=key)).status == 200
    beyond = await real.gate.call("GET", "/v1/things", key=key)
    found = fields(beyond)
    assert (beyond.status, found["broker-mode"]) == (status, mode)
    assert found.get("broker-fallback") == ("over-budget" if over == "mock" else None)
    assert len(real.outside.calls) == 1


async def test_mails_count_against_their_own_budget(real: Real) -> None:
    _, key = await real.open("pr-1", budget={"mails": 1})
    assert (await real.gate.call("POST", "/v1/mail", key=key, json={"name": "m"})).status == 200
    assert (await real.gate.call("GET", "/v1/things", key=key)).status == 200
    refused = await real.gate.call("POST", "/v1/mail", key=key, json={"name": "m"})
    assert (refused.status, code(refused)) == (429, "over_budget")


@pytest.mark.parametrize(("over", "status", "mode"), [("refuse", 429, "sandbox"), ("mock", 200, "mock")])
async def test_a_busy_account_ends_as_the_policy_says(real: Real, over: str, status: int, mode: str) -> None:
    _, key = await real.open("pr-1", over_rate=over)
    real.scheduler.configure("one", rate=1000, concurrency=1)
    async with real.scheduler.turn("one", "pr-2"):
        beyond = await real.gate.call("GET", "/v1/things", key=key)
    assert (beyond.status, fields(beyond)["broker-mode"]) == (status, mode)
    assert real.outside.calls == []


async def test_a_call_that_queues_is_answered_once_there_is_room(real: Real) -> None:
    _, key = await real.open("pr-1")
    real.scheduler.configure("one", rate=1000, concurrency=1)
    async with real.scheduler.turn("one", "pr-2"):
        waiting = asyncio.ensure_future(real.gate.call("GET", "/v1/things", key=key))  # noqa: TID251 - awaited below
        await asyncio.sleep(0.01)
        assert not waiting.done()
    assert (await waiting).status == 200


async def test_nothing_is_sent_for_an_environment_that_began_to_close(real: Real) -> None:
    """While the body of a call that was let in is still on its way."""
    home, key = await real.open("pr-1")

    async def slow_body() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await real.gate.storage.registry.update_environment(home.uid, status="closing")
        real.gate.gateway.forget(home.uid)
        yield b'"late"}'

    refused = await real.gate.call("POST", "/v1/things", key=key, body=slow_body())
    assert code(refused) == "closed_environment"
    assert real.outside.calls == []
    assert await real.states(home) == []


async def test_running_calls_are_counted_until_they_have_their_answer(real: Real) -> None:
    home, key = await real.open("pr-1")
    real.outside.takes = 0.02
    running = asyncio.ensure_future(real.gate.call("GET", "/v1/things", key=key))  # noqa: TID251 - awaited below
    await asyncio.sleep(0.005)
    assert real.proxy.running(home.uid) == 1
    await running
    assert real.proxy.running(home.uid) == 0


async def test_an_answer_that_breaks_its_contract_is_drift_and_passes(real: Real) -> None:
    home, key = await real.open("pr-1")
    made = await real.gate.call("POST", "/v1/things", key=key, json={"name": "one", "broken": True})
    assert (made.status, value(made)["broken"]) == (200, True)
    (entry, *_) = await real.gate.journal(home)
    assert [(each["side"], each["rule"]) for each in entry.violations] == [("response", "unknown")]


async def test_a_created_object_without_an_id_stays_pending_and_is_told(tmp_path: Path, clock: HeldClock) -> None:
    real = Real(tmp_path, clock, made=lambda call, response: [])
    home, key = await real.open("pr-1")
    assert (await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})).status == 200
    assert [entry.status for entry in await real.entries(home)] == ["pending"]
    (entry, *_) = await real.gate.journal(home)
    assert [each["rule"] for each in entry.violations] == ["required"]
    await real.gate.close()


async def test_the_real_key_reaches_neither_journal_nor_incident(real: Real) -> None:
    home, key = await real.open("pr-1")
    real.outside.fail(401, "GET", times=9, words=f"bad key {KEY[:4]}****")
    await real.gate.call("GET", "/v1/things", key=key)
    await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    for entry in await real.gate.journal(home):
        assert KEY not in repr(entry)
    assert KEY not in repr(await real.gate.incidents())


async def test_in_a_part_of_its_own_an_environment_needs_no_lines(real: Real) -> None:
    real.accounts.subaccount = "sub_1"
    home, key = await real.open("pr-1", isolation="account")
    real.outside.objects["thi_there"] = {"id": "thi_there", "kind": "thing", "marker": "", "parent": ""}
    assert (await real.gate.call("GET", "/v1/things/thi_there", key=key)).status == 200
    assert len(value(await real.gate.call("GET", "/v1/things", key=key))["data"]) == 1
    await real.gate.call("POST", "/v1/things", key=key, json={"name": "one"})
    assert await real.states(home) == []


async def test_calls_of_other_modes_do_not_pass_the_proxy(real: Real) -> None:
    home = await real.gate.open("pr-1")
    made = await real.gate.call("POST", "/v1/things", key=await real.gate.key(home), json={"name": "one"})
    assert fields(made)["broker-mode"] == "mock"
    assert isinstance(real.outside, Outside)
    assert real.outside.calls == []


async def test_a_body_that_fails_on_its_way_is_the_callers_fault(real: Real) -> None:
    """What its own side raises while it is read is what the caller hears, and the provider is not blamed."""
    watched = passage._Watched(pieces(b"one", b"two"))
    assert [piece async for piece in watched] == [b"one", b"two"]
    assert (watched.begun, watched.failed, watched.trailers) == (True, None, {})

    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        raise ValueError("the checksum is wrong")

    broken = passage._Watched(failing())
    with pytest.raises(ValueError, match="checksum"):
        [piece async for piece in broken]
    assert isinstance(broken.failed, ValueError)


async def test_what_the_contract_refuses_reaches_the_provider_from_a_check_alone(real: Real) -> None:
    home, key = await real.open("pr-1")
    refused = await real.gate.call("POST", "/v1/things", key=key, json={"price": 3})
    assert (refused.status, real.sending.sent) == (400, [])
    real.probed[home.uid] = "run1abcdefgh"
    answered = await real.gate.call("POST", "/v1/things", key=key, json={"price": 3})
    assert fields(answered)["broker-fidelity"] == "real"
    assert len(real.sending.sent) == 1
    # The provider took it: it is in the ledger as everything is.
    assert [state for _, state, _ in await real.states(home)] == ["live"]


async def test_what_the_driver_cannot_read_the_contract_still_refuses(tmp_path: Path, clock: HeldClock) -> None:
    def stumbling(call: Any) -> Any:
        return call.params.body["name"].upper()

    real = Real(tmp_path, clock, references=stumbling)
    home, key = await real.open("pr-1")
    real.probed[home.uid] = "run1abcdefgh"
    refused = await real.gate.call("POST", "/v1/things", key=key, json={"price": 3})
    assert (refused.status, real.sending.sent) == (400, [])
    malformed = await real.gate.call("POST", "/v1/things", key=key, body=b"{")
    assert (malformed.status, real.sending.sent) == (400, [])
    await real.gate.close()
