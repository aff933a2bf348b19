"""boto3, unmodified, over a real socket: encryption, checksums, uploads in parts, archives, annotations, odd keys."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.journeys.buckets import connect

MIB = 1024 * 1024
KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")


@pytest.fixture
def s3(environment: dict[str, Any]) -> Iterator[Any]:
    client = connect(environment)
    client.create_bucket(Bucket="bkt")
    yield client
    client.close()


def refused(call: Any, **arguments: Any) -> str:
    """``403 AccessDenied``: how S3 refuses the call."""
    with pytest.raises(ClientError) as caught:
        call(Bucket="bkt", **arguments)
    response: Any = caught.value.response
    return f"{response['ResponseMetadata']['HTTPStatusCode']} {response['Error']['Code']}"


def test_a_customers_key(s3: Any) -> None:
    assert refused(s3.put_object, Key="k", Body=b"secret", **KEY) == "403 AccessDenied"
    rule = {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.upload_fileobj(io.BytesIO(b"s" * 9 * MIB), "bkt", "k", ExtraArgs=KEY)
    into = io.BytesIO()
    s3.download_fileobj("bkt", "k", into, ExtraArgs=KEY)
    assert into.getvalue() == b"s" * 9 * MIB
    assert refused(s3.get_object, Key="k") == "400 InvalidRequest"
    assert refused(s3.get_object, Key="k", **{**KEY, "SSECustomerKey": b"o" * 32}) == "403 AccessDenied"
    source = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": b"k" * 32}
    s3.copy_object(Bucket="bkt", Key="plain", CopySource="bkt/k", **source)
    assert s3.get_object(Bucket="bkt", Key="plain")["Body"].read() == b"s" * 9 * MIB


def test_keys_of_kms(s3: Any) -> None:
    s3.put_object(Bucket="bkt", Key="k", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSEncryptionContext="e30=")
    head = s3.head_object(Bucket="bkt", Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"].count(":")) == ("aws:kms", 5)
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/mine"}}
    rules = [{**default, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": rules})
    assert s3.put_object(Bucket="bkt", Key="k", Body=b"1")["BucketKeyEnabled"] is True
    key = s3.head_object(Bucket="bkt", Key="k")["SSEKMSKeyId"]
    s3.put_object(Bucket="bkt", Key="k", Body=b"1", ServerSideEncryption="AES256")
    s3.update_object_encryption(Bucket="bkt", Key="k", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key}})
    assert s3.head_object(Bucket="bkt", Key="k")["SSEKMSKeyId"] == key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_checksums_of_an_object(s3: Any, algorithm: str) -> None:
    member = f"Checksum{algorithm}"
    put = s3.put_object(Bucket="bkt", Key="k", Body=b"content", ChecksumAlgorithm=algorithm)
    assert put["ChecksumType"] == "FULL_OBJECT"
    got = s3.get_object(Bucket="bkt", Key="k", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got[member]) == (b"content", put[member])
    copied = s3.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/k")["CopyObjectResult"]
    assert copied[member] == put[member]
    attributes = s3.get_object_attributes(Bucket="bkt", Key="k", ObjectAttributes=["Checksum", "ETag"])
    assert attributes["Checksum"] == {member: put[member], "ChecksumType": "FULL_OBJECT"}
    wrong = base64.b64encode(bytes(len(base64.b64decode(put[member])))).decode()
    assert refused(s3.put_object, Key="k", Body=b"content", **{member: wrong}) == "400 BadDigest"


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        ("CRC32", "COMPOSITE"),
        ("CRC32", "FULL_OBJECT"),
        ("CRC32C", "FULL_OBJECT"),
        ("CRC64NVME", "FULL_OBJECT"),
        ("SHA1", "COMPOSITE"),
        ("SHA256", "COMPOSITE"),
    ],
)
def test_checksums_of_parts(s3: Any, algorithm: str, kind: str) -> None:
    member, named = f"Checksum{algorithm}", {"Bucket": "bkt", "Key": "k"}
    upload = s3.create_multipart_upload(**named, ChecksumAlgorithm=algorithm, ChecksumType=kind)
    parts = []
    for number, body in enumerate((b"a" * 5 * MIB, b"b"), 1):
        made = s3.upload_part(
            **named, UploadId=upload["UploadId"], PartNumber=number, Body=body, ChecksumAlgorithm=algorithm
        )
        parts.append({"PartNumber": number, "ETag": made["ETag"], member: made[member]})
    listed = s3.list_parts(**named, UploadId=upload["UploadId"])
    assert [each[member] for each in listed["Parts"]] == [each[member] for each in parts]
    done = s3.complete_multipart_upload(
        **named, UploadId=upload["UploadId"], MultipartUpload={"Parts": parts}, ChecksumType=kind
    )
    assert done["ChecksumType"] == kind
    assert done[member].endswith("-2") == (kind == "COMPOSITE")
    assert s3.get_object(**named, ChecksumMode="ENABLED")["Body"].read() == b"a" * 5 * MIB + b"b"
    attributes = s3.get_object_attributes(**named, ObjectAttributes=["ObjectParts", "Checksum"])
    assert [each[member] for each in attributes["ObjectParts"]["Parts"]] == [each[member] for each in parts]
    if kind == "FULL_OBJECT":
        whole = s3.put_object(Bucket="bkt", Key="whole", Body=b"a" * 5 * MIB + b"b", ChecksumAlgorithm=algorithm)
        assert done[member] == whole[member]


def test_parts_of_many_threads(s3: Any) -> None:
    body = os.urandom(41 * MIB + 7)
    s3.upload_fileobj(
        io.BytesIO(body), "bkt", "k", Config=TransferConfig(multipart_chunksize=5 * MIB, max_concurrency=8)
    )
    head = s3.head_object(Bucket="bkt", Key="k", PartNumber=9)
    assert (head["PartsCount"], head["ContentLength"]) == (9, MIB + 7)
    into = io.BytesIO()
    s3.download_fileobj("bkt", "k", into, Config=TransferConfig(multipart_chunksize=5 * MIB))
    assert hashlib.sha256(into.getvalue()).digest() == hashlib.sha256(body).digest()
    s3.copy({"Bucket": "bkt", "Key": "k"}, "bkt", "copy", Config=TransferConfig(multipart_threshold=8 * MIB))
    assert s3.head_object(Bucket="bkt", Key="copy")["ContentLength"] == len(body)
    assert refused(s3.get_object, Key="k", PartNumber=10) == "416 InvalidPartNumber"
    assert refused(s3.get_object, Key="k", PartNumber=1, Range="bytes=0-1") == "400 InvalidRequest"


def test_completions_at_once(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket="bkt", Key="k")["UploadId"]
    part = s3.upload_part(Bucket="bkt", Key="k", UploadId=upload, PartNumber=1, Body=b"content")["ETag"]

    def complete(_: int) -> str:
        parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
        tag: str = s3.complete_multipart_upload(Bucket="bkt", Key="k", UploadId=upload, MultipartUpload=parts)["ETag"]
        return tag

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(complete, range(4)))) == 1
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"content"


def test_one_of_many_writers_is_first(s3: Any) -> None:
    def write(number: int) -> str:
        try:
            s3.put_object(Bucket="bkt", Key="k", Body=b"%d" % number, IfNoneMatch="*")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == ["PreconditionFailed"] * 7 + ["made"]


def test_an_archived_object(s3: Any) -> None:
    s3.put_object(Bucket="bkt", Key="k", Body=b"content", StorageClass="GLACIER")
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket="bkt", Key="k")
    request = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    restored = s3.restore_object(Bucket="bkt", Key="k", RestoreRequest=request)
    assert restored["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert s3.head_object(Bucket="bkt", Key="k")["Restore"] == 'ongoing-request="true"'
    assert refused(s3.restore_object, Key="k", RestoreRequest=request) == "409 RestoreAlreadyInProgress"


def test_annotations(s3: Any) -> None:
    s3.put_object(Bucket="bkt", Key="k", Body=b"content")
    text = "schön " * 30_000
    s3.put_object_annotation(Bucket="bkt", Key="k", AnnotationName="a", AnnotationPayload=text.encode())
    got = s3.get_object_annotation(Bucket="bkt", Key="k", AnnotationName="a", ChecksumMode="ENABLED")
    assert got["AnnotationPayload"].read().decode() == text
    listed = s3.list_object_annotations(Bucket="bkt", Key="k")
    assert [each["AnnotationName"] for each in listed["Annotations"]] == ["a"]
    with pytest.raises(s3.exceptions.NoSuchAnnotation):
        s3.get_object_annotation(Bucket="bkt", Key="k", AnnotationName="b")


ODD = (
    "..", "../up", "a/../b", "a//b", "/leading", "trailing/", "//", ".", "a/./b", "%41", "%2F", "a+b", "a b", "a&b=c",
    "a?b", "a#b", "a;b", "ü", "東京/🗼", "\x7f", "a\tb", "a\nb", "\x01", "'\"<>", "x" * 1024,
)  # fmt: skip


def test_keys_are_data(s3: Any) -> None:
    for key in ODD:
        s3.put_object(Bucket="bkt", Key=key, Body=key.encode(), Metadata={"k": "1"})
    for key in ODD:
        assert s3.get_object(Bucket="bkt", Key=key)["Body"].read() == key.encode(), key
        s3.copy_object(Bucket="bkt", Key=f"copy:{key}"[:1024], CopySource={"Bucket": "bkt", "Key": key})
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bkt")
    listed = [each["Key"] for page in pages for each in page.get("Contents", ())]
    assert listed == sorted({*ODD, *(f"copy:{key}"[:1024] for key in ODD)}, key=str.encode)
    gone = s3.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": key} for key in ODD if key.isprintable()]})
    assert len(gone["Deleted"]) == sum(key.isprintable() for key in ODD)
    assert refused(s3.put_object, Key="x" * 1025, Body=b"") == "400 KeyTooLongError"
