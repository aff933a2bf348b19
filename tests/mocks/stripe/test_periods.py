"""Billing periods: https://docs.stripe.com/billing/subscriptions/billing-cycle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mocks.stripe.periods import end_after, prorated, worth


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def every(interval: str, count: int = 1) -> dict[str, object]:
    return {"interval": interval, "interval_count": count}


def test_the_last_of_a_month() -> None:
    anchor = at(2026, 1, 31, 10)
    ends = [anchor]
    for _ in range(4):
        ends.append(end_after(anchor, ends[-1], every("month")))
    assert ends[1:] == [at(2026, 2, 28, 10), at(2026, 3, 31, 10), at(2026, 4, 30, 10), at(2026, 5, 31, 10)]


def test_other_intervals() -> None:
    anchor = at(2024, 2, 29)
    assert end_after(anchor, anchor, every("year")) == at(2025, 2, 28)
    assert end_after(anchor, at(2027, 2, 28), every("year")) == at(2028, 2, 29)
    assert end_after(anchor, anchor, every("month", 3)) == at(2024, 5, 29)
    assert end_after(anchor, anchor, every("week", 2)) == anchor + 14 * 86_400
    assert end_after(anchor, anchor + 1, every("day")) == anchor + 86_400


@given(
    st.integers(0, 2_000_000_000), st.integers(0, 100_000_000), st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 12),
)  # fmt: skip
def test_a_period_ends_after_it_began_and_not_too_late(anchor: int, after: int, interval: str, count: int) -> None:
    end = end_after(anchor, anchor + after, every(interval, count))
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[interval] * count
    assert 0 < end - (anchor + after) <= timedelta(days=longest).total_seconds()


def test_a_day_that_the_month_of_the_anchor_does_not_have() -> None:
    anchor = at(2026, 4, 30)
    assert end_after(anchor, anchor, every("month"), 31) == at(2026, 5, 31)
    assert worth(anchor, at(2026, 4, 30), at(2026, 5, 31), every("month"), 31) == 1


def test_what_a_time_is_worth() -> None:
    """https://docs.stripe.com/billing/subscriptions/backdating"""
    anchor = at(2026, 11, 1)
    assert worth(anchor, at(2026, 9, 1), anchor, every("month")) == 2
    assert worth(anchor, at(2026, 10, 17), anchor, every("month")) == Fraction(15, 31)
    assert worth(anchor, at(2026, 9, 16), anchor, every("month")) == Fraction(15, 30) + 1
    assert worth(anchor, anchor, anchor, every("year")) == 0


@given(st.integers(0, 2_000_000_000), st.integers(0, 40_000_000), st.integers(0, 10_000_000), st.data())
def test_parts_of_a_time_make_the_whole(anchor: int, length: int, amount: int, draw: st.DataObject) -> None:
    start = anchor - length // 2
    cut = draw.draw(st.integers(start, start + length))
    parts = worth(anchor, start, cut, every("month")), worth(anchor, cut, start + length, every("month"))
    assert sum(parts) == worth(anchor, start, start + length, every("month"))
    assert abs(sum(prorated(amount, each) for each in parts) - prorated(amount, Fraction(sum(parts)))) <= 1
