"""Time and chance: UTC, ever forward, and text that nobody guesses."""

from __future__ import annotations

from collections import Counter
from datetime import UTC

import pytest

from broker.clock import ALPHANUMERIC, Clock, SystemClock
from tests.clocks import HeldClock


def test_time_is_utc_and_goes_forward() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize("clock", [SystemClock(), HeldClock()], ids=["system", "held"])
@pytest.mark.parametrize("alphabet", [ALPHANUMERIC, "0123456789abcdefghijklmnopqrstuvwxyz", "ab"])
@pytest.mark.parametrize("length", [0, 1, 5, 24, 256, 257, 5000])
def test_text_has_its_length_and_its_alphabet(clock: Clock, alphabet: str, length: int) -> None:
    found = clock.text(length, alphabet)
    assert len(found) == length
    assert set(found) <= set(alphabet)


@pytest.mark.parametrize("clock", [SystemClock(), HeldClock()], ids=["system", "held"])
def test_text_is_never_the_same_twice(clock: Clock) -> None:
    assert len({clock.text(16) for _ in range(20_000)}) == 20_000


@pytest.mark.parametrize("alphabet", [ALPHANUMERIC, "0123456789abcdefghijklmnopqrstuvwxyz"], ids=len)
def test_characters_are_drawn_evenly(alphabet: str) -> None:
    clock = SystemClock()
    drawn = Counter("".join(clock.text(24, alphabet) for _ in range(8_000)))
    mean = sum(drawn.values()) / len(alphabet)
    assert set(drawn) == set(alphabet)
    # Six standard deviations of a binomial draw: one false alarm in millions of runs.
    assert all(abs(count - mean) < 6 * mean**0.5 for count in drawn.values())


def test_no_place_in_a_text_prefers_a_character() -> None:
    clock = SystemClock()
    texts = [clock.text(7) for _ in range(12_400)]
    for place in range(7):
        drawn = Counter(text[place] for text in texts)
        assert all(abs(drawn[character] - 200) < 6 * 200**0.5 for character in ALPHANUMERIC)
