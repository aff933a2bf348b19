"""multipart/form-data: fields as text, files as places in the body."""

from __future__ import annotations

import pytest

from contracts import library
from contracts.contract import ContractViolation
from contracts.form import FormError
from contracts.multipart import FilePart, parts
from tests.contracts import small

TYPE = 'multipart/form-data; boundary="b0 1"'


def _body(*sections: str, end: str = "--b0 1--\r\n") -> bytes:
    return ("".join(f"--b0 1\r\n{section}\r\n" for section in sections) + end).encode()


PURPOSE = 'Content-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence'
FILE = (
    'content-disposition: form-data; name="file"; filename="a \\"b\\".txt"\r\nContent-Type: text/plain\r\n\r\n'
    "line\r\n--b0"
)


def test_fields_and_files() -> None:
    body = _body(PURPOSE, FILE)
    (purpose, text), (name, file) = parts(body, TYPE)
    assert (purpose, text, name) == ("purpose", "dispute_evidence", "file")
    assert isinstance(file, FilePart)
    assert (file.filename, file.content_type, body[file.start : file.stop]) == (
        'a "b".txt',
        "text/plain",
        b"line\r\n--b0",
    )
    assert file.size == 10


def test_a_file_without_a_type_and_an_empty_one() -> None:
    (_, file), (_, empty) = parts(
        _body(
            "Content-Disposition: form-data; name=f; filename=x\r\n\r\ny",
            "Content-Disposition: form-data; name=e\r\n\r\n",
        ),
        TYPE,
    )
    assert isinstance(file, FilePart)
    assert file.content_type == "application/octet-stream"
    assert empty == ""


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (_body(PURPOSE), "multipart/form-data"),
        (b"--b0 1", TYPE),
        (_body(PURPOSE, end=""), TYPE),
        (_body("no headers"), TYPE),
        (_body("Content-Disposition: form-data\r\n\r\nx"), TYPE),
        (_body('Content-Disposition: form-data; name="a"\r\n\r\n\0'), TYPE),
        (_body(PURPOSE).replace(b"dispute", b"\xff"), TYPE),
        (_body(*["Content-Disposition: form-data; name=a\r\n\r\nx"] * 1_001), TYPE),
    ],
)
def test_refuses(body: bytes, content_type: str) -> None:
    with pytest.raises(FormError):
        list(parts(body, content_type))


def test_a_file_is_uploaded_to_stripe() -> None:
    stripe = library.load("stripe")
    sent = small.request("POST", "/v1/files", body=_body(PURPOSE, FILE), headers=[("content-type", TYPE)])
    match = stripe.match(sent)
    assert match is not None
    body = stripe.read(match, sent).body
    assert body["purpose"] == "dispute_evidence"
    assert isinstance(body["file"], FilePart)


def test_a_file_is_missing() -> None:
    stripe = library.load("stripe")
    for body, content_type in ((_body(PURPOSE), TYPE), (b"purpose=dispute_evidence", small.FORM[1])):
        sent = small.request("POST", "/v1/files", body=body, headers=[("content-type", content_type)])
        match = stripe.match(sent)
        assert match is not None
        with pytest.raises(ContractViolation, match=r"body\.file: is required"):
            stripe.read(match, sent)
