"""AWS Signature Version 4: the forms that both sides compute, and a signer for requests that we send.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. S3 encodes the path once, not twice
as other services do; the others that are signed here have the path ``/``. Pure: the time is given.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

from contracts.exchange import Headers, Request

ALGORITHM = "AWS4-HMAC-SHA256"
#: What stands for the body's hash when the body is not covered (S3 only).
UNSIGNED = "UNSIGNED-PAYLOAD"
#: The same, for an aws-chunked body that ends with trailers (sigv4-streaming-trailers.html).
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

#: Fields that the signer writes itself.
_OWN = frozenset({"authorization", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"})
#: Fields that are signed beside ``host`` and all of ``x-amz-*``: the least that S3 asks for.
_SIGNED = frozenset({"content-md5", "content-type"})


@dataclass(frozen=True, slots=True)
class Signer:
    """A credential with the region and the service that its signatures are for. Its repr shows nothing."""

    key: str
    secret: str
    token: str | None = None
    region: str = "us-east-1"
    service: str = "s3"

    def __repr__(self) -> str:
        return "Signer(...)"

    def headers(self, request: Request, now: datetime, payload: str, host: str) -> Headers:
        """The request's headers, signed: its own without an older signature, then the signer's. ``payload`` is the
        body's SHA-256 in hex or one of the words for it; ``host`` is what the Host field will say.

        Path and query must be sent exactly as they stand in the request.
        """
        timestamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        pairs = [(name, value) for name, value in request.headers if name not in _OWN]
        pairs += [("host", host), ("x-amz-date", timestamp), ("x-amz-content-sha256", payload)]
        if self.token is not None:
            pairs.append(("x-amz-security-token", self.token))
        signed = sorted({name for name, _ in pairs if name.startswith("x-amz-") or name in _SIGNED} | {"host"})
        ready = Request(method=request.method, path=request.path, query=request.query, headers=Headers(pairs))
        scope = f"{timestamp[:8]}/{self.region}/{self.service}/aws4_request"
        text = string_to_sign(timestamp, scope, canonical_request(ready, signed, payload, request.path))
        signature = hmac.digest(signing_key(self.secret, scope), text.encode(), "sha256").hex()
        credential = f"Credential={self.key}/{scope}"
        pairs.append(
            ("authorization", f"{ALGORITHM} {credential}, SignedHeaders={';'.join(signed)}, Signature={signature}")
        )
        return Headers(pairs)


@lru_cache(maxsize=1024)
def signing_key(secret: str, scope: str) -> bytes:
    """The key of a day, region and service: ``scope`` is ``date/region/service/aws4_request``."""
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def string_to_sign(timestamp: str, scope: str, canonical: bytes) -> str:
    """What is signed: algorithm, time (``20261121T221146Z``), scope and the canonical request's hash."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}"


def canonical_request(
    request: Request, signed_headers: Sequence[str], payload: str, path: str, *, folded: bool = True
) -> bytes:
    """The request in the one form that both sides compute; header values as the bytes that were sent, several spaces
    as one when they are ``folded``."""
    lines = [request.method, path or "/", canonical_query(request.query)]
    headers = request.headers
    several = headers.repeat()
    for name in signed_headers:
        if name == "host" and request.host:
            value = request.host
        elif several:
            value = ",".join([_trimmed(each, folded=folded) for each in headers.all(name)])
        else:
            value = _trimmed(headers.get(name) or "", folded=folded)
        lines.append(f"{name}:{value}")
    lines += ["", ";".join(signed_headers), payload]
    return "\n".join(lines).encode("latin-1", "replace")


def _trimmed(value: str, *, folded: bool) -> str:
    return " ".join(value.split()) if folded and ("  " in value or "\t" in value) else value.strip()


def canonical_query(query: str) -> str:
    """Every parameter but the signature, decoded, encoded the one way, and sorted."""
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if part and name != "X-Amz-Signature":
            pairs.append((_encoded(name), _encoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_path(path: str) -> str:
    """The path encoded the one way, for S3."""
    return quote_from_bytes(unquote_to_bytes(path), safe="/-._~")


def _encoded(text: str) -> str:
    return quote_from_bytes(unquote_to_bytes(text.replace("+", " ")), safe="-._~")
