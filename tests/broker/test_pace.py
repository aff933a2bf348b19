"""No second holds more calls than an account bears, wherever it begins, and no call waits longer than for that."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.pace import Pace

RATES = st.one_of(st.integers(1, 60).map(float), st.floats(0.05, 60, allow_nan=False))


def most_in_a_second(starts: list[float]) -> int:
    """The most calls in any half-open second."""
    window: deque[float] = deque()
    most = 0
    for start in starts:
        window.append(start)
        while window[0] <= start - 1:
            window.popleft()
        most = max(most, len(window))
    return most


def starts_of(pace: Pace, pauses: list[float]) -> list[float]:
    """Calls that each begin as soon as they may, so long after the one before was asked for."""
    now, starts = 0.0, []
    for pause in pauses:
        now = max(now + pause, pace.ready_at())
        pace.begin(now)
        starts.append(now)
    return starts


@given(
    rate=RATES,
    burst=st.none() | st.integers(1, 80),
    pauses=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 0.99, 1.5]), min_size=1, max_size=200),
)
def test_never_more_than_the_rate_in_any_second(rate: float, burst: int | None, pauses: list[float]) -> None:
    pace = Pace()
    pace.configure(rate, burst)
    starts = starts_of(pace, pauses)
    assert most_in_a_second(starts) <= max(1, math.floor(rate))
    if rate < 1:
        assert all(second - first >= 1 / rate for first, second in pairwise(starts))


@given(limits=st.lists(st.tuples(RATES, st.none() | st.integers(1, 80)), min_size=2, max_size=6))
def test_limits_that_change_keep_to_the_greater_of_both(limits: list[tuple[float, int | None]]) -> None:
    """Nothing is gained by changing them: each second holds what the old or the new bears, never the sum."""
    pace, now, starts, bound = Pace(), 0.0, [], 1
    for rate, burst in limits:
        pace.configure(rate, burst)
        bound = max(bound, math.floor(rate))
        for _ in range(int(rate) + 2):
            now = max(now, pace.ready_at())
            pace.begin(now)
            starts.append(now)
    assert most_in_a_second(starts) <= bound


@pytest.mark.parametrize(
    ("rate", "burst", "seconds"),
    [(25, None, 1.05), (25, 5, 0.21), (25, 1, 0.042), (2.5, None, 1.05), (0.5, None, 2.05), (5000, None, 0.21)],
)
def test_what_is_allowed_is_used(rate: float, burst: int | None, seconds: float) -> None:
    """So many at one moment, and the next ones so many seconds later."""
    pace = Pace()
    pace.configure(rate, burst)
    together = 0
    while pace.ready_at() <= 10.0:
        pace.begin(10.0)
        together += 1
    assert together == min(burst or math.inf, max(1, int(rate)), 1000)
    assert pace.ready_at() == pytest.approx(10.0 + seconds)


def test_a_burst_that_does_not_divide_the_rate_keeps_below_it() -> None:
    pace = Pace()
    pace.configure(25, 10)
    starts = starts_of(pace, [0.0] * 48)
    assert most_in_a_second(starts) == 24
    assert max(starts) == pytest.approx(5 * 1.05 / 3)


def test_the_same_limits_again_change_nothing() -> None:
    pace = Pace()
    pace.configure(2)
    pace.begin(5.0)
    pace.configure(2)
    assert pace.ready_at() == -math.inf
    pace.configure(3)
    assert pace.ready_at() == pytest.approx(6.05)


def test_a_rest_holds_everything_back() -> None:
    pace = Pace()
    pace.configure(2)
    pace.rest_until = 9.0
    assert pace.ready_at() == 9.0
    assert pace.wait(0, 8.0) == 1.0
    pace.begin(9.0)
    pace.begin(9.0)
    assert pace.ready_at() == pytest.approx(10.05)


@given(rate=RATES, begun=st.integers(0, 70), ahead=st.integers(0, 150))
def test_the_wait_behind_others_is_what_it_will_be(rate: float, begun: int, ahead: int) -> None:
    pace = Pace()
    pace.configure(rate)
    now = max([0.0, *starts_of(pace, [0.0] * begun)])
    foretold = pace.wait(ahead, now)
    moment = now
    for _ in range(ahead):
        moment = max(moment, pace.ready_at())
        pace.begin(moment)
    assert foretold == pytest.approx(max(moment, pace.ready_at()) - now)


@pytest.mark.parametrize(("rate", "burst"), [(0, None), (-1, None), (math.inf, None), (math.nan, None), (5, 0)])
def test_limits_that_make_no_sense(rate: float, burst: int | None) -> None:
    with pytest.raises(ValueError, match="lets no call through"):
        Pace().configure(rate, burst)
