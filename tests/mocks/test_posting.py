"""The words that services and the outbox share about deliveries."""

from __future__ import annotations

from mocks.defaults import anything
from mocks.posting import BODY, Batching
from mocks.sendgrid import events


def test_a_member_of_ours_is_never_posted() -> None:
    assert BODY.startswith("_")


def test_what_gathers_need_not_wait_long() -> None:
    batching = Batching(sign=events.sign_batch, most=10, of=anything)
    assert 0 < batching.gather < 1
