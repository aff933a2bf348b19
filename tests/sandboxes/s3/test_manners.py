"""What S3 and this driver refuse, and what may be sent twice."""

from __future__ import annotations

import pytest

from contracts.exchange import Response
from sandboxes.base import Outgoing, Resource, Secret
from sandboxes.s3.manners import allows, check_secret, forbids, made, repeatable, serial, throttled
from sandboxes.s3.naming import real_name
from tests.sandboxes.s3.calls import KEY, LABEL, MARKER, SECRET, Body, Pairs, call, reply

DIRECTORY = (
    b"<CreateBucketConfiguration><Location><Name>use1-az4</Name><Type>AvailabilityZone</Type></Location>"
    b"<Bucket><DataRedundancy>SingleAvailabilityZone</DataRedundancy><Type>Directory</Type></Bucket>"
    b"</CreateBucketConfiguration>"
)
MFA = b"<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>"
GRANTS = (
    b'<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    b'xsi:type="CanonicalUser"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList>'
    b"</AccessControlPolicy>"
)
RESTORE = (
    b"<RestoreRequest><OutputLocation><S3><BucketName>other</BucketName><Prefix>p</Prefix></S3></OutputLocation>"
    b"</RestoreRequest>"
)


@pytest.mark.parametrize(
    ("outgoing", "word"),
    [
        (call("PUT", "/b/k", headers=[("x-amz-object-lock-mode", "COMPLIANCE")]), "outlive"),
        (call("PUT", "/b/k", headers=[("x-amz-object-lock-legal-hold", "ON")]), "outlive"),
        (call("PUT", "/b/k", "X-Amz-Object-Lock-Mode=COMPLIANCE"), "outlive"),
        (call("PUT", "/b", headers=[("x-amz-bucket-object-lock-enabled", "true")]), "emptied"),
        (call("PUT", "/b", body=DIRECTORY), "mapped"),
        (call("PUT", "/b", headers=[("x-amz-bucket-namespace", "account-regional")]), "mapped"),
        (call("PUT", "/b", headers=[("x-amz-grant-read", "id=1")]), "Access"),
        (call("PUT", "/b", "acl", body=GRANTS), "Access"),
        (call("PUT", "/b/k", "acl", body=GRANTS), "Access"),
        (call("PUT", "/b", "versioning", body=MFA), "MFA"),
        (call("POST", "/b/k", "restore", body=RESTORE), "beyond"),
        (
            call("PUT", "/b/k", headers=[("x-amz-copy-source", "arn:aws:s3:us-east-1:1:accesspoint/a/object/k")]),
            "source",
        ),
        (call("PUT", "/b/k", headers=[("x-amz-copy-source", "//other/k")]), "source"),
        (call("GET", "/..%2Fother/k"), "slash"),
    ],
)
def test_what_no_rule_can_tell(outgoing: Outgoing, word: str) -> None:
    told = forbids(outgoing)
    assert told is not None
    assert word in told
    assert told.endswith(".")


@pytest.mark.parametrize(
    "outgoing",
    [
        call("PUT", "/b"),
        call("PUT", "/b/k", headers=[("x-amz-acl", "public-read")]),
        call("PUT", "/b", "acl", headers=[("x-amz-acl", "private")]),
        call("PUT", "/b", "versioning", body=MFA.replace(b"<MfaDelete>Enabled</MfaDelete>", b"")),
        call("PUT", "/b/k", headers=[("x-amz-copy-source", "b/other")]),
        call("GET", "/"),
    ],
)
def test_what_passes(outgoing: Outgoing) -> None:
    assert forbids(outgoing) is None


@pytest.mark.parametrize(
    "headers",
    [
        [("location", "/{}")],
        [("location", "http://{}.s3.amazonaws.com/")],
        [("x-amz-bucket-arn", "arn:aws:s3:::{}")],
    ],
)
@pytest.mark.parametrize("name", ["invoices", "a.b", "a-name-of-a-bucket-that-is-too-long-to-carry-a-label-as-well"])
def test_a_new_bucket(headers: Pairs, name: str) -> None:
    real = real_name(MARKER, name)
    response = Response(200, [(field, value.format(real)) for field, value in headers])
    assert made(call("PUT", f"/{name}"), response) == (Resource("bucket", real, alias=name),)


def test_nothing_else_is_made() -> None:
    assert made(call("PUT", "/b"), reply("", 409, [("location", f"/{LABEL}b")])) == ()
    assert made(call("PUT", "/b"), reply()) == ()
    assert made(call("POST", "/b/k", "uploads"), reply()) == ()
    assert made(call("GET", "/b/k"), reply("", 200, [("location", f"/{LABEL}b")])) == ()


def test_what_may_be_sent_again() -> None:
    read, write = call("GET", "/b/k"), call("DELETE", "/b/k")
    stream = call("PUT", "/b/k", headers=[("content-length", "1")], stream=Body([b"x"]))
    for status in (500, 502, 503, 504):
        assert repeatable(read, reply("", status))
        assert repeatable(write, reply("", status))
        assert not repeatable(stream, reply("", status))
    assert repeatable(read, None)
    assert not repeatable(write, None)
    for status in (200, 404, 409, 501):
        assert not repeatable(read, reply("", status))


def test_a_refusal_for_the_rate() -> None:
    assert throttled(reply("", 503)) == 1.0
    assert throttled(reply("", 503, [("retry-after", "7")])) == 7.0
    assert throttled(reply("", 429, [("retry-after", "soon")])) == 1.0
    assert throttled(reply("", 500)) is None
    assert throttled(reply()) is None


def test_a_bucket_is_changed_by_one_call_at_a_time() -> None:
    assert serial(call("PUT", "/b")) == serial(call("DELETE", "/b")) == serial(call("DELETE", "/b", "website"))
    assert serial(call("PUT", "/other")) != serial(call("PUT", "/b"))
    document = b"<Delete><Object><Key>k</Key></Object></Delete>"
    for outgoing in (
        call("GET", "/b"),
        call("PUT", "/b/k"),
        call("POST", "/b", "delete", body=document),
        call("GET", "/"),
    ):
        assert serial(outgoing) is None


@pytest.mark.parametrize(
    "secret",
    [Secret(KEY), Secret("", SECRET), Secret(f"{KEY}\n", SECRET), Secret(KEY, f"{SECRET} "), Secret("ASIAX", SECRET)],
)
def test_credentials_that_are_none(secret: Secret) -> None:
    told = check_secret(secret)
    assert told is not None
    assert told.endswith(".")
    assert SECRET not in told


def test_credentials() -> None:
    assert check_secret(Secret(KEY, SECRET)) is None
    assert check_secret(Secret("ASIAX", SECRET, "token")) is None
    assert check_secret(Secret("minioadmin", "minioadmin")) is None


def test_the_environments_own_account_alone_reaches_the_provider() -> None:
    assert allows("access_key", call("PUT", "/b"))
    assert not allows("access_key:alt", call("PUT", "/b"))
    assert not allows(None, call("GET", "/b/k"))
