"""What the bench concludes from a flood: it notices refusals on either side, and a share that is none."""

from __future__ import annotations

import pytest

from bench.accounts import _ENVIRONMENTS, _RATE, _Flood, _judged
from bench.results import Result
from bench.windows import Failed

_CALLS = 100
_NAMES = [f"cus_{number}" for number in range(_ENVIRONMENTS)]


def judged(answers: list[tuple[str, int]], seen: list[tuple[str, int]]) -> list[Result]:
    flood = _Flood(0, [(name, b"") for name in _NAMES])
    # The first second is the first environment's.
    flood.answers = [(_NAMES[0], 200)] * _RATE + answers
    return list(_judged(flood, seen, _CALLS, 5.0))


def test_equal_shares_without_a_refusal_keep_every_promise() -> None:
    even = [(name, 200) for name in _NAMES] * 5
    assert [(one.ours, one.holds) for one in judged(even, even)] == [(0, True)] * 3


def test_an_environment_that_starves_is_noticed() -> None:
    starving = [(_NAMES[0], 200)] * 5 + [(name, 200) for name in _NAMES[1:]] * 5
    starving[-5:] = [(_NAMES[0], 200)] * 5
    assert [one.holds for one in judged(starving, starving)] == [True, True, False]


def test_a_refusal_is_noticed_where_it_was_and_is_no_share() -> None:
    answers = [(name, 200) for name in _NAMES] * 4 + [(name, 429) for name in _NAMES[:10]]
    answers += [(name, 200) for name in _NAMES[10:]]
    reached, provider, shares = judged(answers, [("cus_1", 429)])
    assert (reached.ours, provider.ours) == (10, 1)
    assert (reached.holds, provider.holds, shares.holds) == (False, False, False)


def test_any_other_failure_gives_up() -> None:
    with pytest.raises(Failed):
        judged([(_NAMES[0], 502)], [])
