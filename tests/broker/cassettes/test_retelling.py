"""A recording told to another side: which ids are its own, what it cannot know, and what it must say."""

from __future__ import annotations

from typing import Any

import pytest

from broker.cassettes import retelling
from broker.cassettes.recorded import Body, Recorded
from broker.cassettes.retelling import Retelling, needs
from broker.redact import HIDDEN
from contracts.comparison import Answer

THEIRS, OURS = "cus_9s6XKzkNRiz8i3", "cus_00001aaaaaaaaa"


def one(
    method: str = "GET",
    path: str = "/v1/customers",
    answer: Any = None,
    *,
    form: Any = None,
    status: int = 200,
    **more: Any,
) -> Recorded:
    request = Body() if form is None else Body("form", form)
    response = Body() if answer is None else Body("json", answer)
    return Recorded(operation=None, method=method, path=path, request=request, status=status, response=response, **more)


def said(value: Any, status: int = 200) -> Answer:
    return Answer(status, "json", value, {})


MADE = one("POST", answer={"id": THEIRS, "card": {"id": "card_1AbCdEfGhI"}}, form={"name": "Ada"})


def learned(*exchanges: Recorded) -> Retelling:
    told = Retelling([MADE, *exchanges])
    assert told.unfair(MADE) is None
    told.learn(said({"id": THEIRS, "card": {"id": "card_1AbCdEfGhI"}}), said({"id": OURS, "card": None}))
    return told


def test_ids_are_replaced_wherever_they_stand() -> None:
    call = one(
        "POST",
        f"/v1/customers/{THEIRS}",
        query={"after": THEIRS},
        form={"note": f"for {THEIRS}!", "name": "Ada"},
        request_headers={"x-customer": THEIRS},
    )
    request = learned(call).request(call)
    assert request.path == f"/v1/customers/{OURS}"
    assert request.query == f"after={OURS}"
    assert request.body == f"note=for+{OURS}%21&name=Ada".encode()
    assert request.headers.get("x-customer") == OURS
    assert request.headers.get("content-length") == str(len(request.body))


def test_json_and_xml_bodies_keep_their_shape() -> None:
    told = learned()
    sent = Recorded(operation=None, method="POST", path="/", status=200, request=Body("json", {"a": [THEIRS, 1, None]}))
    assert told.request(sent).body == f'{{"a":["{OURS}",1,null]}}'.encode()
    sent = Recorded(operation=None, method="POST", path="/", status=200, request=Body("xml", f"<a>{THEIRS}</a>"))
    assert told.request(sent).body == f"<a>{OURS}</a>".encode()


def test_the_version_is_the_one_that_answered() -> None:
    told = learned()
    call = one(response_headers={"api-version": "2020-08-27"})
    assert told.request(call).headers.get("api-version") == "2020-08-27"
    both = one(request_headers={"api-version": "2019-01-01"}, response_headers={"api-version": "2020-08-27"})
    assert told.request(both).headers.all("api-version") == ["2019-01-01"]
    assert "api-version" not in told.request(one(request_headers={"api-version": "<VERSION>"})).headers


def test_the_account_is_the_one_that_the_answer_repeats() -> None:
    told = Retelling([])
    call = one(response_headers={"x-account": "acct_1Recorded"})
    assert told.request(call).headers.get("x-account") == "acct_1Recorded"
    assert told.missed(call, ["acct_1Recorded"]) is not None
    both = one(request_headers={"x-account": "acct_1Mine"}, response_headers={"x-account": "acct_1Other"})
    assert told.request(both).headers.all("x-account") == ["acct_1Mine"]


def test_what_nobody_made_is_needed() -> None:
    stranger = "price_1AbCdEfGhI"
    later = one(answer={"id": "sub_1AbCdEfGhI", "price": {"id": stranger}})
    call = one("POST", "/v1/subscriptions", form={"price": stranger})
    told = learned(later, call)
    assert told.unfair(call) == "it needs price_… that no scored exchange of its cassette made"
    # What an exchange made that could not be scored is needed, too.
    assert told.unfair(one("GET", "/v1/subscriptions/sub_1AbCdEfGhI")) == needs("sub_1AbCdEfGhI")
    assert needs("gold") == "it needs something that no scored exchange of its cassette made"


def test_what_the_caller_chose_itself_is_not_needed() -> None:
    made = one("POST", "/v1/plans", {"id": "gold", "metadata": {"order_id": "1000"}}, form={"id": "gold", "n": "1000"})
    told = Retelling([made])
    assert told.unfair(made) is None
    update = one("POST", "/v1/plans/gold", {"id": "gold"})
    assert told.unfair(update) == needs("gold")


def test_what_ours_failed_to_give_is_no_excuse() -> None:
    told = learned()
    assert told.unfair(one("GET", "/v1/cards/card_1AbCdEfGhI")) is None
    told = Retelling([MADE])
    told.learn(said({"id": THEIRS}), said({"error": {"code": "c"}}, 400))
    call = one("GET", f"/v1/customers/{THEIRS}")
    assert told.unfair(call) is None
    assert told.missed(call, [THEIRS]) == []


def test_keys_that_ours_missed_are_needed_unless_it_made_them() -> None:
    call = one("POST", form={"source": "src_1AbCdEfGhI"})
    assert learned(call).missed(call, ["src_1AbCdEfGhI"]) == ["src_1AbCdEfGhI"]
    assert learned(call).missed(call, ["something-of-its-own"]) == []
    again = one("GET", f"/v1/customers/{THEIRS}")
    assert learned(again).missed(again, [OURS]) == []


def test_a_list_with_strangers_is_unfair_unless_it_is_filtered() -> None:
    listed = {"data": [{"id": "cus_1AbCdEfGhI"}, {"id": THEIRS}]}
    told = learned()
    assert told.unfair(one(answer=listed)) == retelling.EARLIER
    assert told.unfair(one(answer=[{"id": "cus_1AbCdEfGhI"}])) == retelling.EARLIER
    assert told.unfair(one(answer={"data": [{"id": THEIRS}]})) is None
    assert told.unfair(one(answer=listed, query={"customer": THEIRS})) is None


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (one("POST", form={"card[number]": HIDDEN}), retelling.MASKED),
        (
            Recorded(
                operation=None,
                method="GET",
                path="/",
                status=200,
                response=Body("text", '{"a": <ID>'),
                response_headers={"content-type": "application/json"},
            ),
            retelling.DAMAGED,
        ),
        (
            Recorded(operation=None, method="GET", path="/", status=200, response=Body.digest("00", 5)),
            "its answer was too long to be kept in the recording",
        ),
        (
            Recorded(operation=None, method="PUT", path="/", status=200, request=Body.digest("00", 5)),
            "its request was too long to be kept in the recording",
        ),
    ],
)
def test_what_the_recording_does_not_hold_is_unfair(call: Recorded, reason: str) -> None:
    assert learned(call).unfair(call) == reason


def test_what_ours_must_say() -> None:
    call = one("POST", form={"name": "Ada", "customer": THEIRS, "note": f"for {THEIRS}", "n": "1"})
    wanted = learned().expected(call)
    assert (wanted("Ada"), wanted(THEIRS), wanted(f"for {THEIRS}")) == ("Ada", OURS, f"for {OURS}")
    assert (wanted("1"), wanted("Bob")) == (None, None)


def test_a_guess_gives_way_to_what_is_sure() -> None:
    told = Retelling([])
    told.learn(said({"charge": "ch_1AbCdEfGhI"}), said({"charge": "ch_00001bbbbb"}))
    assert told.expected(one())("ch_1AbCdEfGhI") is None
    told.learn(said({"id": "ch_1AbCdEfGhI"}), said({"id": "ch_00001ccccc"}))
    assert told.expected(one())("ch_1AbCdEfGhI") == "ch_00001ccccc"
    told.learn(said({"id": "ch_1AbCdEfGhI"}), said({"id": "ch_00001ddddd"}))
    assert told.expected(one())("ch_1AbCdEfGhI") == "ch_00001ccccc"
