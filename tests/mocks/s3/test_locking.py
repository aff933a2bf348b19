"""Object Lock of a bucket: on, and with a default."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.locks import configure, locked_bucket

BODY = "<ObjectLockConfiguration>{}</ObjectLockConfiguration>"
ENABLED = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"


async def test_a_bucket_made_with_it_has_versioning(s3: Caller) -> None:
    await locked_bucket(s3)
    assert (await s3("GET", "/lck", "versioning")).value == {"Status": "Enabled"}
    shown = (await s3("GET", "/lck", "object-lock")).value
    assert shown == {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
    suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    assert code(await s3.configured("/lck", "versioning", suspended)) == "409 InvalidBucketState"
    assert (await s3.configured("/lck", "versioning", suspended.replace("Suspended", "Enabled"))).status == 200


async def test_a_bucket_gets_it_later(s3: Caller) -> None:
    assert code(await s3("GET", "/bkt", "object-lock")) == "404 ObjectLockConfigurationNotFoundError"
    assert code(await configure(s3, "", "/bkt")) == "409 InvalidBucketState"
    await s3.versioned("Suspended")
    assert code(await configure(s3, "", "/bkt")) == "409 InvalidBucketState"
    await s3.versioned()
    assert (await configure(s3, "", "/bkt")).status == 200
    assert (await s3("GET", "/bkt", "object-lock")).status == 200


async def test_a_default_comes_changes_and_goes(s3: Caller) -> None:
    await locked_bucket(s3)
    for mode, name, period in (("GOVERNANCE", "Days", 1), ("COMPLIANCE", "Years", 100), ("COMPLIANCE", "Days", 36500)):
        assert (await configure(s3, f"<Mode>{mode}</Mode><{name}>{period}</{name}>")).status == 200
        shown = (await s3("GET", "/lck", "object-lock")).value["ObjectLockConfiguration"]
        assert shown["Rule"] == {"DefaultRetention": {"Mode": mode, name: period}}
    assert (await configure(s3, "")).status == 200
    assert "Rule" not in (await s3("GET", "/lck", "object-lock")).value["ObjectLockConfiguration"]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("", "400 MalformedXML"),
        ("<ObjectLockEnabled>Disabled</ObjectLockEnabled>", "400 MalformedXML"),
        ("<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>", "400 MalformedXML"),
        (f"{ENABLED}<Rule></Rule>", "400 MalformedXML"),
        (f"{ENABLED}<Rule><DefaultRetention></DefaultRetention></Rule>", "400 MalformedXML"),
        (f"{ENABLED}<Rule><DefaultRetention><Mode>GOVERNANCE</Mode></DefaultRetention></Rule>", "400 MalformedXML"),
        (f"{ENABLED}<Rule><DefaultRetention><Days>1</Days></DefaultRetention></Rule>", "400 MalformedXML"),
    ],
)
async def test_what_is_malformed(s3: Caller, inside: str, told: str) -> None:
    await locked_bucket(s3)
    assert code(await s3.configured("/lck", "object-lock", BODY.format(inside))) == told


@pytest.mark.parametrize(
    ("default", "told"),
    [
        ("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "400 MalformedXML"),
        ("<Mode>governance</Mode><Days>1</Days>", "400 MalformedXML"),
        ("<Mode>GOVERNANCE</Mode><Days>x</Days>", "400 MalformedXML"),
        ("<Mode>GOVERNANCE</Mode><Days>0</Days>", "400 InvalidArgument"),
        ("<Mode>GOVERNANCE</Mode><Years>-1</Years>", "400 InvalidArgument"),
        ("<Mode>GOVERNANCE</Mode><Days>36501</Days>", "400 InvalidArgument"),
        ("<Mode>GOVERNANCE</Mode><Years>101</Years>", "400 InvalidArgument"),
        ("<DefaultEventHold><Days>1</Days></DefaultEventHold>", "501 NotImplemented"),
    ],
)
async def test_periods_that_are_none(s3: Caller, default: str, told: str) -> None:
    await locked_bucket(s3)
    assert code(await configure(s3, default)) == told
    assert "Rule" not in (await s3("GET", "/lck", "object-lock")).value["ObjectLockConfiguration"]


async def test_a_body_is_there_and_verified(s3: Caller) -> None:
    await locked_bucket(s3)
    assert code(await s3("PUT", "/lck", "object-lock", BODY.format(ENABLED).encode())) == "400 InvalidRequest"
    assert code(await s3.configured("/lck", "object-lock", "")) == "400 MissingRequestBodyError"
    assert code(await configure(s3, "", "/nope")) == "404 NoSuchBucket"
