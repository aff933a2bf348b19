"""Hashing while a body streams, against one-shot hashing."""

from __future__ import annotations

import asyncio
import hashlib
import zlib

import pytest

from mocks.s3 import digests
from mocks.s3.digests import ALGORITHMS, BATCH, INLINE, Digest, decoded, encoded, md5, through
from tests.mocks.s3.conftest import pieces

CHECK = b"123456789"
#: The published check values of each algorithm over CHECK (reveng.sourceforge.io for the CRCs).
KNOWN = {
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
    "SHA1": hashlib.sha1(CHECK, usedforsecurity=False).hexdigest(),
    "SHA256": hashlib.sha256(CHECK).hexdigest(),
    "SHA512": hashlib.sha512(CHECK).hexdigest(),
    "MD5": hashlib.md5(CHECK, usedforsecurity=False).hexdigest(),
    "XXHASH64": "8cb841db40e6ae83",
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_algorithm(name: str) -> None:
    running = ALGORITHMS[name].start()
    for at in range(0, len(CHECK), 4):
        running.update(CHECK[at : at + 4])
    digest = running.digest()
    assert digest.hex() == KNOWN[name]
    assert len(digest) == ALGORITHMS[name].size
    assert running.digest() == digest


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_an_algorithm_by_its_names(name: str) -> None:
    algorithm = ALGORITHMS[name]
    running = algorithm.start()
    running.update(b"")
    assert len(running.digest()) == algorithm.size
    assert algorithm.member == f"Checksum{name}"
    assert algorithm.header == f"x-amz-checksum-{name.lower()}"
    assert algorithm.full_object is name.startswith("CRC")


@pytest.mark.parametrize("size", [0, 1, INLINE, INLINE + 1, BATCH - 1, BATCH, 3 * BATCH + 7])
@pytest.mark.parametrize("cut", [4096, 200_000, 10 * BATCH])
async def test_any_stream(size: int, cut: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    body = body[:size]
    one, two = md5(), ALGORITHMS["CRC32"].start()
    digest = Digest((one, two))
    found = b"".join([piece async for piece in through(pieces(body, cut), digest)])
    assert found == body
    assert digest.size == size
    assert one.digest() == hashlib.md5(body, usedforsecurity=False).digest()
    assert int.from_bytes(two.digest(), "big") == zlib.crc32(body)


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME"])
def test_parts_combine(name: str) -> None:
    algorithm = ALGORITHMS[name]
    first, second = b"first part", b"second"
    values = []
    for data in (first, second, first + second):
        running = algorithm.start()
        running.update(data)
        values.append(int.from_bytes(running.digest(), "big"))
    assert algorithm.combine is not None
    assert algorithm.combine(values[0], values[1], len(second)) == values[2]


def test_digests_as_text() -> None:
    assert decoded(encoded(b"1234"), 4) == b"1234"
    for wrong in ("", "MTIz", "MTIzNA", "MTIzN!==", "ü"):
        assert decoded(wrong, 4) is None


async def test_many_streams_share_threads_and_each_keeps_its_order() -> None:
    bodies = [bytes([number]) * (3 * BATCH + number) for number in range(12)]

    async def hashed(body: bytes) -> str:
        running = hashlib.sha256()
        digest = Digest((running,))
        for at in range(0, len(body), 50_000):
            await digest.add(body[at : at + 50_000])
            await asyncio.sleep(0)
        await digest.finish()
        return running.hexdigest()

    found = await asyncio.gather(*map(hashed, bodies))
    assert found == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert digests._BACKLOG.batches == 0


async def test_a_hash_that_fails_is_told() -> None:
    class Broken:
        def update(self, piece: bytes, /) -> None:
            raise ValueError("no hash")

        def digest(self) -> bytes:
            return b""

    digest = Digest((Broken(),))
    await digest.add(b"x" * BATCH)
    with pytest.raises(ValueError, match="no hash"):
        await digest.finish()
