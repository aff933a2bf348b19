"""Scenarios step by step at two sides that are lists of answers: what is compared, what is not, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from broker import probing
from broker.probing import Outcome, Probing, Told, Unusable
from contracts import library, probes
from contracts.exchange import Request, Response

RUN = "run1abcdefgh"
REAL = ("broker-fidelity", "real")


def answer(status: int, value: Any, *headers: tuple[str, str]) -> Response:
    return Response(status, [("content-type", "application/json"), *headers], json.dumps(value).encode())


def customer(id: str, **members: Any) -> dict[str, Any]:
    return {"id": id, "object": "customer", "created": 1_790_000_000, "livemode": False, **members}


class Answers:
    """A side that answers what it is told to, in turn."""

    def __init__(self, *answers: Response, events: Sequence[Told] | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told = events

    async def ask(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.path}")
        return self.answers[len(self.asked) - 1]

    async def events(self) -> Sequence[Told] | None:
        # None at the start of a scenario, all of them at its end.
        return None if self.told is None else self.told if self.asked else []


async def go(steps: str, mock: Answers, real: Answers, ruled: set[str] | None = None) -> Outcome:
    text = f"version: 1\nservice: stripe\nscenarios:\n  one:\n    steps:\n{steps}"
    contract, outcome = library.load("stripe"), Outcome()
    ruled = set(contract.operations()) if ruled is None else ruled
    work = Probing("stripe", contract, mock, real, run=RUN, ruled=ruled, outcome=outcome, patience=0.0)
    for scenario in probes.parse(text, "stripe"):
        await work.go(scenario)
    return outcome


CREATE = """
      - call: POST /v1/customers
        form: {name: "${run}"}
        capture: {customer: id}
"""
GET = "      - call: GET /v1/customers/${customer}\n"


def lines(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.rule, each.message) for each in outcome.findings.values()]


async def test_each_side_has_ids_of_its_own() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")), answer(200, customer("cus_ours1234", name="a word")))
    real = Answers(answer(200, customer("cus_theirs99"), REAL), answer(200, customer("cus_theirs99"), REAL))
    outcome = await go(CREATE + GET, mock, real)
    assert mock.asked == ["POST /v1/customers", "GET /v1/customers/cus_ours1234"]
    assert real.asked == ["POST /v1/customers", "GET /v1/customers/cus_theirs99"]
    assert lines(outcome) == [("field-removed", "name: is missing [one, call 2]")]
    assert (outcome.compared, outcome.succeeded, outcome.carried_out, outcome.finished) == (2, 2, 2, 1)
    assert outcome.operations["customers.create"].passed == 1
    assert outcome.operations["customers.retrieve"].failed == 1


async def test_the_broker_s_own_answer_says_nothing_about_the_provider() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")))
    own = answer(403, {"error": {"message": "not allowed here"}}, ("broker-refusal", "refused_by_policy"))
    outcome = await go(CREATE, mock, Answers(own))
    assert (lines(outcome), list(outcome.errors), outcome.compared) == ([], [], 0)
    assert [each.why for each in outcome.skipped] == ["the broker answered in the provider's place: not allowed here"]


async def test_where_the_provider_does_not_answer_the_check_has_failed() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")))
    own = answer(502, {"error": {"message": "no answer"}}, ("broker-refusal", "upstream_failed"))
    outcome = await go(CREATE, mock, Answers(own))
    assert list(outcome.errors) == ["one, call 1 (customers.create): no answer"]


async def test_a_key_that_is_not_taken_ends_the_check() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")))
    with pytest.raises(Unusable, match="credential: Invalid API Key"):
        await go(CREATE, mock, Answers(answer(401, {"error": {"message": "Invalid API Key"}}, REAL)))


async def test_what_a_step_lacks_is_told() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")))
    real = Answers(answer(500, {"error": {"message": "oh"}}, REAL))
    outcome = await go(CREATE + GET, mock, real)
    assert [rule for rule, _ in lines(outcome)] == ["status-changed"]
    assert [(each.step, each.operation, each.why) for each in outcome.skipped] == [
        (2, "customers.retrieve", "an answer before it did not give customer")
    ]


async def test_what_has_no_rule_is_not_sent() -> None:
    mock, real = Answers(), Answers()
    outcome = await go(CREATE + "      - call: GET /v9/nowhere\n", mock, real, ruled=set())
    assert (mock.asked, real.asked) == ([], [])
    assert [each.why.partition(":")[0] for each in outcome.skipped] == [
        "it has no rule in the driver of the real provider",
        "the contract has no such operation",
    ]


async def test_both_sides_may_surprise_the_probe() -> None:
    error = {"error": {"code": "x", "type": "invalid_request_error"}}
    outcome = await go(
        CREATE.rstrip() + "\n        expect: 200\n", Answers(answer(400, error)), Answers(answer(400, error, REAL))
    )
    assert [rule for rule, _ in lines(outcome)] == ["unexpected-status"]


async def test_what_is_expected_rests_on_what_was_done_before() -> None:
    listed = "      - call: GET /v1/customers/cus_1\n        expect: 404\n"
    sides = Answers(answer(200, customer("cus_ours1234"))), Answers(answer(200, customer("cus_theirs99"), REAL))
    outcome = await go(CREATE + listed, *sides, ruled={"customers.retrieve"})
    assert (lines(outcome), outcome.compared) == ([], 1), "the customer was made by neither side"
    sides = Answers(answer(200, customer("cus_ours1234"))), Answers(answer(200, customer("cus_theirs99"), REAL))
    assert [rule for rule, _ in lines(await go(listed, *sides))] == ["unexpected-status"]


async def test_what_only_one_side_carried_out_is_told_once_and_not_again_by_what_follows() -> None:
    error = answer(400, {"error": {"type": "invalid_request_error", "message": "no"}})
    refused = answer(400, {"error": {"type": "invalid_request_error", "message": "no"}}, REAL)
    other = '      - call: POST /v1/customers\n        form: {balance: "${run}"}\n'
    listed = "      - call: GET /v1/customers\n"
    mock = Answers(answer(200, customer("cus_ours1234")), answer(200, customer("cus_ours1234")), error, events=[])
    real = Answers(answer(200, customer("cus_theirs99"), REAL), refused, refused, events=[])
    update = "      - call: POST /v1/customers/${customer}\n        form: {name: one}\n"
    outcome = await go(CREATE + update + GET + listed + other, mock, real)
    assert [each.rule for each in outcome.findings.values()] == ["status-changed"]
    assert len(real.asked) == len(mock.asked) == 3, "what stands on its own is asked all the same"
    assert [(each.step, each.operation) for each in outcome.skipped] == [
        (3, "customers.retrieve"),
        (4, "customers.list"),
        (0, ""),
    ]
    assert all("call 2 was carried out on one side only" in each.why for each in outcome.skipped)


class Telling(Answers):
    """Tells an event of each answer, which mentions what is the whole account's too."""

    async def ask(self, request: Request) -> Response:
        response = await super().ask(request)
        self.told = [*(self.told or ()), Told(f"made {len(self.asked)}", response.body)]
        return response


async def test_an_id_of_the_whole_account_attributes_no_event() -> None:
    text = f"version: 1\nservice: stripe\nscenarios:\n  one:\n    steps:\n{CREATE}\n  two:\n    steps:\n{CREATE}"
    contract, outcome = library.load("stripe"), Outcome()
    mock = Telling(*(answer(200, customer(f"cus_ours{n}", of={"id": "of_all"})) for n in "12"), events=[])
    real = Telling(*(answer(200, customer(f"cus_theirs{n}", of={"id": "of_all"}), REAL) for n in "12"), events=[])
    work = Probing("stripe", contract, mock, real, run=RUN, ruled=contract.operations(), outcome=outcome, patience=0.0)
    for scenario in probes.parse(text, "stripe"):
        await work.go(scenario)
    assert len(real.told or ()) == 2
    assert lines(outcome) == [], "the first scenario's event is not the second's"


async def test_events_belong_to_the_scenario_whose_ids_they_mention() -> None:
    mock = Answers(
        answer(200, customer("cus_ours1234")),
        events=[Told("customer.created", b'{"id":"cus_ours1234"}'), Told("balance.available", b"{}")],
    )
    late = [Told("charge.failed", b'{"id":"ch_1"}'), Told("customer.updated", b'{"x":"cus_theirs99"}')]
    real = Answers(answer(200, customer("cus_theirs99"), REAL), events=late)
    outcome = await go(CREATE, mock, real)
    assert sorted(rule for rule, _ in lines(outcome)) == ["event-added", "event-missing"]


async def test_a_side_that_tells_no_events_is_not_compared_by_them() -> None:
    mock = Answers(answer(200, customer("cus_ours1234")), events=[Told("customer.created", b'"cus_ours1234"')])
    outcome = await go(CREATE, mock, Answers(answer(200, customer("cus_theirs99"), REAL)))
    assert (lines(outcome), outcome.skipped) == ([], [])


async def test_the_words_of_errors_are_found_where_each_provider_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Response(403, [("content-type", "application/xml")], b"<Error><Message>denied</Message></Error>")
    outcome = await go(CREATE, Answers(answer(200, customer("cus_ours1234"))), Answers(own))
    assert outcome.skipped[0].why.endswith(": denied")
    monkeypatch.setattr(probing, "_WORDS", 3)
    errors = answer(403, {"errors": [{"message": "denied"}]})
    outcome = await go(CREATE, Answers(answer(200, customer("cus_ours1234"))), Answers(errors))
    assert outcome.skipped[0].why.endswith(": den")


def test_a_word_of_the_api_is_no_id_of_a_scenario() -> None:
    value = {"id": "acct_1", "data": [{"id": "transfers"}, {"id": "card_payments"}, {"id": "ba_2"}]}
    assert list(probing._ids(value)) == ["acct_1", "ba_2"]
