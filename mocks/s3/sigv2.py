"""Signature Version 2 in the query string, which boto3 and the AWS CLI still presign with by default in us-east-1.

Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html; the default: botocore/client.py,
``_default_s3_presign_to_sigv2`` (1.44). No SDK signs headers this way any more, so those are refused.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from contracts.aws_read import query_pairs
from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.s3.errors import access_denied

#: The parameters that are part of the signed resource (same page, "Constructing the CanonicalizedResource element").
_SIGNED = frozenset(
    [
        "accelerate",
        "acl",
        "cors",
        "defaultObjectAcl",
        "location",
        "logging",
        "partNumber",
        "policy",
        "requestPayment",
        "torrent",
        "versioning",
        "versionId",
        "versions",
        "website",
        "uploads",
        "uploadId",
        "delete",
        "lifecycle",
        "tagging",
        "restore",
        "storageClass",
        "notification",
        "replication",
        "analytics",
        "metrics",
        "inventory",
        "select",
        "select-type",
        "object-lock",
        "response-content-type",
        "response-content-language",
        "response-expires",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
    ]
)


def is_presigned(request: Request) -> bool:
    """Whether the query carries a signature of this version."""
    return "AWSAccessKeyId=" in request.query and request.headers.get("authorization") is None


def verify_query(request: Request, secret: str, now: datetime) -> Request:
    """The request itself; its body is not covered. Raises ServiceError in S3's words."""
    query = dict(query_pairs(request.query))
    expires = query.get("Expires", "")
    if not query.get("Signature") or not expires:
        raise access_denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    if not expires.isdecimal() or len(expires) > 12:
        raise access_denied(f"Invalid date (should be seconds since epoch): {expires[:32]}")
    if now.timestamp() > int(expires):
        ends = datetime.fromtimestamp(int(expires), UTC)
        raise access_denied("Request has expired", Expires=_iso(ends), ServerTime=_iso(now))
    # The resource is bucket and key; an endpoint with a path of its own may stand before them.
    texts = [string_to_sign(request, path, query) for path in dict.fromkeys((request.path, request.sent_path))]
    if not any(hmac.compare_digest(signature(text, secret), query["Signature"].encode()) for text in texts):
        raise ServiceError(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            details={
                "AWSAccessKeyId": query["AWSAccessKeyId"],
                "StringToSign": texts[0],
                "SignatureProvided": query["Signature"][:64],
                "StringToSignBytes": texts[0].encode("utf-8", "surrogateescape").hex(" "),
            },
        )
    return request


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(text: str, secret: str) -> bytes:
    """The signature over a string to sign."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), "sha1"))


def string_to_sign(request: Request, path: str, query: Mapping[str, str]) -> str:
    """Method, the headers that matter, and the resource. Amazon's own headers may stand in the query as well."""
    amazon = {name: value for name, value in query.items() if name.startswith("x-amz-")}
    amazon |= {name: ",".join(request.headers.all(name)) for name, _ in request.headers if name.startswith("x-amz-")}
    lines = [
        request.method,
        request.headers.get("content-md5") or query.get("content-md5", ""),
        request.headers.get("content-type") or query.get("content-type", ""),
        query["Expires"],
        *(f"{name}:{amazon[name].strip()}" for name in sorted(amazon)),
        path + _subresource(query_pairs(request.query)),
    ]
    return "\n".join(lines)


def _subresource(pairs: Iterable[tuple[str, str]]) -> str:
    signed = sorted((name, value) for name, value in pairs if name in _SIGNED)
    return "?" + "&".join(f"{name}={value}" if value else name for name, value in signed) if signed else ""
