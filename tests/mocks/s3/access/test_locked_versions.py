"""Versions and locks before other accounts: what a policy must allow, and what is not shown to whom."""

from __future__ import annotations

from tests.mocks.s3.access.conftest import World
from tests.mocks.s3.access.policies import BUCKET, statement
from tests.mocks.s3.conftest import code
from tests.mocks.s3.locks import configure

BYPASS = {"x_amz_bypass_governance_retention": "true"}


async def locked(world: World) -> str:
    """A version of ``/bkt/k`` that is retained for a day and held no longer."""
    await world.s3.versioned()
    assert (await configure(world.s3, "<Mode>GOVERNANCE</Mode><Days>1</Days>", "/bkt")).status == 200
    made = await world.made("owner", "PUT", "/bkt/k", "", "1")
    await world.made("owner", "PUT", "/bkt/k", "legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>")
    return made.header("x-amz-version-id") or ""


async def test_a_bypass_is_a_permission_of_its_own(world: World) -> None:
    query = {"versionId": await locked(world)}
    allowed = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    await world.policy(statement(Action=allowed))
    assert code(await world("other", "DELETE", "/bkt/k", query)) == "403 AccessDenied", "it is locked"
    assert code(await world("other", "DELETE", "/bkt/k", query, **BYPASS)) == "403 AccessDenied", "nor may they pass"
    body = f"<Delete><Object><Key>k</Key><VersionId>{query['versionId']}</VersionId></Object></Delete>"
    many = await world("other", "POST", "/bkt", "delete", body, **BYPASS)
    assert [each["Code"] for each in many.value["Errors"]] == ["AccessDenied"]
    await world.policy(statement(Action=[*allowed, "s3:BypassGovernanceRetention"]))
    assert (await world("other", "DELETE", "/bkt/k", query, **BYPASS)).status == 204


async def test_locks_are_shown_to_who_may_see_them(world: World) -> None:
    await locked(world)
    await world.policy(statement())
    shown = await world.made("other", "GET", "/bkt/k")
    assert shown.header("x-amz-object-lock-mode") is None
    assert shown.header("x-amz-object-lock-retain-until-date") is None
    await world.policy(statement(Action=["s3:GetObject", "s3:GetObjectRetention"]))
    shown = await world.made("other", "HEAD", "/bkt/k")
    assert shown.header("x-amz-object-lock-mode") == "GOVERNANCE"
    assert shown.header("x-amz-object-lock-legal-hold") is None
    await world.policy(statement(Action=["s3:GetObject", "s3:GetObjectLegalHold"]))
    assert (await world.made("other", "GET", "/bkt/k")).header("x-amz-object-lock-legal-hold") == "OFF"
    assert (await world.made("owner", "GET", "/bkt/k")).header("x-amz-object-lock-mode") == "GOVERNANCE"


async def test_old_versions_are_read_by_who_may(world: World) -> None:
    await world.s3.versioned()
    old = (await world.made("owner", "PUT", "/bkt/k", "", "1")).header("x-amz-version-id")
    await world.made("owner", "PUT", "/bkt/k", "", "2")
    query = {"versionId": old}
    await world.policy(statement())
    assert code(await world("other", "GET", "/bkt/k", query)) == "403 AccessDenied"
    assert code(await world("other", "GET", "/bkt", "versions")) == "403 AccessDenied"
    await world.policy(
        statement(Action="s3:GetObjectVersion"), statement(Action="s3:ListBucketVersions", Resource=BUCKET)
    )
    assert (await world.made("other", "GET", "/bkt/k", query)).value["Body"] == b"1"
    assert code(await world("nobody", "GET", "/bkt/k")) == "403 AccessDenied"
    assert len((await world.made("nobody", "GET", "/bkt", "versions")).value["Versions"]) == 3
