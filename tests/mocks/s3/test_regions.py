"""Regions: all are taken, unless the policy is strict."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.exchange import Form, Headers, Request
from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller, code

BODY = b"<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>"


def claim(region: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential=AKIA/20260301/{region}/s3/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Caller]:
    """An environment whose policy is strict about regions, with a bucket in Frankfurt and one in Ireland."""
    harness = Harness(
        SERVICE, tmp_path, policy={"services": {"s3": {"mode": "mock", "options": {"regions": "strict"}}}}
    )
    caller = Caller(harness)
    for name, region in ((b"frankfurt", b"eu-central-1"), (b"ireland", b"EU")):
        assert (await caller("PUT", f"/{name.decode()}", "", BODY % region)).status == 200
    yield caller
    await harness.close()


async def test_another_region_than_the_buckets(strict: Caller) -> None:
    refused = await strict("GET", "/frankfurt", authorization=claim("us-east-1"))
    assert code(refused) == "400 AuthorizationHeaderMalformed"
    assert b"the region 'us-east-1' is wrong; expecting 'eu-central-1'" in refused.body
    assert b"<Region>eu-central-1</Region>" in refused.body
    assert refused.header("x-amz-bucket-region") == "eu-central-1"
    assert (await strict("GET", "/frankfurt", authorization=claim("eu-central-1"))).status == 200
    assert (await strict("GET", "/ireland", authorization=claim("eu-west-1"))).status == 200
    query = "X-Amz-Algorithm=a&X-Amz-Credential=AKIA%2F20260301%2Fus-east-1%2Fs3%2Faws4_request"
    assert code(await strict("GET", "/frankfurt", query)) == "400 AuthorizationQueryParametersError"


async def test_what_is_about_no_bucket(strict: Caller) -> None:
    assert code(await strict("GET", "/nowhere", authorization=claim("eu-west-1"))) == "404 NoSuchBucket"
    assert (await strict("GET", "/", authorization=claim("eu-west-1"))).status == 200


async def test_version_2_counts_in_older_regions(strict: Caller) -> None:
    assert code(await strict("GET", "/frankfurt", authorization="AWS AKIA:c2ln")) == "400 InvalidRequest"
    assert (await strict("GET", "/ireland", authorization="AWS AKIA:c2ln")).status == 200


async def test_forms_name_their_region_in_a_field(strict: Caller) -> None:
    def posted(bucket: str, *fields: tuple[str, str]) -> Request:
        return Request(method="POST", path=f"/{bucket}", form=Form(fields, "f.txt"), headers=Headers(fields))

    named = ("x-amz-credential", "AKIA/20260301/us-east-1/s3/aws4_request")
    refused = await strict.harness.send(posted("frankfurt", named))
    assert code(refused) == "400 AuthorizationQueryParametersError"
    assert b"the region 'us-east-1' is wrong; expecting 'eu-central-1'" in refused.body
    # Version 2 names none.
    older = ("AWSAccessKeyId", "AKIA")
    assert code(await strict.harness.send(posted("frankfurt", older))) == "400 InvalidRequest"
    assert b"field named 'key'" in (await strict.harness.send(posted("ireland", older))).body


async def test_preflights_name_none(strict: Caller) -> None:
    query = "X-Amz-Algorithm=a&X-Amz-Credential=AKIA%2F20260301%2Fus-east-1%2Fs3%2Faws4_request"
    asked = {"origin": "https://a.example", "access_control_request_method": "PUT"}
    assert code(await strict("OPTIONS", "/frankfurt/k", query, **asked)) == "403 AccessForbidden"


async def test_a_list_tells_the_region(strict: Caller) -> None:
    for query in ("", "list-type=2"):
        listed = await strict("GET", "/ireland", query, authorization=claim("eu-west-1"))
        assert listed.header("x-amz-bucket-region") == "eu-west-1"


async def test_every_region_is_taken_otherwise(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", authorization=claim("eu-central-1"))).status == 200


async def test_a_refused_head_tells_the_region(s3: Caller) -> None:
    refused = await s3("HEAD", "/bkt", x_amz_expected_bucket_owner="123456789012")
    assert (refused.status, refused.header("x-amz-bucket-region")) == (403, "us-east-1")
    assert (await s3("HEAD", "/nowhere")).header("x-amz-bucket-region") is None
