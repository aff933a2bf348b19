"""The driver against moto's server, which is independent of our mock and of this driver."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import Config

from sandboxes.base import Account, Found, Marker, Refused, Resource, Secret, Wish
from sandboxes.s3.provider import PROVIDER
from tests.sandboxes.s3.calls import KEY, LABEL, MARKER, NOW, OTHER, SECRET, Body, Way, call
from tests.standins.moto import Moto


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with Moto() as server:
        yield server


@pytest.fixture
def way(server: Moto) -> Way:
    server.reset()
    return Way(Account("main", server.url, Secret(KEY, SECRET), {"role_arn": "arn:aws:iam::123456789012:role/preview"}))


@pytest.fixture
def real(server: Moto) -> Iterator[Any]:
    """The account's owner, with AWS's own SDK."""
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=config,
    )
    yield client
    client.close()


async def made(way: Way, name: str = "invoices", marker: Marker = MARKER) -> Resource:
    outgoing = call("PUT", f"/{name}")
    response = await way.raw(outgoing, marker)
    assert response.status == 200, response.body
    (resource,) = PROVIDER.made(outgoing, response)
    return resource


async def found(way: Way, marker: Marker) -> list[Found]:
    return [each async for each in PROVIDER.find(marker, NOW, way)]


def quiet(counts: Any) -> None:
    """Told nothing."""


async def test_a_bucket_and_an_object_there_and_back(way: Way, real: Any) -> None:
    assert await made(way) == Resource("bucket", f"{LABEL}invoices", alias="invoices")
    headers = [("x-amz-meta-order", "6735"), ("content-type", "text/x"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    put = call(
        "PUT", "/invoices/a%20b/%C3%BC", headers=[*headers, ("content-length", "5")], stream=Body([b"hel", b"lo"])
    )
    assert (await way.pass_on(put)).status == 200
    got = await way.pass_on(call("GET", "/invoices/a%20b/%C3%BC"))
    assert (got.body, got.header("x-amz-meta-order"), got.header("content-type")) == (b"hello", "6735", "text/x")
    listed = await way.pass_on(call("GET", "/invoices", "list-type=2"))
    assert b"<Name>invoices</Name>" in listed.body
    assert LABEL.encode() not in listed.body
    assert [o["Key"] for o in real.list_objects_v2(Bucket=f"{LABEL}invoices")["Contents"]] == ["a b/ü"]


async def test_errors_name_the_applications_bucket(way: Way) -> None:
    missing = await way.pass_on(call("GET", "/invoices/k"))
    assert missing.status == 404
    assert b"<BucketName>invoices</BucketName>" in missing.body
    assert missing.header("content-length") == str(len(missing.body))


async def test_a_checksum_in_a_trailer_reaches_the_provider(way: Way, real: Any) -> None:
    await made(way)
    content = bytes(range(256)) * 700
    crc = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    fields = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", str(len(content))),
        ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("content-encoding", "gzip,aws-chunked"),
    ]
    body = Body([content[:100_000], content[100_000:]], {"x-amz-checksum-crc32": crc})
    assert (await way.pass_on(call("PUT", "/invoices/k", headers=fields, stream=body))).status == 200
    stored = real.get_object(Bucket=f"{LABEL}invoices", Key="k", ChecksumMode="ENABLED")
    assert stored["Body"].read() == content
    assert stored["ChecksumCRC32"] == crc
    assert "gzip" in stored["ContentEncoding"]


async def test_parts_and_copies(way: Way) -> None:
    await made(way)
    started = await way.pass_on(call("POST", "/invoices/big", "uploads"))
    assert b"<Bucket>invoices</Bucket>" in started.body
    upload = started.body.partition(b"<UploadId>")[2].partition(b"</UploadId>")[0].decode()
    etags = []
    for number, content in ((1, b"a" * (5 << 20)), (2, b"end")):
        fields = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("content-length", str(len(content)))]
        query = f"partNumber={number}&uploadId={upload}"
        part = await way.pass_on(call("PUT", "/invoices/big", query, fields, stream=Body([content])))
        etags.append(part.header("etag"))
    parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in enumerate(etags, 1))
    document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    done = await way.pass_on(call("POST", "/invoices/big", f"uploadId={upload}", body=document))
    assert b"<Location>http://gateway.example:4600/e/pr-142/s3/invoices/big</Location>" in done.body
    assert LABEL.encode() not in done.body
    copied = await way.pass_on(call("PUT", "/invoices/copy", headers=[("x-amz-copy-source", "invoices/big")]))
    assert copied.status == 200
    got = await way.pass_on(call("GET", "/invoices/copy", headers=[("range", "bytes=5242880-")]))
    assert (got.status, got.body) == (206, b"end")


async def test_two_environments_and_the_owners_buckets(way: Way, real: Any) -> None:
    real.create_bucket(Bucket="by-hand")
    for marker in (MARKER, OTHER):
        await made(way, "invoices", marker)
    long = "a-name-of-a-bucket-that-is-too-long-to-carry-a-label-as-well"
    shortened = await made(way, long)
    assert len(shortened.id) == 63
    aliases = {f"{LABEL}invoices": "invoices", shortened.id: long}

    async def visible(ids: Any) -> dict[str, str | None]:
        return {key: aliases[key] for key in ids if key in aliases}

    outgoing = call("GET", "/")

    async def resend(request: Any) -> Any:
        return await way.raw(call("GET", "/", request.query))

    response = await PROVIDER.narrow(outgoing, resend, visible)
    assert PROVIDER.inbound(outgoing, response, MARKER) is response
    assert [part.partition(b"</Name>")[0].decode() for part in response.body.split(b"<Name>")[1:]] == [long, "invoices"]

    assert {(f.resource.id, f.owner) for f in await found(way, MARKER)} == {
        (f"{LABEL}invoices", "8f3kd02ma1"),
        (shortened.id, "8f3kd02ma1"),
    }
    everything = await found(way, Marker("k3x9qa"))
    assert {f.owner for f in everything} == {"8f3kd02ma1", "zzzzzzzzz1"}
    assert {f.resource.alias for f in everything} == {"invoices", ""}
    assert all(f.created_at for f in everything)


async def test_a_bucket_with_thousands_of_versions_is_emptied(way: Way, real: Any) -> None:
    resource = await made(way)
    real.put_bucket_versioning(Bucket=resource.id, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        for number in range(600):
            real.put_object(Bucket=resource.id, Key=f"a b/{number:04}+ü&", Body=b"")
    real.delete_objects(
        Bucket=resource.id,
        Delete={"Objects": [{"Key": f"a b/{number:04}+ü&"} for number in range(600)]},
    )
    real.create_multipart_upload(Bucket=resource.id, Key="never finished")
    told: list[dict[str, int]] = []
    assert await PROVIDER.revoke(resource, way, lambda counts: told.append(dict(counts))) == "deleted"
    assert told[-1] == {"uploads": 1, "objects": 1800}
    assert real.list_buckets()["Buckets"] == []
    assert await PROVIDER.revoke(resource, way, quiet) == "absent"


async def test_what_is_locked_is_named(way: Way, real: Any) -> None:
    bucket = f"{LABEL}locked"
    real.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    for mode, key in (("GOVERNANCE", "may go"), ("COMPLIANCE", "must stay")):
        until = NOW.replace(year=2099)
        real.put_object(
            Bucket=bucket,
            Key=key,
            Body=b"",
            ObjectLockMode=mode,
            ObjectLockRetainUntilDate=until,
            ChecksumAlgorithm="CRC32",
        )
    real.put_object(Bucket=bucket, Key="free", Body=b"")
    with pytest.raises(Refused, match=r"'must stay'.* is locked in COMPLIANCE mode until 2099"):
        await PROVIDER.revoke(Resource("bucket", bucket), way, quiet)
    left = real.list_object_versions(Bucket=bucket)["Versions"]
    assert [version["Key"] for version in left] == ["must stay"]


async def test_a_session_of_the_role(way: Way) -> None:
    issued = await PROVIDER.issue(Wish(MARKER, "account", life=timedelta(hours=2)), way.account, way)
    assert issued is not None
    assert issued.secret is not None
    assert issued.secret.key.startswith("ASIA")
    assert issued.secret.token
    assert issued.expires_at is not None
    assert issued.expires_at.tzinfo is not None
    session = Way(Account("main", way.account.endpoint, issued.secret))
    assert (await session.pass_on(call("PUT", "/invoices"))).status == 200


async def test_bucket_configuration(way: Way) -> None:
    await made(way)
    document = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert (await way.pass_on(call("PUT", "/invoices", "versioning", body=document))).status == 200
    assert b"Enabled" in (await way.pass_on(call("GET", "/invoices", "versioning"))).body
    assert (await way.pass_on(call("HEAD", "/invoices"))).status == 200
    assert (await way.pass_on(call("DELETE", "/invoices"))).status == 204
