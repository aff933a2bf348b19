"""The table of contents names operations that S3 has."""

from __future__ import annotations

from contracts import library
from mocks.s3.service import OPERATIONS, SERVICE


def test_every_handler_is_of_an_operation() -> None:
    assert set(OPERATIONS) <= set(library.load("s3").operations())
    assert SERVICE.contract() is library.load("s3")


def test_bodies_stream() -> None:
    operations = SERVICE.contract().operations()
    assert {name for name in OPERATIONS if operations[name].streams_request} == {
        "PutObject",
        "PutObjectAnnotation",
        "PostObject",
        "UploadPart",
    }
    assert {name for name in OPERATIONS if operations[name].streams_response} == {"GetObject", "GetObjectAnnotation"}
