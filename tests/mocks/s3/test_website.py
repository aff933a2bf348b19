"""A bucket's website configuration: put, got, deleted."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code

SITE = (
    "<IndexDocument><Suffix>index.html</Suffix></IndexDocument><ErrorDocument><Key>404.html</Key></ErrorDocument>"
    "<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>"
    "<Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect></RoutingRule></RoutingRules>"
)


def document(inner: str) -> bytes:
    return f"<WebsiteConfiguration>{inner}</WebsiteConfiguration>".encode()


async def test_what_is_put_is_got_until_it_is_deleted(s3: Caller) -> None:
    absent = await s3("GET", "/bkt", "website")
    assert code(absent) == "404 NoSuchWebsiteConfiguration"
    assert b"<Message>The specified bucket does not have a website configuration</Message>" in absent.body
    assert (await s3("PUT", "/bkt", "website", document(SITE))).status == 200
    assert (await s3("GET", "/bkt", "website")).value == {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "404.html"},
        "RoutingRules": [
            {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}
        ],
    }
    redirect = "<RedirectAllRequestsTo><HostName>a.example</HostName></RedirectAllRequestsTo>"
    assert (await s3("PUT", "/bkt", "website", document(redirect))).status == 200
    assert (await s3("GET", "/bkt", "website")).value == {"RedirectAllRequestsTo": {"HostName": "a.example"}}
    for _ in range(2):
        assert (await s3("DELETE", "/bkt", "website")).status == 204
    assert code(await s3("GET", "/bkt", "website")) == "404 NoSuchWebsiteConfiguration"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", "400 InvalidArgument"),
        ("<IndexDocument/>", "400 MalformedXML"),
        ("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>", "400 InvalidArgument"),
        ("<RedirectAllRequestsTo/>", "400 MalformedXML"),
        (
            "<RedirectAllRequestsTo><HostName>a</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>",
            "400 InvalidRequest",
        ),
        (SITE.replace("docs/</Key", "docs/</Other"), "400 MalformedXML"),
        (
            SITE.replace("<Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>", "<Condition/>"),
            "400 InvalidRequest",
        ),
    ],
)
async def test_what_is_refused_leaves_what_was(s3: Caller, inner: str, expected: str) -> None:
    await s3("PUT", "/bkt", "website", document(SITE))
    assert code(await s3("PUT", "/bkt", "website", document(inner))) == expected
    assert (await s3("GET", "/bkt", "website")).value["IndexDocument"] == {"Suffix": "index.html"}


async def test_it_goes_with_its_bucket(s3: Caller) -> None:
    for method in ("GET", "PUT", "DELETE"):
        body = document(SITE) if method == "PUT" else b""
        assert code(await s3(method, "/nope", "website", body)) == "404 NoSuchBucket"
    await s3("PUT", "/bkt", "website", document(SITE))
    assert (await s3("DELETE", "/bkt")).status == 204
    await s3("PUT", "/bkt")
    assert code(await s3("GET", "/bkt", "website")) == "404 NoSuchWebsiteConfiguration"
    assert code(await s3("PUT", "/bkt", "website")) == "400 MissingRequestBodyError"
