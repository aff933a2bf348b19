"""A bucket's replication configuration: kept where both buckets could do it."""

from __future__ import annotations

import pytest

from mocks.s3.replication import REPLICATION
from tests.mocks.s3.conftest import Caller, code, told

ROLE = "arn:aws:iam::123456789012:role/replication"
VERSIONED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def replication(*rules: str, role: str = ROLE) -> str:
    return f"<ReplicationConfiguration><Role>{role}</Role>{''.join(rules)}</ReplicationConfiguration>"


def rule(more: str = "<Prefix/>", bucket: str = "arn:aws:s3:::copy", inside: str = "") -> str:
    return f"<Rule>{more}<Status>Enabled</Status><Destination><Bucket>{bucket}</Bucket>{inside}</Destination></Rule>"


def newer(priority: int) -> str:
    markers = "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>"
    return rule(f"<Filter><Prefix>{priority}/</Prefix></Filter><Priority>{priority}</Priority>{markers}")


@pytest.fixture
async def pair(s3: Caller) -> Caller:
    """Two buckets with versioning."""
    await s3("PUT", "/copy")
    for path in ("/bkt", "/copy"):
        assert (await s3.configure("versioning", VERSIONED, path)).status == 200
    return s3


async def test_it_is_kept_and_deleted(pair: Caller) -> None:
    assert code(await pair("GET", "/bkt", REPLICATION)) == "404 ReplicationConfigurationNotFoundError"
    assert (await pair.configure(REPLICATION, replication(newer(1), newer(2)))).status == 200
    told_back = (await pair("GET", "/bkt", REPLICATION)).value["ReplicationConfiguration"]
    assert told_back["Role"] == ROLE
    assert [each["Priority"] for each in told_back["Rules"]] == [1, 2]
    assert all(each["ID"] for each in told_back["Rules"])
    assert (await pair.configure(REPLICATION, replication(rule("<ID>one</ID><Prefix/>")))).status == 200
    assert [r["ID"] for r in (await pair("GET", "/bkt", REPLICATION)).value["ReplicationConfiguration"]["Rules"]] == [
        "one"
    ]
    assert (await pair("DELETE", "/bkt", REPLICATION)).status == 204
    assert (await pair("DELETE", "/bkt", REPLICATION)).status == 204
    assert code(await pair("GET", "/bkt", REPLICATION)) == "404 ReplicationConfigurationNotFoundError"


@pytest.mark.parametrize(
    ("body", "wrong", "sentence"),
    [
        (replication(), "400 MalformedXML", ""),
        (replication(rule(), role="me"), "400 InvalidArgument", "Invalid IAM role ARN."),
        (replication(rule(bucket="copy")), "400 InvalidArgument", "Invalid bucket ARN."),
        (replication(rule(bucket="arn:aws:s3:::nope")), "400 InvalidRequest", "Destination bucket must exist."),
        (replication(rule(bucket="arn:aws:s3:::bkt")), "400 InvalidRequest", "cannot be the same"),
        (
            replication(rule(inside="<Account>999999999999</Account>")),
            "400 InvalidArgument",
            "must match the destination",
        ),
        (replication(newer(1), newer(1)), "400 InvalidRequest", "Found duplicate priorities 1."),
        (
            replication(rule("<ID>a</ID><Prefix/>"), rule("<ID>a</ID><Prefix/>")),
            "400 InvalidArgument",
            "Rule ID must be unique",
        ),
        (replication(rule("<Prefix/><Filter/>")), "400 MalformedXML", ""),
        ("<ReplicationConfiguration/>", "400 MalformedXML", ""),
        ("", "400 MissingRequestBodyError", ""),
    ],
)
async def test_what_is_refused(pair: Caller, body: str, wrong: str, sentence: str) -> None:
    refused = await pair.configure(REPLICATION, body)
    assert code(refused) == wrong
    assert sentence in told(refused)
    assert code(await pair("GET", "/bkt", REPLICATION)) == "404 ReplicationConfigurationNotFoundError"


async def test_both_buckets_must_have_versioning(s3: Caller) -> None:
    await s3("PUT", "/copy")
    assert told(await s3.configure(REPLICATION, replication(rule()))) == (
        "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
    )
    await s3.configure("versioning", VERSIONED)
    assert (
        told(await s3.configure(REPLICATION, replication(rule()))) == "Destination bucket must have versioning enabled."
    )
    assert code(await s3("PUT", "/bkt", REPLICATION, replication(rule()).encode())) == "400 InvalidRequest"


async def test_a_source_cannot_give_up_versioning(pair: Caller) -> None:
    await pair.configure(REPLICATION, replication(rule()))
    suspended = VERSIONED.replace("Enabled", "Suspended")
    assert code(await pair.configure("versioning", suspended)) == "409 InvalidBucketState"
    await pair("DELETE", "/bkt", REPLICATION)
    assert (await pair.configure("versioning", suspended)).status == 200
