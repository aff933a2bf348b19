"""boto3, unmodified, through virtual keys to a real account: buckets of two environments, blind to each other, and one
closed without a trace. The real S3 is moto's server here, which is independent of our mock."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

from demo.serving import Broker
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.standins.moto import Moto

ACCOUNT = "s3-journey"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def provider() -> Iterator[Moto]:
    with Moto() as provider:
        yield provider


@pytest.fixture
def account(server: Broker, provider: Moto) -> str:
    provider.reset()
    put_account(server, ACCOUNT, "s3", provider.url, {"value": {"key": AWS_KEY, "secret": AWS_SECRET}})
    return ACCOUNT


def client(endpoint: str, key: str, secret: str) -> Any:
    config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=config,
    )


def connect(bundle: dict[str, Any]) -> Any:
    """As an application makes it from its variables."""
    variables = bundle["variables"]
    return client(variables["AWS_ENDPOINT_URL_S3"], variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])


def names(s3: Any) -> list[str]:
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def use(s3: Any) -> None:
    """What applications do with a bucket."""
    s3.create_bucket(Bucket="invoices")
    s3.put_object(Bucket="invoices", Key="a/1.txt", Body=b"one", Metadata={"order": "6735"})
    s3.put_object(Bucket="invoices", Key="a/ünï 2.txt", Body=b"two", ChecksumAlgorithm="SHA256")
    found = s3.get_object(Bucket="invoices", Key="a/1.txt")
    assert (found["Body"].read(), found["Metadata"]) == (b"one", {"order": "6735"})
    assert s3.get_object(Bucket="invoices", Key="a/1.txt", Range="bytes=1-")["Body"].read() == b"ne"
    s3.copy_object(Bucket="invoices", Key="b/3.txt", CopySource={"Bucket": "invoices", "Key": "a/1.txt"})
    listed = s3.list_objects_v2(Bucket="invoices", Prefix="a/")
    assert (listed["Name"], [one["Key"] for one in listed["Contents"]]) == ("invoices", ["a/1.txt", "a/ünï 2.txt"])
    big = bytes(range(256)) * (12 * 1024 * 4)  # 12 MiB, in parts
    s3.upload_fileobj(
        io.BytesIO(big), "invoices", "big", Config=TransferConfig(multipart_threshold=MIB, max_concurrency=2)
    )
    body = s3.get_object(Bucket="invoices", Key="big")["Body"].read()
    assert hashlib.sha256(body).digest() == hashlib.sha256(big).digest()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "invoices", "Key": "a/1.txt"})
    assert httpx.get(url).content == b"one"
    s3.put_bucket_versioning(Bucket="invoices", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="invoices", Key="a/1.txt", Body=b"newer")
    s3.delete_object(Bucket="invoices", Key="a/1.txt")
    s3.create_multipart_upload(Bucket="invoices", Key="never finished")


def test_two_environments_on_one_account_and_one_closed(
    server: Broker, provider: Moto, account: str, open_environment: OpenEnvironment
) -> None:
    real = client(provider.url, AWS_KEY, AWS_SECRET)
    real.create_bucket(Bucket="made-by-hand")
    first, second = (open_environment(policy=policy(s3=account)) for _ in range(2))
    one, two = connect(first), connect(second)
    for s3 in (one, two):
        use(s3)  # the same names, and nobody meets anybody
        assert names(s3) == ["invoices"]
    assert len(names(real)) == 3

    theirs = next(name for name in names(real) if name != "made-by-hand" and second["name"] not in name)
    for foreign in ("made-by-hand", theirs):
        with pytest.raises(ClientError) as missing:
            one.get_object(Bucket=foreign, Key="a/1.txt")
        assert missing.value.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey")
    with pytest.raises(ClientError):
        one.delete_bucket(Bucket="made-by-hand")

    receipt = server.control("DELETE", f"environments/{first['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert receipt["external"]["s3"]["kinds"] == {"bucket": {"deleted": 1}}
    assert len(names(real)) == 2
    assert "made-by-hand" in names(real)
    assert two.get_object(Bucket="invoices", Key="b/3.txt")["Body"].read() == b"one"
    assert names(two) == ["invoices"]


def test_errors_name_the_applications_own_bucket(account: str, open_environment: OpenEnvironment) -> None:
    s3 = connect(open_environment(policy=policy(s3=account)))
    with pytest.raises(ClientError) as missing:
        s3.list_objects_v2(Bucket="nowhere")
    error = missing.value.response["Error"]
    assert (error["Code"], error.get("BucketName")) == ("NoSuchBucket", "nowhere")


def test_a_wrong_secret_is_refused_here_and_never_sent(
    provider: Moto, account: str, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=policy(s3=account))
    variables = bundle["variables"]
    asked = len(provider.log)
    forged = client(variables["AWS_ENDPOINT_URL_S3"], variables["AWS_ACCESS_KEY_ID"], "x" * 40)
    with pytest.raises(ClientError) as refused:
        forged.list_buckets()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert len(provider.log) == asked


def test_what_reaches_beyond_the_bucket_does_not_pass(account: str, open_environment: OpenEnvironment) -> None:
    s3 = connect(open_environment(policy=policy(s3=account)))
    s3.create_bucket(Bucket="invoices")
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_replication(
            Bucket="invoices",
            ReplicationConfiguration={
                "Role": "arn:aws:iam::1:role/x",
                "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::other"}}],
            },
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
