"""The secrets that sign events, and the text that they are kept as."""

from __future__ import annotations

from datetime import timedelta

from broker.signing import Secrets
from mocks.base import Target
from tests.clocks import START

HOUR = timedelta(hours=1)


def test_one_secret_is_its_own_text() -> None:
    assert Secrets("whsec_1").text() == "whsec_1"
    assert Secrets.read("whsec_1") == Secrets("whsec_1")


def test_those_before_stay_until_their_moment() -> None:
    once = Secrets("a").rolled("b", START, START + HOUR)
    assert once == Secrets("b", (("a", START + HOUR),))
    assert Secrets.read(once.text()) == once
    twice = once.rolled("c", START, START + HOUR / 2)
    assert twice.earlier == (("b", START + HOUR / 2), ("a", START + HOUR / 2)), "none longer than it was said last"
    assert once.rolled("c", START + HOUR, START + 2 * HOUR).earlier == (("b", START + 2 * HOUR),), "a is over"
    assert once.rolled("c", START, START).earlier == ()


def test_a_target_has_them_all() -> None:
    secrets = Secrets("b", (("a", START + HOUR),))
    assert Secrets.of(Target("http://localhost", secrets.present, also=secrets.earlier)) == secrets
