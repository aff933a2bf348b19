from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.cassettes.matching import Player, Progress, leaves, of
from broker.cassettes.recorded import Body, Recorded, query_of
from broker.redact import HIDDEN
from tests.broker.cassettes.exchanges import JSON, NAMES, VALUES, asked, masker

UUIDS = ["11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"]
MAIL = "masked-email-01234567@example.com"


def form(text: str) -> dict[str, str]:
    return leaves("/v1/things", {}, Body("form", query_of(text)))


def player(*exchanges: Recorded, environment: str = "") -> Player:
    return Player(exchanges, [each.operation or "" for each in exchanges], environment)


def answers(played: Player, progress: Progress, *calls: Recorded, operation: str = "things.create") -> list[Any]:
    found = [played.find(operation, of(call), progress) for call in calls]
    return [None if each is None else played.own(each.response.value, progress) for each in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a=1&b=2", "b=2&a=1"),
        ("a[]=1&a[]=2", "a[0]=1&a[1]=2"),
        ("a[]=1&a[]=2", "a=1&a=2"),
        ("a[b][c]=1&d=2", "d=2&a%5Bb%5D%5Bc%5D=1"),
        ("items[0][price]=p&items[1][price]=q", "items[1][price]=q&items[0][price]=p"),
    ],
)
def test_order_and_spelling_of_a_form_do_not_matter(one: str, other: str) -> None:
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a=1", "a=2"), ("a[]=1&a[]=2", "a[]=2&a[]=1"), ("a=1", "a=1&b="), ("a=", "")]
)
def test_other_parameters_are_others(one: str, other: str) -> None:
    assert form(one) != form(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Body("json", {"a": 1, "b": [True, None]}), Body("json", {"b": [True, None], "a": 1}), True),
        (Body("json", {"a": []}), Body("json", {"a": {}}), False),
        (Body("xml", "<a x='1' y='2'><b/></a>"), Body("text", '<a y="2" x="1"><b></b></a>\n'), True),
        (Body("xml", "<a>1</a>"), Body("xml", "<a>2</a>"), False),
        (Body("text", "<a><"), Body("text", "<a>"), False),
        (Body("text", "--abc1\r\nx\r\n--abc1--"), Body("text", "--def2\r\nx\r\n--def2--"), True),
        (Body("text", "--abc1\r\nx\r\n--abc1--"), Body("text", "--def2\r\ny\r\n--def2--"), False),
        (Body("base64", "LS1hYmMxDQr/DQotLWFiYzEtLQ=="), Body("base64", "LS1kZWYyDQr/DQotLWRlZjItLQ=="), True),
        (Body("digest", {"sha256": "a", "size": 1}), Body("digest", {"sha256": "b", "size": 1}), False),
    ],
)
def test_bodies_are_compared_by_what_they_say(one: Body, other: Body, same: bool) -> None:
    assert (leaves("/", {}, one) == leaves("/", {}, other)) is same


def test_signatures_and_ids_of_a_request_are_no_parameters() -> None:
    signed = query_of("X-Amz-Signature=s&X-Amz-Date=20261127T000000Z&versionId=3")
    headers = {"idempotency-key": "k", "x-amz-date": "d", "amz-sdk-invocation-id": "i", "x-amz-checksum-crc32": "c"}
    assert leaves("/a", signed, Body(), headers) == {"path[1]": "a", "query.versionId": "3"}


def test_a_repeated_call_gets_the_next_answer_and_then_the_last_again() -> None:
    played = player(*[asked(form={"a": "1"}, answer=n) for n in (1, 2)], asked(form={"a": "2"}, answer=3))
    call = asked(form={"a": "1"})
    first, second = Progress(), Progress()
    assert answers(played, first, call, call, call) == [1, 2, 2]
    assert answers(played, second, call) == [1], "others have a progress of their own"
    assert answers(played, first, call, operation="things.update") == [None]


def test_masks_fit_any_value_and_answers_echo_it() -> None:
    played = player(
        asked(form={"email": MAIL, "card": HIDDEN, "to": f"<{MAIL}>, x"}, answer={"email": MAIL, "n": [f"to {MAIL}"]})
    )
    call = asked(form={"email": "ada@b.org", "card": "4242", "to": "<Ada@b.org>, x"})
    assert answers(played, Progress(), call) == [{"email": "ada@b.org", "n": ["to ada@b.org"]}]
    assert answers(played, Progress(), asked(form={"email": "ada@b.org", "card": "4242", "to": "<bob@b.org>, x"})) == [
        None
    ]
    assert answers(played, Progress(), asked(form={"email": "", "card": "4242", "to": "<>, x"})) == [None]


def test_one_person_stays_one() -> None:
    other = MAIL.replace("0123", "9999")
    played = player(
        asked("GET", query={"email": MAIL}, operation="things.create", answer=1),
        asked("GET", query={"email": other}, operation="things.create", answer=2),
    )
    ada, bob = (asked("GET", query={"email": f"{name}@b.org"}) for name in ("ada", "bob"))
    progress = Progress()
    assert answers(played, progress, ada, bob, ada, bob) == [1, 2, 1, 2]


def test_ids_and_times_of_the_callers_own_making_are_mapped() -> None:
    recorded = {"order": UUIDS[0], "at": "2026-01-01T00:00:00Z", "until": "1790000000"}
    sent = {"order": UUIDS[1], "at": "2027-02-03T04:05:06Z", "until": "1800000001"}
    played = player(asked(form=recorded, answer={"order": UUIDS[0], "until": 1790000000, "id": "th_1", "live": True}))
    assert answers(played, Progress(), asked(form=sent)) == [
        {"order": UUIDS[1], "until": 1800000001, "id": "th_1", "live": True}
    ]
    assert answers(played, Progress(), asked(form=sent | {"order": "7"})) == [None]
    assert answers(played, Progress(), asked(form=sent | {"until": "18"})) == [None]


def test_the_name_of_the_environment_is_the_players() -> None:
    played = player(
        asked(form={"url": "https://pr-7.invalid/back"}, answer={"url": "https://pr-7.invalid/back", "x": "apr-70"}),
        environment="pr-7",
    )
    call = asked(form={"url": "https://pr-31.invalid/back"})
    assert answers(played, Progress("pr-31"), call) == [{"url": "https://pr-31.invalid/back", "x": "apr-70"}]
    assert answers(played, Progress("pr-7"), asked(form={"url": "https://pr-7.invalid/back"})) == [
        {"url": "https://pr-7.invalid/back", "x": "apr-70"}
    ]
    assert answers(played, Progress("pr-9"), call) == [None]


def test_deciding_headers_decide_and_others_prefer() -> None:
    whole, part = asked("GET", answer="whole"), asked("GET", request_headers={"range": "bytes=0-1"}, answer="part")
    other = asked("GET", request_headers={"x-version": "2"}, answer="second")
    played = player(whole, part, other)
    calls = [
        asked("GET", request_headers=headers)
        for headers in ({"range": "bytes=0-1"}, {}, {"x-version": "2"}, {"x-version": "3"})
    ]
    assert [answers(played, Progress(), call) for call in calls] == [["part"], ["whole"], ["second"], ["whole"]]
    assert answers(played, Progress(), asked("GET", request_headers={"range": "bytes=0-5"})) == [None]
    assert answers(played, Progress(), asked("GET", request_headers={"if-match": '"x"'})) == [None]


def test_what_is_nearest_is_told_with_what_differs() -> None:
    played = player(
        asked(form={"name": "a", "size": "1"}),
        asked(form={"name": "b", "colour": "red", "cvc": HIDDEN, "x": "y" * 100}),
    )
    words = played.nearest("things.create", of(asked(form={"name": "c", "size": "1"})), Progress())
    assert words == ("The closest of 2 is exchange 1 (POST /v1/things): body.name was recorded as 'a' and is 'c' here.")
    call = asked(form={"name": "b", "cvc": "", "x": "y" * 99 + "z", "extra": "secret thing"})
    words = played.nearest("things.create", of(call), Progress())
    assert "exchange 2" in words
    assert "body.colour was recorded and is missing here" in words
    assert "body.cvc was recorded as '[hidden]' and is other here" in words
    assert "body.extra was not recorded" in words
    assert "secret thing" not in words
    assert "y" * 61 not in words
    assert played.nearest("things.list", {}, Progress()) == "It holds no things.list; it holds things.create."
    assert player().nearest("things.list", {}, Progress()) == "It holds no things.list; it holds nothing."


def test_a_long_text_fits_no_mask() -> None:
    played = player(asked(form={"email": MAIL}, answer=1), asked(form={"card": HIDDEN}, answer=2))
    assert answers(played, Progress(), asked(form={"email": "a" * 4001})) == [None]
    assert answers(played, Progress(), asked(form={"card": "a" * 4001})) == [None]
    assert answers(played, Progress(), asked(form={"email": "a" * 4000})) == [1]


def test_of_very_many_the_nearest_is_found_among_those_of_its_size() -> None:
    played = player(
        *[asked(form={f"f{n}": "1", "n": str(n)}) for n in range(1000)], asked(form={"n": "x", "a": "1", "b": "2"})
    )
    words = played.nearest("things.create", of(asked(form={"n": "y", "a": "1", "b": "2"})), Progress())
    assert "is exchange 1001" in words


def test_hostile_values_take_no_long_time() -> None:
    many = " ".join([MAIL] * 200)
    played = player(asked(form={"text": many + "!"}))
    assert answers(played, Progress(), asked(form={"text": "a " * 200_000})) == [None]


@given(query=st.dictionaries(NAMES, VALUES, max_size=4), body=JSON, form=st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_was_masked_still_fits_the_call_that_it_was(query: Any, body: Any, form: Any) -> None:
    for one in (asked(query=query, json={"v": body}), asked(query=query, form=form)):
        for played in (player(one), player(masker().masked(one))):
            assert played.find("things.create", of(one), Progress()) is not None
