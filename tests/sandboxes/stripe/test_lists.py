"""Paging through a shared account: what is shown, how often it is asked, and when it stops."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import CUT
from sandboxes.stripe import lists
from tests.sandboxes.stripe.calls import Listed, Scripted, call, refusal, reply


class Ledger:
    """Which ids are the environment's."""

    def __init__(self, *own: str) -> None:
        self.own = set(own)
        self.asked: list[str] = []

    async def __call__(self, ids: Sequence[str]) -> Mapping[str, str]:
        self.asked += ids
        return {each: "" for each in ids if each in self.own}


def _customers(count: int) -> list[dict[str, Any]]:
    """Newest first: cus_0A, cus_1A, ..."""
    return [{"id": f"cus_{number}A", "object": "customer"} for number in range(count)]


def _ids(response: Response) -> list[str]:
    return [each["id"] for each in json.loads(response.body)["data"]]


def _more(response: Response) -> bool:
    return bool(json.loads(response.body)["has_more"])


OWN = tuple(f"cus_{number}A" for number in range(7, 400, 30))  # 14 of them


async def test_a_page_is_filled_from_as_many_of_the_accounts_as_it_needs() -> None:
    account = Listed({"/v1/customers": _customers(400)})
    first = await lists.narrow(call("GET", "/v1/customers", query="limit=5"), account, Ledger(*OWN))
    assert _ids(first) == list(OWN[:5])
    assert _more(first)
    assert len(account.asked) == 2
    assert first.header(CUT[0]) is None
    assert first.header("content-length") == str(len(first.body))


async def test_pages_join_without_gap_or_overlap_in_both_directions() -> None:
    account, ledger = Listed({"/v1/customers": _customers(400)}), Ledger(*OWN)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await lists.narrow(call("GET", "/v1/customers", query=f"limit=4{cursor}"), account, ledger)
        seen += _ids(page)
        if not _more(page):
            break
        cursor = f"&starting_after={seen[-1]}"
    assert seen == list(OWN)
    back = await lists.narrow(call("GET", "/v1/customers", query=f"limit=4&ending_before={OWN[-1]}"), account, ledger)
    assert (_ids(back), _more(back)) == (list(OWN[-5:-1]), True)
    back = await lists.narrow(call("GET", "/v1/customers", query=f"limit=4&ending_before={OWN[3]}"), account, ledger)
    assert (_ids(back), _more(back)) == (list(OWN[:3]), False)


async def test_has_more_is_exact_when_the_last_one_fills_the_page() -> None:
    account = Listed({"/v1/customers": _customers(250)})
    page = await lists.narrow(call("GET", "/v1/customers", query="limit=2"), account, Ledger("cus_3A", "cus_120A"))
    assert (_ids(page), _more(page)) == (["cus_3A", "cus_120A"], False)
    assert len(account.asked) == 3


async def test_ten_is_the_default() -> None:
    account = Listed({"/v1/customers": _customers(30)})
    page = await lists.narrow(call("GET", "/v1/customers"), account, Ledger(*(f"cus_{each}A" for each in range(30))))
    assert (len(_ids(page)), _more(page)) == (10, True)


async def test_an_account_without_anything_of_ours_is_an_empty_list() -> None:
    account = Listed({"/v1/customers": _customers(30)})
    page = await lists.narrow(call("GET", "/v1/customers"), account, Ledger())
    assert (_ids(page), _more(page)) == ([], False)
    assert json.loads(page.body)["object"] == "list"


@pytest.mark.parametrize("way", ["", "&ending_before=cus_2499A"])
async def test_too_much_of_others_is_cut_and_said(way: str) -> None:
    account = Listed({"/v1/customers": _customers(2500)})
    page = await lists.narrow(call("GET", "/v1/customers", query=f"limit=5{way}"), account, Ledger("cus_1250A"))
    assert len(account.asked) == lists.MOST_PAGES
    assert page.header(CUT[0]) == CUT[1]
    assert _more(page)
    assert _ids(page) == ["cus_1250A"]


async def test_the_applications_own_members_of_the_query_pass() -> None:
    account = Listed({"/v1/customers": _customers(3)})
    await lists.narrow(
        call("GET", "/v1/customers", query="expand%5B%5D=data.tax&limit=3&email=a%40b.c"), account, Ledger()
    )
    assert account.asked[0].query == "expand%5B%5D=data.tax&email=a%40b.c&limit=100"


async def test_what_stripe_made_for_an_own_object_is_shown() -> None:
    invoices = [
        {"id": "in_1A", "object": "invoice", "customer": "cus_1A"},
        {"id": "in_2A", "object": "invoice", "customer": "cus_9A"},
    ]
    ledger = Ledger("cus_1A")
    page = await lists.narrow(call("GET", "/v1/invoices"), Listed({"/v1/invoices": invoices}), ledger)
    assert _ids(page) == ["in_1A"]
    assert ledger.asked == ["in_1A", "in_2A", "cus_1A", "cus_9A"]


async def test_a_list_of_an_own_objects_passes_as_it_is() -> None:
    answer = reply(200, {"object": "list", "data": [{"id": "in_7A"}], "has_more": False})
    for asked in (
        call("GET", "/v1/invoices", query="customer=cus_1A"),
        call("GET", "/v1/customers/cus_1A/payment_methods"),
        call("GET", "/v1/invoices/in_1A/lines"),
    ):
        send, ledger = Scripted(answer), Ledger()
        assert await lists.narrow(asked, send, ledger) is answer
        assert send.asked == [asked.request]
        assert not ledger.asked


async def test_a_list_of_a_hand_made_objects_is_filtered_all_the_same() -> None:
    answer = reply(200, {"object": "list", "data": [{"id": "in_7A"}, {"id": "in_8A"}], "has_more": False})
    asked = call("GET", "/v1/invoices", query="customer=cus_1A", unmapped=frozenset({"cus_1A"}))
    assert _ids(await lists.narrow(asked, Scripted(answer), Ledger("in_8A"))) == ["in_8A"]


async def test_a_catalogue_that_many_build_on_is_filtered() -> None:
    answer = reply(200, {"object": "list", "data": [{"id": "price_1A"}, {"id": "price_2A"}], "has_more": False})
    page = await lists.narrow(call("GET", "/v1/prices", query="product=prod_1A"), Scripted(answer), Ledger("price_2A"))
    assert _ids(page) == ["price_2A"]


async def test_events_are_seen_by_what_they_tell_of() -> None:
    events = [
        {"id": "evt_1A", "object": "event", "data": {"object": {"id": "cus_1A", "object": "customer"}}},
        {"id": "evt_2A", "object": "event", "data": {"object": {"id": "in_5A", "customer": "cus_1A"}}},
        {"id": "evt_3A", "object": "event", "data": {"object": {"id": "cus_2A", "object": "customer"}}},
        {"id": "evt_4A", "object": "event", "data": {"object": {"object": "balance"}}},
    ]
    page = await lists.narrow(call("GET", "/v1/events"), Listed({"/v1/events": events}), Ledger("cus_1A"))
    assert _ids(page) == ["evt_1A", "evt_2A"]


async def test_search_pages_join_and_tell_nothing_of_the_whole_account() -> None:
    account, ledger = Listed({"/v1/customers/search": _customers(250)}), Ledger(*OWN[:8])
    seen: list[str] = []
    page = "&limit=3"
    for _ in range(5):
        answer = await lists.narrow(call("GET", "/v1/customers/search", query=f"query=name:'a'{page}"), account, ledger)
        value = json.loads(answer.body)
        assert "total_count" not in value
        seen += _ids(answer)
        if not value["has_more"]:
            assert value["next_page"] is None
            break
        page = f"&limit=3&page={value['next_page']}"
    assert seen == list(OWN[:8])


async def test_a_search_is_cut_too_and_goes_on_where_it_was() -> None:
    account = Listed({"/v1/customers/search": _customers(2500)})
    asked = call("GET", "/v1/customers/search", query="query=name:'a'")
    first = await lists.narrow(asked, account, Ledger("cus_2400A"))
    assert (first.header(CUT[0]), _ids(first)) == (CUT[1], [])
    token = json.loads(first.body)["next_page"]
    asked = call("GET", "/v1/customers/search", query=f"query=name:'a'&page={token}")
    assert _ids(await lists.narrow(asked, account, Ledger("cus_2400A"))) == ["cus_2400A"]


async def test_errors_pass_as_they_are() -> None:
    answer = refusal(400, "resource_missing", "No such customer: 'cus_9A'")
    asked = call("GET", "/v1/customers", query="starting_after=cus_9A")
    assert await lists.narrow(asked, Scripted(answer), Ledger()) is answer


async def test_a_limit_that_stripe_does_not_know_gets_its_own_words_and_nothing_of_others() -> None:
    asked = call("GET", "/v1/customers", query="limit=1000")
    answer = await lists.narrow(asked, Listed({"/v1/customers": _customers(3)}), Ledger())
    assert answer.status == 400
    generous = reply(200, {"object": "list", "data": _customers(3), "has_more": False})
    assert _ids(await lists.narrow(asked, Scripted(generous), Ledger("cus_1A"))) == ["cus_1A"]


async def test_a_long_page_is_read_and_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"object": "list", "data": _customers(3), "has_more": False}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 16):
            yield body[start : start + 16]

    async def send(request: Request) -> Response:
        return Response(200, [("content-type", "application/json")], stream=chunks())

    page = await lists.narrow(call("GET", "/v1/customers"), send, Ledger("cus_2A"))
    assert (page.stream, _ids(page)) == (None, ["cus_2A"])
    monkeypatch.setattr(lists, "_LONGEST", 20)
    refused = await lists.narrow(call("GET", "/v1/customers"), send, Ledger("cus_2A"))
    assert refused.status == 400
    assert "too long" in json.loads(refused.body)["error"]["message"]


async def test_what_stripe_made_for_anothers_object_is_not_shared() -> None:
    """With ``shared: read`` what nobody made is seen, unless it belongs to what somebody else made."""
    invoices = [
        {"id": "in_hand", "object": "invoice", "customer": "cus_hand"},
        {"id": "in_theirs", "object": "invoice", "customer": "cus_theirs"},
        {"id": "in_ours", "object": "invoice", "customer": "cus_ours"},
    ]
    known: dict[str, str | None] = {
        "in_hand": None,
        "in_theirs": None,
        "in_ours": None,
        "cus_hand": None,
        "cus_ours": "",
    }

    async def visible(ids: Sequence[str]) -> Mapping[str, str | None]:
        return {each: known[each] for each in ids if each in known}

    page = await lists.narrow(call("GET", "/v1/invoices"), Listed({"/v1/invoices": invoices}), visible)
    assert _ids(page) == ["in_hand", "in_ours"]
