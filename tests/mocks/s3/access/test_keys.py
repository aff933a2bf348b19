"""Condition keys: what a policy may ask of a request, asked of whole calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.exchange import Request
from tests.mocks.s3.access.conftest import OTHER, OWNER, World
from tests.mocks.s3.access.policies import BUCKET, OBJECTS, document, statement
from tests.mocks.s3.conftest import code

Condition = dict[str, dict[str, Any]]


async def allowed(
    world: World,
    condition: Condition,
    who: str,
    method: str,
    path: str,
    query: str = "",
    body: str = "",
    **headers: str,
) -> bool:
    """Whether somebody may do this where all may under the condition."""
    whole = path != "/bkt"
    action = {"GET": "s3:GetObject*", "PUT": "s3:PutObject*"}[method] if whole else "s3:ListBucket*"
    resource = OBJECTS if whole else BUCKET
    await world.policy(statement(Condition=condition, Action=action, Resource=resource))
    response = await world(who, method, path, query, body, **headers)
    assert response.status in (200, 403), response.body
    return response.status == 200


@pytest.mark.parametrize(
    ("condition", "who", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": OTHER.id}}, "other", True),
        ({"StringEquals": {"aws:PrincipalAccount": OTHER.id}}, "nobody", False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, "other", True),
        ({"StringEquals": {"aws:PrincipalType": "Anonymous"}}, "nobody", True),
        ({"StringEquals": {"aws:PrincipalType": "Account"}}, "other", True),
        ({"StringEquals": {"aws:userid": OTHER.id}}, "other", True),
        ({"Null": {"aws:username": "true"}}, "other", True),
        ({"StringEquals": {"aws:Referer": "https://example.com/"}}, "other", True),
        ({"StringLike": {"aws:UserAgent": "curl*"}}, "other", True),
        ({"StringLike": {"aws:UserAgent": "wget*"}}, "other", False),
        ({"Bool": {"aws:SecureTransport": "false"}}, "other", True),
        ({"Bool": {"aws:SecureTransport": "true"}}, "other", False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "other", True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "other", False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, "other", True),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, "other", True),
        ({"StringEquals": {"s3:ResourceAccount": OWNER.id}}, "other", True),
        ({"StringEquals": {"aws:ResourceAccount": OTHER.id}}, "other", False),
        ({"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}, "other", True),
        ({"Null": {"s3:DataAccessPointArn": "true"}}, "other", True),
        ({"Null": {"s3:authType": "true"}}, "nobody", True),
        ({"Null": {"aws:SourceVpce": "false"}}, "other", False),
    ],
)
async def test_of_every_request(world: World, condition: Condition, who: str, expected: bool) -> None:
    headers = {
        "referer": "https://example.com/",
        "user_agent": "curl/8",
        "x_amz_content_sha256": "UNSIGNED-PAYLOAD",
    }
    assert await allowed(world, condition, who, "GET", "/bkt/k", **headers) is expected


@pytest.mark.parametrize(
    ("condition", "query", "expected"),
    [
        ({"StringLike": {"s3:prefix": "a/*"}}, "list-type=2&prefix=a/b", True),
        ({"StringLike": {"s3:prefix": "a/*"}}, "list-type=2&prefix=b", False),
        ({"StringLike": {"s3:prefix": "a/*"}}, "", False),
        ({"StringEquals": {"s3:prefix": ""}}, "prefix=", True),
        ({"StringEquals": {"s3:delimiter": "/"}}, "delimiter=%2F", True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, "max-keys=10", True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, "max-keys=11", False),
        ({"StringLike": {"s3:prefix": "a/*"}}, "versions&prefix=a/b", True),
    ],
)
async def test_of_lists(world: World, condition: Condition, query: str, expected: bool) -> None:
    assert await allowed(world, condition, "other", "GET", "/bkt", query) is expected


@pytest.mark.parametrize(
    ("condition", "headers", "expected"),
    [
        (
            {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            {"x_amz_acl": "bucket-owner-full-control"},
            True,
        ),
        ({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}, {}, False),
        (
            {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
            {"x_amz_server_side_encryption": "AES256"},
            True,
        ),
        ({"Null": {"s3:x-amz-server-side-encryption": "true"}}, {}, True),
        ({"StringEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}, {"x_amz_storage_class": "STANDARD_IA"}, True),
        ({"StringEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}, {"x_amz_storage_class": "GLACIER"}, False),
        ({"StringEquals": {"s3:RequestObjectTag/kind": "a"}}, {"x_amz_tagging": "kind=a&x=y"}, True),
        ({"StringEquals": {"s3:RequestObjectTag/kind": "b"}}, {"x_amz_tagging": "kind=a&x=y"}, False),
        ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["kind"]}}, {"x_amz_tagging": "kind=a"}, True),
        ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["kind"]}}, {"x_amz_tagging": "kind=a&x=y"}, False),
        ({"Bool": {"s3:ObjectCreationOperation": "true"}}, {}, True),
        ({"Null": {"s3:if-none-match": "false"}}, {"if_none_match": "*"}, True),
        ({"Null": {"s3:if-none-match": "false"}}, {}, False),
    ],
)
async def test_of_writes(world: World, condition: Condition, headers: dict[str, str], expected: bool) -> None:
    extra = "s3:PutObject"
    await world.policy(
        statement(Condition=condition, Action=extra, Resource=OBJECTS),
        statement(Action="s3:PutObjectTagging", Resource=OBJECTS),
    )
    response = await world("other", "PUT", "/bkt/new", body="x", **headers)
    assert code(response) == ("200" if expected else "403 AccessDenied")


async def test_of_copies(world: World) -> None:
    for source, expected in (("bkt/k", "200"), ("/bkt/other", "403 AccessDenied")):
        await world.policy(
            statement(Condition={"StringEquals": {"s3:x-amz-copy-source": "bkt/k"}}, Action="s3:PutObject"),
            statement(),
        )
        await world.made("owner", "PUT", "/bkt/other", body="x")
        assert code(await world("other", "PUT", "/bkt/new", x_amz_copy_source=source)) == expected


async def test_of_what_is_there(world: World) -> None:
    await world.made("owner", "PUT", "/bkt/t", body="x", x_amz_tagging="Kind=open")
    condition = {"StringEquals": {"s3:ExistingObjectTag/Kind": "open"}}
    assert await allowed(world, condition, "nobody", "GET", "/bkt/t")
    assert not await allowed(world, condition, "nobody", "GET", "/bkt/k")
    tags = "<Tagging><TagSet><Tag><Key>Kind</Key><Value>shut</Value></Tag></TagSet></Tagging>"
    given = {"StringEquals": {"s3:RequestObjectTag/Kind": "shut"}}
    await world.policy(statement(Condition=given, Action="s3:PutObjectTagging"))
    assert (await world("other", "PUT", "/bkt/t", "tagging", tags)).status == 200
    assert code(await world("other", "PUT", "/bkt/t", "tagging", tags.replace("shut", "open"))) == "403 AccessDenied"


async def test_of_versions(world: World) -> None:
    await world.s3.versioned()
    first = (await world.made("owner", "PUT", "/bkt/v", body="1")).header("x-amz-version-id") or ""
    second = (await world.made("owner", "PUT", "/bkt/v", body="2")).header("x-amz-version-id") or ""
    condition = {"StringEquals": {"s3:VersionId": first}}
    await world.policy(statement(Condition=condition, Action="s3:GetObjectVersion"))
    assert (await world("nobody", "GET", "/bkt/v", f"versionId={first}")).status == 200
    assert code(await world("nobody", "GET", "/bkt/v", f"versionId={second}")) == "403 AccessDenied"
    assert code(await world("nobody", "GET", "/bkt/v")) == "403 AccessDenied"


SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/{}/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"s3:authType": "REST-HEADER"}}, True),
        ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, False),
        ({"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}, True),
        ({"StringEquals": {"s3:signatureversion": "AWS"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
        ({"NumericLessThan": {"s3:signatureAge": "600000"}}, True),
        ({"NumericLessThan": {"s3:signatureAge": "1"}}, False),
    ],
)
async def test_of_signatures(world: World, condition: Condition, expected: bool) -> None:
    at = world.s3.harness.clock.now() - timedelta(seconds=60)
    signed = SIGNED.format(f"{at:%Y%m%d}")
    headers = {"authorization": signed, "x_amz_date": f"{at:%Y%m%dT%H%M%SZ}"}
    assert await allowed(world, condition, "other", "GET", "/bkt/k", **headers) is expected


@pytest.mark.parametrize(("address", "expected"), [("10.0.0.7", 200), ("11.0.0.7", 403), ("", 403)])
async def test_of_addresses(world: World, address: str, expected: int) -> None:
    await world.policy(statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    request = Request(method="GET", path="/bkt/k", sent_path="/bkt/k", client=address)
    assert (await world.s3.harness.send(request, credential="")).status == expected


@pytest.mark.parametrize(
    ("condition", "days", "expected"),
    [
        ({"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "10"}}, 10, 200),
        ({"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "10"}}, 11, 403),
        ({"StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}, 5, 200),
        ({"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}}, 5, 403),
        ({"DateLessThan": {"s3:object-lock-retain-until-date": "2000-01-01T00:00:00Z"}}, 5, 403),
    ],
)
async def test_of_retention(world: World, condition: Condition, days: int, expected: int) -> None:
    await world.made("owner", "PUT", "/locked", x_amz_bucket_object_lock_enabled="true")
    await world.made("owner", "PUT", "/locked/k", body="x")
    resource = "arn:aws:s3:::locked/*"
    policy = document(
        statement(Condition=condition, Resource=resource, Action="s3:PutObjectRetention", Principal={"AWS": OTHER.id})
    )
    await world.made("owner", "PUT", "/locked", "policy", policy)
    until = world.s3.harness.clock.now() + timedelta(days=days)
    inside = f"<Mode>GOVERNANCE</Mode><RetainUntilDate>{until:%Y-%m-%dT%H:%M:%SZ}</RetainUntilDate>"
    put = await world("other", "PUT", "/locked/k", "retention", f"<Retention>{inside}</Retention>")
    assert put.status == expected


async def test_of_legal_holds(world: World) -> None:
    await world.made("owner", "PUT", "/locked", x_amz_bucket_object_lock_enabled="true")
    await world.made("owner", "PUT", "/locked/k", body="x")
    condition = {"StringEquals": {"s3:object-lock-legal-hold": "ON"}}
    allowed = statement(Condition=condition, Resource="arn:aws:s3:::locked/*", Action="s3:PutObjectLegalHold")
    await world.made("owner", "DELETE", "/locked", "publicAccessBlock")
    await world.made("owner", "PUT", "/locked", "policy", document(allowed))
    for status, expected in (("ON", 200), ("OFF", 403)):
        body = f"<LegalHold><Status>{status}</Status></LegalHold>"
        assert (await world("other", "PUT", "/locked/k", "legal-hold", body)).status == expected


async def test_transport_may_count_as_secure(world: World) -> None:
    await world.policy(statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    assert code(await world("owner", "GET", "/bkt/k")) == "403 AccessDenied"
    world.s3.harness.environment = replace(
        world.s3.harness.environment, policy={"services": {"s3": {"mode": "mock", "options": {"transport": "secure"}}}}
    )
    assert (await world("owner", "GET", "/bkt/k")).status == 200
