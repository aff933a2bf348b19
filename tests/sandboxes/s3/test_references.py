"""Which buckets a call names, and what becomes of the names."""

from __future__ import annotations

import pytest

from sandboxes.base import Reference
from sandboxes.s3.references import real_names, real_source, references, source_bucket
from tests.sandboxes.s3.calls import LABEL, MARKER, call


def test_the_bucket_of_the_path() -> None:
    assert references(call("GET", "/invoices/a/b")) == [
        Reference("invoices", "Bucket", "bucket", in_path=True, subject=True)
    ]
    assert references(call("GET", "/")) == []


@pytest.mark.parametrize(
    "source",
    [
        "photos/a.jpg",
        "/photos/a.jpg",
        "photos%2Fa.jpg",
        "%2fphotos/a.jpg",
        "/photos/a.jpg?versionId=x/y",
        "%70hotos/a.jpg",
        "photos/../invoices/a.jpg",
    ],
)
def test_the_bucket_that_a_copy_reads(source: str) -> None:
    outgoing = call("PUT", "/invoices/k", headers=[("x-amz-copy-source", source)])
    assert source_bucket(outgoing) == "photos"
    assert [each.id for each in references(outgoing)] == ["invoices", "photos"]
    written = real_source(source, real_names(outgoing, MARKER))
    assert written.startswith((f"{LABEL}photos/", f"{LABEL}photos%2F"))
    assert written.endswith(source[-5:])


@pytest.mark.parametrize("source", ["", "photos", "/photos", "//photos/a", "/"])
def test_a_source_that_is_none(source: str) -> None:
    outgoing = call("PUT", "/invoices/k", headers=[("x-amz-copy-source", source)])
    assert source_bucket(outgoing) == ""
    assert [each.id for each in references(outgoing)] == ["invoices"]
    assert real_source(source, {}) == source


def test_an_escaped_escape_stays_one() -> None:
    outgoing = call("PUT", "/invoices/k", headers=[("x-amz-copy-source", "a%252Fb/k")])
    assert real_source("a%252Fb/k", real_names(outgoing, MARKER)) == f"{LABEL}a%252Fb/k"


def test_shared_buckets_keep_their_name() -> None:
    headers = [("x-amz-copy-source", "templates/a")]
    outgoing = call("PUT", "/invoices/k", headers=headers, unmapped=frozenset({"templates"}))
    assert real_names(outgoing, MARKER) == {"invoices": f"{LABEL}invoices", "templates": "templates"}
    assert real_source("templates/a", real_names(outgoing, MARKER)) == "templates/a"
