"""Bucket names there and back."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sandboxes.s3.naming import LABEL, LONGEST, alias_of, owner_of, real_name, tail
from tests.sandboxes.s3.calls import MARKER, OTHER

ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]\Z")
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]|\.[a-z0-9]){1,45}[a-z0-9]", fullmatch=True).filter(lambda n: len(n) <= 63)


def test_a_name_carries_its_environments_label() -> None:
    assert real_name(MARKER, "invoices") == "pb-k3x9qa-8f3kd02ma1-invoices"
    assert alias_of("pb-k3x9qa-8f3kd02ma1-invoices") == "invoices"
    assert owner_of("pb-k3x9qa-8f3kd02ma1-invoices") == "8f3kd02ma1"


def test_a_foreign_name_has_neither_alias_nor_owner() -> None:
    for name in ("invoices", "pb-k3x9qa-short-invoices", "x-pb-k3x9qa-8f3kd02ma1-invoices"):
        assert (alias_of(name), owner_of(name)) == ("", "")


@given(NAMES)
def test_every_name_that_s3_allows_stays_one(name: str) -> None:
    real = real_name(MARKER, name)
    assert ALLOWED.match(real), real
    assert alias_of(real) == (name if len(name) < 42 else "")


@given(NAMES, NAMES)
def test_two_names_are_never_one(one: str, other: str) -> None:
    assert (real_name(MARKER, one) == real_name(MARKER, other)) == (one == other)
    assert real_name(MARKER, one) != real_name(OTHER, one)


def test_only_shortened_names_have_the_longest_length() -> None:
    assert len(real_name(MARKER, "a" * 41)) == LONGEST - 1
    for length in (42, 50, 63):
        assert len(real_name(MARKER, "a" * length)) == LONGEST
    dotted = "a" * 29 + "..." + "b" * 20
    assert len(real_name(MARKER, dotted)) == LONGEST
    assert ".-" not in real_name(MARKER, dotted)


def test_a_name_that_s3_forbids_for_its_length_stays_forbidden() -> None:
    assert tail("a" * 64) == "a" * 64
    assert len(real_name(MARKER, "a" * 64)) > LONGEST


def test_whatever_is_sent_is_labelled() -> None:
    for name in ("../other", "Invoices", "192.168.0.1", "arn:aws:s3:::x", "pb-k3x9qa-zzzzzzzzz1-x", "\udc80"):
        assert LABEL.match(real_name(MARKER, name))
        assert owner_of(real_name(MARKER, name)) == "8f3kd02ma1"
