"""What is an address."""

from __future__ import annotations

import pytest

from mocks.sendgrid.addresses import is_address


@pytest.mark.parametrize("text", ["a@b.co", "ada+tag@sub.example.com", "\u00fc@\u00fcber.de", "a@b.c-d.org"])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["", "a", "a@b", "a b@c.de", "a@b@c.de", "a@-b.de", "<a@b.de>", "a@b.de,", "a@.de"])
def test_what_is_none(text: str) -> None:
    assert not is_address(text)
