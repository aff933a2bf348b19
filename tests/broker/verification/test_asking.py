"""What is asked for: counts, times, and refusals with their place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from broker.errors import InvalidInput
from broker.verification.asking import Count, count, moment, read


@pytest.mark.parametrize(
    ("asked", "found", "words", "said"),
    [
        (None, Count(1, None), "at least 1", {"at_least": 1}),
        (0, Count(0, 0), "none", {"exactly": 0}),
        (2.0, Count(2, 2), "exactly 2", {"exactly": 2}),
        (3, Count(3, 3), "exactly 3", {"exactly": 3}),
        ({"exactly": 2}, Count(2, 2), "exactly 2", {"exactly": 2}),
        ({"at_least": 2}, Count(2, None), "at least 2", {"at_least": 2}),
        ({"at_most": 2}, Count(0, 2), "at most 2", {"at_most": 2}),
        ({"at_least": 1, "at_most": 2}, Count(1, 2), "1 to 2", {"at_least": 1, "at_most": 2}),
        ({"at_least": 0}, Count(0, None), "at least 0", {"at_least": 0}),
    ],
)
def test_counts(asked: Any, found: Count, words: str, said: dict[str, int]) -> None:
    assert (count(asked), found.words, found.said) == (found, words, said)
    assert count(found.said) == found


def test_counts_hold_within_their_ends() -> None:
    assert [Count(1, 2).holds(number) for number in range(4)] == [False, True, True, False]
    assert [Count(0, 0).holds(number) for number in range(2)] == [True, False]


@pytest.mark.parametrize("asked", [{"exactly": 1, "at_most": 2}, {"at_least": 3, "at_most": 2}])
def test_counts_that_contradict_themselves(asked: Any) -> None:
    with pytest.raises(InvalidInput, match="count"):
        count(asked)


def test_times() -> None:
    at = datetime(2026, 11, 27, 18, tzinfo=UTC)
    for text in ("2026-11-27T18:00:00Z", "2026-11-27T18:00:00", "2026-11-27T19:00:00+01:00"):
        assert moment(text) == at
    assert moment(None) is None
    for text in ("yesterday", "0001-01-01T00:00:00+23:00", ""):
        with pytest.raises(InvalidInput, match="since"):
            moment(text)


def test_a_verification_is_read_and_said_again() -> None:
    found = read({"kind": "mails", "match": {"to": "a@x"}, "count": 1, "scope": "one"})
    assert (found.kind, found.scope, found.since) == ("mails", "one", None)
    assert found.said == {"kind": "mails", "match": {"to": "a@x"}, "count": {"exactly": 1}}
    assert read(found.said).said == found.said


def test_a_match_that_says_nothing_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        read({"kind": "mails", "match": {"to": {"$near": 1}}})
    assert refused.value.errors[0]["where"] == "body.match.to.$near"
