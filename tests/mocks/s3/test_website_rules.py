"""Websites' rules: which configurations are some, and where a visitor is sent."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.website_rules import Visitor, all_elsewhere, check_website, is_document_for, page, routed

VISITOR = Visitor("http", "bkt.s3-website.pr-1.localhost", "")
INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def rule(redirect: dict[str, str], **condition: str) -> dict[str, Any]:
    names = {"prefix": "KeyPrefixEquals", "code": "HttpErrorCodeReturnedEquals"}
    found: dict[str, Any] = {"Redirect": redirect}
    return {**found, "Condition": {names[name]: value for name, value in condition.items()}} if condition else found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"),
        ({"ErrorDocument": {"Key": "e"}}, "A value for IndexDocument Suffix must be provided"),
        ({"IndexDocument": {"Suffix": ""}}, "The IndexDocument Suffix is not well formed"),
        ({"IndexDocument": {"Suffix": "a/b"}}, "The IndexDocument Suffix is not well formed"),
        ({**INDEX, "ErrorDocument": {"Key": ""}}, "The ErrorDocument Key is not well formed"),
        ({**INDEX, "RedirectAllRequestsTo": {"HostName": "a"}}, "RedirectAllRequestsTo cannot be provided"),
        ({"RedirectAllRequestsTo": {"HostName": ""}}, "must not be empty"),
        ({**INDEX, "RoutingRules": [rule({"HostName": "a"})] * 51}, "51 routing rules provided"),
        ({**INDEX, "RoutingRules": [rule({})]}, "Redirect must contain"),
        ({**INDEX, "RoutingRules": [{"Redirect": {"HostName": "a"}, "Condition": {}}]}, "Condition cannot be empty"),
        ({**INDEX, "RoutingRules": [rule({"HttpRedirectCode": "300"})]}, "HTTP redirect code (300) is not valid"),
        ({**INDEX, "RoutingRules": [rule({"HttpRedirectCode": "404"})]}, "HTTP redirect code (404) is not valid"),
        ({"RedirectAllRequestsTo": {"HostName": "a", "Protocol": "ftp"}}, "Invalid protocol, protocol can be"),
        ({**INDEX, "RoutingRules": [rule({"Protocol": ""})]}, "Invalid protocol, protocol can be"),
        ({**INDEX, "RoutingRules": [rule({"HostName": "a"}, code="200")]}, "HTTP error code (200) is not valid"),
        (
            {**INDEX, "RoutingRules": [rule({"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"})]},
            "You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
        ),
    ],
)
def test_configurations_that_are_none(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ServiceError) as raised:
        check_website(given)
    assert expected in raised.value.message
    assert raised.value.status == 400


def test_configurations() -> None:
    check_website(INDEX)
    check_website({"RedirectAllRequestsTo": {"HostName": "a", "Protocol": "https"}})
    check_website({**INDEX, "ErrorDocument": {"Key": "a/e"}, "RoutingRules": [rule({"HostName": "a"})] * 50})


@pytest.mark.parametrize(
    ("redirect", "prefix", "key", "address"),
    [
        (
            {"ReplaceKeyPrefixWith": "documents/"},
            "docs/",
            "docs/a b",
            "http://bkt.s3-website.pr-1.localhost/documents/a%20b",
        ),
        ({"ReplaceKeyPrefixWith": ""}, "docs/", "docs/a", "http://bkt.s3-website.pr-1.localhost/a"),
        ({"ReplaceKeyWith": "gone.html"}, "docs/", "docs/a", "http://bkt.s3-website.pr-1.localhost/gone.html"),
        ({"HostName": "www.example", "Protocol": "https"}, "", "a", "https://www.example/a"),
        ({"Protocol": "https"}, "a", "a/b", "https://bkt.s3-website.pr-1.localhost/a/b"),
    ],
)
def test_where_a_rule_leads(redirect: dict[str, str], prefix: str, key: str, address: str) -> None:
    condition = {"prefix": prefix} if prefix else {}
    assert routed([rule(redirect, **condition)], VISITOR, key, None) == (301, address)


def test_the_first_rule_that_is_met() -> None:
    rules = [
        rule({"ReplaceKeyWith": "1"}, prefix="a/"),
        rule({"ReplaceKeyWith": "2", "HttpRedirectCode": "307"}, code="404"),
        rule({"ReplaceKeyWith": "3"}, prefix="b/", code="403"),
        rule({"ReplaceKeyWith": "4"}, prefix="b/"),
    ]
    at = "http://bkt.s3-website.pr-1.localhost/"
    assert routed(rules, VISITOR, "a/b", None) == (301, at + "1")
    assert routed(rules, VISITOR, "b/c", None) == (301, at + "4")
    assert routed(rules, VISITOR, "c", None) is None
    assert routed(rules, VISITOR, "c", 404) == (307, at + "2")
    assert routed(rules, VISITOR, "b/", 403) == (301, at + "3")
    assert routed(rules, VISITOR, "c", 403) is None


def test_a_path_before_the_keys_stays_here_alone() -> None:
    visitor = Visitor("http", "localhost", "/e/pr-1/s3-website/bkt")
    assert routed([rule({"ReplaceKeyWith": "k"})], visitor, "a", None) == (
        301,
        "http://localhost/e/pr-1/s3-website/bkt/k",
    )
    assert routed([rule({"HostName": "b.example"})], visitor, "a", None) == (301, "http://b.example/a")


def test_everything_elsewhere() -> None:
    assert all_elsewhere({"HostName": "b.example"}, VISITOR, "a b", "") == "http://b.example/a%20b"
    assert all_elsewhere({"HostName": "b.example", "Protocol": "https"}, VISITOR, "", "x=1") == "https://b.example/?x=1"


def test_pages_of_errors() -> None:
    error = ServiceError(404, "NoSuchKey", "The specified key does not exist.", details={"Key": "<a>"})
    text = page(404, "Not Found", error, {"RequestId": "R"}, None)
    assert text == (
        "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n"
        "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: &lt;a&gt;</li>\n"
        "<li>RequestId: R</li>\n</ul>\n<hr/>\n</body>\n</html>\n"
    )
    second = page(404, "Not Found", error, {}, error)
    assert "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>" in second
    assert [is_document_for(status) for status in (304, 400, 403, 499, 500, 503)] == [
        False,
        True,
        True,
        True,
        False,
        False,
    ]
