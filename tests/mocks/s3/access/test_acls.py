"""Access control lists of buckets and objects, there and back."""

from __future__ import annotations

import pytest

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.conftest import code
from tests.mocks.s3.notified import QUEUE, configure, configured, records

FULL = ("owner", "FULL_CONTROL")
NAMESPACE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def by_id(canonical: str, permission: str) -> str:
    """A grant to an account."""
    grantee = f'<Grantee {NAMESPACE} xsi:type="CanonicalUser"><ID>{canonical}</ID></Grantee>'
    return f"<Grant>{grantee}<Permission>{permission}</Permission></Grant>"


def acl(owner: str, *grants: str) -> str:
    """A list as a document."""
    inside = "".join(grants)
    return (
        f"<AccessControlPolicy><Owner><ID>{owner}</ID></Owner>"
        f"<AccessControlList>{inside}</AccessControlList></AccessControlPolicy>"
    )


async def test_the_default(world: World) -> None:
    for path in ("/bkt", "/bkt/k"):
        got = await world("owner", "GET", path, "acl")
        assert got.value["Owner"] == {"ID": world.owner.canonical_id}
        assert await world.grants(path) == [FULL]
        assert b'xsi:type="CanonicalUser"' in got.body


@pytest.mark.parametrize(
    ("canned", "expected"),
    [
        ("private", []),
        ("public-read", [("AllUsers", "READ")]),
        ("public-read-write", [("AllUsers", "READ"), ("AllUsers", "WRITE")]),
        ("authenticated-read", [("AuthenticatedUsers", "READ")]),
        ("bucket-owner-read", []),
        ("bucket-owner-full-control", []),
    ],
)
async def test_canned_lists(world: World, canned: str, expected: list[tuple[str, str]]) -> None:
    await world.with_acls()
    for path in ("/bkt", "/bkt/k"):
        await world.made("owner", "PUT", path, "acl", x_amz_acl=canned)
        assert await world.grants(path) == [FULL, *expected]
    await world.made("owner", "PUT", "/bkt/new", body="x", x_amz_acl=canned)
    await world.made("owner", "PUT", "/bkt/copy", x_amz_copy_source="bkt/k", x_amz_acl=canned)
    assert await world.grants("/bkt/new") == await world.grants("/bkt/copy") == [FULL, *expected]


async def test_a_list_for_the_logs(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl="log-delivery-write")
    assert await world.grants("/bkt") == [FULL, ("LogDelivery", "WRITE"), ("LogDelivery", "READ_ACP")]
    assert code(await world("owner", "PUT", "/bkt/k", "acl", x_amz_acl="log-delivery-write")) == "400 InvalidArgument"


async def test_an_upload_in_parts_has_its_list(world: World) -> None:
    await world.with_acls()
    upload_id = await world.s3.upload("/bkt/big", [b"part"], x_amz_acl="public-read")
    await world.s3.complete("/bkt/big", upload_id, await world.s3.etags("/bkt/big", upload_id))
    assert await world.grants("/bkt/big") == [FULL, ("AllUsers", "READ")]


async def test_a_copy_has_a_list_of_its_own(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_acl="public-read")
    await world.made("owner", "PUT", "/bkt/copy", x_amz_copy_source="bkt/k")
    assert await world.grants("/bkt/copy") == [FULL]


async def test_a_document(world: World) -> None:
    await world.with_acls()
    own, other = world.owner.canonical_id, world.other.canonical_id
    for path in ("/bkt", "/bkt/k"):
        body = acl(own, by_id(own, "FULL_CONTROL"), by_id(other, "READ_ACP"))
        await world.made("owner", "PUT", path, "acl", body)
        assert await world.grants(path) == [FULL, ("other", "READ_ACP")]
        # What it told can be sent back.
        again = (await world("owner", "GET", path, "acl")).body
        await world.made("owner", "PUT", path, "acl", again.decode())
        await world.made("owner", "PUT", path, "acl", acl(own))
        assert await world.grants(path) == []


async def test_versions_have_lists_of_their_own(world: World) -> None:
    await world.with_acls()
    await world.s3.versioned()
    first = (await world.made("owner", "PUT", "/bkt/v", body="1")).header("x-amz-version-id") or ""
    await world.made("owner", "PUT", "/bkt/v", body="2")
    put = await world.made("owner", "PUT", "/bkt/v", f"acl&versionId={first}", x_amz_acl="public-read")
    assert put.header("x-amz-version-id") == first
    assert await world.grants("/bkt/v") == [FULL]
    assert await world.grants("/bkt/v", f"acl&versionId={first}") == [FULL, ("AllUsers", "READ")]
    assert (await world("nobody", "GET", "/bkt/v", f"versionId={first}")).status == 200
    assert code(await world("nobody", "GET", "/bkt/v")) == "403 AccessDenied"


async def test_where_lists_are_disabled(world: World) -> None:
    body = acl(world.owner.canonical_id, by_id(world.owner.canonical_id, "FULL_CONTROL"))
    for path in ("/bkt", "/bkt/k"):
        assert code(await world("owner", "PUT", path, "acl", x_amz_acl="private")) == (
            "400 AccessControlListNotSupported"
        )
        # "... or an equivalent form of this ACL expressed in the XML format" is for objects.
        expected = "200" if path == "/bkt/k" else "400 AccessControlListNotSupported"
        assert code(await world("owner", "PUT", path, "acl", body)) == expected
        assert code(await world("owner", "PUT", path, "acl", x_amz_acl="bucket-owner-full-control")) == expected
        more = body.replace("</AccessControlList>", by_id(world.other.canonical_id, "READ") + "</AccessControlList>")
        assert code(await world("owner", "PUT", path, "acl", more)) == "400 AccessControlListNotSupported"
        assert await world.grants(path) == [FULL]


async def test_what_is_not_there(world: World) -> None:
    assert code(await world("owner", "GET", "/bkt/no", "acl")) == "404 NoSuchKey"
    assert code(await world("owner", "PUT", "/bkt/no", "acl", x_amz_acl="private")) == "404 NoSuchKey"
    assert code(await world("owner", "GET", "/nowhere", "acl")) == "404 NoSuchBucket"


async def test_whoever_listens_hears_of_a_change(world: World) -> None:
    await world.with_acls()
    assert (await configure(world.s3, configured(QUEUE, "s3:ObjectAcl:Put"))).status == 200
    for acl in ("public-read", "public-read", "private"):
        await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_acl=acl)
    assert [record["eventName"] for record in await records(world.s3)] == ["ObjectAcl:Put"] * 2
