"""Texts for patterns, and honest silence for patterns that are not understood."""

from __future__ import annotations

import re

import pytest

from contracts import scalars
from contracts.patterns import sample

UNDERSTOOD = [
    "^[a-z]{2,5}$",
    "^AC[0-9a-fA-F]{32}$",
    "^(SM|MM)[0-9a-fA-F]{32}$",
    r"^(\d{4}-\d{2}-\d{2}) ((\d{2}):(\d{2}):(\d{2}))$",
    r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b",
    r"^((http[s]?|ftp):\/)?\/?([^:\/\s]+)((\/\w+)*\/)([\w\-\.]+[^#?\s]+)(.*)?(#[\w\-]+)?$",
    "^$|^[A-Za-z0-9]+",
    r"^\/v1\/customers$",
    r"^[a-zA-Z\u0080-\u024F\s\/\-\)\(]+$",
    r"^(?:a|bc)*?d+?$",
    r"^[^a-y0-9]\x41\t$",
]


def made_for(pattern: str, dice: int, at_least: int = 0) -> str | None:
    """A sample, looked at as everywhere."""
    return sample(pattern, dice, at_least, found=lambda text: scalars.fits({"pattern": pattern}, text))


@pytest.mark.parametrize("pattern", UNDERSTOOD)
@pytest.mark.parametrize("dice", [0, 1, 99_999])
def test_a_text_matches_its_pattern(pattern: str, dice: int) -> None:
    made = made_for(pattern, dice)
    assert made is not None
    assert re.search(pattern, made)
    assert made == made_for(pattern, dice)


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "[", "a{", "(?P<n>a)(?P=n)", "*", r"\p{L}"])
def test_what_is_not_understood_is_not_answered(pattern: str) -> None:
    assert made_for(pattern, 1) is None


def test_a_text_can_be_asked_to_be_longer() -> None:
    made = made_for("^[0-9]+$", 3, 40)
    assert made is not None
    assert len(made) >= 40
    assert made_for("^[0-9]{3}$", 3, 4) is None


@pytest.mark.parametrize("pattern", ["((((a{900}){900}){900}){900})", "(((((x+)+)+)+)+){99999}", "a{4000000000}"])
def test_repetitions_of_repetitions_are_given_up(pattern: str) -> None:
    assert made_for(pattern, 1) is None


def test_a_pattern_that_was_written_to_take_for_ever_takes_no_time() -> None:
    assert not scalars.fits({"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}, "a" * 20_000)
