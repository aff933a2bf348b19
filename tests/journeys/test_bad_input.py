"""Bad input gets a clear error in the provider's own shape, and nothing is half-done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from demo.serving import Broker
from tests.journeys.raw import MAIL, Caller, exchange, status


@pytest.fixture
def caller(server: Broker, environment: dict[str, Any]) -> Iterator[Caller]:
    """A caller by path, whose environment has to be empty in the end."""
    one = Caller(server.url, environment)
    yield one
    left = one.stripe("GET", "/v1/customers").json()["data"]
    one.close()
    assert left == [], "a refused call left something behind"
    assert b"<Key>" not in one_listing(server, environment)
    assert server.control("GET", f"environments/{environment['name']}/mails")["items"] == []


def one_listing(server: Broker, environment: dict[str, Any]) -> bytes:
    """The listing of the bucket that the tests of S3 use; empty when they made none."""
    one = Caller(server.url, environment)
    try:
        return one.s3("GET", "/bad").content
    finally:
        one.close()


def stripe_error(answer: httpx.Response) -> dict[str, Any]:
    """Stripe's error object; fails when the answer has another shape."""
    error: dict[str, Any] = answer.json()["error"]
    assert error["type"]
    assert error["message"]
    return error


def s3_error(answer: httpx.Response | bytes) -> str:
    """The code of S3's error document."""
    body = answer if isinstance(answer, bytes) else answer.content
    document = etree.fromstring(body)
    assert document.tag == "Error"
    return str(document.findtext("Code"))


def sendgrid_errors(answer: httpx.Response) -> list[Any]:
    """SendGrid's errors."""
    errors: list[Any] = answer.json()["errors"]
    assert errors[0]["message"]
    return errors


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "body",
    [
        b"email=%",
        b"email=%zz",
        b"email=\xff\xfe",
        b"email=a%00b",
        b"email[=a",
        b"email]=a",
        b"nonesuch=1",
        b"metadata=text",
        b"metadata[a][b]=1",
        b"address[nonesuch]=1",
        b"balance=much",
        b"balance=99999999999999999999999999",
        b"email=a&email[b]=c",
        b"invoice_settings[custom_fields][0][name]=x&invoice_settings[custom_fields][x]=1",
        b"a" * 10_000 + b"=1",
        b"&".join(b"metadata[k%d]=v" % number for number in range(5000)),
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_forms(caller: Caller, body: bytes) -> None:
    answer = caller.stripe("POST", "/v1/customers", headers=FORM, content=body)
    assert answer.status_code == 400, answer.text
    assert stripe_error(answer)["type"] == "invalid_request_error"


@pytest.mark.parametrize("opening", ["metadata", "a", "expand"])
def test_a_thousand_deep_form_key(caller: Caller, opening: str) -> None:
    body = (opening + "[a]" * 1000 + "=1").encode()
    answer = caller.stripe("POST", "/v1/customers", headers=FORM, content=body)
    assert answer.status_code == 400
    stripe_error(answer)
    assert caller.stripe("GET", f"/v1/customers?{body.decode()}").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"\x00",
        b'{"from": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        json.dumps({**MAIL, "personalizations": []}).encode(),
        json.dumps({**MAIL, "from": "text"}).encode(),
        json.dumps({**MAIL, "subject": 1}).encode(),
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_json(caller: Caller, body: bytes) -> None:
    answer = caller.sendgrid(content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 415), answer.text  # 415: not even text
    sendgrid_errors(answer)


def test_another_content_type(caller: Caller) -> None:
    answer = caller.sendgrid(content=b"a=b", headers={"content-type": "text/plain"})
    assert answer.status_code in (400, 415)
    sendgrid_errors(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<Delete>",
        b"<Delete></Other>",
        b"<Other/>",
        b"<Delete><Object><Nonesuch/></Object></Delete>",
        b"\x00\x01",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&a;</Key></Object></Delete>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b"<a>" * 20_000 + b"</a>" * 20_000,
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_xml(caller: Caller, body: bytes) -> None:
    caller.s3("PUT", "/bad")
    answer = caller.s3("POST", "/bad?delete", body)
    assert answer.status_code == 400, answer.text
    assert s3_error(answer) in ("MalformedXML", "InvalidRequest", "MissingRequestBodyError")
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    ("authorization", "codes"),
    [
        ("AWS4-HMAC-SHA256", {"AuthorizationHeaderMalformed", "AccessDenied", "InvalidArgument"}),
        ("AWS4-HMAC-SHA256 Credential=/, SignedHeaders=, Signature=", {"AuthorizationHeaderMalformed"}),
        ("AWS4-HMAC-SHA256 Credential={key}/2026/x", {"AuthorizationHeaderMalformed"}),
        (
            "AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=zz",
            {"AuthorizationHeaderMalformed", "SignatureDoesNotMatch", "AccessDenied"},
        ),
    ],
)
def test_signatures(caller: Caller, server: Broker, authorization: str, codes: set[str]) -> None:
    target, _ = caller.address("s3", "/bad/key")
    header = authorization.format(key=caller.variables["AWS_ACCESS_KEY_ID"])
    answer = httpx.put(server.url + target, content=b"x", headers={"authorization": header})
    assert answer.status_code in (400, 403), answer.text
    assert s3_error(answer) in codes | {"InvalidAccessKeyId"}


def test_a_changed_body_does_not_match_its_signature(caller: Caller, server: Broker) -> None:
    caller.s3("PUT", "/bad")
    sha = "0" * 64
    answer = caller.s3("PUT", "/bad/key", b"x", headers={"x-amz-content-sha256": sha})
    # The signature is made again for the body by botocore; so break it by hand.
    signed = dict(answer.request.headers) | {"x-amz-content-sha256": sha}
    assert caller.s3("DELETE", "/bad/key").status_code == 204
    refused = httpx.put(str(answer.request.url), content=b"y", headers=signed)
    assert refused.status_code in (400, 403), refused.text
    assert s3_error(refused) in ("SignatureDoesNotMatch", "XAmzContentSHA256Mismatch")


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"5;chunk-signature=bad\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhel",
        b"ffffffffffffffff\r\nx\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n",
    ],
    ids=repr,
)
def test_aws_chunks(caller: Caller, body: bytes) -> None:
    caller.s3("PUT", "/bad")
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    answer = caller.s3("PUT", "/bad/key", body, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert s3_error(answer)


@pytest.mark.parametrize(
    "key",
    [
        "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/x",
        "a/../../b",
        "%00",
        "a%00b",
        "%ff%fe",
    ],
)
def test_traversal_in_keys(caller: Caller, server: Broker, key: str) -> None:
    """A key is a name and never a path: it is kept as it is, or refused, and nothing outside is touched."""
    caller.s3("PUT", "/bad")
    before = {path for path in server.folder.rglob("*") if server.data not in path.parents}
    answer = caller.s3("PUT", f"/bad/{key}", b"x")
    assert answer.status_code < 500, answer.text
    if answer.status_code == 200:
        assert caller.s3("GET", f"/bad/{key}").content == b"x"
        assert caller.s3("DELETE", f"/bad/{key}").status_code == 204
    else:
        assert s3_error(answer)
    assert {path for path in server.folder.rglob("*") if server.data not in path.parents} == before


def test_dots_on_the_wire(caller: Caller, server: Broker) -> None:
    """Clients fold dot segments away before they send; an attacker does not."""
    target, _ = caller.address("s3", "/bad/../../../../etc/passwd")
    put = caller.s3("PUT", "/bad")
    signed = "".join(f"{name}: {value}\r\n" for name, value in put.request.headers.items())
    answer = exchange(server.port, f"GET {target} HTTP/1.1\r\n{signed}\r\n".encode())
    assert status(answer) in (400, 403, 404), answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "name",
    ["..", "%2e%2e", "a%2fb", "A", "-a", "a" * 64, "a_b", "pr-1%00", "%ff", "é", "."],
)
def test_environment_names(server: Broker, name: str) -> None:
    answer = exchange(
        server.port,
        f"GET /e/{name}/stripe/v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    assert status(answer) in (400, 401, 404), answer
    done = server.cli("env", "open", "--", name, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_two_hosts_in_one_request(server: Broker, environment: dict[str, Any]) -> None:
    name = environment["name"]
    key = environment["variables"]["STRIPE_API_KEY"]
    head = f"GET /v1/customers HTTP/1.1\r\nHost: stripe.{name}.localhost\r\nHost: stripe.other.localhost\r\n"
    answer = exchange(server.port, f"{head}Authorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode())
    assert status(answer) == 400, answer


def test_no_host_in_a_request(server: Broker, environment: dict[str, Any]) -> None:
    key = environment["variables"]["STRIPE_API_KEY"]
    answer = exchange(server.port, f"GET /v1/customers HTTP/1.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    assert status(answer) in (200, 400)  # RFC 9112, section 3.2 asks for 400


@pytest.mark.parametrize(
    "sent",
    [
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"H%d: v\r\n" % number for number in range(5000)) + b"\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:24]),
)
def test_what_is_hardly_http(server: Broker, sent: bytes) -> None:
    answer = exchange(server.port, sent)
    assert status(answer) in (0, 400, 401, 404, 405, 414, 431, 505), answer[:300]
    assert server.is_ready()


def test_a_broken_chunk_of_a_known_caller(server: Broker, caller: Caller) -> None:
    target, _ = caller.address("stripe", "/v1/customers")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.variables['STRIPE_API_KEY']}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert status(exchange(server.port, head.encode() + b"5\r\nemail\r\nzz\r\n")) in (0, 400)


def test_a_body_that_ends_early(server: Broker, caller: Caller) -> None:
    target, _ = caller.address("stripe", "/v1/customers")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.variables['STRIPE_API_KEY']}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=a"
    )
    assert status(exchange(server.port, head.encode())) in (0, 400, 408)


# A server whose limits are low enough to reach.


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    settings = {"BROKER_MAX_BODY_MIB": "1", "BROKER_BODY_TIMEOUT_SECONDS": "1", "BROKER_STRICT_REPLIES": "1"}
    server = Broker(tmp_path_factory.mktemp("narrow"), settings)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def narrow_caller(narrow: Broker) -> Iterator[Caller]:
    one = Caller(narrow.url, narrow.open("narrow"))
    yield one
    one.close()


def test_a_body_over_the_limit(narrow: Broker, narrow_caller: Caller) -> None:
    answer = narrow_caller.stripe("POST", "/v1/customers", headers=FORM, content=b"description=" + b"a" * (1024 * 1024))
    assert answer.status_code == 413
    stripe_error(answer)
    mail = {**MAIL, "content": [{"type": "text/plain", "value": "a" * (1024 * 1024)}]}
    refused = narrow_caller.sendgrid(json=mail)
    assert refused.status_code == 413
    sendgrid_errors(refused)


def test_a_stream_is_not_limited(narrow: Broker, narrow_caller: Caller) -> None:
    narrow_caller.s3("PUT", "/wide")
    body = b"a" * (3 * 1024 * 1024)
    assert narrow_caller.s3("PUT", "/wide/key", body).status_code == 200
    assert narrow_caller.s3("GET", "/wide/key").content == body


def test_a_slow_body(narrow: Broker, narrow_caller: Caller) -> None:
    target, _ = narrow_caller.address("stripe", "/v1/customers")
    key = narrow_caller.variables["STRIPE_API_KEY"]
    head = (
        f"POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=a"
    )
    answer = exchange(narrow.port, head.encode(), finish=False)
    assert status(answer) == 408, answer
    assert narrow_caller.stripe("GET", "/v1/customers").json()["data"] == []


def test_a_slow_stream(narrow: Broker, narrow_caller: Caller) -> None:
    narrow_caller.s3("PUT", "/slow")
    complete = narrow_caller.s3("PUT", "/slow/key", b"a" * 100)
    assert narrow_caller.s3("DELETE", "/slow/key").status_code == 204
    fields = {**complete.request.headers, "connection": "close"}
    signed = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    target, _ = narrow_caller.address("s3", "/slow/key")
    answer = exchange(narrow.port, f"PUT {target} HTTP/1.1\r\n{signed}\r\naaaa".encode(), finish=False)
    assert status(answer) in (400, 408), answer
    assert narrow_caller.s3("GET", "/slow/key").status_code == 404
