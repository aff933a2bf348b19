"""Requests that are no operation: methods that a resource does not have, and two sub-resources at once."""

from __future__ import annotations

import pytest

from contracts import library
from contracts.exchange import Request
from mocks.s3.routing import unroutable
from tests.mocks.s3.conftest import Caller, code

CONTRACT = library.load("s3")


@pytest.mark.parametrize(
    ("method", "path", "query", "kind", "allowed"),
    [
        ("POST", "/", "", "SERVICE", "GET"),
        ("PATCH", "/bkt", "", "BUCKET", "DELETE, GET, HEAD, POST, PUT"),
        ("POST", "/bkt/k", "x-id=a", "OBJECT", "DELETE, GET, HEAD, PUT"),
        ("HEAD", "/bkt", "location", "LOCATION", "GET"),
        ("HEAD", "/bkt", "versioning=", "VERSIONING", "GET, PUT"),
        ("GET", "/bkt", "delete", "DELETE", "POST"),
        ("DELETE", "/bkt/k", "acl", "ACL", "GET, PUT"),
        ("PUT", "/bkt/k", "attributes", "ATTRIBUTES", "GET"),
        ("HEAD", "/bkt/k", "uploadId=a", "UPLOADID", "DELETE, GET, POST"),
    ],
)
def test_a_method_that_the_resource_does_not_have(method: str, path: str, query: str, kind: str, allowed: str) -> None:
    request = Request(method=method, path=path, query=query)
    assert CONTRACT.match(request) is None
    told = unroutable(request, CONTRACT)
    assert (told.status, told.code) == (405, "MethodNotAllowed")
    assert told.details == {"Method": method, "ResourceType": kind}
    assert told.headers == (("allow", allowed),)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_two_at_once(method: str) -> None:
    request = Request(method=method, path="/bkt", query="policy&acl=")
    assert CONTRACT.match(request) is None
    told = unroutable(request, CONTRACT)
    assert (told.status, told.code) == (400, "InvalidArgument")
    assert told.message == "Conflicting query string parameters: acl, policy"
    assert told.details == {"ArgumentName": "ResourceType", "ArgumentValue": "acl"}


@pytest.mark.parametrize(
    ("method", "path", "query", "operation"),
    [
        ("GET", "/bkt", "list-type=2&versionId=x&unknown", "ListObjectsV2"),
        ("GET", "/bkt/k", "versioning&x-id=GetObject", "GetObject"),
        ("HEAD", "/bkt/k", "partNumber=1&versionId=x", "HeadObject"),
        ("PUT", "/bkt/k", "partNumber=1&uploadId=x", "UploadPart"),
        ("POST", "/bkt/k", "select&select-type=2", "SelectObjectContent"),
        ("OPTIONS", "/bkt/k", "acl&tagging", "OptionsObject"),
    ],
)
def test_what_is_no_conflict(method: str, path: str, query: str, operation: str) -> None:
    match = CONTRACT.match(Request(method=method, path=path, query=query))
    assert match is not None
    assert match.operation.id == operation


async def test_a_sub_resource_never_reaches_the_object_itself(s3: Caller) -> None:
    await s3.put("/bkt/k", b"hello")
    assert code(await s3("DELETE", "/bkt/k", "acl")) == "405 MethodNotAllowed"
    assert code(await s3("PUT", "/bkt/k", "attributes")) == "405 MethodNotAllowed"
    head = await s3("HEAD", "/bkt/k", "acl")
    assert (head.status, head.body, head.header("content-type")) == (405, b"", "application/xml")
    assert await s3.content("/bkt/k") == b"hello"
