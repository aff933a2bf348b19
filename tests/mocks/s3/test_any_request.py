"""Whatever is asked of the S3 mock, it answers as S3 could: never with a failure, never against its contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import library
from contracts.aws import AwsContract
from contracts.contract import ContractViolation, Match, Operation
from contracts.exchange import Headers, Request
from mocks.s3.service import SERVICE
from tests.harness import Harness, read

CONTRACT = library.load("s3")
assert isinstance(CONTRACT, AwsContract)
SPELLED = [CONTRACT.wire_names(operation) for operation in CONTRACT.operations().values()]
QUERY = sorted({name for query, _ in SPELLED for name in query} | {"unknown", "X-Amz-Date", "é", "list-type=2"})
FIELDS = sorted({name for _, header in SPELLED for name in header} | {"content-md5", "x-amz-meta-", "x-amz-trailer"})
FIELDS += ["x-amz-decoded-content-length", "transfer-encoding", "x-amz-content-sha256", "origin"]

VALUES = [
    *("", "0", "1", "-1", "x", "9" * 20, "true", "é", "\xff", "\x00", "a" * 1100, "a=b&c=d", "null", "*", '"etag"'),
    *("private", "public-read", "STANDARD", "GLACIER", "COPY", "REPLACE", "AES256", "aws:kms", "url", "ENABLED", "ON"),
    *("bytes=0-0", "bytes=-1", "bytes=9-", "bytes=2-1", "/bkt/k", "bkt/k?versionId=null", "bkt/k?versionId=x"),
    *("Sun, 01 Mar 2026 12:00:00 GMT", "2099-01-01T00:00:00Z", "AAAAAA==", "CRC32", "FULL_OBJECT", "111122223333"),
    *(
        "GOVERNANCE",
        "x-amz-checksum-crc32",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "UNSIGNED-PAYLOAD",
        'id="x"',
        "ETag,ObjectSize",
    ),
]
PIECES = ["bkt", "k", "/", "//", "..", ".", "%00", "%ff", "%2F", "%", "+", " ", "ü", "other", "a" * 300, "?", "%C3%A9"]
#: Documents of each operation with one: their outermost elements, right and wrong ones inside.
ELEMENTS = ["Rule", "Grantee", "Mode", "Event"]
ELEMENTS += [
    *("Tagging", "TagSet", "Tag", "Key", "Value", "Delete", "Object", "Quiet", "VersionId", "CompleteMultipartUpload"),
    *("Part", "PartNumber", "ETag", "CORSConfiguration", "CORSRule", "AllowedOrigin", "AllowedMethod", "Status"),
    *("LifecycleConfiguration", "ID", "Filter", "Prefix", "Expiration", "Days", "Date", "VersioningConfiguration"),
    *("AccessControlPolicy", "Owner", "AccessControlList", "Grant", "Permission", "URI", "WebsiteConfiguration"),
    *("IndexDocument", "Suffix", "RoutingRules", "RoutingRule", "Redirect", "ObjectLockConfiguration", "Retention"),
    *("LegalHold", "RetainUntilDate", "RestoreRequest", "NotificationConfiguration", "QueueConfiguration", "Queue"),
    *("ReplicationConfiguration", "Role", "PublicAccessBlockConfiguration", "OwnershipControls", "ObjectOwnership"),
    *("ServerSideEncryptionConfiguration", "ApplyServerSideEncryptionByDefault", "SSEAlgorithm", "BucketLoggingStatus"),
    *("CreateBucketConfiguration", "LocationConstraint", "RequestPaymentConfiguration", "Payer", "And", "Unknown"),
]


def elements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One element or several around what is inside."""
    one = st.tuples(st.sampled_from(ELEMENTS), inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
    return st.lists(one, min_size=1, max_size=3).map("".join)


TEXTS = st.sampled_from(
    ["", "x", "0", "-1", "Enabled", "STANDARD", "&#0;", "&lt;", "2030-01-01T00:00:00Z", "é", "k", "*"]
)
BODIES = st.one_of(
    st.just(b""),
    st.recursive(TEXTS, elements, max_leaves=8).map(str.encode),
    st.sampled_from([b"{", b'{"Statement":[]}', b"\x00\xff", b"<a", b"5\r\nhello\r\n0\r\n\r\n", b"x" * 9000]),
)
PATHS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join).map(lambda text: "/" + quote(text, safe="/%+."))
PAIRS = st.tuples(st.sampled_from(QUERY), st.sampled_from(VALUES)).map(lambda pair: f"{pair[0]}={quote(pair[1])}")
QUERIES = st.lists(PAIRS | st.sampled_from(QUERY) | st.just("%ff=%ff&&=&"), max_size=3).map("&".join)
HEADERS = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES), max_size=4)


def _aimed(operation: Operation) -> tuple[str, str, str, str]:
    """Method, path, sub-resource and outermost element of a request for the operation."""
    path = operation.path.replace("{Bucket}", "bkt").replace("{Key}", "k")
    named = CONTRACT.wire_names(operation)[0]
    query = next((name for name in named if CONTRACT.subresources(Request(method="GET", path=path, query=name))), "")
    match = CONTRACT.match(Request(method=operation.method, path=path, query=query))
    try:
        CONTRACT.read(
            match or Match(operation, {}), Request(method=operation.method, path=path, query=query, body=b"<x/>")
        )
    except ContractViolation as refused:
        roots = [each.expected for each in refused.violations if each.place == "body" and each.rule == "unknown"]
        return operation.method, path, query, roots[0] if roots else ""
    return operation.method, path, query, ""


AIMED = st.sampled_from([_aimed(operation) for operation in CONTRACT.operations().values()])
METHODS = st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"])


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def built(method: str, path: str, query: str, headers: dict[str, str], body: bytes, *, streams: bool) -> Request:
    """A request as the gateway has it: only operations that stream get a stream."""
    fields = {name if not name.endswith("-") else f"{name}a": value for name, value in headers.items()}
    fields.setdefault("content-length", str(len(body)))
    sent = {"stream": _once(body)} if streams else {"body": body}
    pairs = [(name.lower(), value) for name, value in fields.items()]
    return Request(method=method, path=path, sent_path=path, query=query, headers=Headers(pairs), host="h", **sent)


def test_any_request(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        harness = runner.run(_opened(tmp_path))

        def ask(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
            match = CONTRACT.match(Request(method=method, path=path, query=query))
            streams = match is not None and match.operation.streams_request
            response = runner.run(_asked(harness, built(method, path, query, headers, body, streams=streams)))
            assert response < 500 or response == 501, response

        @settings(max_examples=200, deadline=None, derandomize=True)
        @given(METHODS, PATHS, QUERIES, HEADERS, BODIES)
        def at_random(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
            ask(method, path, query, headers, body)

        @settings(max_examples=400, deadline=None, derandomize=True)
        @given(AIMED, QUERIES, HEADERS, BODIES)
        def aimed(at: tuple[str, str, str, str], query: str, headers: dict[str, str], body: bytes) -> None:
            method, path, sub, root = at
            if root and body.startswith(b"<"):
                body = f"<{root}>".encode() + body + f"</{root}>".encode()
            ask(method, path, "&".join(filter(None, (sub, query))), headers, body)

        at_random()
        aimed()
        runner.run(harness.close())


async def _opened(folder: Path) -> Harness:
    return Harness(SERVICE, folder)


async def _asked(harness: Harness, request: Request) -> int:
    """The status; the answer is read to its end. Whatever came before, there is a bucket and an object, or was."""
    for path in ("/bkt", "/bkt/k"):
        await harness.call("PUT", path)
    response = await harness.send(request)
    await read(response)
    return response.status
