"""Where a bucket's access logs go: kept, and only to a bucket that can take them."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code, told

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def logging(target: str = "logs", more: str = "") -> str:
    inner = f"<TargetBucket>{target}</TargetBucket><TargetPrefix>bkt/</TargetPrefix>{more}"
    return f"<BucketLoggingStatus><LoggingEnabled>{inner}</LoggingEnabled></BucketLoggingStatus>"


def grants(grantee: str, permission: str = "<Permission>READ</Permission>") -> str:
    return f"<TargetGrants><Grant>{grantee}{permission}</Grant></TargetGrants>"


def grantee(kind: str, inner: str) -> str:
    return f'<Grantee {XSI} xsi:type="{kind}">{inner}</Grantee>'


async def test_it_is_begun_and_ended(s3: Caller) -> None:
    await s3("PUT", "/logs")
    assert (await s3("GET", "/bkt", "logging")).value == {}
    form = "<PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix>"
    body = logging(more=f"<TargetObjectKeyFormat>{form}</TargetObjectKeyFormat>")
    assert (await s3.configure("logging", body)).status == 200
    assert (await s3("GET", "/bkt", "logging")).value["LoggingEnabled"] == {
        "TargetBucket": "logs",
        "TargetPrefix": "bkt/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }
    assert (await s3.configure("logging", "<BucketLoggingStatus/>")).status == 200
    assert (await s3("GET", "/bkt", "logging")).value == {}


async def test_grants_where_acls_mean_something(s3: Caller) -> None:
    await s3("PUT", "/logs", x_amz_object_ownership="ObjectWriter", x_amz_acl="log-delivery-write")
    everybody = grantee("Group", "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>")
    assert (await s3.configure("logging", logging(more=grants(everybody)))).status == 200
    answer = await s3("GET", "/bkt", "logging")
    assert b'xsi:type="Group"' in answer.body
    assert answer.value["LoggingEnabled"]["TargetGrants"][0]["Permission"] == "READ"


@pytest.mark.parametrize(
    ("inner", "wrong"),
    [
        (grantee("Group", "<URI>http://example.com/all</URI>"), "400 InvalidArgument"),
        (grantee("CanonicalUser", "<ID>me</ID>"), "400 InvalidArgument"),
        (grantee("AmazonCustomerByEmail", "<EmailAddress>a@example.com</EmailAddress>"), "405 MethodNotAllowed"),
        (grantee("Somebody", ""), "400 MalformedXML"),
        ("", "400 MalformedXML"),
    ],
)
async def test_a_grant_that_s3_refuses(s3: Caller, inner: str, wrong: str) -> None:
    await s3("PUT", "/logs", x_amz_object_ownership="ObjectWriter", x_amz_acl="log-delivery-write")
    assert code(await s3.configure("logging", logging(more=grants(inner)))) == wrong
    assert (await s3("GET", "/bkt", "logging")).value == {}


async def test_a_target_that_s3_refuses(s3: Caller) -> None:
    assert code(await s3.configure("logging", logging("nope"))) == "400 InvalidTargetBucketForLogging"
    await s3(
        "PUT",
        "/far",
        body=b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
    )
    assert code(await s3.configure("logging", logging("far"))) == "403 CrossLocationLoggingProhibited"
    await s3("PUT", "/logs")
    person = grants(grantee("CanonicalUser", f"<ID>{'0' * 64}</ID>"))
    assert code(await s3.configure("logging", logging(more=person))) == "400 InvalidTargetBucketForLogging"
    both = "<SimplePrefix/><PartitionedPrefix/>"
    refused = await s3.configure("logging", logging(more=f"<TargetObjectKeyFormat>{both}</TargetObjectKeyFormat>"))
    assert code(refused) == "400 MalformedXML"
    await s3.configure(
        "requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", "/logs"
    )
    assert code(await s3.configure("logging", logging())) == "400 InvalidTargetBucketForLogging"


async def test_who_delivers_logs_must_be_able_to(s3: Caller) -> None:
    await s3("PUT", "/logs", x_amz_object_ownership="BucketOwnerPreferred")
    refused = await s3.configure("logging", logging())
    assert code(refused) == "400 InvalidTargetBucketForLogging"
    assert told(refused) == "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket"
    assert (await s3("PUT", "/logs", "acl", x_amz_acl="log-delivery-write")).status == 200
    assert (await s3.configure("logging", logging())).status == 200


async def test_a_target_with_a_default_retention(s3: Caller) -> None:
    await s3("PUT", "/logs", x_amz_bucket_object_lock_enabled="true")
    lock = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{}</ObjectLockConfiguration>"
    assert (await s3.configure("logging", logging())).status == 200
    rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
    assert (await s3.configure("object-lock", lock.format(rule), "/logs")).status == 200
    assert code(await s3.configure("logging", logging())) == "400 InvalidTargetBucketForLogging"


async def test_a_target_must_be_named(s3: Caller) -> None:
    body = (
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>bkt</TargetBucket></LoggingEnabled></BucketLoggingStatus>"
    )
    assert code(await s3.configure("logging", body)) == "400 MalformedXML"
