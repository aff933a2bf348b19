"""Who may do what: the owner, another account, nobody; by policy, by list, by ownership."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import library
from contracts.exchange import Response
from mocks.base import Reply, Result
from mocks.s3.access.authorize import charge
from mocks.s3.access.needs import NEEDS
from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import BUCKET, OBJECTS, document, statement
from tests.mocks.s3.conftest import code, told

#: A call for each sort of action: (action, method, path, query, body, headers).
CALLS: list[tuple[str, str, str, str, str, dict[str, str]]] = [
    ("GetObject", "GET", "/bkt/k", "", "", {}),
    ("GetObject", "HEAD", "/bkt/k", "", "", {}),
    ("PutObject", "PUT", "/bkt/new", "", "x", {}),
    ("DeleteObject", "DELETE", "/bkt/k", "", "", {}),
    ("GetObjectTagging", "GET", "/bkt/k", "tagging", "", {}),
    ("DeleteObjectTagging", "DELETE", "/bkt/k", "tagging", "", {}),
    ("GetObjectAcl", "GET", "/bkt/k", "acl", "", {}),
    ("ListBucket", "GET", "/bkt", "", "", {}),
    ("ListBucket", "GET", "/bkt", "list-type=2", "", {}),
    ("ListBucket", "HEAD", "/bkt", "", "", {}),
    ("ListBucketVersions", "GET", "/bkt", "versions", "", {}),
    ("ListBucketMultipartUploads", "GET", "/bkt", "uploads", "", {}),
    ("GetBucketLocation", "GET", "/bkt", "location", "", {}),
    ("GetBucketVersioning", "GET", "/bkt", "versioning", "", {}),
    ("GetBucketAcl", "GET", "/bkt", "acl", "", {}),
    ("GetBucketPublicAccessBlock", "GET", "/bkt", "publicAccessBlock", "", {}),
    ("PutBucketPublicAccessBlock", "DELETE", "/bkt", "publicAccessBlock", "", {}),
    ("GetBucketOwnershipControls", "GET", "/bkt", "ownershipControls", "", {}),
    ("GetBucketRequestPayment", "GET", "/bkt", "requestPayment", "", {}),
    ("GetBucketPolicyStatus", "GET", "/bkt", "policyStatus", "", {}),
]


@pytest.mark.parametrize("who", ["other", "nobody"])
@pytest.mark.parametrize(("action", "method", "path", "query", "body", "headers"), CALLS)
async def test_by_policy(
    world: World, who: str, action: str, method: str, path: str, query: str, body: str, headers: dict[str, str]
) -> None:
    denied = "403" if method == "HEAD" else "403 AccessDenied"
    call = (method, path, query, body)
    assert code(await world(who, *call, **headers)) == denied
    resource = OBJECTS if path != "/bkt" else BUCKET
    await world.policy(statement(Action=f"s3:{action}", Resource=resource))
    assert (await world(who, *call, **headers)).status in (200, 204, 404)
    await world.policy(
        statement(Action=["s3:*"], Resource=[BUCKET, OBJECTS]),
        statement(Effect="Deny", Action=f"s3:{action}", Resource=resource),
    )
    for denied_to in (who, "owner"):
        assert code(await world(denied_to, *call, **headers)) == denied


@pytest.mark.parametrize("who", ["other", "nobody"])
async def test_every_operation_is_closed_to_others(world: World, who: str) -> None:
    """Whatever an operation needs of a request besides, nothing of a bucket is told to whom nothing is allowed."""
    for name, operation in library.load("s3").operations().items():
        if name not in NEEDS or operation.encoding != "none" or operation.method not in ("GET", "HEAD", "DELETE"):
            continue
        query = _subresource(name)
        path = operation.path.replace("{Bucket}", "bkt").replace("{Key}", "k")
        response = await world(who, operation.method, path, query, x_amz_object_attributes="ETag")
        assert response.status == 403, (name, response.body)
    assert (await world("owner", "GET", "/bkt/k")).status == 200


def _subresource(name: str) -> str:
    """The query that makes a request this operation."""
    document: Any = library.load("s3")._model.operations[name]  # type: ignore[attr-defined]  # the model as it is
    query = document["http"]["requestUri"].partition("?")[2]
    if not query:
        return "uploadId=x" if name in ("ListParts", "AbortMultipartUpload") else ""
    return query if name.startswith("List") else f"{query}&id=x&annotationName=named"


@pytest.mark.parametrize("who", ["other", "nobody"])
async def test_what_is_missing_is_told_to_whom_lists(world: World, who: str) -> None:
    calls = [("GET", ""), ("HEAD", ""), ("GET", "tagging"), ("GET", "acl"), ("GET", "attributes")]
    asked = {"x_amz_object_attributes": "ETag"}
    reads = statement(Action="s3:GetObject*")
    await world.policy(reads)
    for method, query in calls:
        assert (await world(who, method, "/bkt/no", query, **asked)).status == 403
    await world.policy(reads, statement(Action="s3:ListBucket", Resource=BUCKET))
    for method, query in calls:
        assert (await world(who, method, "/bkt/no", query, **asked)).status == 404
    await world.policy(statement(Effect="Deny", Action="s3:ListBucket", Resource=BUCKET))
    assert code(await world("owner", "GET", "/bkt/no")) == "403 AccessDenied"
    assert code(await world("owner", "GET", "/bkt/k")) == "200"


async def test_what_is_missing_where_lists_decide(world: World) -> None:
    await world.with_acls()
    for acl, expected in (("private", 403), ("public-read", 404)):
        await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl=acl)
        for who in ("other", "nobody"):
            assert (await world(who, "GET", "/bkt/no")).status == expected
    await world.policy(statement(Effect="Deny"))
    assert code(await world("nobody", "GET", "/bkt/no")) == "403 AccessDenied"


async def test_a_bucket_that_is_missing_is_told_to_all(world: World) -> None:
    for who in ("other", "nobody"):
        assert code(await world(who, "GET", "/nope/k")) == "404 NoSuchBucket"
        assert code(await world(who, "PUT", "/nope/k", body="x")) == "404 NoSuchBucket"


async def test_nobody_has_no_buckets(world: World) -> None:
    assert code(await world("nobody", "GET", "/")) == "403 AccessDenied"
    assert code(await world("nobody", "PUT", "/theirs")) == "403 AccessDenied"
    assert code(await world("owner", "HEAD", "/theirs")) == "404"


async def test_deletes_of_many_are_decided_one_by_one(world: World) -> None:
    await world.made("owner", "PUT", "/bkt/open/a", body="x")
    await world.policy(statement(Action="s3:DeleteObject", Resource="arn:aws:s3:::bkt/open/*"))
    body = "<Delete><Object><Key>open/a</Key></Object><Object><Key>k</Key></Object></Delete>"
    for who in ("other", "nobody"):
        value = (await world.made(who, "POST", "/bkt", "delete", body)).value
        assert value["Deleted"] == [{"Key": "open/a"}]
        assert value["Errors"] == [{"Key": "k", "Code": "AccessDenied", "Message": "Access Denied"}]
    assert (await world("owner", "GET", "/bkt/k")).status == 200
    assert code(await world("owner", "GET", "/bkt/open/a")) == "404 NoSuchKey"


async def test_copies_read_their_source(world: World) -> None:
    await world.made("other", "PUT", "/theirs")
    source = {"x_amz_copy_source": "bkt/k"}
    assert code(await world("other", "PUT", "/theirs/c", **source)) == "403 AccessDenied"
    await world.policy(statement())
    assert (await world("other", "PUT", "/theirs/c", **source)).status == 200
    # A source that is missing is told to whom lists.
    assert code(await world("other", "PUT", "/theirs/c", x_amz_copy_source="bkt/no")) == "403 AccessDenied"
    await world.policy(statement(), statement(Action="s3:ListBucket", Resource=BUCKET))
    assert code(await world("other", "PUT", "/theirs/c", x_amz_copy_source="bkt/no")) == "404 NoSuchKey"
    # A part of an upload, too.
    await world.made("owner", "DELETE", "/bkt", "policy")
    upload = (await world.made("other", "POST", "/theirs/big", "uploads")).value["UploadId"]
    part = f"partNumber=1&uploadId={upload}"
    assert code(await world("other", "PUT", "/theirs/big", part, **source)) == "403 AccessDenied"
    # The owner writes into a bucket of somebody else only where that lets it.
    assert code(await world("owner", "PUT", "/theirs/c", **source)) == "403 AccessDenied"


async def test_what_is_not_for_anonymous_callers(world: World) -> None:
    await world.policy(statement(Action="s3:*", Resource=[BUCKET, OBJECTS]))
    refused = await world("nobody", "POST", "/bkt/new", "uploads")
    sentence = "Anonymous users cannot initiate multipart uploads.  Please authenticate."
    assert (code(refused), told(refused)) == ("403 AccessDenied", sentence)
    assert code(await world("nobody", "PUT", "/bkt/new", x_amz_copy_source="bkt/k")) == "403 AccessDenied"
    assert (await world("nobody", "PUT", "/bkt/new", body="x")).status == 200
    assert (await world("other", "POST", "/bkt/new", "uploads")).status == 200


async def test_copies_take_tags_along(world: World) -> None:
    await world.made("owner", "PUT", "/bkt/t", body="x", x_amz_tagging="a=b")
    await world.made("other", "PUT", "/theirs")
    await world.policy(statement())
    source = {"x_amz_copy_source": "bkt/t"}
    assert code(await world("other", "PUT", "/theirs/c", **source)) == "403 AccessDenied"
    assert (await world("other", "PUT", "/theirs/c", **source, x_amz_tagging_directive="REPLACE")).status == 200
    await world.policy(statement(Action=["s3:GetObject", "s3:GetObjectTagging"]))
    assert (await world("other", "PUT", "/theirs/c", **source)).status == 200


async def test_headers_of_a_write_need_more(world: World) -> None:
    await world.policy(statement(Action="s3:PutObject", Principal={"AWS": world.other.id}))
    assert (await world("other", "PUT", "/bkt/n", body="x", x_amz_acl="bucket-owner-full-control")).status == 200
    assert code(await world("other", "PUT", "/bkt/n", body="x", x_amz_tagging="a=b")) == "403 AccessDenied"
    await world.policy(statement(Action=["s3:PutObject", "s3:PutObjectTagging"]))
    assert (await world("other", "PUT", "/bkt/n", body="x", x_amz_tagging="a=b")).status == 200


async def test_whoever_began_an_upload_may_end_it(world: World) -> None:
    await world.policy(statement(Action="s3:PutObject"))
    upload = f"uploadId={(await world.made('other', 'POST', '/bkt/big', 'uploads')).value['UploadId']}"
    assert (await world("other", "PUT", "/bkt/big", f"partNumber=1&{upload}", "part")).status == 200
    assert (await world("other", "GET", "/bkt/big", upload)).status == 200
    assert (await world("owner", "GET", "/bkt/big", upload)).status == 200
    for method in ("GET", "DELETE"):
        assert code(await world("nobody", method, "/bkt/big", upload)) == "403 AccessDenied"
    assert (await world("other", "DELETE", "/bkt/big", upload)).status == 204
    mine = f"uploadId={(await world.made('owner', 'POST', '/bkt/big', 'uploads')).value['UploadId']}"
    assert code(await world("other", "GET", "/bkt/big", mine)) == "403 AccessDenied"


@pytest.mark.parametrize(
    ("permission", "grantee", "method", "path", "query", "allowed"),
    [
        ("READ", "bucket", "GET", "/bkt", "", True),
        ("READ", "bucket", "GET", "/bkt", "versions", True),
        ("READ", "bucket", "GET", "/bkt", "uploads", True),
        ("READ", "bucket", "HEAD", "/bkt", "", True),
        ("READ", "bucket", "GET", "/bkt/k", "", False),
        ("READ", "bucket", "GET", "/bkt", "acl", False),
        ("READ", "bucket", "GET", "/bkt", "location", False),
        ("READ", "bucket", "PUT", "/bkt/new", "", False),
        ("WRITE", "bucket", "PUT", "/bkt/new", "", True),
        ("WRITE", "bucket", "POST", "/bkt/new", "uploads", True),
        ("WRITE", "bucket", "GET", "/bkt", "", False),
        # "... WRITE permissions deny non-owners the ability to overwrite or delete existing objects".
        ("WRITE", "bucket", "PUT", "/bkt/k", "", False),
        ("WRITE", "bucket", "DELETE", "/bkt/k", "", False),
        ("READ_ACP", "bucket", "GET", "/bkt", "acl", True),
        ("READ_ACP", "bucket", "PUT", "/bkt", "acl", False),
        ("WRITE_ACP", "bucket", "PUT", "/bkt", "acl", True),
        ("WRITE_ACP", "bucket", "GET", "/bkt", "acl", False),
        ("FULL_CONTROL", "bucket", "GET", "/bkt", "acl", True),
        ("FULL_CONTROL", "bucket", "PUT", "/bkt/new", "", True),
        ("FULL_CONTROL", "bucket", "GET", "/bkt", "policy", False),
        ("FULL_CONTROL", "bucket", "DELETE", "/bkt", "", False),
        ("READ", "object", "GET", "/bkt/k", "", True),
        ("READ", "object", "HEAD", "/bkt/k", "", True),
        ("READ", "object", "GET", "/bkt/k", "acl", False),
        ("READ", "object", "GET", "/bkt/k", "tagging", False),
        ("READ_ACP", "object", "GET", "/bkt/k", "acl", True),
        ("READ_ACP", "object", "GET", "/bkt/k", "", False),
        ("WRITE_ACP", "object", "PUT", "/bkt/k", "acl", True),
        ("WRITE_ACP", "object", "GET", "/bkt/k", "acl", False),
        ("FULL_CONTROL", "object", "GET", "/bkt/k", "", True),
        ("FULL_CONTROL", "object", "PUT", "/bkt/k", "acl", True),
        ("FULL_CONTROL", "object", "DELETE", "/bkt/k", "", False),
    ],
)
async def test_by_list(
    world: World, permission: str, grantee: str, method: str, path: str, query: str, allowed: bool
) -> None:
    await world.with_acls()
    header = f"x_amz_grant_{permission.lower()}"
    target = "/bkt" if grantee == "bucket" else "/bkt/k"
    await world.made("owner", "PUT", target, "acl", **{header: f"id={world.other.canonical_id}"})
    given = {"x_amz_acl": "private"} if query == "acl" and method == "PUT" else {}
    response = await world("other", method, path, query, **given)
    assert (response.status < 300) is allowed, response.body
    assert (await world("nobody", method, path, query, **given)).status == 403


async def test_groups(world: World) -> None:
    await world.with_acls()
    for acl, expected in (("public-read", (200, 200)), ("authenticated-read", (200, 403)), ("private", (403, 403))):
        await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_acl=acl)
        await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl=acl)
        for path in ("/bkt", "/bkt/k"):
            assert tuple([(await world(who, "GET", path)).status for who in ("other", "nobody")]) == expected


async def test_a_list_does_not_outweigh_a_deny(world: World) -> None:
    await world.policy(statement(Effect="Deny"))
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_acl="public-read")
    assert code(await world("nobody", "GET", "/bkt/k")) == "403 AccessDenied"


async def test_the_owner_needs_no_grant(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_grant_read=f"id={world.other.canonical_id}")
    await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_grant_read=f"id={world.other.canonical_id}")
    for method, path in (("GET", "/bkt"), ("GET", "/bkt/k"), ("PUT", "/bkt/k"), ("DELETE", "/bkt/k")):
        assert (await world("owner", method, path)).status < 300


async def test_objects_of_somebody_else(world: World) -> None:
    await world.policy(statement(Action="s3:*", Resource=[BUCKET, OBJECTS], Principal={"AWS": world.other.id}))
    await world.with_acls()
    await world.made("other", "PUT", "/bkt/theirs", body="x", x_amz_tagging="a=b")
    for query in ("", "tagging", "acl"):
        assert (await world("other", "GET", "/bkt/theirs", query)).status == 200
        assert code(await world("owner", "GET", "/bkt/theirs", query)) == "403 AccessDenied"
    # What the bucket's owner allows to all is not of objects that are not its own.
    await world.policy(statement())
    assert (await world("nobody", "GET", "/bkt/k")).status == 200
    assert code(await world("nobody", "GET", "/bkt/theirs")) == "403 AccessDenied"
    assert (await world("owner", "PUT", "/bkt/theirs", body="mine")).status == 200
    assert (await world("nobody", "GET", "/bkt/theirs")).status == 200


async def test_what_nobody_writes_is_nobodys(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl="public-read-write")
    await world.made("nobody", "PUT", "/bkt/found", body="x")
    listed = (await world.made("owner", "GET", "/bkt", "list-type=2&fetch-owner=true&prefix=found")).value
    assert listed["Contents"][0]["Owner"] == {"ID": "65a011a29cdf8ec533ec3d1ccaae921c"}
    assert (await world("owner", "DELETE", "/bkt/found")).status == 204
    # It says of the new object what another account may say, and nothing of one that is there.
    await world.made("nobody", "PUT", "/bkt/open", body="x", x_amz_acl="public-read", x_amz_tagging="a=b")
    assert (await world("owner", "GET", "/bkt/open")).status == 200
    assert code(await world("nobody", "PUT", "/bkt/open", "acl", x_amz_acl="private")) == "403 AccessDenied"
    assert code(await world("nobody", "GET", "/bkt/open", "acl")) == "403 AccessDenied"


async def test_requesters_pay(world: World) -> None:
    body = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    await world.made("owner", "PUT", "/bkt", "requestPayment", body)
    await world.policy(statement(Action="s3:*", Resource=[BUCKET, OBJECTS]))
    pays = {"x_amz_request_payer": "requester"}
    for method, path in (("GET", "/bkt/k"), ("HEAD", "/bkt/k"), ("GET", "/bkt"), ("PUT", "/bkt/new")):
        assert (await world("other", method, path)).status == 403
        assert (await world("nobody", method, path, **pays)).status == 403
        paid = await world("other", method, path, **pays)
        assert (paid.status, paid.header("x-amz-request-charged")) == (200, "requester")
        own = await world("owner", method, path)
        assert (own.status, own.header("x-amz-request-charged")) == (200, None)
    assert (await world("other", "GET", "/bkt/k", "x-amz-request-payer=requester")).status == 200
    await world.made("other", "PUT", "/theirs")
    source = {"x_amz_copy_source": "bkt/k"}
    assert code(await world("other", "PUT", "/theirs/c", **source)) == "403 AccessDenied"
    paid = await world("other", "PUT", "/theirs/c", **source, **pays)
    assert (paid.status, paid.header("x-amz-request-charged")) == (200, "requester")


def test_an_answer_of_whatever_kind_tells_who_pays() -> None:
    results: list[Result] = [{}, Reply(status=204), Response(204, [])]
    for answer in map(charge, results):
        assert isinstance(answer, Reply | Response)
        assert ("x-amz-request-charged", "requester") in answer.headers


async def test_a_bypass_of_governance_is_an_action_of_its_own(world: World) -> None:
    await world.made("owner", "PUT", "/locked", x_amz_bucket_object_lock_enabled="true")
    version = (await world.made("owner", "PUT", "/locked/k", body="x")).header("x-amz-version-id")
    delete = ("other", "DELETE", "/locked/k", f"versionId={version}")
    bypass = {"x_amz_bypass_governance_retention": "true"}
    allowed = ["s3:DeleteObjectVersion"]
    for expected in (403, 204):
        policy = document(
            statement(Action=allowed, Resource="arn:aws:s3:::locked/*", Principal={"AWS": world.other.id})
        )
        await world.made("owner", "PUT", "/locked", "policy", policy)
        assert (await world(*delete, **bypass)).status == expected
        allowed.append("s3:BypassGovernanceRetention")
