"""Checksums of uploads: what the caller promised, what arrived, what is stored and shown.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence

from contracts.contract import Params
from contracts.exchange import Request
from mocks.base import Call, ServiceError
from mocks.s3.bodies import Body
from mocks.s3.digests import ALGORITHMS, DEFAULT, Algorithm, Digest, decoded, encoded, md5, through
from mocks.s3.errors import bad_digest, bad_md5, invalid_digest, invalid_request, malformed_trailer

#: An object's or part's checksum as stored: ``[algorithm, value, type]``.
Stored = Sequence[str]

_PREFIX = "x-amz-checksum-"
_BY_HEADER = {algorithm.header: algorithm for algorithm in ALGORITHMS.values()}
_NO_VALUES = frozenset({"x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"})
FULL, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


class Received:
    """A body on its way into storage. ``pieces`` hashes while it is read; ``check`` compares afterwards.

    ``promised`` is the algorithm of the checksum that the caller sends, if any, ``stored`` the one to keep.
    """

    def __init__(self, call: Call, stored: Algorithm | None) -> None:
        self.promised, self._value, self._trailing = promise(call.params, call.request)
        self._content_md5 = content_md5_of(call)
        self._stream = call.request.stream
        kept = stored or self.promised or DEFAULT
        self._md5 = md5()
        self._running = {algorithm.name: algorithm.start() for algorithm in (kept, self.promised) if algorithm}
        self._kept = kept
        self.pieces = through(_pieces(call.request), Digest((self._md5, *self._running.values())))
        self.etag = ""
        self.checksum: list[str] = []
        #: The caller's own checksum, when it sent one: as stored.
        self.told: list[str] = []

    def check(self) -> None:
        """Sets ``etag``, ``checksum`` and ``told``. Raises BadDigest when the bytes are not what was promised."""
        digest = self._md5.digest()
        self.etag = digest.hex()
        if self._content_md5 is not None and self._content_md5 != digest:
            raise bad_md5(self._content_md5, digest)
        values = {name: encoded(running.digest()) for name, running in self._running.items()}
        if self.promised is not None:
            value = values[self.promised.name]
            if value != (self._trailer_value(self.promised) if self._trailing else self._value):
                raise bad_digest(self.promised.name)
            self.told = [self.promised.name, value, FULL]
        self.checksum = [self._kept.name, values[self._kept.name], FULL]

    def _trailer_value(self, algorithm: Algorithm) -> str:
        trailers = self._stream.trailers if isinstance(self._stream, Body) else {}
        value = trailers.get(algorithm.header)
        if value is None:
            raise malformed_trailer()
        _demand_value(algorithm, value, "trailing header")
        return value


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    if request.stream is None:
        if request.body:
            yield request.body
        return
    async for piece in request.stream:
        yield piece


def content_md5_of(call: Call) -> bytes | None:
    """The digest in Content-MD5. Raises InvalidDigest."""
    # From the header itself: not every operation's model names it, S3 checks it everywhere.
    text = call.request.headers.get("content-md5")
    if text is None:
        return None
    digest = decoded(text, 16)
    if digest is None:
        raise invalid_digest(text)
    return digest


def promise(params: Params, request: Request) -> tuple[Algorithm | None, str | None, bool]:
    """The checksum that the request promises: (algorithm, value sent ahead, whether it follows in a trailer)."""
    sent = [name for name, _ in request.headers if name.startswith(_PREFIX) and name not in _NO_VALUES]
    trailer = request.headers.get("x-amz-trailer")
    if len(sent) + (trailer is not None) > 1:
        raise invalid_request(f"Expecting a single {_PREFIX} header. Multiple checksum Types are not allowed.")
    if sent:
        if sent[0] not in _BY_HEADER:
            # An answer of S3 quoted in versitygw issue 1104.
            raise invalid_request(f"The algorithm type you specified in {_PREFIX} header is invalid.")
        algorithm = _BY_HEADER[sent[0]]
        value = (request.headers.get(sent[0]) or "").strip()
        _demand_value(algorithm, value)
        _demand_same(params.get("ChecksumAlgorithm"), algorithm)
        return algorithm, value, False
    if trailer is not None:
        named = _BY_HEADER.get(trailer.strip().lower())
        if named is None:
            raise invalid_request("The value specified in the x-amz-trailer header is not supported")
        _demand_same(params.get("ChecksumAlgorithm"), named)
        return named, None, True
    if params.get("ChecksumAlgorithm") is not None and "x-amz-sdk-checksum-algorithm" in request.headers:
        raise invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* "
            "or x-amz-trailer headers were found."
        )
    return None, None, False


def _demand_value(algorithm: Algorithm, value: str, kind: str = "header") -> None:
    # A trailer's sentence: an answer of S3 quoted in versitygw issue 1165.
    if decoded(value, algorithm.size) is None:
        raise invalid_request(f"Value for {algorithm.header} {kind} is invalid.")


def _demand_same(named: str | None, algorithm: Algorithm) -> None:
    if named is not None and named != algorithm.name:
        raise invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.")


def type_mismatch(expected: Algorithm, actual: Algorithm | None) -> ServiceError:
    """A part or an object whose checksum is of another algorithm than its upload's."""
    told = actual.name.lower() if actual is not None else "null"
    return invalid_request(
        "Checksum Type mismatch occurred, "
        f"expected checksum Type: {expected.name.lower()}, actual checksum Type: {told}"
    )


def check_body(call: Call) -> bool:
    """Verify a whole body against Content-MD5 and checksum header; False when the request carries neither."""
    body = call.request.body
    content_md5 = content_md5_of(call)
    digest = hashlib.md5(body, usedforsecurity=False).digest() if content_md5 is not None else b""
    if content_md5 is not None and content_md5 != digest:
        raise bad_md5(content_md5, digest)
    algorithm, value, _ = promise(call.params, call.request)
    if algorithm is not None and value is not None:
        running = algorithm.start()
        running.update(body)
        if encoded(running.digest()) != value:
            raise bad_digest(algorithm.name)
    return content_md5 is not None or algorithm is not None


def members(checksum: Stored | None, *, typed: bool = True) -> dict[str, str]:
    """A stored checksum as members of an answer."""
    if not checksum:
        return {}
    name, value, kind = checksum
    found = {ALGORITHMS[name].member: value}
    return {**found, "ChecksumType": kind} if typed else found


def composite(algorithm: Algorithm, digests: Sequence[bytes]) -> str:
    """The checksum of the parts' checksums, with their number."""
    running = algorithm.start()
    for digest in digests:
        running.update(digest)
    return f"{encoded(running.digest())}-{len(digests)}"


def combined(algorithm: Algorithm, parts: Sequence[tuple[bytes, int]]) -> str:
    """The checksum of the whole from its parts' (digest, size), without reading a byte again."""
    assert algorithm.combine is not None  # noqa: S101 - callers ask algorithm.full_object
    total = algorithm.start()
    value = int.from_bytes(total.digest(), "big")
    for digest, size in parts:
        value = algorithm.combine(value, int.from_bytes(digest, "big"), size)
    return encoded(value.to_bytes(algorithm.size, "big"))
