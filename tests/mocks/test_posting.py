"""The words that services and the outbox share about deliveries."""

from __future__ import annotations

from mocks.defaults import anything
from mocks.posting import BODY, Batching, stored_body
from mocks.sendgrid import events


def test_a_member_of_ours_is_never_posted() -> None:
    assert BODY.startswith("_")


def test_a_body_is_a_blob_and_nothing_else() -> None:
    assert stored_body({BODY: {"id": "b", "size": 1}}) == {"id": "b", "size": 1}
    assert stored_body({BODY: "of somebody's own"}) is None
    assert stored_body({}) is None


def test_what_gathers_need_not_wait_long() -> None:
    batching = Batching(sign=events.sign_batch, most=10, of=anything)
    assert 0 < batching.gather < 1
