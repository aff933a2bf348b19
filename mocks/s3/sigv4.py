"""AWS Signature Version 4, verified: the signature over the request, its age, and what covers the body.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, sigv4-query-string-auth.html,
sigv4-streaming.html. What is computed is in contracts.sigv4. Pure: the time is given.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from contracts.aws_read import query_pairs
from contracts.exchange import Request
from contracts.sigv4 import UNSIGNED, canonical_path, canonical_request, signing_key, string_to_sign
from mocks.s3.authorization import SKEW, Authorization, read_authorization
from mocks.s3.bodies import ChunkSigner, checked_body
from mocks.s3.errors import (
    access_denied,
    invalid_argument,
    invalid_request,
    second_of,
    signature_mismatch,
    too_skewed,
)

_STREAMING = frozenset(
    {
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")
#: A path of these characters alone is the same before and after decoding and encoding.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~/]*\Z")


def verify(request: Request, secret: str, now: datetime) -> Request:
    """The request whose body is decoded and will be verified while it is read.

    Raises ServiceError in S3's words; for a body that is streamed, the stream raises it.
    """
    claim = read_authorization(request)
    payload = _payload(request, claim)
    _check_age(claim, now)
    _check_coverage(request, claim)
    key = signing_key(secret, claim.scope)
    _check_signature(request, claim, payload, key)
    return _checked(request, payload, ChunkSigner(key, claim) if payload in _STREAMING else None)


def _checked(request: Request, payload: str, signer: ChunkSigner | None) -> Request:
    if payload == UNSIGNED:
        return request
    if payload in _STREAMING:
        signs = not payload.startswith("STREAMING-UNSIGNED")
        return checked_body(
            request, signer=signer if signs else None, trailing=payload.endswith("TRAILER"), chunked=True
        )
    return checked_body(request, sha256=payload.lower())


def checked_payload(request: Request) -> Request:
    """A request that nobody signed, whose body is what its x-amz-content-sha256 says."""
    payload = _known(request.headers.get("x-amz-content-sha256") or UNSIGNED)
    if payload.startswith("STREAMING-AWS4"):
        raise access_denied()
    return _checked(request, payload, None)


def _payload(request: Request, claim: Authorization) -> str:
    """What the request says about its body: a SHA-256 in hex or one of the fixed words."""
    sent = request.headers.get("x-amz-content-sha256")
    if sent is None:
        if claim.expires is None:
            raise invalid_request("Missing required header for this request: x-amz-content-sha256")
        if "X-Amz-Content-Sha256=" not in request.query:
            return UNSIGNED
        sent = dict(query_pairs(request.query)).get("X-Amz-Content-Sha256", UNSIGNED)
    return _known(sent)


def _known(sent: str) -> str:
    if sent == UNSIGNED or sent in _STREAMING or _SHA256.match(sent):
        return sent
    message = (
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER "
        "or a valid sha256 value."
    )
    raise invalid_argument(message, "x-amz-content-sha256", sent[:100])


def _check_age(claim: Authorization, now: datetime) -> None:
    if claim.expires is None:
        if abs(now - claim.at) > SKEW:
            raise too_skewed(claim.timestamp, now, SKEW)
        return
    if claim.at - now > SKEW:
        raise access_denied("Request is not valid yet", ServerTime=second_of(now))
    ends = claim.at + timedelta(seconds=claim.expires)
    if now > ends:
        raise access_denied(
            "Request has expired",
            **{"X-Amz-Expires": str(claim.expires), "Expires": second_of(ends), "ServerTime": second_of(now)},
        )


@lru_cache(maxsize=256)
def _as_set(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _check_coverage(request: Request, claim: Authorization) -> None:
    """The host and every x-amz-* header must be signed (sig-v4-header-based-auth.html, CanonicalHeaders)."""
    signed = _as_set(claim.signed_headers)
    missing = [name for name, _ in request.headers if name.startswith("x-amz-") and name not in signed]
    if "host" not in signed:
        missing.insert(0, "host")
    if missing:
        raise access_denied(
            "There were headers present in the request which were not signed", HeadersNotSigned=", ".join(missing)
        )


def _check_signature(request: Request, claim: Authorization, payload: str, key: bytes) -> None:
    # As sent first: what clients sign.
    path = request.sent_path or request.path
    canonical = canonical_request(request, claim.signed_headers, payload, path)
    if _matches(claim, canonical, key):
        return
    if any(_matches(other, form, key) for other, form in _other_forms(request, claim, payload, path)):
        return
    text = string_to_sign(claim.timestamp, claim.scope, canonical)
    raise signature_mismatch(claim.key, claim.signature, text, canonical)


def _other_forms(
    request: Request, claim: Authorization, payload: str, path: str
) -> Iterator[tuple[Authorization, bytes]]:
    """What clients sign besides: a path that they send less encoded than they sign it, headers whose inner spaces they
    keep (CanonicalHeaders says Trim alone), a host name in capital letters, an HTTP date as it is. And where an
    endpoint has a path of its own, s3cmd takes that for a part of the host's name, and s3fs signs without it."""
    places = [(request.host, path)]
    host = request.headers.get("host") or request.host
    if host != request.host and host.lower() == request.host:
        places.append((host, path))
    below = request.path.removeprefix(f"/{request.host_label}") if request.host_label else request.path
    if path != below and path.endswith(below):
        places += [(request.host + path.removesuffix(below), below), (request.host, below)]
    dates = [claim]
    told = request.headers.get("x-amz-date") or request.headers.get("date") or claim.timestamp
    if claim.expires is None and told != claim.timestamp:
        dates.append(replace(claim, timestamp=told))
    for place, sent in places:
        normal = sent if _PLAIN_PATH.match(sent) else canonical_path(sent)
        for each in dict.fromkeys((sent, normal)):
            for folded in (True, False):
                one = replace(request, host=place)
                form = canonical_request(one, claim.signed_headers, payload, each, folded=folded)
                yield from ((date, form) for date in dates)


def _matches(claim: Authorization, canonical: bytes, key: bytes) -> bool:
    computed = hmac.digest(key, string_to_sign(claim.timestamp, claim.scope, canonical).encode(), "sha256").hex()
    return hmac.compare_digest(computed.encode(), claim.signature.encode("latin-1", "replace"))
