"""What lifecycle rules mean for one object, version or upload: dates and classes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.s3.lifecycle_dates import (
    NEVER,
    Ending,
    abortion,
    active,
    chosen,
    expiration,
    marker_end,
    midnight,
    moves,
    noncurrent_end,
    noncurrent_moves,
    soonest,
)

MADE = "2014-01-15T10:30:00.000Z"
SINCE = datetime(2014, 1, 15, 10, 30, tzinfo=UTC)
ALL, VARIES = "all_storage_classes_128K", "varies_by_storage_class"


def day(number: int) -> datetime:
    """A midnight of that January."""
    return datetime(2014, 1, number, tzinfo=UTC)


def rule(id_: str = "r", filter_: dict[str, Any] | None = None, **actions: Any) -> dict[str, Any]:
    return {"ID": id_, "Status": "Enabled", "Filter": filter_ or {}, **actions}


def an_object(**members: Any) -> dict[str, Any]:
    return {"key": "logs/a", "modified": MADE, "size": 200_000, "class": "STANDARD", **members}


def test_the_documentations_example() -> None:
    """userguide/intro-lifecycle-rules.html: made at 1/15/2014 10:30, three days: 1/19/2014 00:00."""
    assert midnight(SINCE, 3) == day(19)


def test_midnights() -> None:
    assert midnight(SINCE, 0) == day(16)
    assert midnight(day(15), 0) == day(16)
    assert midnight(SINCE, 2**31 - 1) == NEVER


def test_the_shorter_of_overlapping_expirations() -> None:
    rules = [
        rule("year", Expiration={"Days": 365}),
        rule("logs", {"Prefix": "logs/"}, Expiration={"Days": 3}),
        rule("other", {"Prefix": "x/"}, Expiration={"Days": 1}),
        rule("markers", Expiration={"ExpiredObjectDeleteMarker": True}),
    ]
    assert expiration(rules, an_object()) == Ending(day(19), "logs")
    assert expiration(rules, an_object(key="a")) == Ending(datetime(2015, 1, 16, tzinfo=UTC), "year")
    assert expiration(rules[3:], an_object()) is None


def test_dates_are_taken_as_they_are() -> None:
    dated = rule(Expiration={"Date": "2014-01-03T00:00:00.000Z"})
    assert expiration([dated], an_object()) == Ending(day(3), "r")


def test_rules_that_are_off_say_nothing() -> None:
    assert active({"Rules": [{**rule(), "Status": "Disabled"}, rule("on")]}) == [rule("on")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rule(Expiration={"Days": 3}), day(19)),
        (rule(Expiration={"ExpiredObjectDeleteMarker": True}), day(16)),
        (rule(Expiration={"ExpiredObjectDeleteMarker": False}), None),
        (rule("r", {"Prefix": "x/"}, Expiration={"Days": 3}), None),
        (rule("r", {"Tag": {"Key": "a", "Value": "b"}}, Expiration={"Days": 3}), None),
        (rule("r", {"ObjectSizeLessThan": 9}, Expiration={"Days": 3}), None),
    ],
)
def test_a_delete_marker_that_is_alone(given: dict[str, Any], expected: datetime | None) -> None:
    ending = marker_end([given], {"key": "logs/a", "modified": MADE, "marker": True})
    assert (ending.at if ending else None) == expected


def test_an_upload() -> None:
    rules = [rule("r", {"Prefix": "logs/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 3})]
    assert abortion(rules, "logs/a", MADE) == Ending(day(19), "r")
    assert abortion(rules, "x", MADE) is None


def test_noncurrent_versions() -> None:
    rules = [rule(NoncurrentVersionExpiration={"NoncurrentDays": 3, "NewerNoncurrentVersions": 2})]
    assert noncurrent_end(rules, an_object(), SINCE, 2) == Ending(day(19), "r")
    assert noncurrent_end(rules, an_object(), SINCE, 1) is None
    tagged = [rule("r", {"Tag": {"Key": "a", "Value": "b"}}, NoncurrentVersionExpiration={"NoncurrentDays": 3})]
    assert noncurrent_end(tagged, an_object(tags=[["a", "b"]]), SINCE, 0) == Ending(day(19), "r")
    assert noncurrent_end(tagged, an_object(), SINCE, 0) is None
    assert noncurrent_end(tagged, {"key": "logs/a", "modified": MADE, "marker": True}, SINCE, 0) is None
    assert noncurrent_end([rule(Expiration={"Days": 1})], an_object(), SINCE, 0) is None


def test_noncurrent_versions_move() -> None:
    action = {"NoncurrentDays": 3, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 1}
    rules = [rule(NoncurrentVersionTransitions=[action])]
    assert noncurrent_moves(rules, an_object(), ALL, SINCE, 1) == [(day(19), "GLACIER")]
    assert noncurrent_moves(rules, an_object(), ALL, SINCE, 0) == []


@pytest.mark.parametrize(
    ("has", "to", "allowed"),
    [
        ("STANDARD", "STANDARD_IA", True),
        ("REDUCED_REDUNDANCY", "GLACIER", True),
        ("STANDARD_IA", "INTELLIGENT_TIERING", True),
        ("STANDARD_IA", "STANDARD_IA", False),
        ("INTELLIGENT_TIERING", "STANDARD_IA", False),
        ("INTELLIGENT_TIERING", "ONEZONE_IA", True),
        ("ONEZONE_IA", "GLACIER_IR", False),
        ("GLACIER_IR", "ONEZONE_IA", False),
        ("GLACIER_IR", "GLACIER", True),
        ("GLACIER", "DEEP_ARCHIVE", True),
        ("DEEP_ARCHIVE", "GLACIER", False),
    ],
)
def test_which_class_follows_which(has: str, to: str, allowed: bool) -> None:
    rules = [rule(Transitions=[{"Days": 3, "StorageClass": to}])]
    assert moves(rules, an_object(**{"class": has}), ALL) == ([(day(19), to)] if allowed else [])


@pytest.mark.parametrize(
    ("filter_", "to", "smallest", "allowed"),
    [
        ({}, "GLACIER", ALL, False),
        ({}, "GLACIER", VARIES, True),
        ({}, "DEEP_ARCHIVE", VARIES, True),
        ({}, "STANDARD_IA", VARIES, False),
        ({"ObjectSizeGreaterThan": 1}, "STANDARD_IA", ALL, True),
    ],
)
def test_small_objects_stay(filter_: dict[str, Any], to: str, smallest: str, allowed: bool) -> None:
    rules = [rule("r", filter_, Transitions=[{"Days": 3, "StorageClass": to}])]
    assert bool(moves(rules, an_object(size=131_071), smallest)) is allowed
    assert moves(rules, an_object(size=131_072), smallest)


def test_the_cheaper_class_is_chosen_and_tiering_before_others() -> None:
    assert chosen(["STANDARD_IA", "GLACIER"]) == "GLACIER"
    assert chosen(["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA"]) == "INTELLIGENT_TIERING"
    assert chosen(["INTELLIGENT_TIERING", "DEEP_ARCHIVE"]) == "DEEP_ARCHIVE"


def test_the_next_run_of_what_is_written_later() -> None:
    now = SINCE
    assert soonest([rule(Expiration={"Days": 3})], now, versioned=False) == day(19)
    assert soonest([rule(Expiration={"Days": 3})], now, versioned=True) == day(16)
    assert soonest([rule(Expiration={"Date": "2014-01-25T00:00:00.000Z"})], now, versioned=False) == day(25)
    assert soonest([rule(Expiration={"Date": "2013-01-25T00:00:00.000Z"})], now, versioned=False) == day(16)
    tagged = rule("r", {"Tag": {"Key": "a", "Value": "b"}}, Expiration={"Days": 3})
    assert soonest([tagged], now, versioned=False) == day(16)
    several = [rule(Expiration={"Days": 9}), rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 5})]
    assert soonest(several, now, versioned=False) == day(21)
    assert soonest([rule(NoncurrentVersionExpiration={"NoncurrentDays": 5})], now, versioned=False) == day(16)
