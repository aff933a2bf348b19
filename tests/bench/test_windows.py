"""What a comparison compares: throughput where the bare app was at its limit, else what a call costs."""

from __future__ import annotations

import pytest

from bench.windows import Seen, limited, note, ratio

OURS = Seen(rate=4_000, cpu=200, busy=0.3)


@pytest.mark.parametrize(
    ("bare", "is_limited", "expected"),
    [
        (Seen(rate=9_900, cpu=100, busy=0.5), False, 4_000 / 9_900),
        (Seen(rate=9_900, cpu=100, busy=0.95), True, 0.5),
        # Neither was busy: a provider on the generator's core set the rate.
        (Seen(rate=6_000, cpu=100, busy=0.5), True, 0.5),
    ],
)
def test_a_bare_app_that_waits_is_compared_by_what_a_call_costs(bare: Seen, is_limited: bool, expected: float) -> None:
    assert limited(bare) is is_limited
    assert ratio(OURS, bare) == pytest.approx(expected)
    assert ("the load was the limit" in note(OURS, bare)) is is_limited
