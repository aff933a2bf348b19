"""What a request may give as an access control list, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.s3.access.conftest import OTHER, OWNER, World
from tests.mocks.s3.access.test_acls import FULL, NAMESPACE, acl, by_id
from tests.mocks.s3.conftest import code, told

ID = OTHER.canonical_id
ALL = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_grant_read": f"id={ID}"}, [("other", "READ")]),
        ({"x_amz_grant_read": f'id="{ID}", uri="{ALL}"'}, [("other", "READ"), ("AllUsers", "READ")]),
        (
            {"x_amz_grant_full_control": f"id={OWNER.canonical_id}", "x_amz_grant_write_acp": f"ID={ID}"},
            [FULL, ("other", "WRITE_ACP")],
        ),
        ({"x_amz_grant_read_acp": f"id={ID}"}, [("other", "READ_ACP")]),
    ],
)
async def test_grants_in_headers(world: World, headers: dict[str, str], expected: list[tuple[str, str]]) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt/k", "acl", **headers)
    await world.made("owner", "PUT", "/bkt/new", body="x", **headers)
    await world.made("owner", "PUT", "/bkt", "acl", **headers)
    for path in ("/bkt/k", "/bkt/new", "/bkt"):
        assert await world.grants(path) == expected


@pytest.mark.parametrize(
    ("headers", "expected", "sentence"),
    [
        ({}, "400 MissingSecurityHeader", "Your request was missing a required header"),
        (
            {"x_amz_acl": "private", "x_amz_grant_read": f"id={ID}"},
            "400 InvalidRequest",
            "Specifying both Canned ACLs and Header Grants is not allowed",
        ),
        ({"x_amz_acl": "everyone"}, "400 InvalidArgument", ""),
        ({"x_amz_grant_read": "who"}, "400 InvalidArgument", "Argument format not recognized"),
        ({"x_amz_grant_read": ""}, "400 InvalidArgument", "Argument format not recognized"),
        ({"x_amz_grant_read": "id=" + "ab" * 32}, "400 InvalidArgument", "Invalid id"),
        ({"x_amz_grant_read": "uri=http://example.com/"}, "400 InvalidArgument", "Invalid group uri"),
        (
            {"x_amz_grant_read": "emailAddress=a@example.com"},
            "405 MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        ),
    ],
)
async def test_headers_that_are_refused(world: World, headers: dict[str, str], expected: str, sentence: str) -> None:
    await world.with_acls()
    for path in ("/bkt", "/bkt/k"):
        refused = await world("owner", "PUT", path, "acl", **headers)
        assert (code(refused), told(refused)) == (expected, sentence)
    if headers:
        assert code(await world("owner", "PUT", "/bkt/new", body="x", **headers)) == expected
        assert code(await world("owner", "GET", "/bkt/new")) == "404 NoSuchKey"


def by(type_: str, inside: str) -> str:
    """A grant to a grantee of some type."""
    return f'<Grant><Grantee {NAMESPACE} xsi:type="{type_}">{inside}</Grantee><Permission>READ</Permission></Grant>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<x", "400 MalformedXML"),
        ("<AccessControlPolicy/>", "400 MalformedACLError"),
        (f"<AccessControlPolicy><Owner><ID>{ID}</ID></Owner></AccessControlPolicy>", "400 MalformedACLError"),
        (acl(OWNER.canonical_id, "<Grant/>"), "400 MalformedACLError"),
        (acl(OWNER.canonical_id, by_id(ID, "EVERYTHING")), "400 MalformedACLError"),
        (acl(OWNER.canonical_id, by("Group", "")), "400 MalformedACLError"),
        (acl(OWNER.canonical_id, by("Nobody", "")), "400 MalformedACLError"),
        (acl(OWNER.canonical_id, *[by_id(ID, "READ")] * 101), "400 MalformedACLError"),
        (acl(OWNER.canonical_id, by_id("abc", "READ")), "400 InvalidArgument"),
        (acl(OWNER.canonical_id, by("Group", "<URI>x</URI>")), "400 InvalidArgument"),
        (
            acl(OWNER.canonical_id, by("AmazonCustomerByEmail", "<EmailAddress>a@example.com</EmailAddress>")),
            "405 MethodNotAllowed",
        ),
        (acl(ID, by_id(ID, "FULL_CONTROL")), "403 AccessDenied"),
    ],
)
async def test_documents_that_are_refused(world: World, body: str, expected: str) -> None:
    await world.with_acls()
    for path in ("/bkt", "/bkt/k"):
        assert code(await world("owner", "PUT", path, "acl", body)) == expected
        assert await world.grants(path) == [FULL]


async def test_an_error_names_what_it_is_about(world: World) -> None:
    await world.with_acls()
    refused = await world("owner", "PUT", "/bkt", "acl", acl(OWNER.canonical_id, by_id("abc", "READ")))
    assert b"<ArgumentName>CanonicalUser/ID</ArgumentName><ArgumentValue>abc</ArgumentValue>" in refused.body
    refused = await world("owner", "PUT", "/bkt", "acl", x_amz_acl="everyone")
    assert b"<ArgumentName>x-amz-acl</ArgumentName><ArgumentValue>everyone</ArgumentValue>" in refused.body
    missing = await world("owner", "PUT", "/bkt", "acl")
    assert b"<MissingHeaderName>x-amz-acl</MissingHeaderName>" in missing.body


async def test_a_hundred_grants_are_taken(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", acl(OWNER.canonical_id, *[by_id(ID, "READ")] * 100))


async def test_either_headers_or_a_document(world: World) -> None:
    await world.with_acls()
    refused = await world("owner", "PUT", "/bkt", "acl", acl(OWNER.canonical_id), x_amz_acl="private")
    assert (code(refused), told(refused)) == ("400 UnexpectedContent", "This request does not support content")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_acl": "bucket-owner-full-control"}, "200"),
        ({"x_amz_acl": "private"}, "200"),
        ({"x_amz_grant_full_control": f"id={OWNER.canonical_id}"}, "200"),
        ({"x_amz_acl": "bucket-owner-read"}, "400 AccessControlListNotSupported"),
        ({"x_amz_acl": "public-read"}, "400 AccessControlListNotSupported"),
        ({"x_amz_acl": "everyone"}, "400 InvalidArgument"),
        ({"x_amz_grant_full_control": f"id={ID}"}, "400 AccessControlListNotSupported"),
        ({"x_amz_grant_read": f"id={OWNER.canonical_id}"}, "400 AccessControlListNotSupported"),
        ({"x_amz_acl": "private", "x_amz_grant_read": f"id={ID}"}, "400 InvalidRequest"),
    ],
)
async def test_an_object_where_lists_are_disabled(world: World, headers: dict[str, str], expected: str) -> None:
    for extra in ({}, {"x_amz_copy_source": "bkt/k"}):
        response = await world("owner", "PUT", "/bkt/new", **headers, **extra)
        assert code(response) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_acl": "private"}, "200"),
        ({"x_amz_acl": "public-read"}, "400 InvalidBucketAclWithObjectOwnership"),
        ({"x_amz_grant_read": f"id={ID}"}, "400 InvalidBucketAclWithObjectOwnership"),
        ({"x_amz_grant_read": f"id={ID}", "x_amz_object_ownership": "ObjectWriter"}, "200"),
        (
            {"x_amz_acl": "public-read", "x_amz_object_ownership": "ObjectWriter"},
            "400 InvalidBucketAclWithBlockPublicAccessError",
        ),
        ({"x_amz_acl": "everyone"}, "400 InvalidArgument"),
    ],
)
async def test_a_new_bucket(world: World, headers: dict[str, str], expected: str) -> None:
    assert code(await world("owner", "PUT", "/new", **headers)) == expected
    assert (await world("owner", "HEAD", "/new")).status == (200 if expected == "200" else 404)


async def test_creating_again_resets_the_list(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl="public-read")
    await world.made("owner", "PUT", "/bkt")
    assert await world.grants("/bkt") == [FULL]


async def test_a_writer_of_another_account_grants_with_its_own_list(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl="public-read-write")
    await world.made("other", "PUT", "/bkt/theirs", body="x", x_amz_acl="bucket-owner-read")
    grants: Any = (await world.made("other", "GET", "/bkt/theirs", "acl")).value["Grants"]
    assert [(grant["Grantee"]["ID"], grant["Permission"]) for grant in grants] == [
        (ID, "FULL_CONTROL"),
        (OWNER.canonical_id, "READ"),
    ]
    assert (await world("owner", "GET", "/bkt/theirs")).status == 200
