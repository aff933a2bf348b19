"""Where a new bucket is to be."""

from __future__ import annotations

import pytest

from mocks.s3.locations import known
from tests.mocks.s3.conftest import Caller, code

CONSTRAINT = "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>"


@pytest.mark.parametrize("wrong", ["us-east-1", "moon", "eu-west-9", "eu", "EU-WEST-1"])
async def test_a_place_that_s3_refuses(s3: Caller, wrong: str) -> None:
    refused = await s3("PUT", "/further", body=CONSTRAINT.format(wrong).encode())
    assert code(refused) == "400 InvalidLocationConstraint"


@pytest.mark.parametrize("place", ["EU", "eu-west-1", "ap-southeast-7", "mx-central-1"])
async def test_a_place_that_s3_takes(s3: Caller, place: str) -> None:
    assert (await s3("PUT", "/further", body=CONSTRAINT.format(place).encode())).status == 200
    located = await s3("GET", "/further", "location")
    assert f">{place}</LocationConstraint>".encode() in located.body


async def test_the_endpoints_region_must_allow_the_place(s3: Caller) -> None:
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260301/eu-west-1/s3/aws4_request, ..."}
    assert code(await s3("PUT", "/far", **signed)) == "400 IllegalLocationConstraintException"
    other = CONSTRAINT.format("eu-west-3").encode()
    assert code(await s3("PUT", "/far", body=other, **signed)) == "400 IllegalLocationConstraintException"
    assert (await s3("PUT", "/far", body=CONSTRAINT.format("EU").encode(), **signed)).status == 200


async def test_no_place_is_the_first_region(s3: Caller) -> None:
    for body in (b"<CreateBucketConfiguration/>", CONSTRAINT.format("").encode()):
        assert (await s3("PUT", "/near", body=body)).status == 200
        assert (await s3("HEAD", "/near")).header("x-amz-bucket-region") == "us-east-1"
        assert (await s3("DELETE", "/near")).status == 204


async def test_a_body_that_is_none(s3: Caller) -> None:
    for body in (b"no xml", b"<Location/>", b"<CreateBucketConfiguration><Moon/></CreateBucketConfiguration>"):
        assert code(await s3("PUT", "/near", body=body)) == "400 MalformedXML"


def test_regions_that_there_are() -> None:
    assert known("us-east-1")
    assert not known("EU")
