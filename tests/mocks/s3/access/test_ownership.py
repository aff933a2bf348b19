"""Object Ownership: the setting, and whose an object is by it."""

from __future__ import annotations

import pytest

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import statement
from tests.mocks.s3.conftest import code

CONTROLS = "<OwnershipControls>{}</OwnershipControls>"
RULE = "<Rule><ObjectOwnership>{}</ObjectOwnership></Rule>"


async def test_the_setting(world: World) -> None:
    async def held() -> str:
        found = (await world.made("owner", "GET", "/bkt", "ownershipControls")).value["OwnershipControls"]["Rules"]
        return str(found[0]["ObjectOwnership"])

    assert await held() == "BucketOwnerEnforced"
    for wanted in ("ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"):
        await world.made("owner", "PUT", "/bkt", "ownershipControls", CONTROLS.format(RULE.format(wanted)))
        assert await held() == wanted
    for _ in range(2):
        assert (await world("owner", "DELETE", "/bkt", "ownershipControls")).status == 204
    assert code(await world("owner", "GET", "/bkt", "ownershipControls")) == "404 OwnershipControlsNotFoundError"
    # Lists mean something now.
    assert (await world("owner", "PUT", "/bkt/k", "acl", x_amz_acl="private")).status == 200


@pytest.mark.parametrize("inside", ["", RULE.format("Nobody"), RULE.format("ObjectWriter") * 2, "<Rule></Rule>"])
async def test_what_is_no_setting(world: World, inside: str) -> None:
    assert code(await world("owner", "PUT", "/bkt", "ownershipControls", CONTROLS.format(inside))) == "400 MalformedXML"


async def test_at_creation(world: World) -> None:
    await world.made("owner", "PUT", "/acls", x_amz_object_ownership="ObjectWriter")
    told = (await world.made("owner", "GET", "/acls", "ownershipControls")).value["OwnershipControls"]["Rules"]
    assert told == [{"ObjectOwnership": "ObjectWriter"}]
    assert code(await world("owner", "PUT", "/odd", x_amz_object_ownership="Nobody")) == "400 InvalidArgument"


async def test_others_lose_what_they_are_granted_first(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_grant_read=f"id={world.other.canonical_id}")
    body = CONTROLS.format(RULE.format("BucketOwnerEnforced"))
    refused = await world("owner", "PUT", "/bkt", "ownershipControls", body)
    assert code(refused) == "400 InvalidBucketAclWithObjectOwnership"
    await world.made("owner", "PUT", "/bkt", "acl", x_amz_acl="private")
    await world.made("owner", "PUT", "/bkt", "ownershipControls", body)


@pytest.mark.parametrize(
    ("ownership", "acl", "expected"),
    [
        ("BucketOwnerEnforced", "", "owner"),
        ("ObjectWriter", "", "other"),
        ("ObjectWriter", "bucket-owner-full-control", "other"),
        ("BucketOwnerPreferred", "", "other"),
        ("BucketOwnerPreferred", "bucket-owner-full-control", "owner"),
    ],
)
async def test_whose_an_object_is(world: World, ownership: str, acl: str, expected: str) -> None:
    await world.policy(statement(Action=["s3:PutObject", "s3:GetObjectAcl"], Principal={"AWS": world.other.id}))
    await world.with_acls(ownership)
    await world.made("other", "PUT", "/bkt/theirs", body="theirs", **({"x_amz_acl": acl} if acl else {}))
    owner = (await world.made("other", "GET", "/bkt/theirs", "acl")).value["Owner"]["ID"]
    assert owner == getattr(world, expected).canonical_id
    # The bucket's owner reads what is its own, or what it has been granted, and may delete all.
    readable = expected == "owner" or acl != ""
    assert code(await world("owner", "GET", "/bkt/theirs")) == ("200" if readable else "403 AccessDenied")
    assert (await world("owner", "DELETE", "/bkt/theirs")).status == 204


async def test_enforcing_takes_hold_of_what_is_there(world: World) -> None:
    await world.policy(statement(Action="s3:PutObject", Principal={"AWS": world.other.id}))
    await world.with_acls()
    await world.made("other", "PUT", "/bkt/theirs", body="theirs")
    assert code(await world("owner", "GET", "/bkt/theirs")) == "403 AccessDenied"
    await world.with_acls("BucketOwnerEnforced")
    assert (await world("owner", "GET", "/bkt/theirs")).status == 200
    await world.with_acls()
    assert code(await world("owner", "GET", "/bkt/theirs")) == "403 AccessDenied"
