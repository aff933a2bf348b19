"""AWS Signature Version 4, verified: the signature over the request, its age, and what covers the body.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, sigv4-query-string-auth.html,
sigv4-streaming.html. What is computed is in contracts.sigv4. Pure: the time is given.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

from contracts.exchange import Request
from contracts.sigv4 import UNSIGNED, canonical_path, canonical_request, signing_key, string_to_sign
from mocks.base import ServiceError
from mocks.s3.authorization import Authorization, read_authorization
from mocks.s3.bodies import ChunkSigner, checked_body
from mocks.s3.errors import access_denied, invalid_argument, invalid_request
from mocks.s3.sigv2 import is_presigned, verify_query

#: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed.
SKEW = timedelta(minutes=15)

_STREAMING = frozenset(
    {
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
#: A path of these characters alone is the same before and after decoding and encoding.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~/]*\Z")


def verify(request: Request, secret: str, now: datetime) -> Request:
    """The request whose body is decoded and will be verified while it is read.

    Raises ServiceError in S3's words; for a body that is streamed, the stream raises it.
    """
    if is_presigned(request):
        return verify_query(request, secret, now)
    if request.headers.get("x-amz-security-token") is not None or "X-Amz-Security-Token=" in request.query:
        # Virtual credentials have no session: a token belongs to someone else's.
        raise ServiceError(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
    claim = read_authorization(request)
    payload = _payload(request, claim)
    _check_age(claim, now)
    _check_coverage(request, claim)
    key = signing_key(secret, claim.scope)
    _check_signature(request, claim, payload, key)
    if payload == UNSIGNED:
        return request
    if payload in _STREAMING:
        signer = None if payload.startswith("STREAMING-UNSIGNED") else ChunkSigner(key, claim)
        return checked_body(request, signer=signer, trailing=payload.endswith("TRAILER"), chunked=True)
    return checked_body(request, sha256=payload)


def _payload(request: Request, claim: Authorization) -> str:
    """What the request says about its body: a SHA-256 in hex or one of the fixed words."""
    sent = request.headers.get("x-amz-content-sha256")
    if sent is None:
        if claim.expires is not None:
            return UNSIGNED
        raise invalid_request("Missing required header for this request: x-amz-content-sha256")
    if sent == UNSIGNED or sent in _STREAMING or _SHA256.match(sent):
        return sent
    message = (
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
    )
    raise invalid_argument(message, "x-amz-content-sha256", sent[:100])


def _check_age(claim: Authorization, now: datetime) -> None:
    if claim.expires is None:
        if abs(now - claim.at) > SKEW:
            raise ServiceError(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                details={
                    "RequestTime": claim.timestamp,
                    "ServerTime": _iso(now),
                    "MaxAllowedSkewMilliseconds": str(int(SKEW.total_seconds() * 1000)),
                },
            )
        return
    if claim.at - now > SKEW:
        raise access_denied("Request is not valid yet", ServerTime=_iso(now))
    ends = claim.at + timedelta(seconds=claim.expires)
    if now > ends:
        raise access_denied(
            "Request has expired",
            **{"X-Amz-Expires": str(claim.expires), "Expires": _iso(ends), "ServerTime": _iso(now)},
        )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_coverage(request: Request, claim: Authorization) -> None:
    """The host and every x-amz-* header must be signed (sig-v4-header-based-auth.html, CanonicalHeaders)."""
    signed = set(claim.signed_headers)
    missing = [name for name, _ in request.headers if name.startswith("x-amz-") and name not in signed]
    if "host" not in signed:
        missing.insert(0, "host")
    if missing:
        raise access_denied(
            "There were headers present in the request which were not signed", HeadersNotSigned=", ".join(missing)
        )


def _check_signature(request: Request, claim: Authorization, payload: str, key: bytes) -> None:
    # As sent first: what clients sign. Then normalised, for a client that sends a path less encoded than it signs.
    path = request.sent_path or request.path
    canonical = canonical_request(request, claim.signed_headers, payload, path)
    if _matches(claim, canonical, key):
        return
    if not _PLAIN_PATH.match(path):
        normal = canonical_path(path)
        if normal != path and _matches(claim, canonical_request(request, claim.signed_headers, payload, normal), key):
            return
    text = string_to_sign(claim.timestamp, claim.scope, canonical)
    shown = canonical.decode("latin-1")
    raise ServiceError(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",  # noqa: E501 - S3's own sentence
        details={
            "AWSAccessKeyId": claim.key,
            "StringToSign": text,
            "SignatureProvided": claim.signature[:128],
            "StringToSignBytes": text.encode().hex(" "),
            "CanonicalRequest": shown,
            "CanonicalRequestBytes": canonical.hex(" "),
        },
    )


def _matches(claim: Authorization, canonical: bytes, key: bytes) -> bool:
    computed = hmac.digest(key, string_to_sign(claim.timestamp, claim.scope, canonical).encode(), "sha256").hex()
    return hmac.compare_digest(computed.encode(), claim.signature.encode("latin-1", "replace"))
