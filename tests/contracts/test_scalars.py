"""Scalars: formats, limits, names."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest

from contracts import scalars

NOW = datetime(2026, 11, 21, 22, 0, 5, 123, tzinfo=UTC)


def text(flat: dict[str, Any], name: str = "member", **more: Any) -> str:
    return scalars.text(flat, name, 7, now=NOW, **more)


def test_times_lose_their_fractions() -> None:
    assert scalars.iso(NOW) == "2026-11-21T22:00:05Z"
    assert scalars.unix(NOW) == 1_795_298_405


@pytest.mark.parametrize("dice", [0, 1, 2**32 - 1, 2**127])
def test_uuids_are_of_version_four_and_differ(dice: int) -> None:
    made = UUID(scalars.uuid_of(dice))
    assert made.version == 4
    assert scalars.uuid_of(dice) == str(made)
    assert scalars.uuid_of(dice + 1) != str(made)


def test_rfc_2822_dates_can_be_read_back() -> None:
    assert parsedate_to_datetime(text({"format": "date-time-rfc-2822"})) == NOW.replace(microsecond=0)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("email", "user-"),
        ("avatar_url", "https://"),
        ("ip", "192.0.2."),
        ("country", "US"),
        ("default_currency", "usd"),
    ],
)
def test_names_give_a_format_away(name: str, beginning: str) -> None:
    assert text({}, name).startswith(beginning)


@pytest.mark.parametrize("length", [20, 22, 23, 24, 25, 27, 28, 29, 30, 32])
def test_a_moment_is_written_in_the_way_that_has_room(length: int) -> None:
    flat = {"format": "date-time", "minLength": length, "maxLength": length}
    made = text(flat)
    assert len(made) == length
    assert scalars.fits(flat, made)
    assert datetime.fromisoformat(made) == NOW.replace(microsecond=0)


def test_limits_win_over_plausibility() -> None:
    assert len(text({"maxLength": 3}, "avatar_url")) == 3
    assert len(text({"minLength": 50}, "country")) == 50


@pytest.mark.parametrize(
    ("flat", "value", "fits"),
    [
        ({"minLength": 2}, "a", False),
        ({"maxLength": 2}, "abc", False),
        ({"pattern": "^a"}, "ba", False),
        ({"pattern": "(?<a>x"}, "x", False),
        ({"format": "email"}, "nobody", False),
        ({"format": "email"}, "a..b@example.com", False),
        ({"format": "email"}, "o'brien+x@example.com", True),
        ({"format": "date"}, "2026-02-30", False),
        ({"format": "date-time"}, "2026-02-28T23:59:59+01:00", True),
        ({"format": "date-time"}, "2026-02-28T24:00:00Z", False),
        ({"format": "ipv4"}, "256.0.0.1", False),
        ({"format": "ipv6"}, "::1", True),
        ({"format": "ipv6"}, "", False),
        ({"format": "hostname"}, "-a.example", False),
        ({"format": "duration"}, "P", False),
        ({"format": "duration"}, "P1DT2H", True),
        ({"format": "uri"}, "no scheme", False),
        ({"format": "unheard-of"}, "anything", True),
        ({"minimum": 2}, 1, False),
        ({"exclusiveMaximum": 2}, 2, False),
        ({"multipleOf": 0.1}, 0.3, True),
        ({"multipleOf": 5}, 7, False),
        ({"minimum": 2}, True, True),
    ],
)
def test_what_fits(flat: dict[str, Any], value: Any, fits: bool) -> None:
    assert scalars.fits(flat, value) is fits


@pytest.mark.parametrize(
    ("value", "kinds", "kind"),
    [
        (True, {"integer", "boolean"}, "boolean"),
        (True, {"integer"}, None),
        (1, {"number"}, "number"),
        (1.0, {"integer"}, "integer"),
        (1.5, {"integer"}, None),
        (None, {"string"}, None),
        ([], {"array"}, "array"),
        ({}, {"object"}, "object"),
    ],
)
def test_kinds(value: Any, kinds: set[str], kind: str | None) -> None:
    assert scalars.kind_of(value, frozenset(kinds)) == kind


def test_numbers_are_near_zero_or_the_time() -> None:
    whole = frozenset({"integer"})
    assert scalars.number({}, whole, None) == 0
    assert scalars.number({"minimum": 2.5}, whole, None) == 3
    assert scalars.number({"maximum": -2}, whole, None) == -2
    assert scalars.number({}, whole, NOW) == scalars.unix(NOW)
    assert scalars.number({"maximum": 10}, whole, NOW) == 0
