"""Dates in the words of a format."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.handlebars.dates import INVALID, formatted

AT = "2020-01-02T23:04:05.678Z"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("MMMM DD, YYYY h:mm:ss A", "January 02, 2020 11:04:05 PM"),
        ("YY-M-D H:m:s", "20-1-2 23:4:5"),
        ("MMM Do, dddd ddd dd d do", "Jan 2nd, Thursday Thu Th 4 4th"),
        ("HH hh kk k a", "23 11 23 23 pm"),
        ("SSS S", "678 6"),
        ("Z ZZ z", "+00:00 +0000 "),
        ("X x", "1578006245 1578006245678"),
        ("DDDD DDD Q E Mo", "002 2 1 4 1st"),
        ("[at] YYYY [MM]", "at 2020 MM"),
        (None, "2020-01-02T23:04:05+00:00"),
    ],
)
def test_letters(pattern: str | None, text: str) -> None:
    assert formatted(AT, pattern) == text


@pytest.mark.parametrize(
    ("offset", "text"),
    [("-0800", "15:04 -08:00"), ("+05:30", "04:34 +05:30"), ("Z", "23:04 +00:00"), ("", "23:04 +00:00")],
)
def test_offsets(offset: str, text: str) -> None:
    assert formatted(AT, "HH:mm Z", offset) == text


@pytest.mark.parametrize("moment", [1577836800, 1577836800000, 1577836800.0, "2020-01-01", "2020-01-01T01:00:00+01:00"])
def test_moments(moment: Any) -> None:
    assert formatted(moment, "YYYY-MM-DD HH:mm") == "2020-01-01 00:00"


@pytest.mark.parametrize("moment", [None, "", "soon", True, [], {}, 1e300, "2020-13-01"])
def test_what_is_no_moment(moment: Any) -> None:
    assert formatted(moment, "YYYY") == INVALID


@pytest.mark.parametrize("offset", ["PST", "-8", "+9999", "0800", {}])
def test_what_is_no_offset(offset: Any) -> None:
    assert formatted(AT, "YYYY", offset) == INVALID


def test_the_ends_of_time() -> None:
    assert formatted("0001-01-01T00:00:00Z", "YYYY", "-0800") == INVALID
    assert formatted("9999-12-31T23:59:59Z", "YYYY", "+0800") == INVALID


def test_ordinals() -> None:
    days = [formatted(f"2020-01-{day:02d}", "Do") for day in (1, 3, 11, 12, 13, 21, 22, 23, 31)]
    assert days == ["1st", "3rd", "11th", "12th", "13th", "21st", "22nd", "23rd", "31st"]
