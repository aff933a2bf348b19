"""Websites as their visitors see them: documents, redirects and pages of errors, and never more than is public."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.exchange import Response
from tests.harness import read
from tests.mocks.s3.access.policies import BUCKET, document, statement
from tests.mocks.s3.browsing import Browsing, browsing_in

HOST = "bkt.s3-website.pr-1.localhost:4600"
INDEX = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
ERROR = "<ErrorDocument><Key>errors/404.html</Key></ErrorDocument>"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browsing]:
    """With a bucket that is open to all, who hear what is missing, too."""
    reads = document(statement(), statement(Action="s3:ListBucket", Resource=BUCKET)).encode()
    async for browsing in browsing_in(tmp_path):
        assert (await browsing.own("DELETE", "/bkt", "publicAccessBlock")).status == 204
        assert (await browsing.own("PUT", "/bkt", "policy", reads)).status == 204
        yield browsing


async def site(browser: Browsing, inner: str, *keys: str) -> None:
    """Make the bucket a website with these pages, each of which says its key."""
    body = f"<WebsiteConfiguration>{inner}</WebsiteConfiguration>".encode()
    assert (await browser.own("PUT", "/bkt", "website", body)).status == 200
    for key in keys:
        await browser.put(key, key.encode(), content_type="text/html")


async def get(browser: Browsing, path: str, method: str = "GET", query: str = "", **headers: str) -> Response:
    return await browser.visit(method, path, query, host=HOST, **headers)


def leads(response: Response) -> tuple[int, str | None]:
    return response.status, response.header("location")


async def test_documents_and_indexes_at_every_level(browser: Browsing) -> None:
    await site(browser, INDEX, "index.html", "a/index.html", "a/b/page", "ü")
    for path, key in (("/", "index.html"), ("/a/", "a/index.html"), ("/a/b/page", "a/b/page"), ("/%C3%BC", "ü")):
        page = await get(browser, path)
        assert (page.status, page.header("content-type"), (await read(page)).decode()) == (200, "text/html", key)
        assert page.header("x-amz-request-id")
        assert page.header("server") == "AmazonS3"
    assert leads(await get(browser, "/a")) == (302, "/a/")
    assert leads(await get(browser, "/", "HEAD")) == (200, None)
    assert (await get(browser, "/a/b")).status == 404


async def test_the_same_by_path(browser: Browsing) -> None:
    await site(browser, INDEX + ERROR, "index.html", "a/index.html")
    base = "/e/pr-1/s3-website/bkt"
    page = await browser.visit("GET", f"{base}/")
    assert (page.status, page.body) == (200, b"index.html")
    assert leads(await browser.visit("GET", base)) == (302, f"{base}/")
    assert leads(await browser.visit("GET", f"{base}/a")) == (302, f"{base}/a/")
    await browser.put("moved", x_amz_website_redirect_location="/a/")
    assert leads(await browser.visit("GET", f"{base}/moved")) == (301, f"{base}/a/")
    assert leads(await browser.visit("GET", "/e/pr-1/s3-website/")) == (301, "https://aws.amazon.com/s3/")


async def test_objects_that_lead_elsewhere(browser: Browsing) -> None:
    await site(browser, INDEX, "index.html")
    for target in ("/other", "https://b.example/x?y=1"):
        await browser.put("moved", x_amz_website_redirect_location=target)
        for method in ("GET", "HEAD"):
            assert leads(await get(browser, "/moved", method)) == (301, target)


async def test_conditions_and_ranges(browser: Browsing) -> None:
    await site(browser, INDEX, "page")
    page = await get(browser, "/page")
    unchanged = await get(browser, "/page", if_none_match=page.header("etag") or "")
    assert (unchanged.status, unchanged.body) == (304, b"")
    part = await get(browser, "/page", range="bytes=1-2")
    assert (part.status, part.body, part.header("content-range")) == (206, b"ag", "bytes 1-2/4")
    assert (await get(browser, "/page", range="bytes=9-")).status == 416
    # A query is no operation here.
    assert (await get(browser, "/page", query="acl&versionId=x&response-content-type=a")).body == b"page"


async def test_pages_of_errors(browser: Browsing) -> None:
    await site(browser, INDEX)
    missing = await get(browser, "/none")
    assert missing.header("content-type") == "text/html; charset=utf-8"
    assert b"<h1>404 Not Found</h1>\n<ul>\n<li>Code: NoSuchKey</li>" in missing.body
    assert b"<li>Message: The specified key does not exist.</li>\n<li>Key: none</li>" in missing.body
    assert [missing.header(f"x-amz-error-{name}") for name in ("code", "message", "detail-Key")] == [
        "NoSuchKey",
        "The specified key does not exist.",
        "none",
    ]
    for method in ("POST", "PUT", "DELETE"):
        refused = await get(browser, "/none", method)
        assert (refused.status, b"Code: MethodNotAllowed" in refused.body) == (405, True)
    unconfigured = await browser.visit("GET", "/e/pr-1/s3-website/nope/x")
    assert (unconfigured.status, b"<li>Code: NoSuchBucket</li>" in unconfigured.body) == (404, True)
    await browser.own("DELETE", "/bkt", "website")
    unconfigured = await get(browser, "/")
    assert (unconfigured.status, b"Code: NoSuchWebsiteConfiguration" in unconfigured.body) == (404, True)
    assert (await get(browser, "/%ff" + "x" * 1025)).status in (400, 404)


async def test_the_sites_own_page_for_errors(browser: Browsing) -> None:
    await site(browser, INDEX + ERROR, "errors/404.html")
    missing = await get(browser, "/none", if_none_match="*", range="bytes=0-1")
    assert (missing.status, missing.body, missing.header("content-type")) == (404, b"errors/404.html", "text/html")
    assert missing.header("x-amz-error-code") == "NoSuchKey"
    head = await get(browser, "/none", "HEAD")
    assert (head.status, head.header("content-length")) == (404, "15")
    await browser.own("DELETE", "/bkt/errors/404.html")
    twice = await get(browser, "/none")
    assert b"<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>" in twice.body
    assert b"<li>Key: errors/404.html</li>" in twice.body


async def test_rules_of_routing(browser: Browsing) -> None:
    rules = (
        "<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>"
        "<Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect></RoutingRule>"
        "<RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>"
        "<Redirect><HostName>b.example</HostName><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule>"
        "</RoutingRules>"
    )
    await site(browser, INDEX + ERROR + rules, "docs/a", "page")
    assert leads(await get(browser, "/docs/a")) == (301, f"http://{HOST}/documents/a")
    assert leads(await get(browser, "/none")) == (302, "http://b.example/none")
    assert leads(await get(browser, "/page")) == (200, None)


async def test_everything_elsewhere(browser: Browsing) -> None:
    redirect = "<RedirectAllRequestsTo><HostName>b.example</HostName><Protocol>https</Protocol></RedirectAllRequestsTo>"
    await site(browser, redirect, "page")
    assert leads(await get(browser, "/page", query="a=1")) == (301, "https://b.example/page?a=1")
    assert leads(await get(browser, "/")) == (301, "https://b.example/")


async def test_signatures_are_not_looked_at(browser: Browsing) -> None:
    await site(browser, INDEX, "page")
    for headers in ({"authorization": "AWS4-HMAC-SHA256 Credential=nonsense"}, {"authorization": "Basic eA=="}):
        assert (await get(browser, "/page", **headers)).status == 200
    assert await browser.gate.incidents() == []


async def test_what_is_not_public_is_forbidden(browser: Browsing) -> None:
    await site(browser, INDEX + ERROR, "page", "errors/404.html")
    assert (await browser.own("DELETE", "/bkt", "policy")).status == 204
    refused = await get(browser, "/page")
    assert (refused.status, b"<li>Code: AccessDenied</li>" in refused.body) == (403, True)


async def test_visitors_who_may_not_list_are_told_less(browser: Browsing) -> None:
    await site(browser, INDEX + ERROR, "a/index.html", "errors/404.html")
    assert (await browser.own("PUT", "/bkt", "policy", document(statement()).encode())).status == 204
    assert leads(await get(browser, "/a")) == (302, "/a/")
    missing = await get(browser, "/none")
    assert (missing.status, missing.body, missing.header("x-amz-error-code")) == (
        403,
        b"errors/404.html",
        "AccessDenied",
    )


async def test_scripts_of_other_origins(browser: Browsing) -> None:
    await site(browser, INDEX, "page")
    rule = b"<CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
    body = b"<CORSConfiguration>" + rule + b"</CORSConfiguration>"
    await browser.own("PUT", "/bkt", "cors", body, x_amz_checksum_crc32=crc32(body))
    page = await get(browser, "/page", origin="https://a.example")
    assert page.header("access-control-allow-origin") == "https://a.example"
    asked = await get(browser, "/page", "OPTIONS", origin="https://a.example", access_control_request_method="GET")
    assert (asked.status, asked.header("access-control-allow-methods")) == (200, "GET")
    asked = await get(browser, "/page", "OPTIONS", origin="https://b.example", access_control_request_method="GET")
    assert (asked.status, b"Code: AccessForbidden" in asked.body) == (403, True)


def crc32(body: bytes) -> str:
    from mocks.s3.digests import ALGORITHMS, encoded

    running = ALGORITHMS["CRC32"].start()
    running.update(body)
    return encoded(running.digest())
