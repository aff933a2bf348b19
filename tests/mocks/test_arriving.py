"""A mail from outside, as a service gets it."""

from __future__ import annotations

from mocks.arriving import MOST, Arriving
from mocks.sendgrid import mail


def test_as_much_arrives_as_may_be_sent() -> None:
    assert MOST == mail.MOST_BYTES
    assert Arriving(b"x", ("a@b.example",), "", "").to == ("a@b.example",)
