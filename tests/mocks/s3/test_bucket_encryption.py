"""The default encryption of buckets, and the encryption of an object changed in place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.locks import DENIED, hold, locked_bucket, put
from tests.mocks.s3.test_encryption import ARN, key

DEFAULT = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BucketKeyEnabled": False,
    "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
}


def configuration(*rules: str) -> bytes:
    """The document of these rules."""
    inner = "".join(f"<Rule>{rule}</Rule>" for rule in rules)
    return f"<ServerSideEncryptionConfiguration>{inner}</ServerSideEncryptionConfiguration>".encode()


def by_default(algorithm: str, key_id: str = "") -> str:
    """A rule's ApplyServerSideEncryptionByDefault."""
    named = f"<KMSMasterKeyID>{key_id}</KMSMasterKeyID>" if key_id else ""
    return (
        f"<ApplyServerSideEncryptionByDefault><SSEAlgorithm>{algorithm}</SSEAlgorithm>{named}"
        "</ApplyServerSideEncryptionByDefault>"
    )


def blocked(*types: str) -> str:
    """A rule's BlockedEncryptionTypes."""
    inner = "".join(f"<EncryptionType>{each}</EncryptionType>" for each in types)
    return f"<BlockedEncryptionTypes>{inner}</BlockedEncryptionTypes>"


async def rule(s3: Caller) -> Any:
    """What GetBucketEncryption tells."""
    return (await s3("GET", "/bkt", "encryption")).value["ServerSideEncryptionConfiguration"]["Rules"][0]


async def test_every_bucket_has_one(s3: Caller) -> None:
    assert await rule(s3) == DEFAULT
    assert code(await s3("GET", "/none", "encryption")) == "404 NoSuchBucket"


async def test_new_objects_get_what_the_bucket_says(s3: Caller) -> None:
    document = configuration(by_default("aws:kms", ARN) + "<BucketKeyEnabled>true</BucketKeyEnabled>")
    assert (await s3("PUT", "/bkt", "encryption", document)).status == 200
    assert await rule(s3) == {
        **DEFAULT,
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": ARN},
        "BucketKeyEnabled": True,
    }
    await s3.put("/bkt/k", b"content")
    await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")
    for name in ("k", "copy"):
        head = await s3("HEAD", f"/bkt/{name}")
        assert head.header("x-amz-server-side-encryption-aws-kms-key-id") == ARN
        assert head.header("x-amz-server-side-encryption-bucket-key-enabled") == "true"
    own = await s3.put("/bkt/own", b"content", x_amz_server_side_encryption="AES256")
    assert own.header("x-amz-server-side-encryption") == "AES256"
    assert (await s3("DELETE", "/bkt", "encryption")).status == 204
    assert await rule(s3) == DEFAULT
    assert (await s3.put("/bkt/k", b"content")).header("x-amz-server-side-encryption") == "AES256"


async def test_blocked_types_stay_until_they_are_said(s3: Caller) -> None:
    await s3("PUT", "/bkt", "encryption", configuration(blocked("NONE")))
    await s3("PUT", "/bkt", "encryption", configuration(by_default("aws:kms")))
    assert (await s3.put("/bkt/k", b"content", **key())).status == 200
    await s3("PUT", "/bkt", "encryption", configuration(by_default("AES256") + blocked("SSE-C")))
    assert code(await s3.put("/bkt/k", b"content", **key())) == "403 AccessDenied"
    assert await s3.content("/bkt/k", **key()) == b"content"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (configuration(), "400 MalformedXML"),
        (configuration(by_default("AES256"), by_default("AES256")), "400 MalformedXML"),
        (configuration(by_default("aws:fsx")), "400 MalformedXML"),
        (configuration(by_default("ROT13")), "400 MalformedXML"),
        (configuration(by_default("AES256", ARN)), "400 InvalidArgument"),
        (configuration(blocked("NONE", "SSE-C")), "400 MalformedXML"),
        (b"", "400 MissingRequestBodyError"),
    ],
)
async def test_what_is_refused(s3: Caller, document: bytes, expected: str) -> None:
    assert code(await s3("PUT", "/bkt", "encryption", document)) == expected
    assert await rule(s3) == DEFAULT


UPDATE = (
    f"<ObjectEncryption><SSE-KMS><KMSKeyArn>{ARN}</KMSKeyArn><BucketKeyEnabled>true</BucketKeyEnabled></SSE-KMS>"
    "</ObjectEncryption>"
).encode()


async def test_an_object_changes_its_encryption(s3: Caller) -> None:
    await s3.put("/bkt/k", b"content")
    before = await s3("HEAD", "/bkt/k")
    assert (await s3("PUT", "/bkt/k", "encryption", UPDATE)).status == 200
    after = await s3("HEAD", "/bkt/k")
    assert after.header("x-amz-server-side-encryption-aws-kms-key-id") == ARN
    assert after.header("x-amz-server-side-encryption-bucket-key-enabled") == "true"
    assert [before.header(name) for name in ("etag", "last-modified")] == [
        after.header(name) for name in ("etag", "last-modified")
    ]
    assert await s3.content("/bkt/k") == b"content"


async def test_some_objects_do_not(s3: Caller) -> None:
    await s3.put("/bkt/k", b"content", x_amz_server_side_encryption="aws:kms:dsse")
    assert code(await s3("PUT", "/bkt/k", "encryption", UPDATE)) == "400 InvalidRequest"
    assert code(await s3("PUT", "/bkt/none", "encryption", UPDATE)) == "404 NoSuchKey"
    await s3.put("/bkt/k", b"content")
    alias = UPDATE.replace(b":key/1234abcd", b":alias/1234abcd")
    assert code(await s3("PUT", "/bkt/k", "encryption", alias)) == "400 InvalidRequest"
    empty = b"<ObjectEncryption></ObjectEncryption>"
    assert code(await s3("PUT", "/bkt/k", "encryption", empty)) == "400 InvalidRequest"


async def test_a_locked_object_keeps_its_encryption(s3: Caller) -> None:
    await locked_bucket(s3)
    version = await put(s3)
    await hold(s3, "ON")
    query = {"encryption": "", "versionId": version}
    assert code(await s3("PUT", "/lck/k", query, UPDATE)) == DENIED
    await hold(s3, "OFF")
    assert (await s3("PUT", "/lck/k", query, UPDATE)).status == 200
