"""Cross-origin sharing through the gateway: the configuration, preflights, and what other answers tell."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.exchange import Response
from tests.mocks.s3.browsing import Browsing, browsing_in, told

ORIGIN = "https://shop.example"
RULE = (
    f"<CORSRule><ID>shop</ID><AllowedOrigin>{ORIGIN}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
    "<AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>"
)
EVERYONE = "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>"
BUCKET, OBJECT = "/e/pr-1/s3/bkt", "/e/pr-1/s3/bkt/a/k"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browsing]:
    async for browsing in browsing_in(tmp_path):
        yield browsing


async def configure(browser: Browsing, *rules: str, **headers: str) -> Response:
    body = f"<CORSConfiguration>{''.join(rules)}</CORSConfiguration>".encode()
    md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    return await browser.own("PUT", "/bkt", "cors", body, **(headers or {"content_md5": md5}))


async def preflight(browser: Browsing, path: str = OBJECT, origin: str = ORIGIN, **asked: str) -> Response:
    fields = {f"access_control_request_{name}": value for name, value in asked.items()}
    return await browser.visit("OPTIONS", path, origin=origin, **fields)


def allowed(response: Response) -> dict[str, str]:
    """What the answer tells a browser, without the beginning of the names."""
    start = "access-control-"
    return {name.removeprefix(start): value for name, value in response.headers if name.startswith(start)}


async def test_the_configuration_is_kept_and_deleted(browser: Browsing) -> None:
    absent = await browser.own("GET", "/bkt", "cors")
    assert told(absent) == "404 NoSuchCORSConfiguration: The CORS configuration does not exist"
    assert (await configure(browser, RULE, EVERYONE)).status == 200
    found = await browser.own("GET", "/bkt", "cors")
    # In the order of the model's elements.
    assert found.body.count(b"<CORSRule>") == 2
    for element in (b"<ID>shop</ID>", b"<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>"):
        assert element in found.body
    assert (await browser.own("DELETE", "/bkt", "cors")).status == 204
    assert (await browser.own("DELETE", "/bkt", "cors")).status == 204
    assert (await browser.own("GET", "/bkt", "cors")).status == 404
    for method in ("GET", "DELETE"):
        assert told(await browser.own(method, "/nope", "cors")).startswith("404 NoSuchBucket")


async def test_what_is_no_configuration_leaves_what_was(browser: Browsing) -> None:
    await configure(browser, RULE)
    for body, expected in (
        ("", "400 MalformedXML"),
        ("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>", "400 MalformedXML"),
        ("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>", "400 MalformedXML"),
        (RULE.replace("PUT", "PATCH"), "400 InvalidRequest: Found unsupported HTTP method"),
        (RULE.replace("60", "long"), "400 MalformedXML"),
        (RULE.replace("shop</ID>", f"{'x' * 65536}</ID>"), "400 MaxMessageLengthExceeded"),
    ):
        assert told(await configure(browser, body)).startswith(expected)
    assert told(await configure(browser, RULE, x="1")).startswith("400 InvalidRequest: Missing required header")
    assert told(await configure(browser, RULE, content_md5="eB5eJF1ptWaXm4bijSPyxw==")).startswith("400 BadDigest")
    assert told(await browser.own("PUT", "/bkt", "cors")).startswith("400 ")
    assert b"<ID>shop</ID>" in (await browser.own("GET", "/bkt", "cors")).body


async def test_a_preflight_is_allowed(browser: Browsing) -> None:
    await configure(browser, RULE, EVERYONE)
    for path, host in ((BUCKET, "127.0.0.1:4600"), (OBJECT, "127.0.0.1:4600"), ("/a/k", "bkt.s3.pr-1.localhost")):
        answer = await browser.visit(
            "OPTIONS",
            path,
            host=host,
            origin=ORIGIN,
            access_control_request_method="PUT",
            access_control_request_headers="X-Amz-Date, x-amz-acl",
        )
        assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "0")
        assert allowed(answer) == {
            "allow-origin": ORIGIN,
            "allow-methods": "PUT, GET",
            "allow-headers": "x-amz-date, x-amz-acl",
            "expose-headers": "ETag",
            "max-age": "60",
            "allow-credentials": "true",
        }
        assert [value for name, value in answer.headers if name == "vary"] == [
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
        ]
    assert allowed(await preflight(browser, origin="https://other", method="HEAD"))["allow-origin"] == "*"


async def test_a_preflight_of_a_presigned_url_is_not_verified(browser: Browsing) -> None:
    await configure(browser, RULE)
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={browser.key}/20200101/x/s3/aws4_request&X-Amz-Signature=0"
    )
    for path in (OBJECT, "/bkt/k"):
        answer = await browser.visit("OPTIONS", path, query, origin=ORIGIN, access_control_request_method="PUT")
        assert answer.status == 200
    assert await browser.gate.incidents() == []


async def test_a_preflight_is_refused(browser: Browsing) -> None:
    closed = await preflight(browser, BUCKET, method="PUT")
    assert told(closed) == "403 AccessForbidden: CORSResponse: CORS is not enabled for this bucket."
    assert b"<Method>PUT</Method><ResourceType>BUCKET</ResourceType>" in closed.body
    missing = await preflight(browser, "/e/pr-1/s3/nope/k", method="PUT")
    assert told(missing) == "403 AccessForbidden: CORSResponse: Bucket not found"
    assert told(await preflight(browser, "/e/pr-1/s3/", method="GET")).startswith("403 AccessForbidden")
    await configure(browser, RULE)
    for asked in ({"method": "DELETE"}, {"method": "PUT", "headers": "content-type"}):
        refused = await preflight(browser, **asked)
        assert told(refused).startswith("403 AccessForbidden: CORSResponse: This CORS request is not allowed.")
        assert f"<Method>{asked['method']}</Method><ResourceType>OBJECT</ResourceType>".encode() in refused.body
        assert allowed(refused) == {}
    assert (await preflight(browser, origin="https://other.example", method="PUT")).status == 403


async def test_a_preflight_that_asks_nothing(browser: Browsing) -> None:
    await configure(browser, RULE)
    nobody = await browser.visit("OPTIONS", OBJECT, access_control_request_method="PUT")
    assert told(nobody) == "400 BadRequest: Insufficient information. Origin request header needed."
    assert told(await preflight(browser)) == "400 BadRequest: Invalid Access-Control-Request-Method: null"
    assert told(await preflight(browser, method="PATCH")) == (
        "400 BadRequest: Invalid Access-Control-Request-Method: PATCH"
    )


async def test_answers_tell_the_origin_what_it_may_see(browser: Browsing) -> None:
    await configure(browser, RULE, EVERYONE)
    made = await browser.own("PUT", "/bkt/a/k", body=b"1", origin=ORIGIN)
    assert (made.status, allowed(made)["allow-origin"], allowed(made)["expose-headers"]) == (200, ORIGIN, "ETag")
    got = await browser.own("GET", "/bkt/a/k", origin=ORIGIN)
    assert (got.status, got.body, got.header("vary")) == (
        200,
        b"1",
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    )
    head = await browser.own("HEAD", "/bkt/a/k", origin="https://other.example")
    assert allowed(head) == {"allow-origin": "*", "allow-methods": "HEAD"}
    for other in (
        await browser.own("GET", "/bkt/a/k"),
        await browser.own("GET", "/bkt/a/k", origin="https://other.example"),
        await browser.own("DELETE", "/bkt/a/k", origin=ORIGIN),
        await browser.own("GET", "/", origin=ORIGIN),
        await browser.own("GET", "/nope/k", origin=ORIGIN),
    ):
        assert (allowed(other), other.header("vary")) == ({}, None)


async def test_a_preflights_questions_are_heard_in_any_request(browser: Browsing) -> None:
    await configure(browser, RULE)
    asking = {"origin": ORIGIN, "access_control_request_method": "PUT", "access_control_request_headers": "x-amz-a"}
    deleted = await browser.own("DELETE", "/bkt/a/k", **asking)
    assert (allowed(deleted)["allow-methods"], allowed(deleted)["allow-headers"]) == ("PUT, GET", "x-amz-a")
    asking["access_control_request_method"] = "DELETE"
    assert allowed(await browser.own("GET", "/bkt/a/k", **asking)) == {}


async def test_errors_are_told_as_well(browser: Browsing) -> None:
    await configure(browser, RULE)
    missing = await browser.own("GET", "/bkt/none", origin=ORIGIN)
    assert (missing.status, allowed(missing)["allow-origin"]) == (404, ORIGIN)
    unsigned = await browser.visit("GET", OBJECT, origin=ORIGIN)
    assert (unsigned.status, allowed(unsigned)["allow-origin"]) == (403, ORIGIN)
    headers = {"authorization": f"AWS4-HMAC-SHA256 Credential={browser.key}/nonsense"}
    wrong = await browser.visit("GET", OBJECT, origin=ORIGIN, **headers)
    assert (wrong.status >= 400, allowed(wrong)["allow-origin"]) == (True, ORIGIN)


async def test_without_rules_nothing_is_told(browser: Browsing) -> None:
    made = await browser.own("PUT", "/bkt/k", body=b"1", origin=ORIGIN)
    assert (made.status, allowed(made), made.header("vary")) == (200, {}, None)
