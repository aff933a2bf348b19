"""S3's wire manners: error documents, headers, credentials, addresses."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from lxml import etree

from contracts.exchange import Headers, Request, Response
from mocks.base import BindingView, Missing, Reason, Refusal, ServiceError
from mocks.s3.wire import CREDENTIALS, anonymous, decorate, relocate, render_error, variables
from tests.mocks.s3.conftest import Caller, code

GET = Request(method="GET", path="/bkt/k")


def ids(prefix: str, length: int) -> str:
    return prefix + "i" * length


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_refusal_of_the_broker_is_an_s3_error(reason: Reason) -> None:
    response = render_error(Refusal(reason, "Do this instead.", hint="AKIA****MNOP"), GET)
    root = etree.fromstring(response.body)
    assert root.tag == "Error"
    assert root.findtext("Code")
    assert response.status >= 400
    if response.status == 405:
        assert root.findtext("Message") == "The specified method is not allowed against this resource."
        return
    assert (root.findtext("Message") or "").endswith("Do this instead.")
    assert root.findtext("AWSAccessKeyId") == "AKIA****MNOP"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("no_credential", "403 AccessDenied"),
        ("live_credential", "403 InvalidAccessKeyId"),
        ("unknown_credential", "403 InvalidAccessKeyId"),
        ("closed_environment", "410 EnvironmentClosed"),
        ("wrong_method", "405 MethodNotAllowed"),
    ],
)
def test_refusals(reason: Reason, expected: str) -> None:
    assert code(render_error(Refusal(reason, "m"), GET)) == expected


def test_a_header_that_was_not_understood_is_said_so() -> None:
    request = Request(method="GET", path="/", headers=Headers([("authorization", "AWS4-HMAC-SHA256 Credential=x")]))
    for reason in ("no_credential", "unknown_credential"):
        assert code(render_error(Refusal(reason, "m"), request)) == "400 AuthorizationHeaderMalformed"
    assert code(render_error(Refusal("live_credential", "m"), request)) == "403 InvalidAccessKeyId"


@pytest.mark.parametrize(
    ("headers", "query", "let_in"),
    [
        ({}, "", True),
        ({}, "prefix=a", True),
        ({"authorization": "AWS4-HMAC-SHA256 x"}, "", False),
        ({"authorization": "Bearer x"}, "", False),
        ({}, "X-Amz-Credential=", False),
    ],
)
def test_who_comes_without_a_signature_is_let_in(headers: dict[str, str], query: str, let_in: bool) -> None:
    request = Request(method="GET", path="/bkt/k", query=query, headers=Headers(headers.items()))
    assert anonymous(request) is let_in


async def test_nobody_may_do_what_is_not_allowed_to_all(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    for method, path in (("GET", "/"), ("GET", "/bkt"), ("GET", "/bkt/k"), ("PUT", "/bkt/k"), ("DELETE", "/bkt")):
        assert code(await s3.harness.call(method, path, credential="")) == "403 AccessDenied"
    assert await s3.content("/bkt/k") == b"1"


def test_an_error_names_what_it_is_about() -> None:
    response = render_error(ServiceError(400, "Odd", "<&\x01>", details={"Key": "a&b"}), GET)
    decorate(GET, response, ids)
    assert b"<Message>&lt;&amp;&#x1;&gt;</Message><Key>a&amp;b</Key>" in response.body
    request_id = response.header("x-amz-request-id")
    assert f"<RequestId>{request_id}</RequestId>".encode() in response.body
    assert response.header("x-amz-id-2")
    assert b"<BucketName>b</BucketName>" in render_error(Missing("bucket", "b"), GET).body


def test_no_body_where_none_may_be() -> None:
    head = render_error(Missing("object", "k"), Request(method="HEAD", path="/bkt/k"))
    assert (head.body, head.header("content-type")) == (b"", "application/xml")
    unmodified = render_error(ServiceError(304, "NotModified", ""), GET)
    assert (unmodified.body, unmodified.header("content-type")) == (b"", None)


def test_every_answer_has_its_ids() -> None:
    response = Response(200)
    decorate(GET, response, ids)
    assert response.header("x-amz-request-id") == "I" * 16
    assert response.header("server") == "AmazonS3"


def test_credentials_look_real() -> None:
    spec, signing = CREDENTIALS
    key, secret = spec.make(lambda length, alphabet: (alphabet * length)[:length])
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key)
    assert secret is not None
    assert re.fullmatch(r"[A-Za-z0-9/+]{40}", secret)
    assert not signing.presented


def test_variables() -> None:
    view = BindingView("http://h/e/pr-1/s3", "http://h", {"access_key": ("AKIA", "secret")})
    assert variables(view) == {
        "AWS_ENDPOINT_URL_S3": "http://h/e/pr-1/s3",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    signing = {"webhook_secret": ("whsec_x", None)}
    assert variables(BindingView("u", "h", {**view.credentials, **signing}))["S3_WEBHOOK_SECRET"] == "whsec_x"


@pytest.mark.parametrize(("path", "moved"), [("/", "/my.bucket/"), ("/k//", "/my.bucket/k//")])
def test_a_bucket_in_the_host_moves_into_the_path(path: str, moved: str) -> None:
    request = relocate(Request(method="GET", path=path, sent_path=path, host_label="my.bucket"))
    assert (request.path, request.sent_path) == (moved, path)
    assert relocate(Request(method="GET", path=path)).path == path


SELECT = (
    b"<SelectObjectContentRequest><Expression>SELECT * FROM s3object</Expression><ExpressionType>SQL</ExpressionType>"
    b"<InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/></OutputSerialization>"
    b"</SelectObjectContentRequest>"
)


@pytest.mark.parametrize("query", ["torrent", "select&select-type=2"])
async def test_what_s3_has_no_more(s3: Caller, query: str) -> None:
    method = "GET" if query == "torrent" else "POST"
    body = b"" if query == "torrent" else SELECT
    assert code(await s3(method, "/bkt/k", query, body)) == "405 MethodNotAllowed"


async def test_operations_without_a_handler_are_refused_plainly(s3: Caller) -> None:
    refused = await s3("GET", "/bkt", "session")
    assert code(refused) == "501 NotImplemented"
    assert b"CreateSession" in refused.body


async def test_a_body_of_unknown_length(s3: Caller) -> None:
    refused = await s3("PUT", "/bkt/k", transfer_encoding="chunked")
    assert code(refused) == "501 NotImplemented"
    assert b"<Header>Transfer-Encoding</Header>" in refused.body
    untold = Request(method="PUT", path="/bkt/k", sent_path="/bkt/k")
    assert code(await s3.harness.send(untold)) == "411 MissingContentLength"
    known = await s3("PUT", "/bkt/k", transfer_encoding="chunked", x_amz_decoded_content_length="0")
    assert known.status == 200


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "headers", "expected"),
    [
        ("PUT", "/bkt", "", b"<a>", {}, "400 MalformedXML"),
        ("PUT", "/bkt", "", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {}, "400 MalformedXML"),
        ("GET", "/bkt", "max-keys=x", b"", {}, "400 InvalidArgument"),
        ("PUT", "/bkt/k", "", b"", {"x_amz_checksum_algorithm": "MD4"}, "200"),
        ("PUT", "/bkt/k", "", b"", {"x_amz_sdk_checksum_algorithm": "MD4"}, "400 InvalidRequest"),
        ("POST", "/", "", b"", {}, "405 MethodNotAllowed"),
        ("POST", "/bkt", "", b"", {}, "412 PreconditionFailed"),
        ("POST", "/bkt/k", "", b"", {}, "405 MethodNotAllowed"),
        ("GET", "/bkt/%00%ff", "", b"", {}, "400 InvalidURI"),
    ],
)
async def test_broken_requests(
    s3: Caller, method: str, path: str, query: str, body: bytes, headers: dict[str, str], expected: str
) -> None:
    assert code(await s3(method, path, query, body, **headers)) == expected
