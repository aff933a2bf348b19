"""Records of domains: which are there, and what is told of those that are not."""

from __future__ import annotations

import pytest

from mocks.sendgrid.dns_records import checked, record, results, text, there

DNS = {"a": record("cname", "a.example.com", "u1.sendgrid.net"), "b": record("txt", "example.com", "v=spf1")}


@pytest.mark.parametrize(
    ("domain", "found"), [("example.com", True), ("invalid.example.com", False), ("Invalid-shop.example", False)]
)
def test_domains_that_validate(domain: str, found: bool) -> None:
    assert there(domain) is found


def test_all_are_there_or_none() -> None:
    assert [one["valid"] for one in checked(DNS, True).values()] == [True, True]
    assert results(DNS, True) == {"a": {"valid": True, "reason": None}, "b": {"valid": True, "reason": None}}
    assert results(DNS, False)["a"]["reason"] == 'Expected CNAME for "a.example.com" to match "u1.sendgrid.net".'


def test_records_as_lines() -> None:
    assert text(DNS) == "CNAME\ta.example.com\tu1.sendgrid.net\nTXT\texample.com\tv=spf1"
