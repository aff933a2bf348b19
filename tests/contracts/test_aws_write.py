"""Answers on the wire, as S3's API reference prints them. botocore is the oracle in test_aws."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts import library
from contracts.exchange import Response

MOMENT = datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)


def written(name: str, value: Any, status: int | None = None) -> Response:
    contract = library.load("s3")
    return contract.write(contract.operations()[name], value, status)


def test_a_list_answer() -> None:
    value = {
        "Name": "b",
        "Prefix": "",
        "IsTruncated": False,
        "Contents": [{"Key": "a&b", "Size": 1, "LastModified": MOMENT, "ETag": '"e"'}],
        "CommonPrefixes": [{"Prefix": "x/"}, {"Prefix": "y/"}],
        "RequestCharged": "requester",
    }
    response = written("ListObjectsV2", value)
    assert response.headers == [("x-amz-request-charged", "requester"), ("content-type", "application/xml")]
    assert response.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
        "<Contents><Key>a&amp;b</Key><LastModified>2026-02-28T23:59:58.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents><Name>b</Name><Prefix></Prefix>"
        "<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>y/</Prefix></CommonPrefixes>"
        "</ListBucketResult>"
    )


def test_lists_that_are_wrapped_and_attributes() -> None:
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "1"}, "Permission": "READ"}]
    body = written("GetBucketAcl", {"Owner": {"ID": "1"}, "Grants": grants}).body.decode()
    assert '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">' in body
    assert "<AccessControlList><Grant>" in body


def test_headers() -> None:
    value = {"ETag": '"e"', "LastModified": MOMENT, "ContentLength": 3, "Metadata": {"A": "1"}, "DeleteMarker": None}
    response = written("HeadObject", value, 206)
    assert response.status == 206
    assert sorted(response.headers) == [
        ("content-length", "3"),
        ("etag", '"e"'),
        ("last-modified", "Sat, 28 Feb 2026 23:59:58 GMT"),
        ("x-amz-meta-a", "1"),
    ]
    assert response.body == b""


@pytest.mark.parametrize(
    ("name", "value", "status", "body"),
    [
        ("DeleteObject", None, 204, b""),
        ("PutObject", {}, 200, b""),
        ("GetObject", {"Body": b"bytes"}, 200, b"bytes"),
        ("GetObject", {}, 200, b""),
        ("GetBucketPolicy", {"Policy": "{}"}, 200, b"{}"),
    ],
)
def test_bodies_that_are_no_xml(name: str, value: Any, status: int, body: bytes) -> None:
    response = written(name, value)
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(("value", "text"), [({}, b""), ({"LocationConstraint": "EU"}, b"EU")])
def test_an_element_that_is_the_value(value: dict[str, str], text: bytes) -> None:
    opening = b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    assert opening + text + b"</LocationConstraint>" in written("GetBucketLocation", value).body


@pytest.mark.parametrize("name", ["ListBuckets", "ListParts", "CopyObject", "DeleteObjects"])
def test_the_value_is_kept(name: str) -> None:
    value: dict[str, Any] = {}
    assert written(name, value).value is value
