"""Block Public Access: four settings, on unless somebody says otherwise."""

from __future__ import annotations

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import statement
from tests.mocks.s3.conftest import code

NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


async def block(world: World, *names: str) -> None:
    """Exactly these settings are on."""
    inside = "".join(f"<{name}>true</{name}>" for name in names) or "<BlockPublicAcls>false</BlockPublicAcls>"
    body = f"<PublicAccessBlockConfiguration>{inside}</PublicAccessBlockConfiguration>"
    await world.made("owner", "PUT", "/bkt", "publicAccessBlock", body)


async def held(world: World) -> dict[str, bool]:
    """The settings as they are told."""
    found: dict[str, bool] = (await world.made("owner", "GET", "/bkt", "publicAccessBlock")).value[
        "PublicAccessBlockConfiguration"
    ]
    return found


async def test_settings(world: World) -> None:
    assert await held(world) == dict.fromkeys(NAMES, True)
    await block(world, "IgnorePublicAcls")
    assert await held(world) == {name: name == "IgnorePublicAcls" for name in NAMES}
    for _ in range(2):
        assert (await world("owner", "DELETE", "/bkt", "publicAccessBlock")).status == 204
    assert code(await world("owner", "GET", "/bkt", "publicAccessBlock")) == "404 NoSuchPublicAccessBlockConfiguration"
    assert code(await world("owner", "PUT", "/bkt", "publicAccessBlock", "<x/>")) == "400 MalformedXML"
    for empty in (
        "<PublicAccessBlockConfiguration/>",
        "<PublicAccessBlockConfiguration></PublicAccessBlockConfiguration>",
    ):
        assert code(await world("owner", "PUT", "/bkt", "publicAccessBlock", empty)) == "400 InvalidRequest"
    assert code(await world("owner", "GET", "/bkt", "publicAccessBlock")) == "404 NoSuchPublicAccessBlockConfiguration"


async def test_public_lists_are_blocked(world: World) -> None:
    await world.with_acls()
    await block(world, "BlockPublicAcls")
    for path in ("/bkt", "/bkt/k"):
        for acl in ("public-read", "public-read-write", "authenticated-read"):
            assert code(await world("owner", "PUT", path, "acl", x_amz_acl=acl)) == "403 AccessDenied"
        assert (await world("owner", "PUT", path, "acl", x_amz_acl="private")).status == 200
    assert code(await world("owner", "PUT", "/bkt/n", x_amz_acl="public-read")) == "403 AccessDenied"
    group = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    assert code(await world("owner", "PUT", "/bkt/n", x_amz_grant_read=group)) == "403 AccessDenied"
    copied = await world("owner", "PUT", "/bkt/n", x_amz_copy_source="bkt/k", x_amz_acl="public-read")
    assert code(copied) == "403 AccessDenied"


async def test_public_lists_are_ignored(world: World) -> None:
    await world.with_acls()
    await world.made("owner", "PUT", "/bkt/k", "acl", x_amz_acl="public-read")
    assert (await world("nobody", "GET", "/bkt/k")).status == 200
    await block(world, "IgnorePublicAcls")
    assert code(await world("nobody", "GET", "/bkt/k")) == "403 AccessDenied"
    assert code(await world("other", "GET", "/bkt/k")) == "403 AccessDenied"
    # "... always return the effective permissions".
    assert await world.grants("/bkt/k") == [("owner", "FULL_CONTROL")]
    await block(world)
    assert ("AllUsers", "READ") in await world.grants("/bkt/k")


async def test_a_public_policy_opens_nothing_to_others(world: World) -> None:
    named = statement(Principal={"AWS": world.other.id})
    await world.policy(named, statement())
    assert (await world("nobody", "GET", "/bkt/k")).status == 200
    await block(world, "RestrictPublicBuckets")
    assert code(await world("nobody", "GET", "/bkt/k")) == "403 AccessDenied"
    # Even whom it names: one public statement makes the policy public.
    assert code(await world("other", "GET", "/bkt/k")) == "403 AccessDenied"
    assert (await world("owner", "GET", "/bkt/k")).status == 200
    await world.made("owner", "DELETE", "/bkt", "policy")
    await world.policy(named)
    await block(world, "RestrictPublicBuckets")
    assert (await world("other", "GET", "/bkt/k")).status == 200
