"""Figures by themselves: quantiles from counts, sums, gaps."""

from __future__ import annotations

from datetime import timedelta

from broker.storage.traffic import BOUNDS, Figures, filled, place, total
from tests.clocks import START


def of(*durations: float) -> Figures:
    found = Figures(START, exchanges=len(durations))
    counts = list(found.durations)
    for each in durations:
        counts[place(each)] += 1
    found.durations = counts
    return found


def test_durations_have_their_place() -> None:
    assert [place(ms) for ms in (0, 0.49, 0.5, 9.9, 99999)] == [0, 0, 1, 4, len(BOUNDS)]


def test_quantiles_lie_where_most_are() -> None:
    assert Figures(START).quantile(0.5) is None
    many = of(*[3] * 99, 7000)
    half, most = many.quantile(0.5), many.quantile(1)
    assert half is not None
    assert 2 <= half <= 5
    assert most == 10000
    assert of(99999).quantile(0.5) == BOUNDS[-1]


def test_sums_and_gaps() -> None:
    step = timedelta(minutes=1)
    two = [Figures(START, 3, 1, 0, 1), Figures(START + 2 * step, 4, 0, 2, 0)]
    both = total(two, START)
    assert (both.exchanges, both.client_errors, both.server_errors, both.violated) == (7, 1, 2, 1)
    assert total([], START).exchanges == 0
    assert [each.exchanges for each in filled(two, START, step, 4)] == [3, 0, 4, 0]
