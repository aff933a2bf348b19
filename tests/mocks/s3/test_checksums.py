"""Checksums of uploads: promised ahead or in a trailer, verified, stored, shown."""

from __future__ import annotations

import base64
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.exchange import Headers, Request, Response
from mocks.s3.bodies import Body
from mocks.s3.checksums import combined, composite, members
from mocks.s3.digests import ALGORITHMS, encoded
from tests.mocks.s3.conftest import Caller, code, pieces, told

BODY = b"hello" * 30_000


def checksum(name: str, data: bytes = BODY) -> str:
    running = ALGORITHMS[name].start()
    running.update(data)
    return encoded(running.digest())


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
async def test_every_algorithm(s3: Caller, name: str) -> None:
    header = {f"x_amz_checksum_{name.lower()}": checksum(name)}
    assert (await s3.put("/bkt/k", BODY, **header)).value[f"Checksum{name}"] == checksum(name)
    plain = await s3("HEAD", "/bkt/k")
    assert plain.header(f"x-amz-checksum-{name.lower()}") is None
    shown = await s3("HEAD", "/bkt/k", x_amz_checksum_mode="ENABLED")
    assert shown.header(f"x-amz-checksum-{name.lower()}") == checksum(name)
    assert shown.header("x-amz-checksum-type") == "FULL_OBJECT"
    part = await s3("GET", "/bkt/k", x_amz_checksum_mode="ENABLED", range="bytes=0-1")
    assert part.header("x-amz-checksum-type") is None
    assert code(await s3.put("/bkt/k", BODY + b"!", **header)) == "400 BadDigest"
    assert len(await s3.content("/bkt/k")) == len(BODY)
    assert await s3.blobs() == 1


async def test_the_default(s3: Caller) -> None:
    assert (await s3.put("/bkt/k", BODY)).value["ChecksumCRC64NVME"] == checksum("CRC64NVME")


@pytest.mark.parametrize(
    "headers",
    [
        {"x_amz_checksum_crc32": "short"},
        {"x_amz_checksum_sha256a": "dummy"},
        {"x_amz_checksum_crc32": checksum("SHA1")},
        {"x_amz_checksum_crc32": checksum("CRC32"), "x_amz_checksum_sha1": checksum("SHA1")},
        {"x_amz_sdk_checksum_algorithm": "CRC32"},
        {"x_amz_sdk_checksum_algorithm": "SHA1", "x_amz_checksum_crc32": checksum("CRC32")},
        {"x_amz_trailer": "x-amz-surprise"},
        {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_checksum_crc32": checksum("CRC32")},
    ],
)
async def test_promises_that_make_no_sense(s3: Caller, headers: dict[str, str]) -> None:
    assert code(await s3.put("/bkt/k", BODY, **headers)) == "400 InvalidRequest"
    assert await s3.blobs() == 0


async def trailing(s3: Caller, trailers: dict[str, str]) -> Response:
    """A PUT whose checksum follows, as ``verify`` hands it over."""
    arrived: dict[str, str] = {}

    async def source() -> AsyncIterator[bytes]:
        async for piece in pieces(BODY):
            yield piece
        arrived.update(trailers)

    headers = Headers([("x-amz-trailer", "x-amz-checksum-crc32"), ("content-length", str(len(BODY) + 99))])
    return await s3.harness.send(Request(method="PUT", path="/bkt/k", headers=headers, stream=Body(source(), arrived)))


async def test_a_trailer(s3: Caller) -> None:
    made = await trailing(s3, {"x-amz-checksum-crc32": checksum("CRC32")})
    assert made.value["ChecksumCRC32"] == checksum("CRC32")
    assert await s3.content("/bkt/k") == BODY


@pytest.mark.parametrize(
    ("trailers", "expected"),
    [
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "400 BadDigest"),
        ({"x-amz-checksum-crc32": "nonsense!"}, "400 InvalidRequest"),
        ({}, "400 MalformedTrailerError"),
    ],
)
async def test_a_trailer_that_is_wrong(s3: Caller, trailers: dict[str, str], expected: str) -> None:
    refused = await trailing(s3, trailers)
    assert code(refused) == expected
    assert ("trailing header is invalid" in told(refused)) is (expected == "400 InvalidRequest")
    assert await s3.blobs() == 0


def test_of_parts() -> None:
    crc = ALGORITHMS["CRC32"]
    digests = [zlib.crc32(data).to_bytes(4, "big") for data in (b"one", b"two!")]
    whole = base64.b64encode(zlib.crc32(b"onetwo!").to_bytes(4, "big")).decode()
    assert combined(crc, [(digests[0], 3), (digests[1], 4)]) == whole
    assert composite(crc, digests) == f"{checksum('CRC32', b''.join(digests))}-2"


def test_as_members() -> None:
    assert members(None) == {}
    assert members(["SHA1", "x", "COMPOSITE"]) == {"ChecksumSHA1": "x", "ChecksumType": "COMPOSITE"}
    assert members(["SHA1", "x", "COMPOSITE"], typed=False) == {"ChecksumSHA1": "x"}


@given(bodies=st.lists(st.binary(max_size=50), min_size=1, max_size=6), name=st.sampled_from(sorted(ALGORITHMS)))
def test_parts_make_the_whole(bodies: list[bytes], name: str) -> None:
    """However a body is cut: what can be combined is the whole's checksum, and a composite is that of checksums."""
    algorithm = ALGORITHMS[name]
    digests = [base64.b64decode(checksum(name, body)) for body in bodies]
    if algorithm.full_object:
        sizes = [len(body) for body in bodies]
        assert combined(algorithm, list(zip(digests, sizes, strict=True))) == checksum(name, b"".join(bodies))
    if algorithm.composite:
        assert composite(algorithm, digests) == f"{checksum(name, b''.join(digests))}-{len(bodies)}"


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
async def test_every_combination_in_parts(s3: Caller, name: str, kind: str) -> None:
    """Through an upload: the types that an algorithm has, each part's checksum told everywhere, the others refused."""
    algorithm = ALGORITHMS[name]
    begun = await s3("POST", "/bkt/k", "uploads", x_amz_checksum_algorithm=name, x_amz_checksum_type=kind)
    if not (algorithm.composite if kind == "COMPOSITE" else algorithm.full_object):
        assert code(begun) == "400 InvalidRequest"
        return
    upload_id, header = begun.value["UploadId"], f"x_amz_checksum_{name.lower()}"
    value = checksum(name, b"part")
    query = {"partNumber": 1, "uploadId": upload_id}
    assert code(await s3.put("/bkt/k", b"other", query, **{header: value})) == "400 BadDigest"
    part = await s3.put("/bkt/k", b"part", query, **{header: value})
    assert part.header(header.replace("_", "-")) == value
    listed = (await s3("GET", "/bkt/k", {"uploadId": upload_id})).value
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (name, kind)
    member = algorithm.member
    assert [each[member] for each in listed["Parts"]] == [value]
    document = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{part.value['ETag']}</ETag><{member}>{value}</{member}></Part></CompleteMultipartUpload>"
    )
    done = await s3("POST", "/bkt/k", {"uploadId": upload_id}, document.encode())
    expected = value if kind == "FULL_OBJECT" else composite(algorithm, [base64.b64decode(value)])
    assert (done.value[member], done.value["ChecksumType"]) == (expected, kind)
    head = await s3("HEAD", "/bkt/k", x_amz_checksum_mode="ENABLED")
    assert head.header(header.replace("_", "-")) == expected
    by_part = await s3("HEAD", "/bkt/k", "partNumber=1", x_amz_checksum_mode="ENABLED")
    assert by_part.header(header.replace("_", "-")) == value
    copied = await s3("PUT", "/bkt/copy", x_amz_copy_source="/bkt/k")
    assert copied.value["CopyObjectResult"][member] == value
