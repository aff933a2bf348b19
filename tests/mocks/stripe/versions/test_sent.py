"""Requests of older versions are put into today's words."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from contracts import form
from contracts.exchange import Headers, Request
from mocks.stripe.service import SERVICE
from mocks.stripe.versions import sent
from mocks.stripe.versions.chain import SENT
from tests.mocks.stripe.client import Stripe


def _adapted(body: bytes, version: str) -> Request:
    request = Request(method="POST", path="/v1/customers", headers=Headers([("stripe-version", version)]), body=body)
    match = SERVICE.contract().match(request)
    assert match is not None
    return sent.adapt(match.operation, request, {})


def test_requests_go_forwards() -> None:
    days = [day for day, _ in SENT]
    assert days == sorted(days)


def test_every_operation_is_one_of_the_contract() -> None:
    known = set(SERVICE.contract().operations())
    assert {name for _, kinds in SENT for name in kinds} <= known


def test_the_request_itself_stays() -> None:
    request = Request(method="POST", path="/v1/customers", body=b"account_balance=5")
    match = SERVICE.contract().match(request)
    assert match is not None
    assert sent.adapt(match.operation, request, {}) is request
    old = _adapted(b"account_balance=5", "2019-10-08")
    assert (old.body, _adapted(b"account_balance=5", "2019-10-17").body) == (b"balance=5", b"account_balance=5")


def test_a_broken_form_is_left_to_the_contract() -> None:
    assert _adapted(b"a=%zz", "2019-10-08").body == b"a=%zz"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.text(max_size=8)), max_size=5))
def test_what_no_change_names_stays_as_it_was(pairs: list[tuple[str, str]]) -> None:
    text = "&".join(f"x{quote_plus(key)}[]={quote_plus(value)}" for key, value in pairs)
    try:
        before = form.decode(text)
    except form.FormError:
        return
    assert form.decode(_adapted(text.encode(), "2019-10-08").body.decode()) == before


async def test_an_answer_of_then_is_replayed_as_it_was(stripe: Stripe) -> None:
    headers = {"Stripe-Version": "2018-11-08", "Idempotency-Key": "k"}
    asked = {"amount": 500, "currency": "usd"}
    first = await stripe.post("payment_intents", headers=headers, **asked)
    assert first["status"] == "requires_source"
    assert await stripe.post("payment_intents", headers=headers, **asked) == first
