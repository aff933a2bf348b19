"""What becomes of a mail by its recipient's address."""

from __future__ import annotations

import pytest

from mocks.sendgrid import outcomes


@pytest.mark.parametrize(
    ("address", "events"),
    [
        ("ada@example.com", ["processed", "delivered"]),
        ("bounce@example.com", ["processed", "bounce"]),
        ("ada+bounce@example.com", ["processed", "bounce"]),
        ("Bounce+7@Example.com", ["processed", "bounce"]),
        ("block@example.com", ["processed", "bounce"]),
        ("defer@example.com", ["processed", "deferred", "delivered"]),
        ("invalid@example.com", ["dropped"]),
        ("spam@example.com", ["processed", "delivered", "spamreport"]),
        ("unsubscribe@example.com", ["processed", "delivered", "unsubscribe"]),
        ("open@example.com", ["processed", "delivered", "open"]),
        ("click@example.com", ["processed", "delivered", "open", "click"]),
        ("bouncer@example.com", ["processed", "delivered"]),
        ("ada@bounce.com", ["processed", "delivered"]),
    ],
)
def test_the_word_in_an_address_is_what_happens(address: str, events: list[str]) -> None:
    assert [step.event for step in outcomes.plan(address, {})] == events


def test_the_policy_switches_the_words_off() -> None:
    assert outcomes.plan("bounce@example.com", {"outcomes": "none"}) == outcomes.USUAL


def test_bounces_and_blocks_differ_in_what_they_are_told_as() -> None:
    bounce, block = outcomes.plan("bounce@a.com", {})[-1], outcomes.plan("blocked@a.com", {})[-1]
    assert (bounce.details["type"], bounce.listed) == ("bounce", "bounces")
    assert (block.details["type"], block.listed) == ("blocked", "blocks")
