"""S3's refusals as bytes on a socket: status, code, headers, and no body where none may be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.exchange import Headers, Request
from contracts.sigv4 import Signer
from demo.serving import Broker
from tests.journeys.raw import exchange


class Signing:
    """One environment's requests, signed and sent as bytes; the server ends the conversation."""

    def __init__(self, server: Broker, bundle: Mapping[str, Any]) -> None:
        self._port = server.port
        variables = bundle["variables"]
        self._signer = Signer(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
        self.base = f"/e/{bundle['name']}/s3"

    def __call__(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        *,
        signed: Mapping[str, str] | None = None,
        added: Mapping[str, str] | None = None,
        replaced: Mapping[str, str | None] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """``signed`` headers are under the signature; ``added`` ones are not, and ``replaced`` ones are changed behind
        it (None leaves one away)."""
        host = f"127.0.0.1:{self._port}"
        request = Request(method=method, path=self.base + path, query=query, headers=Headers((signed or {}).items()))
        payload = hashlib.sha256(body).hexdigest()
        fields = dict(self._signer.headers(request, datetime.now(UTC), payload, host))  # noqa: TID251 - the server's own time
        fields |= {"content-length": str(len(body)), "connection": "close", **(added or {})}
        for name, value in (replaced or {}).items():
            fields.pop(name)
            if value is not None:
                fields[name] = value
        target = f"{self.base}{path}{'?' if query else ''}{query}"
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())])
        return parted(exchange(self._port, head.encode("latin-1") + b"\r\n\r\n" + body, finish=False))


def parted(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by lower-case name, body; a 100 Continue before them is left away."""
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body


def told(body: bytes, name: str = "Code") -> str | None:
    """The text of an error's element."""
    found = re.search(f"<{name}>(.*?)</{name}>".encode(), body, re.DOTALL)
    return found[1].decode() if found else None


@pytest.fixture
def s3(server: Broker, environment: dict[str, Any]) -> Signing:
    signing = Signing(server, environment)
    assert signing("PUT", "/bkt")[0] == 200
    assert signing("PUT", "/bkt/k", body=b"hello")[0] == 200
    return signing


@pytest.mark.parametrize(
    ("method", "path", "query", "expected", "allowed"),
    [
        ("GET", "/bkt", "acl&policy", (400, "InvalidArgument"), None),
        ("GET", "/bkt", "delete", (405, "MethodNotAllowed"), "post"),
        ("POST", "/", "", (405, "MethodNotAllowed"), "get"),
        ("PATCH", "/bkt/k", "", (405, "MethodNotAllowed"), "delete, get, head, post, put"),
        ("HEAD", "/bkt", "versioning", (405, None), "get, put"),
        ("HEAD", "/bkt/none", "", (404, None), None),
        ("HEAD", "/nowhere", "", (404, None), None),
        ("GET", "/bkt/none", "", (404, "NoSuchKey"), None),
        ("GET", "/a", "", (400, "InvalidBucketName"), None),
        ("GET", "/bkt/%ff", "", (400, "InvalidURI"), None),
        ("PUT", "/bkt/" + "k" * 1025, "", (400, "KeyTooLongError"), None),
    ],
)
def test_a_request_that_is_none(
    s3: Signing, method: str, path: str, query: str, expected: tuple[int, str | None], allowed: str | None
) -> None:
    status, headers, body = s3(method, path, query)
    assert (status, told(body)) == expected
    assert headers.get("allow") == allowed
    assert headers["content-type"] == "application/xml"
    assert headers["server"] == "amazons3"
    assert headers["date"]
    assert re.fullmatch("[0-9a-z]{16}", headers["x-amz-request-id"])
    assert told(body, "RequestId") == (headers["x-amz-request-id"].upper() if body else None)
    assert told(body, "Resource") is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"replaced": {"content-length": None}}, (411, "MissingContentLength")),
        ({"replaced": {"content-length": None}, "added": {"transfer-encoding": "chunked"}}, (501, "NotImplemented")),
        ({"added": {"expect": "200"}}, (200, None)),
        ({"added": {"expect": "100-continue"}, "body": b"1"}, (200, None)),
        ({"signed": {"content-md5": "no"}}, (400, "InvalidDigest")),
        ({"signed": {"content-md5": "rL0Y20zC+Fzt72VPzMSk2A=="}}, (400, "BadDigest")),
        ({"added": {"x-amz-meta-a": "1"}}, (403, "AccessDenied")),
        ({"replaced": {"x-amz-content-sha256": None}}, (400, "InvalidRequest")),
        ({"replaced": {"x-amz-content-sha256": "0" * 64}}, (403, "SignatureDoesNotMatch")),
        ({"replaced": {"x-amz-date": None}}, (403, "AccessDenied")),
        ({"replaced": {"x-amz-date": "20200101T000000Z"}}, (400, "AuthorizationHeaderMalformed")),
        ({"replaced": {"authorization": None}}, (403, "AccessDenied")),
        ({"replaced": {"authorization": ""}}, (403, "AccessDenied")),
        ({"replaced": {"authorization": "nonsense"}}, (400, "InvalidArgument")),
        ({"replaced": {"authorization": "AWS HAHAHA"}}, (400, "InvalidArgument")),
        ({"replaced": {"authorization": "AWS AKIDNOBODY:c2ln"}}, (403, "InvalidAccessKeyId")),
        ({"replaced": {"authorization": "AWS4-HMAC-SHA256 Credential=HAHAHA"}}, (400, "AuthorizationHeaderMalformed")),
        ({"added": {"x-amz-security-token": "t"}}, (400, "InvalidToken")),
        ({"query": "X-Amz-Signature=a"}, (400, "InvalidArgument")),
    ],
    ids=repr,
)
def test_a_put_that_is_refused(s3: Signing, options: dict[str, Any], expected: tuple[int, str | None]) -> None:
    status, _, body = s3("PUT", "/bkt/new", **options)
    assert (status, told(body)) == expected
    assert s3("GET", "/bkt/new")[0] == (200 if status == 200 else 404)


def test_a_mismatch_shows_what_was_signed(s3: Signing) -> None:
    status, _, body = s3("GET", "/bkt/k", replaced={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    assert (status, told(body)) == (403, "SignatureDoesNotMatch")
    assert (told(body, "CanonicalRequest") or "").startswith(f"GET\n{s3.base}/bkt/k\n\nhost:")
    assert (told(body, "StringToSign") or "").startswith("AWS4-HMAC-SHA256\n")
