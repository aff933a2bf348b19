"""Encryption in headers: what is stored, told, demanded and refused."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller, code

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALLOWED = (
    b"<ServerSideEncryptionConfiguration><Rule><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType>"
    b"</BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"
)
CONTEXT = base64.b64encode(b'{"team":"blue"}').decode()


def key(letter: str = "k", prefix: str = "x_amz_server_side_encryption_customer_") -> dict[str, str]:
    """The three headers of a customer's key."""
    raw = letter.encode() * 32
    return {
        f"{prefix}algorithm": "AES256",
        f"{prefix}key": base64.b64encode(raw).decode(),
        f"{prefix}key_MD5": base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode(),
    }


def source_key(letter: str = "k") -> dict[str, str]:
    """The same for a copy's source."""
    return key(letter, "x_amz_copy_source_server_side_encryption_customer_")


def sse(**fields: str) -> dict[str, str]:
    """``method`` and the headers that begin with it."""
    return {"_".join(filter(None, ("x_amz_server_side_encryption", name.removeprefix("method")))): value
            for name, value in fields.items()}  # fmt: skip


@pytest.fixture
async def open_s3(s3: Caller) -> Caller:
    """A bucket that lets customers bring their keys."""
    assert (await s3("PUT", "/bkt", "encryption", ALLOWED)).status == 200
    return s3


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, {"": "AES256"}),
        (sse(method="AES256"), {"": "AES256"}),
        (sse(method="aws:kms", aws_kms_key_id=ARN), {"": "aws:kms", "-aws-kms-key-id": ARN}),
        (sse(method="aws:kms:dsse", aws_kms_key_id=ARN), {"": "aws:kms:dsse", "-aws-kms-key-id": ARN}),
        (
            sse(method="aws:kms", aws_kms_key_id=ARN, bucket_key_enabled="true"),
            {"": "aws:kms", "-aws-kms-key-id": ARN, "-bucket-key-enabled": "true"},
        ),
    ],
)
async def test_what_is_told(s3: Caller, sent: dict[str, str], told: dict[str, str]) -> None:
    answers = [await s3.put("/bkt/k", b"content", **sent), await s3("HEAD", "/bkt/k"), await s3("GET", "/bkt/k")]
    answers.append(await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k", **sent))
    answers.append(await s3("POST", "/bkt/parts", "uploads", **sent))
    for answer in answers:
        found = {
            name: answer.header(f"x-amz-server-side-encryption{name}")
            for name in ("", "-aws-kms-key-id", "-bucket-key-enabled")
        }
        assert {name: value for name, value in found.items() if value is not None} == told


async def test_the_context_is_told_by_writes_alone(s3: Caller) -> None:
    sent = sse(method="aws:kms", context=CONTEXT)
    put = await s3.put("/bkt/k", b"content", **sent)
    assert put.header("x-amz-server-side-encryption-context") == CONTEXT
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-server-side-encryption-context") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ARN.partition("/")[2], r"arn:aws:kms:us-east-1:\d{12}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        (None, r"arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}"),
        ("alias/mine", r"arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}"),
        ("arn:aws:kms:eu-west-1:111122223333:alias/mine", r"arn:aws:kms:eu-west-1:111122223333:key/[0-9a-f-]{36}"),
    ],
)
async def test_names_of_keys_become_arns(s3: Caller, name: str | None, expected: str) -> None:
    named = sse(aws_kms_key_id=name) if name else {}
    told = [
        (await s3.put(f"/bkt/{n}", b"", **sse(method="aws:kms"), **named)).header(
            "x-amz-server-side-encryption-aws-kms-key-id"
        )
        for n in "ab"
    ]
    assert told[0] == told[1]
    assert re.fullmatch(expected, told[0] or "")


@pytest.mark.parametrize(
    ("sent", "expected", "words"),
    [
        (sse(method="aws:fsx"), "400 InvalidArgument", "encryption method specified is not supported"),
        (sse(method="aes256"), "400 InvalidArgument", "encryption method specified is not supported"),
        (sse(aws_kms_key_id=ARN), "400 InvalidArgument", "requires HTTP header x-amz-server-side-encryption : aws:kms"),
        (sse(method="AES256", aws_kms_key_id=ARN), "400 InvalidArgument", "requires HTTP header"),
        (sse(method="AES256", context=CONTEXT), "400 InvalidArgument", "requires HTTP header"),
        (sse(method="aws:kms", context="{}"), "400 InvalidArgument", "string-string map"),
        (sse(method="aws:kms", context="WzFd"), "400 InvalidArgument", "string-string map"),
        (sse(method="aws:kms", aws_kms_key_id="aws/s3"), "400 KMS.NotFoundException", "Invalid keyId aws/s3"),
        (
            {**sse(method="aws:kms"), "authorization": "AWS key:signature"},
            "400 InvalidArgument",
            "require AWS Signature Version 4",
        ),
        ({**sse(method="AES256"), **key()}, "400 InvalidArgument", "incompatible with the encryption method"),
    ],
)
async def test_what_is_refused(s3: Caller, sent: dict[str, str], expected: str, words: str) -> None:
    for answer in (await s3.put("/bkt/k", b"content", **sent), await s3("POST", "/bkt/k", "uploads", **sent)):
        assert (code(answer), words in answer.body.decode()) == (expected, True), answer.body
    assert (await s3("HEAD", "/bkt/k")).status == 404


WITHOUT = [
    ("algorithm", None, "400 InvalidArgument", "must provide a valid encryption algorithm."),
    ("algorithm", "DES", "400 InvalidEncryptionAlgorithmError", "Supported value: AES256."),
    ("key", None, "400 InvalidArgument", "must provide an appropriate secret key."),
    ("key", "c2hvcnQ=", "400 InvalidArgument", "The secret key was invalid for the specified algorithm."),
    ("key", "no base64", "400 InvalidArgument", "The secret key was invalid for the specified algorithm."),
    ("key_MD5", None, "400 InvalidArgument", "must provide the client calculated MD5 of the secret key."),
    ("key_MD5", "AAAAAAAAAAAAAAAAAAAAAA==", "400 InvalidArgument", "did not match the hash that was provided"),
    ("key_MD5", "x", "400 InvalidArgument", "did not match the hash that was provided"),
]


@pytest.mark.parametrize(("name", "value", "expected", "words"), WITHOUT)
async def test_a_customers_key_has_three_headers(
    open_s3: Caller, name: str, value: str | None, expected: str, words: str
) -> None:
    s3, full = open_s3, key()
    full.pop(f"x_amz_server_side_encryption_customer_{name}")
    sent = full if value is None else {**full, f"x_amz_server_side_encryption_customer_{name}": value}
    await s3.put("/bkt/there", b"content", **key())
    for answer in (await s3.put("/bkt/k", b"content", **sent), await s3("GET", "/bkt/there", **sent)):
        assert (code(answer), words in answer.body.decode()) == (expected, True), answer.body


async def test_a_new_bucket_blocks_customers_keys(s3: Caller) -> None:
    assert code(await s3.put("/bkt/k", b"content", **key())) == "403 AccessDenied"
    assert code(await s3("POST", "/bkt/k", "uploads", **key())) == "403 AccessDenied"
    await s3.put("/bkt/plain", b"content")
    assert code(await s3("PUT", "/bkt/k", x_amz_copy_source="/bkt/plain", **key())) == "403 AccessDenied"


async def test_a_policy_allows_them(tmp_path: Path) -> None:
    """As in an account that used them before April 2026 (default-s3-c-encryption-setting-faq.html)."""
    policy = {"services": {"s3": {"mode": "mock", "options": {"customer_keys": "allowed"}}}}
    harness = Harness(SERVICE, tmp_path, policy=policy)
    s3 = Caller(harness)
    await s3("PUT", "/bkt")
    assert (await s3.put("/bkt/k", b"content", **key())).status == 200
    assert b"<EncryptionType>NONE</EncryptionType>" in (await s3("GET", "/bkt", "encryption")).body
    await harness.close()


async def test_readers_bring_the_key(open_s3: Caller) -> None:
    s3 = open_s3
    put = await s3.put("/bkt/k", b"content", **key())
    assert put.header("x-amz-server-side-encryption") is None
    assert put.header("x-amz-server-side-encryption-customer-algorithm") == "AES256"
    told = key()["x_amz_server_side_encryption_customer_key_MD5"]
    assert put.header("x-amz-server-side-encryption-customer-key-md5") == told
    assert put.value["ETag"] != f'"{hashlib.md5(b"content", usedforsecurity=False).hexdigest()}"'
    head = await s3("HEAD", "/bkt/k", **key())
    assert (head.status, head.header("x-amz-server-side-encryption-customer-key-md5")) == (200, told)
    assert await s3.content("/bkt/k", **key()) == b"content"
    attributes = {"x_amz_object_attributes": "ObjectSize"}
    for method, query, more in (("GET", "", {}), ("HEAD", "", {}), ("GET", "attributes", attributes)):
        assert (await s3(method, "/bkt/k", query, **more, **key())).status == 200
        assert (await s3(method, "/bkt/k", query, **more)).status == 400
        assert (await s3(method, "/bkt/k", query, **more, **key("o"))).status == 403
    without = await s3("GET", "/bkt/k")
    assert code(without) == "400 InvalidRequest"
    assert b"stored using a form of Server Side Encryption" in without.body
    assert code(await s3("GET", "/bkt/k", **key("o"))) == "403 AccessDenied"


async def test_what_needs_no_key_takes_none(open_s3: Caller) -> None:
    await open_s3.put("/bkt/k", b"content")
    with_key = await open_s3("GET", "/bkt/k", **key())
    assert code(with_key) == "400 InvalidRequest"
    assert b"not applicable to this object" in with_key.body
    assert code(await open_s3("GET", "/bkt/k", **sse(method="AES256"))) == "400 InvalidArgument"


async def test_the_key_itself_is_nowhere(open_s3: Caller) -> None:
    await open_s3.put("/bkt/k", b"content", **key())
    transaction = (await open_s3.harness.store()).begin("s3")
    kept = await transaction.get("object", "bkt/k")
    await transaction.rollback()
    assert kept is not None
    _, raw, digest = key().values()
    assert raw not in repr(kept)
    assert digest not in repr(kept)


async def test_copies_between_keys(open_s3: Caller) -> None:
    s3 = open_s3
    await s3.put("/bkt/k", b"content", **key())
    source = {"x_amz_copy_source": "/bkt/k"}
    assert code(await s3("PUT", "/bkt/a", **source)) == "400 InvalidRequest"
    assert code(await s3("PUT", "/bkt/a", **source, **source_key("o"))) == "403 AccessDenied"
    assert (await s3("PUT", "/bkt/a", **source, **source_key())).status == 200
    plain = await s3("HEAD", "/bkt/a")
    assert plain.header("etag") == f'"{hashlib.md5(b"content", usedforsecurity=False).hexdigest()}"'
    assert (await s3("PUT", "/bkt/b", **source, **source_key(), **key("o"))).status == 200
    assert await s3.content("/bkt/b", **key("o")) == b"content"
    # A new key alone changes an object that is copied onto itself.
    assert (await s3("PUT", "/bkt/k", **source, **source_key(), **key("o"))).status == 200
    assert await s3.content("/bkt/k", **key("o")) == b"content"
    assert await s3.blobs() == 1


async def test_parts_bring_the_key_of_their_upload(open_s3: Caller) -> None:
    s3 = open_s3
    upload_id = (await s3("POST", "/bkt/k", "uploads", **key())).value["UploadId"]
    query = {"partNumber": 1, "uploadId": upload_id}
    assert code(await s3.put("/bkt/k", b"x", query)) == "400 InvalidRequest"
    assert code(await s3.put("/bkt/k", b"x", query, **key("o"))) == "400 InvalidRequest"
    part = await s3.put("/bkt/k", b"content", query, **key())
    assert part.header("x-amz-server-side-encryption-customer-algorithm") == "AES256"
    await s3.put("/bkt/source", b"more")
    copied = {"partNumber": 2, "uploadId": upload_id}
    source = {"x_amz_copy_source": "/bkt/source"}
    assert code(await s3("PUT", "/bkt/k", copied, **source)) == "400 InvalidRequest"
    assert (await s3("PUT", "/bkt/k", copied, **source, **key())).status == 200
    etags = [(1, part.value["ETag"])]
    assert code(await s3.complete("/bkt/k", upload_id, etags, **key("o"))) == "400 InvalidRequest"
    assert (await s3.complete("/bkt/k", upload_id, etags, **key())).status == 200
    assert await s3.content("/bkt/k", **key()) == b"content"
    assert code(await s3("GET", "/bkt/k")) == "400 InvalidRequest"


async def test_an_upload_without_a_key_takes_none(open_s3: Caller) -> None:
    upload_id = await open_s3.upload("/bkt/k", [b"content"], **sse(method="aws:kms", aws_kms_key_id=ARN))
    query = {"partNumber": 2, "uploadId": upload_id}
    assert code(await open_s3.put("/bkt/k", b"x", query, **key())) == "400 InvalidRequest"
    assert code(await open_s3.put("/bkt/k", b"x", query, **sse(method="aws:kms"))) == "400 InvalidArgument"
    done = await open_s3.complete("/bkt/k", upload_id, await open_s3.etags("/bkt/k", upload_id))
    assert done.header("x-amz-server-side-encryption-aws-kms-key-id") == ARN
