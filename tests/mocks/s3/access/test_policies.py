"""A bucket's policy: kept as it was sent, refused where it is public and that is blocked, its owner's alone."""

from __future__ import annotations

import pytest

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import BUCKET, OBJECTS, document, statement
from tests.mocks.s3.conftest import code, told


async def test_there_and_back(world: World) -> None:
    text = ' { "Statement" : [] }'.strip()
    assert code(await world("owner", "GET", "/bkt", "policy")) == "404 NoSuchBucketPolicy"
    assert code(await world("owner", "PUT", "/bkt", "policy", text)) == "400 MalformedPolicy"
    text = document(statement(Principal={"AWS": "111122223333"})).replace(", ", ",\n  ")
    assert (await world("owner", "PUT", "/bkt", "policy", text)).status == 204
    got = await world("owner", "GET", "/bkt", "policy")
    assert (got.body.decode(), got.header("content-type")) == (text, "application/json")
    for _ in range(2):
        assert (await world("owner", "DELETE", "/bkt", "policy")).status == 204
    assert code(await world("owner", "GET", "/bkt", "policy")) == "404 NoSuchBucketPolicy"


async def test_it_goes_with_its_bucket(world: World) -> None:
    await world.policy(statement())
    await world.made("owner", "DELETE", "/bkt/k")
    await world.made("owner", "DELETE", "/bkt")
    await world.made("owner", "PUT", "/bkt")
    assert code(await world("owner", "GET", "/bkt", "policy")) == "404 NoSuchBucketPolicy"


async def test_a_public_one_is_blocked(world: World) -> None:
    refused = await world("owner", "PUT", "/bkt", "policy", document())
    assert code(refused) == "403 AccessDenied"
    assert told(refused) == (
        f"User: {world.owner.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
        f'"{BUCKET}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.'
    )
    assert code(await world("owner", "GET", "/bkt", "policy")) == "404 NoSuchBucketPolicy"


async def test_whether_it_is_public(world: World) -> None:
    assert code(await world("owner", "GET", "/bkt", "policyStatus")) == "404 NoSuchBucketPolicy"
    for principal, public in (("*", True), ({"AWS": "111122223333"}, False)):
        await world.policy(statement(Principal=principal))
        status = (await world.made("owner", "GET", "/bkt", "policyStatus")).value["PolicyStatus"]
        assert status == {"IsPublic": public}


@pytest.mark.parametrize(("method", "body"), [("GET", ""), ("PUT", document()), ("DELETE", "")])
async def test_it_is_the_owners_alone(world: World, method: str, body: str) -> None:
    assert code(await world("other", method, "/bkt", "policy", body)) == "403 AccessDenied"
    actions = [f"s3:{verb}BucketPolicy" for verb in ("Get", "Put", "Delete")]
    await world.policy(statement(Action=actions, Resource=BUCKET))
    assert code(await world("other", method, "/bkt", "policy", body)) == "405 MethodNotAllowed"


async def test_the_owner_is_never_locked_out(world: World) -> None:
    await world.policy(statement(Effect="Deny", Action="s3:*", Resource=[BUCKET, OBJECTS]))
    assert code(await world("owner", "GET", "/bkt", "location")) == "403 AccessDenied"
    assert (await world("owner", "GET", "/bkt", "policy")).status == 200
    assert (await world("owner", "PUT", "/bkt", "policy", document())).status == 204
    assert (await world("owner", "DELETE", "/bkt", "policy")).status == 204
    assert (await world("owner", "GET", "/bkt", "location")).status == 200


async def test_canonical_ids_are_somebodys(world: World) -> None:
    text = document(statement(Principal={"CanonicalUser": "ab" * 32}))
    refused = await world("owner", "PUT", "/bkt", "policy", text)
    assert (code(refused), told(refused)) == ("400 MalformedPolicy", "Invalid principal in policy")
    text = document(statement(Principal={"CanonicalUser": world.other.canonical_id}))
    assert (await world("owner", "PUT", "/bkt", "policy", text)).status == 204


async def test_accounts_have_no_users(world: World) -> None:
    for account, expected in ((world.other.id, "400 MalformedPolicy"), ("111122223333", "204")):
        text = document(statement(Principal={"AWS": f"arn:aws:iam::{account}:user/somebody"}))
        assert code(await world("owner", "PUT", "/bkt", "policy", text)) == expected


async def test_a_body_is_asked_for(world: World) -> None:
    assert code(await world("owner", "PUT", "/bkt", "policy")) == "400 MissingRequestBodyError"
    assert code(await world("owner", "PUT", "/bkt", "policy", "x", content_md5="1B2M2Y8AsgTpgAmY7PhCfg==")) == (
        "400 BadDigest"
    )
