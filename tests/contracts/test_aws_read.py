"""Requests as parameters: queries, headers, maps, lists and XML. botocore is the oracle in test_aws."""

from __future__ import annotations

import pytest

from contracts import library
from contracts.aws_read import query_pairs
from contracts.contract import Params
from contracts.exchange import Headers, Request


def read(method: str, path: str, query: str = "", body: bytes = b"", *headers: tuple[str, str]) -> Params:
    contract = library.load("s3")
    request = Request(method=method, path=path, query=query, headers=Headers(headers), body=body)
    match = contract.match(request)
    assert match is not None
    return contract.read(match, request)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("acl", [("acl", "")]),
        ("a=1&&b=&c", [("a", "1"), ("b", ""), ("c", "")]),
        ("a+b=c%20d%2Be", [("a b", "c d+e")]),
        ("a=b=c", [("a", "b=c")]),
        ("a=%zz", [("a", "%zz")]),
        ("a=%ff", [("a", "\udcff")]),
    ],
)
def test_a_query(query: str, pairs: list[tuple[str, str]]) -> None:
    assert list(query_pairs(query)) == pairs


def test_headers_by_prefix_are_a_map() -> None:
    params = read("PUT", "/b/k", "", b"", ("x-amz-meta-a", "1"), ("x-amz-meta-b-c", ""), ("x-amz-meta-a", "2"))
    assert params["Metadata"] == {"a": "1,2", "b-c": ""}


def test_a_list_in_a_header() -> None:
    params = read("GET", "/b/k", "attributes", b"", ("x-amz-object-attributes", "ETag, ObjectSize,,Checksum"))
    assert params["ObjectAttributes"] == ["ETag", "ObjectSize", "Checksum"]


def test_the_first_of_a_parameter_counts() -> None:
    assert read("GET", "/b", "prefix=a&prefix=b")["Prefix"] == "a"


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns="urn:other"'])
def test_any_namespace(namespace: str) -> None:
    body = f"<Delete{namespace}><Object><Key> a\n</Key></Object><Object><Key>b</Key></Object></Delete>"
    assert read("POST", "/b", "delete", body.encode())["Delete"]["Objects"] == [{"Key": " a\n"}, {"Key": "b"}]


def test_an_attribute() -> None:
    body = (
        b'<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        b' xsi:type="CanonicalUser"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList>'
        b"</AccessControlPolicy>"
    )
    policy = read("PUT", "/b", "acl", body)["AccessControlPolicy"]
    assert policy["Grants"] == [{"Grantee": {"Type": "CanonicalUser", "ID": "1"}, "Permission": "READ"}]


def test_a_body_of_text() -> None:
    assert read("PUT", "/b", "policy", b'{"a": 1}')["Policy"] == '{"a": 1}'


def test_an_opaque_body_is_left_alone() -> None:
    assert read("PUT", "/b/k", "", b"<not xml").body is None
