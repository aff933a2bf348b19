"""Names of buckets: the rules one by one."""

from __future__ import annotations

import pytest

from mocks.s3.principals import account
from tests.mocks.s3.conftest import Caller, code

OWN = account("pr-1", "primary").id


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Upper",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "a%20b",
        "a%C3%BC",
        "192.168.0.1",
        "xn--a",
        "sthree-a",
        "sthree-configurator",
        "amzn-s3-demo-a",
        "a-s3alias",
        "a--ol-s3",
        "a.mrap",
        "a--x-s3",
        "a--table-s3",
        "a-an",
        f"a-{OWN}-us-east-1-an",
    ],
)
async def test_a_name_that_s3_refuses(s3: Caller, name: str) -> None:
    assert code(await s3("PUT", f"/{name}")) == "400 InvalidBucketName"


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c", "123", "1.2.3", "xn-a", "a-ana", "s3alias", "a-.b"])
async def test_a_name_that_s3_takes(s3: Caller, name: str) -> None:
    made = await s3("PUT", f"/{name}")
    assert (made.status, made.header("location")) == (200, f"/{name}")


async def test_a_name_of_the_accounts_own_namespace(s3: Caller) -> None:
    own = {"x_amz_bucket_namespace": "account-regional"}
    made = await s3("PUT", f"/a-{OWN}-us-east-1-an", **own)
    assert made.status == 200
    for wrong in ("a", f"-{OWN}-us-east-1-an", f"a-{OWN}-eu-west-1-an", "a-111122223333-us-east-1-an"):
        assert code(await s3("PUT", f"/{wrong}", **own)) == "400 InvalidBucketName"
    body = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
    assert (await s3("PUT", f"/a-{OWN}-eu-west-1-an", body=body, **own)).status == 200
    assert code(await s3("PUT", "/abc", x_amz_bucket_namespace="mine")) == "400 InvalidArgument"
    assert (await s3("PUT", "/abc", x_amz_bucket_namespace="global")).status == 200


@pytest.mark.parametrize(
    "inside",
    [
        "<Location><Type>AvailabilityZone</Type><Name>use1-az4</Name></Location>",
        "<Bucket><Type>Directory</Type><DataRedundancy>SingleAvailabilityZone</DataRedundancy></Bucket>",
    ],
)
async def test_there_are_no_directory_buckets(s3: Caller, inside: str) -> None:
    body = f"<CreateBucketConfiguration>{inside}</CreateBucketConfiguration>".encode()
    assert code(await s3("PUT", "/a--use1-az4--x-s3", body=body)) == "501 NotImplemented"
