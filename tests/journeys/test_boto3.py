"""boto3, unmodified, over a real socket: every way of addressing, its defaults, and what S3 refuses."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

from demo.serving import Broker
from tests.journeys.buckets import connect
from tests.journeys.conftest import OpenEnvironment

MIB = 1024 * 1024
Connect = Callable[..., Any]


@pytest.fixture
def s3(environment: dict[str, Any]) -> Iterator[Any]:
    client = connect(environment)
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="pictures")
    return "pictures"


def send_signed(variables: dict[str, str], path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """PUT a body that is not hashed, signed by botocore's own signer."""
    url = variables["AWS_ENDPOINT_URL_S3"] + path
    request = AWSRequest("PUT", url, headers=headers)
    request.context["payload_signing_enabled"] = False
    signer = S3SigV4Auth(
        Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]), "s3", "us-east-1"
    )
    signer.payload = lambda _: headers["x-amz-content-sha256"]  # type: ignore[method-assign]  # as for a body of this form
    signer.add_auth(request)
    return httpx.put(url, content=body, headers=dict(request.headers))


def refused(code: str, status: int, call: Callable[..., Any], **arguments: Any) -> ClientError:
    """The call is refused with that code."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    return caught.value


def test_from_the_variables_alone(environment: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment["variables"].items():
        monkeypatch.setenv(name, value)
    client = boto3.Session().client("s3")
    client.create_bucket(Bucket="pictures")
    client.put_object(Bucket="pictures", Key="a", Body=b"1")
    assert client.get_object(Bucket="pictures", Key="a")["Body"].read() == b"1"
    client.close()


def test_every_way_of_addressing(
    server: Broker, environment: dict[str, Any], s3: Any, bucket: str, loopback_names: None
) -> None:
    by_host = f"http://s3.{environment['name']}.localhost:{server.port}"
    for client in (
        connect(environment, server.url),
        connect(environment, by_host, s3={"addressing_style": "path"}),
        connect(environment, by_host, s3={"addressing_style": "virtual"}),
    ):
        client.put_object(Bucket=bucket, Key="a b/ü+%/..", Body=b"same")
        assert s3.get_object(Bucket=bucket, Key="a b/ü+%/..")["Body"].read() == b"same"
        assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
        client.delete_object(Bucket=bucket, Key="a b/ü+%/..")
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
        client.close()


def test_an_object_and_all_that_is_known_of_it(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket,
        Key="report.txt",
        Body=b"hello world",
        ContentType="text/plain",
        CacheControl="no-store",
        ContentEncoding="identity",
        Metadata={"Owner": "ada", "empty": ""},
        Tagging="a=1&b=two%20words",
        StorageClass="STANDARD_IA",
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello world").hexdigest()}"'  # noqa: S324 - an ETag is an MD5
    got = s3.get_object(Bucket=bucket, Key="report.txt", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello world"
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"]
    assert got["ChecksumType"] == "FULL_OBJECT"
    assert got["Metadata"] == {"owner": "ada", "empty": ""}
    assert (got["ContentType"], got["CacheControl"], got["ContentEncoding"]) == ("text/plain", "no-store", "identity")
    assert (got["TagCount"], got["StorageClass"], got["ServerSideEncryption"]) == (2, "STANDARD_IA", "AES256")
    head = s3.head_object(Bucket=bucket, Key="report.txt")
    assert (head["ContentLength"], head["ETag"]) == (11, put["ETag"])
    assert abs(head["LastModified"] - datetime.now(UTC)) < timedelta(minutes=5)  # noqa: TID251 - the real server's clock
    tags = s3.get_object_tagging(Bucket=bucket, Key="report.txt")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
    part = s3.get_object(Bucket=bucket, Key="report.txt", Range="bytes=-5")
    assert (part["Body"].read(), part["ContentRange"]) == (b"world", "bytes 6-10/11")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"])
def test_every_checksum_algorithm(s3: Any, bucket: str, algorithm: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="a", Body=io.BytesIO(bytes(100_000)), ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    got["Body"].read()  # boto3 verifies it while reading
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    wrong = {"CRC32": "AAAAAA==", "CRC32C": "AAAAAA==", "CRC64NVME": "AAAAAAAAAAA="}.get(algorithm)
    if wrong:
        refused("BadDigest", 400, s3.put_object, Bucket=bucket, Key="b", Body=b"x", **{f"Checksum{algorithm}": wrong})
        refused("404", 404, s3.head_object, Bucket=bucket, Key="b")


def test_the_trailing_checksum_that_it_sends_over_tls(environment: dict[str, Any], s3: Any, bucket: str) -> None:
    """boto3 uses aws-chunked with a trailer over TLS only; the same frames, signed the same way, without TLS."""
    content = bytes(range(256)) * 8192
    body = AwsChunkedWrapper(
        io.BytesIO(content), checksum_cls=Crc32Checksum, checksum_name="x-amz-checksum-crc32"
    ).read()
    answer = send_signed(
        environment["variables"],
        f"/{bucket}/trailing",
        body,
        {
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(len(content)),
            "x-amz-trailer": "x-amz-checksum-crc32",
            "content-encoding": "aws-chunked",
        },
    )
    assert answer.status_code == 200, answer.text
    got = s3.get_object(Bucket=bucket, Key="trailing", ChecksumMode="ENABLED")
    assert got["Body"].read() == content
    assert "ContentEncoding" not in got


def test_a_file_in_parts(s3: Any, bucket: str) -> None:
    content = bytes(range(256)) * (80 * 1024)  # 20 MiB
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(content), bucket, "big", Config=config)
    head = s3.head_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert head["ContentLength"] == len(content)
    assert head["ETag"].endswith('-3"')
    assert head["ChecksumType"] == "COMPOSITE"
    found = io.BytesIO()
    s3.download_fileobj(bucket, "big", found, Config=config)
    assert found.getvalue() == content
    attributes = s3.get_object_attributes(
        Bucket=bucket, Key="big", ObjectAttributes=["ETag", "ObjectParts", "Checksum", "ObjectSize"]
    )
    assert attributes["ObjectParts"]["TotalPartsCount"] == 3
    assert [part["Size"] for part in attributes["ObjectParts"]["Parts"]] == [8 * MIB, 8 * MIB, 4 * MIB]
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copied", PartNumber=3)["Body"].read() == content[16 * MIB :]
    s3.delete_object(Bucket=bucket, Key="big")
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == content


def test_an_upload_that_is_given_up(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=7, Body=b"part")
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    assert [p["PartNumber"] for p in s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)["Parts"]] == [7]
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    refused("NoSuchUpload", 404, s3.list_parts, Bucket=bucket, Key="big", UploadId=upload)


def test_lists_by_paginator(s3: Any, bucket: str) -> None:
    keys = sorted(["a", "b/1", "b/2", "b/c/3", "d e+&/ü", "\U0001f600", "z\x01"], key=str.encode)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    assert [item["Key"] for page in pages for item in page.get("Contents", ())] == keys
    pages = s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    assert [item["Key"] for page in pages for item in page.get("Contents", ())] == keys
    rolled = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [item["Prefix"] for item in rolled["CommonPrefixes"]] == ["b/", "d e+&/"]
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys if key != "z\x01"]})
    assert len(done["Deleted"]) == len(keys) - 1
    s3.delete_object(Bucket=bucket, Key="z\x01")
    s3.delete_bucket(Bucket=bucket)
    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_presigned(environment: dict[str, Any], bucket: str, version: str | None) -> None:
    """Without a word boto3 presigns with Signature Version 2 in us-east-1; with s3v4 as it signs everything else."""
    s3 = connect(environment, **({"signature_version": version} if version else {}))
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b", "ContentType": "text/x"})
    assert ("X-Amz-Signature=" in put) is (version is not None)
    assert httpx.put(put, content=b"from a browser", headers={"Content-Type": "text/x"}).status_code == 200
    get = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a b", "ResponseContentDisposition": "attachment"}
    )
    answer = httpx.get(get)
    assert (answer.content, answer.headers["content-disposition"]) == (b"from a browser", "attachment")
    assert answer.headers["content-type"] == "text/x"
    for other in (get.replace("attachment", "inline"), get.replace("Signature=", "Signature=0")):
        refusal = httpx.get(other)
        assert (refusal.status_code, "<Code>SignatureDoesNotMatch</Code>" in refusal.text) == (403, True)
    assert httpx.put(put, content=b"x", headers={"Content-Type": "other"}).status_code == 403
    s3.close()


def test_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")["ETag"]
    refused("PreconditionFailed", 412, s3.put_object, Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")
    refused("NoSuchKey", 404, s3.put_object, Bucket=bucket, Key="b", Body=b"2", IfMatch=etag)
    refused("304", 304, s3.get_object, Bucket=bucket, Key="a", IfNoneMatch=etag)
    refused("PreconditionFailed", 412, s3.get_object, Bucket=bucket, Key="a", IfMatch='"0"')
    s3.put_object(Bucket=bucket, Key="a", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"3"


def test_what_is_missing_is_named(s3: Any, bucket: str) -> None:
    assert refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="nope").response["Error"]["Key"] == "nope"
    refused("NoSuchBucket", 404, s3.get_object, Bucket="elsewhere", Key="nope")
    refused("404", 404, s3.head_bucket, Bucket="elsewhere")
    refused("BucketNotEmpty", 409, lambda: (s3.put_object(Bucket=bucket, Key="k"), s3.delete_bucket(Bucket=bucket)))
    refused("NotImplemented", 501, s3.put_object, Bucket=bucket, Key="k", WriteOffsetBytes=1)


def test_wrong_credentials(environment: dict[str, Any], open_environment: OpenEnvironment, server: Broker) -> None:
    wrong = connect(environment, secret="0" * 40)
    refused("SignatureDoesNotMatch", 403, wrong.list_buckets)
    live = connect(environment, key="AKIAIOSFODNN7EXAMPLE")
    error = refused("InvalidAccessKeyId", 403, live.list_buckets)
    assert "AKIAIOSFODNN7EXAMPLE" not in str(error.response["Error"])
    foreign = open_environment()["variables"]
    crossing = connect(environment, key=foreign["AWS_ACCESS_KEY_ID"], secret=foreign["AWS_SECRET_ACCESS_KEY"])
    refused("InvalidAccessKeyId", 403, crossing.list_buckets)
    kinds = {incident["kind"] for incident in server.json("incidents", environment["name"])}
    assert kinds == {"bad_signature", "live_credential", "foreign_credential"}


def test_environments_do_not_see_each_other(
    environment: dict[str, Any], open_environment: OpenEnvironment, server: Broker
) -> None:
    mine, other = connect(environment), connect(open_environment())
    for client, content in ((mine, b"mine"), (other, b"other")):
        client.create_bucket(Bucket="same-name")
        client.put_object(Bucket="same-name", Key="k", Body=content)
    assert mine.get_object(Bucket="same-name", Key="k")["Body"].read() == b"mine"
    upload = other.create_multipart_upload(Bucket="same-name", Key="k")["UploadId"]
    refused("NoSuchUpload", 404, mine.list_parts, Bucket="same-name", Key="k", UploadId=upload)
    assert [incident["kind"] for incident in server.json("incidents", environment["name"])] == ["foreign_id"]


def test_a_closed_environment(open_environment: OpenEnvironment, server: Broker) -> None:
    bundle = open_environment()
    client = connect(bundle)
    client.create_bucket(Bucket="pictures")
    server.close(bundle["name"])
    refused("EnvironmentClosed", 410, client.list_buckets)


def test_regions(environment: dict[str, Any]) -> None:
    variables = environment["variables"]
    client = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name="eu-central-1",
    )
    refused("IllegalLocationConstraintException", 400, client.create_bucket, Bucket="pictures")
    client.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert client.get_bucket_location(Bucket="pictures")["LocationConstraint"] == "eu-central-1"
    refused(
        "BucketAlreadyOwnedByYou",
        409,
        client.create_bucket,
        Bucket="pictures",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    client.close()


def test_addresses_carry_the_bucket(environment: dict[str, Any], s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"], PartNumber=1, Body=b"only")
    done = s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]},
    )
    assert urlsplit(done["Location"]).path == f"/e/{environment['name']}/s3/{bucket}/k"
