"""The body of a request as its handler may read it: unframed, its length and signatures verified on the way.

A stream raises ServiceError when the last byte shows that something was wrong; nothing of the call is kept then.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace

from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.s3.authorization import Authorization
from mocks.s3.chunked import ChunkedDecoder, ChunkEnd, ChunkStart, Trailers
from mocks.s3.digests import Digest, Hash
from mocks.s3.errors import incomplete_body, malformed_trailer, missing_content_length, signature_mismatch

_EMPTY = hashlib.sha256(b"").hexdigest()


class Body:
    """A stream of decoded pieces. ``trailers`` are complete when the stream has ended."""

    def __init__(self, pieces: AsyncIterator[bytes], trailers: dict[str, str]) -> None:
        self._pieces = pieces
        self.trailers = trailers

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._pieces)


class ChunkSigner:
    """The chain of chunk signatures, each over the one before (sigv4-streaming.html)."""

    def __init__(self, key: bytes, claim: Authorization) -> None:
        self._key = key
        self._access_key = claim.key
        self._head = f"{claim.timestamp}\n{claim.scope}"
        self._last = claim.signature

    def check_chunk(self, sha256: str, signature: str) -> None:
        """Raises ServiceError unless ``signature`` is the next one."""
        self._check(f"AWS4-HMAC-SHA256-PAYLOAD\n{self._head}\n{self._last}\n{_EMPTY}\n{sha256}", signature)

    def check_trailers(self, trailers: Trailers) -> None:
        """Raises ServiceError unless the trailers carry the last signature (sigv4-streaming-trailers.html)."""
        text = "".join(f"{name}:{value}\n" for name, value in trailers.fields.items())
        sha256 = hashlib.sha256(text.encode("latin-1")).hexdigest()
        self._check(f"AWS4-HMAC-SHA256-TRAILER\n{self._head}\n{self._last}\n{sha256}", trailers.signature)

    def _check(self, text: str, signature: str) -> None:
        computed = hmac.digest(self._key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(computed.encode(), signature.encode("latin-1", "replace")):
            raise signature_mismatch(self._access_key, signature, text)
        self._last = computed


class _Unframing:
    """One aws-chunked body on its way: what the decoder says, checked."""

    def __init__(self, length: int, signer: ChunkSigner | None, trailing: bool, announced: str) -> None:
        """``announced`` is what x-amz-trailer says."""
        self._decoder = ChunkedDecoder(signed=signer is not None, trailing=trailing)
        self._signer = signer
        self._trailing = trailing
        self._announced = {name.strip().lower() for name in announced.split(",") if name.strip()}
        self._length = length
        self._come = 0
        self._signature = ""
        self._restart()
        self.trailers: dict[str, str] = {}

    def _restart(self) -> None:
        self._hash: Hash = hashlib.sha256()
        self._digest = Digest((self._hash,))

    async def pieces(self, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The decoded stream."""
        async for data in source:
            for event in self._decoder.feed(data):
                if isinstance(event, bytes):
                    self._count(event)
                    if self._signer is not None:
                        await self._digest.add(event)
                    yield event
                else:
                    if isinstance(event, ChunkEnd):
                        await self._digest.finish()
                    self._mark(event)
        self._decoder.close()

    def whole(self, body: bytes) -> bytes:
        """The decoded body."""
        found: list[bytes] = []
        for event in self._decoder.feed(body):
            if isinstance(event, bytes):
                self._count(event)
                self._hash.update(event)
                found.append(event)
            else:
                self._mark(event)
        self._decoder.close()
        return b"".join(found)

    def _count(self, piece: bytes) -> None:
        self._come += len(piece)
        if self._come > self._length:
            raise incomplete_body(self._length, self._come)

    def _mark(self, event: ChunkStart | ChunkEnd | Trailers) -> None:
        if isinstance(event, ChunkStart):
            self._signature = event.signature
        elif isinstance(event, ChunkEnd):
            if self._signer is not None:
                self._signer.check_chunk(self._hash.digest().hex(), self._signature)
                self._restart()
        else:
            if self._come != self._length:
                raise incomplete_body(self._length, self._come)
            if event.fields.keys() != self._announced:
                raise malformed_trailer()
            if self._signer is not None and self._trailing:
                self._signer.check_trailers(event)
            self.trailers.update(event.fields)


def checked_body(
    request: Request,
    *,
    sha256: str = "",
    chunked: bool = False,
    signer: ChunkSigner | None = None,
    trailing: bool = False,
) -> Request:
    """The request with the body that its handler may trust. With ``chunked`` it is unframed, and with ``signer``
    each chunk is verified; without, the whole must have ``sha256`` (lower-case hex)."""
    if chunked:
        announced = request.headers.get("x-amz-trailer") or ""
        unframing = _Unframing(_decoded_length(request), signer, trailing, announced)
        if request.stream is None:
            return replace(request, body=unframing.whole(request.body))
        return replace(request, stream=Body(unframing.pieces(request.stream), unframing.trailers))
    if request.stream is None:
        _compare(hashlib.sha256(request.body), sha256)
        return request
    return replace(request, stream=_whole(request.stream, sha256))


def _decoded_length(request: Request) -> int:
    text = request.headers.get("x-amz-decoded-content-length") or ""
    # One that is no number is none (an answer of S3 quoted in versity/versitygw, issue 1656).
    if not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise missing_content_length()
    return int(text)


async def _whole(source: AsyncIterator[bytes], sha256: str) -> AsyncIterator[bytes]:
    computed = hashlib.sha256()
    digest = Digest((computed,))
    async for piece in source:
        await digest.add(piece)
        yield piece
    await digest.finish()
    _compare(computed, sha256)


def _compare(computed: Hash, sha256: str) -> None:
    found = computed.digest().hex()
    if found != sha256:
        raise ServiceError(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            details={"ClientComputedContentSHA256": sha256, "S3ComputedContentSHA256": found},
        )
