"""AccessDenied: who is told why, and who is not."""

from __future__ import annotations

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import OBJECTS, statement
from tests.mocks.s3.conftest import code, told


async def test_the_account_itself_is_told_why(world: World) -> None:
    await world.policy(statement(Effect="Deny", Resource=OBJECTS))
    refused = await world("owner", "GET", "/bkt/k")
    assert code(refused) == "403 AccessDenied"
    assert told(refused) == (
        f"User: {world.owner.arn} is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::bkt/k" with an explicit deny in a resource-based policy'
    )
    for who in ("other", "nobody"):
        assert told(await world(who, "GET", "/bkt/k")) == "Access Denied"


async def test_nothing_allows_it(world: World) -> None:
    await world.policy(statement(Action="s3:PutObject"))
    await world.with_acls()
    await world.made("other", "PUT", "/bkt/theirs", body="x")
    assert told(await world("owner", "GET", "/bkt/theirs")).endswith(
        '"arn:aws:s3:::bkt/theirs" because no resource-based policy allows the s3:GetObject action'
    )


async def test_a_head_says_nothing(world: World) -> None:
    refused = await world("nobody", "HEAD", "/bkt/k")
    assert (refused.status, refused.body) == (403, b"")
