"""Every address of docs/s3.md, with a bucket in the path and in front of the host, for both versions of signatures."""

from __future__ import annotations

import http.client
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.client import Config

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment

#: Keys that are data, never paths: what clients normalise, encode once or twice, or leave as it is.
KEYS = [
    "plain.txt",
    "a b+c%2F%20&=?#:@!$'()*,;[]~",
    "a//b/../c/./",
    "/leading",
    "..",
    "ü-" + unicodedata.normalize("NFD", "é") + "-✓",
]
ADDRESSES = [
    "http://localhost:{port}/e/{name}/s3",
    "http://s3.{name}.localhost:{port}",
    "http://{name}.localhost:{port}",
]
ADDRESSES += ["http://localhost:{port}"]

pytestmark = pytest.mark.usefixtures("loopback_names")


def client(bundle: dict[str, Any], endpoint: str, style: str, version: str, region: str = "us-east-1") -> Any:
    variables = bundle["variables"]
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=region,
        config=Config(retries={"max_attempts": 0}, signature_version=version, s3={"addressing_style": style}),
    )


def fetch(url: str) -> tuple[int, bytes]:
    """GET a URL exactly as it is: most clients would fold ``..`` away."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.request("GET", f"{place.path}?{place.query}", headers={"Host": place.netloc})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address(server: Broker, environment: dict[str, Any], address: str, style: str, version: str) -> None:
    endpoint = address.format(port=server.port, name=environment["name"])
    s3 = client(environment, endpoint, style, version)
    bucket = "bucket-of-" + environment["name"]
    s3.create_bucket(Bucket=bucket)
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"of": "one  two"})
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        assert fetch(url) == (200, key.encode()), url
        assert s3.head_object(Bucket=bucket, Key=key)["Metadata"] == {"of": "one  two"}
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="", Delimiter="")["Contents"]
    assert sorted(found["Key"] for found in listed) == sorted(KEYS)
    assert [found["Name"] for found in s3.list_buckets()["Buckets"]] == [bucket]
    for key in KEYS:
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("strict", [False, True])
def test_another_region_than_the_buckets(open_environment: OpenEnvironment, strict: bool) -> None:
    options = {"regions": "strict"} if strict else {}
    bundle = open_environment(policy={"version": 1, "services": {"s3": {"mode": "mock", "options": options}}})
    endpoint = bundle["variables"]["AWS_ENDPOINT_URL_S3"]
    there = client(bundle, endpoint, "path", "s3v4", "eu-central-1")
    there.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    # botocore follows S3's refusal to the bucket's region by itself, or has nothing to follow.
    here = client(bundle, endpoint, "path", "s3v4")
    here.put_object(Bucket="far", Key="k", Body=b"1")
    assert there.get_object(Bucket="far", Key="k")["Body"].read() == b"1"
    assert here.head_bucket(Bucket="far")["BucketRegion"] == "eu-central-1"
    url = client(bundle, endpoint, "path", "s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "far", "Key": "k"}
    )
    status, body = fetch(url)
    assert status == (400 if strict else 200)
    assert (b"<Region>eu-central-1</Region>" in body) is strict


def test_a_refusal_before_the_body_leaves_a_usable_client(environment: dict[str, Any]) -> None:
    s3 = client(environment, environment["variables"]["AWS_ENDPOINT_URL_S3"], "path", "s3v4")
    s3.create_bucket(Bucket="there")
    for _ in range(3):
        with pytest.raises(s3.exceptions.NoSuchBucket):
            # botocore waits for 100 Continue, and keeps the body when it is refused.
            s3.put_object(Bucket="nowhere", Key="k", Body=b"1" * 100_000)
        assert s3.list_objects_v2(Bucket="there")["KeyCount"] == 0
