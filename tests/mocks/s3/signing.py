"""Requests signed by botocore's own signers, and chunks signed as AWS's page on streaming says."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contracts.exchange import Headers, Request

KEY, SECRET = "AKIAABCDEFGHIJKLMNOP", "0123456789abcdefghij0123456789ABCDEFGHIJ"
REGION = "us-east-1"
HOST = "127.0.0.1:4600"


def signed(
    method: str = "PUT",
    path: str = "/bkt/k",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    payload: str | None = None,
    relative: str | None = None,
    version: int = 4,
    host: str = HOST,
) -> Request:
    """Signed in the header, now. ``payload`` replaces the body's hash; ``relative`` is the path below the service."""
    request = AWSRequest(method, f"http://{host}{path}", headers=dict(headers or {}), data=body)
    if version == 2:
        request.auth_path = relative
        HmacV1Auth(Credentials(KEY, SECRET)).add_auth(request)
        return _converted(request, body, relative, host)
    signer = S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
    if payload is not None:
        replaced: Any = lambda _: payload  # noqa: E731 - a method of the signer
        signer.payload = replaced  # type: ignore[method-assign]  # bodies of another form than botocore's own
    signer.add_auth(request)
    return _converted(request, body, relative, host)


def presigned(
    method: str = "GET",
    path: str = "/bkt/k",
    *,
    expires: int = 60,
    version: int = 4,
    relative: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """Signed in the query, now."""
    request = AWSRequest(method, f"http://{HOST}{path}", headers=dict(headers or {}))
    credentials = Credentials(KEY, SECRET)
    if version == 2:
        request.auth_path = relative
        HmacV1QueryAuth(credentials, expires=expires).add_auth(request)
    else:
        S3SigV4QueryAuth(credentials, "s3", REGION, expires=expires).add_auth(request)
    return _converted(request, b"", relative)


def _converted(request: AWSRequest, body: bytes, relative: str | None, host: str = HOST) -> Request:
    prepared = request.prepare()
    address = urlsplit(prepared.url)
    pairs = [(n.lower(), v.decode() if isinstance(v, bytes) else v) for n, v in prepared.headers.items()]
    if all(name != "host" for name, _ in pairs):
        pairs.append(("host", host))
    return Request(
        method=request.method,
        path=relative or address.path,
        sent_path=address.path,
        query=address.query,
        headers=Headers(pairs),
        body=body,
        host=host.lower(),
    )


def now() -> datetime:
    """botocore signs with the machine's time."""
    return datetime.now(UTC)  # noqa: TID251 - the signers cannot be given another


def chunks(
    request: Request, pieces: Sequence[bytes], trailers: Mapping[str, str] | None = None, *, sign: bool = True
) -> bytes:
    """``pieces`` as an aws-chunked body for a request that was signed for it."""
    found = b""
    chain = _Chain(request) if sign else None
    for piece in (*pieces, b""):
        extension = f";chunk-signature={chain.chunk(piece)}" if chain else ""
        found += f"{len(piece):x}{extension}\r\n".encode()
        if piece:
            found += piece + b"\r\n"
    for name, value in (trailers or {}).items():
        found += f"{name}:{value}\r\n".encode()
    if chain and trailers:
        found += f"x-amz-trailer-signature:{chain.trailers(trailers)}\r\n".encode()
    return found + b"\r\n"


class _Chain:
    """The signatures of chunks, each over the one before."""

    def __init__(self, request: Request) -> None:
        header = request.headers.get("authorization") or ""
        self._last = header.rpartition("Signature=")[2]
        timestamp = request.headers.get("x-amz-date") or ""
        scope = f"{timestamp[:8]}/{REGION}/s3/aws4_request"
        self._head = f"{timestamp}\n{scope}"
        key = b"AWS4" + SECRET.encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        self._key = key

    def chunk(self, piece: bytes) -> str:
        empty = hashlib.sha256(b"").hexdigest()
        return self._sign("PAYLOAD", f"{empty}\n{hashlib.sha256(piece).hexdigest()}")

    def trailers(self, trailers: Mapping[str, str]) -> str:
        text = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        return self._sign("TRAILER", hashlib.sha256(text.encode()).hexdigest())

    def _sign(self, kind: str, hashed: str) -> str:
        text = f"AWS4-HMAC-SHA256-{kind}\n{self._head}\n{self._last}\n{hashed}"
        self._last = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return self._last
