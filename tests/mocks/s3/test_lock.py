"""What Object Lock keeps, and how a write asks for it."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.locks import DENIED, configure, date, delete, hold, locked_bucket, put, retain
from tests.mocks.s3.test_deleting import md5_of

BYPASS = {"x_amz_bypass_governance_retention": "true"}


def asked(s3: Caller, mode: str = "GOVERNANCE", days: float = 1) -> dict[str, str]:
    return {"x_amz_object_lock_mode": mode, "x_amz_object_lock_retain_until_date": date(s3, days)}


async def test_a_locked_version_stays_and_may_be_hidden(s3: Caller) -> None:
    await locked_bucket(s3)
    version = await put(s3, **asked(s3, "COMPLIANCE"))
    for headers in ({}, BYPASS):
        assert await delete(s3, version, **headers) == DENIED
    marker = await s3("DELETE", "/lck/k")
    assert (marker.status, marker.header("x-amz-delete-marker")) == (204, "true")
    assert await delete(s3, version) == DENIED, "also behind a delete marker"
    assert await delete(s3, marker.header("x-amz-version-id") or "") == "204"
    later = await put(s3, b"2")
    assert await delete(s3, later) == "204", "a version of its own, without a lock"
    assert code(await s3("DELETE", "/lck")) == "409 BucketNotEmpty"
    s3.harness.clock.advance(86_401)  # type: ignore[attr-defined]  # the harness's clock is a held one here
    assert await delete(s3, version) == "204"
    assert (await s3("DELETE", "/lck")).status == 204
    assert await s3.blobs() == 0


async def test_governance_is_passed_by_who_asks(s3: Caller) -> None:
    await locked_bucket(s3)
    version = await put(s3, **asked(s3))
    assert await delete(s3, version) == DENIED
    assert await delete(s3, version, x_amz_bypass_governance_retention="false") == DENIED
    assert await delete(s3, version, **BYPASS) == "204"


async def test_a_legal_hold_is_passed_by_nobody(s3: Caller) -> None:
    await locked_bucket(s3)
    version = await put(s3, x_amz_object_lock_legal_hold="ON")
    assert await delete(s3, version, **BYPASS) == DENIED
    assert (await hold(s3, "OFF")).status == 200
    assert await delete(s3, version) == "204"


async def test_many_deletes_tell_which_are_locked(s3: Caller) -> None:
    await locked_bucket(s3)
    one, two = await put(s3, **asked(s3)), await put(s3, b"2")
    body = "<Delete>{}</Delete>".format(
        "".join(f"<Object><Key>k</Key><VersionId>{version}</VersionId></Object>" for version in (one, two))
    )

    async def deleted(**headers: str) -> tuple[list[str], list[tuple[str, str]]]:
        answer = (await s3("POST", "/lck", "delete", body.encode(), content_md5=digest, **headers)).value
        failed = [(each["VersionId"], each["Code"]) for each in answer.get("Errors", ())]
        return [each["VersionId"] for each in answer.get("Deleted", ())], failed

    digest = md5_of(body.encode())
    assert await deleted() == ([two], [(one, "AccessDenied")])
    assert await deleted(**BYPASS) == ([one, two], [])


async def test_a_bypass_where_there_is_nothing_to_pass(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    assert code(await s3("DELETE", "/bkt/k", **BYPASS)) == "400 InvalidArgument"
    assert await s3.content("/bkt/k") == b"1"


@pytest.mark.parametrize(("default", "days"), [("<Days>2</Days>", 2), ("<Years>1</Years>", 365)])
async def test_a_default_is_what_comes_without_its_own(s3: Caller, default: str, days: int) -> None:
    await locked_bucket(s3, f"<Mode>COMPLIANCE</Mode>{default}")
    await put(s3)
    head = await s3("HEAD", "/lck/k")
    assert head.header("x-amz-object-lock-mode") == "COMPLIANCE"
    assert (head.header("x-amz-object-lock-retain-until-date") or "")[:19] == date(s3, days)[:19]
    assert head.header("x-amz-object-lock-legal-hold") is None
    own = await put(s3, **asked(s3))
    assert (await s3("HEAD", "/lck/k")).header("x-amz-object-lock-mode") == "GOVERNANCE"
    assert await delete(s3, own, **BYPASS) == "204"
    copied = await s3("PUT", "/lck/copy", x_amz_copy_source="lck/k")
    assert copied.status == 200
    assert (await s3("HEAD", "/lck/copy")).header("x-amz-object-lock-mode") == "COMPLIANCE"
    upload = await s3.upload("/lck/parts", [b"1"])
    await s3.complete("/lck/parts", upload, await s3.etags("/lck/parts", upload))
    assert (await s3("HEAD", "/lck/parts")).header("x-amz-object-lock-mode") == "COMPLIANCE"


async def test_every_kind_of_write_may_ask(s3: Caller) -> None:
    await locked_bucket(s3)
    wanted = {**asked(s3, days=3), "x_amz_object_lock_legal_hold": "ON"}
    await put(s3, **wanted)
    await s3("PUT", "/lck/copy", x_amz_copy_source="lck/k", **wanted)
    upload = await s3.upload("/lck/parts", [b"1"], **wanted)
    await s3.complete("/lck/parts", upload, await s3.etags("/lck/parts", upload))
    for key in ("k", "copy", "parts"):
        got = await s3("GET", f"/lck/{key}")
        assert (got.header("x-amz-object-lock-mode"), got.header("x-amz-object-lock-legal-hold")) == (
            "GOVERNANCE",
            "ON",
        )
        assert (got.header("x-amz-object-lock-retain-until-date") or "")[:19] == date(s3, 3)[:19]
    await s3("PUT", "/lck/plain", x_amz_copy_source="lck/k")
    assert (await s3("HEAD", "/lck/plain")).header("x-amz-object-lock-mode") is None, "a source's lock stays with it"


@pytest.mark.parametrize(
    ("headers", "told", "words"),
    [
        ({"x_amz_object_lock_mode": "GOVERNANCE"}, "400 InvalidArgument", b"must both be supplied"),
        ({"x_amz_object_lock_retain_until_date": "2099-01-01T00:00:00Z"}, "400 InvalidArgument", b"must both be"),
        (
            {"x_amz_object_lock_mode": "GOVERNANCE", "x_amz_object_lock_retain_until_date": "2001-01-01T00:00:00Z"},
            "400 InvalidArgument",
            b"must be in the future!",
        ),
        (
            {"x_amz_object_lock_mode": "LOOSE", "x_amz_object_lock_retain_until_date": "2099-01-01T00:00:00Z"},
            "400 InvalidArgument",
            b"Unknown wormMode directive.",
        ),
        (
            {"x_amz_object_lock_mode": "GOVERNANCE", "x_amz_object_lock_retain_until_date": "soon"},
            "400 InvalidArgument",
            b"must be provided in ISO 8601 format",
        ),
        ({"x_amz_object_lock_legal_hold": "on"}, "400 InvalidArgument", b"Legal Hold must be either of"),
        ({"x_amz_object_lock_event_hold": "ON"}, "501 NotImplemented", b"event holds"),
    ],
)
async def test_what_a_write_cannot_ask(s3: Caller, headers: dict[str, str], told: str, words: bytes) -> None:
    await locked_bucket(s3)
    refused = await s3.put("/lck/k", b"1", content_md5=md5_of(b"1"), **headers)
    assert (code(refused), words in refused.body) == (told, True), refused.body
    assert code(await s3("GET", "/lck/k")) == "404 NoSuchKey"


async def test_a_bucket_without_it(s3: Caller) -> None:
    await s3.versioned()
    assert code(await s3.put("/bkt/k", b"1", **asked(s3))) == "400 InvalidRequest"
    assert code(await s3.put("/bkt/k", b"1", x_amz_object_lock_legal_hold="ON")) == "400 InvalidRequest"
    refused = await s3("POST", "/bkt/k", "uploads", **asked(s3))
    assert code(refused) == "400 InvalidRequest"
    assert b"Bucket is missing ObjectLockConfiguration" in refused.body


async def test_a_lock_wants_a_digest(s3: Caller) -> None:
    await locked_bucket(s3)
    assert code(await s3.put("/lck/k", b"1", **asked(s3))) == "400 InvalidRequest"
    assert (await s3.put("/lck/k", b"1")).status == 200
    assert (await s3.put("/lck/k", b"1", content_md5="xMpCOKC5I4INzFCab3WEmw==", **asked(s3))).status == 200
    await s3("PUT", "/lck2", x_amz_bucket_object_lock_enabled="true")
    assert (await configure(s3, "<Mode>GOVERNANCE</Mode><Days>1</Days>", "/lck2")).status == 200
    assert code(await s3.put("/lck2/k", b"1")) == "400 InvalidRequest"


async def test_a_lock_that_is_over_protects_nothing(s3: Caller) -> None:
    await locked_bucket(s3)
    version = await put(s3, **asked(s3, "COMPLIANCE"))
    s3.harness.clock.advance(86_401)  # type: ignore[attr-defined]  # the harness's clock is a held one here
    assert (await retain(s3, "GOVERNANCE", 1)).status == 200
    assert await delete(s3, version, **BYPASS) == "204"
