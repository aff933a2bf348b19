"""Times as whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.storage.times import from_micros, from_micros_or_none, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_there_and_back_loses_nothing(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_another_zone_is_the_same_moment() -> None:
    moment = datetime(2026, 3, 1, 13, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))
    assert to_micros(moment) == to_micros(datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC))
    assert from_micros(to_micros(moment)).tzinfo is UTC


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 3, 1))  # noqa: DTZ001 - the fault under test


def test_empty_columns() -> None:
    assert from_micros_or_none(None) is None
    assert from_micros_or_none(1) == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
