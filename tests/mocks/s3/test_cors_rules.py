"""Rules of cross-origin sharing: which are some, and which of them a request meets."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.cors_rules import check_rules, chosen, requested, told


def rule(origins: str = "*", methods: str = "GET", headers: str = "", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"AllowedOrigins": origins.split(), "AllowedMethods": methods.split(), **more}
    return {**found, "AllowedHeaders": headers.split()} if headers else found


@pytest.mark.parametrize(
    ("pattern", "origin", "meant"),
    [
        ("*", "https://a.example", True),
        ("*", "null", True),
        ("https://a.example", "https://a.example", True),
        ("https://a.example", "https://A.example", False),
        ("https://a.example", "https://a.example:8443", False),
        ("https://*.example", "https://a.b.example", True),
        ("https://*.example", "http://a.example", False),
        ("https://*", "https://a.example", True),
        ("*.example", "https://a.example", True),
        ("https://a*a.example", "https://a.example", False),
    ],
)
def test_origins(pattern: str, origin: str, meant: bool) -> None:
    assert (chosen([rule(pattern)], origin, "GET") is not None) == meant


@pytest.mark.parametrize(
    ("allowed", "asked", "meant"),
    [
        ("", [], True),
        ("", ["x-a"], False),
        ("*", ["x-a", "Content-Type"], True),
        ("X-Amz-*", ["x-amz-date", "X-AMZ-Acl"], True),
        ("x-amz-*", ["x-amz-date", "content-type"], False),
        ("x-amz-* content-type", ["x-amz-date", "content-type"], True),
        ("*-type", ["content-type"], True),
    ],
)
def test_headers(allowed: str, asked: list[str], meant: bool) -> None:
    assert (chosen([rule(headers=allowed)], "https://a", "GET", asked) is not None) == meant


def test_the_first_rule_that_allows_everything_counts() -> None:
    rules = [rule("https://b"), rule("https://a", "PUT"), rule(headers="x-a", ID="1"), rule("https://a", ID="2")]
    assert (chosen(rules, "https://a", "GET", ["x-a"]) or {})["ID"] == "1"
    assert (chosen(rules[:2], "https://a", "GET") or {}) == {}
    assert (chosen(rules, "https://a", "GET") or {})["ID"] == "1"
    assert chosen(rules, "https://a", "HEAD") is None


def test_names_of_headers_are_taken_apart() -> None:
    assert requested(" Content-Type,x-a ,, ") == ["Content-Type", "x-a"]
    assert requested(None) == []


def test_what_everyone_may_see_names_nobody() -> None:
    vary = ("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
    assert told(rule(), "https://a") == [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        vary,
    ]
    full = rule("https://*", "GET PUT", "*", ExposeHeaders=["ETag", "x-b"], MaxAgeSeconds=0)
    assert told(full, "https://a", ["X-A", "b"]) == [
        ("access-control-allow-origin", "https://a"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-a, b"),
        ("access-control-expose-headers", "ETag, x-b"),
        ("access-control-max-age", "0"),
        ("access-control-allow-credentials", "true"),
        vary,
    ]
    assert told(rule("https://a *"), "https://a")[0] == ("access-control-allow-origin", "https://a")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], "400 MalformedXML"),
        ([rule("", "GET")], "400 MalformedXML"),
        ([rule("*", "")], "400 MalformedXML"),
        ([rule(ID="x" * 256)], "400 MalformedXML"),
        ([rule()] * 101, "The number of CORS rules should not exceed allowed limit of 100 rules."),
        ([rule("*", "GET PATCH")], "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
        ([rule("*", "get")], "Found unsupported HTTP method in CORS config. Unsupported method is get"),
        ([rule("http://*.*")], 'AllowedOrigin "http://*.*" can not have more than one wildcard.'),
        ([rule(headers="*-*")], 'AllowedHeader "*-*" can not have more than one wildcard.'),
        (
            [rule(ExposeHeaders=["x-*"])],
            'ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
        ),
    ],
)
def test_rules_that_are_none(rules: list[dict[str, Any]], expected: str) -> None:
    with pytest.raises(ServiceError) as raised:
        check_rules(rules)
    assert expected in str(raised.value)


def test_the_largest_set_of_rules() -> None:
    check_rules([rule(ID="x" * 255, methods="GET PUT POST DELETE HEAD")] * 100)
