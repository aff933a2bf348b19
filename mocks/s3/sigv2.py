"""Signature Version 2: in the query string, which boto3 and the AWS CLI still presign with by default in us-east-1, and
in the header, as older clients are told to sign (s3cmd --signature-v2, rclone v2_auth).

Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html; the default: botocore/client.py,
``_default_s3_presign_to_sigv2`` (1.44). AWS takes it in the regions of before 2014 alone (same page).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from contracts.aws_read import query_pairs, unescape
from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.s3.authorization import OLDER, SKEW, header_time
from mocks.s3.errors import access_denied, invalid_argument, second_of, signature_mismatch, too_skewed

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


def verify(request: Request, secret: str, now: datetime) -> Request:
    """The request itself; its body is not covered. Raises ServiceError in S3's words."""
    header = request.headers.get("authorization")
    query = {} if header else dict(query_pairs(request.query))
    key, given, dates = _from_header(header, request, now) if header else _from_query(query, now)
    texts = [
        string_to_sign(request, path, query, date, bare=bare)
        for date in dates
        for path in _resources(request)
        for bare in (True, False)
    ]
    if not any(hmac.compare_digest(signature(text, secret), given.encode("utf-8", "replace")) for text in texts):
        raise signature_mismatch(key, given, texts[0])
    return request


def _resources(request: Request) -> Iterator[str]:
    """What clients sign as the path: bucket and key, before which an endpoint may have a path of its own. botocore ends
    a bucket's with a slash whatever it sends."""
    yield request.path
    if request.path.count("/") == 1 and request.path != "/":
        yield f"{request.path}/"
    elif request.path.count("/") == 2 and request.path.endswith("/"):
        yield request.path[:-1]
    if request.sent_path != request.path:
        yield request.sent_path


def malformed_claim(request: Request) -> ServiceError | None:
    """Why a request that signs in this way was not understood; None when it was."""
    header = request.headers.get("authorization")
    if header:
        return None if OLDER.match(header) else _broken(header)
    query = dict(query_pairs(request.query))
    return None if all(query.get(name) for name in ("Signature", "Expires", "AWSAccessKeyId")) else _incomplete()


def _broken(header: str) -> ServiceError:
    # S3's own sentence, two spaces included.
    message = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
    return invalid_argument(message, "Authorization", header)


def _incomplete() -> ServiceError:
    return access_denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")


def _from_header(header: str, request: Request, now: datetime) -> tuple[str, str, Sequence[str]]:
    """Key, signature and the date that is signed: none where x-amz-date stands for it, though botocore signs both."""
    claim = OLDER.match(header)
    if claim is None:
        raise _broken(header)
    key, given = claim[1], claim[2]
    _, at = header_time(request)
    amazon, date = request.headers.get("x-amz-date"), request.headers.get("date") or ""
    if abs(now - at) > SKEW:
        raise too_skewed(amazon or date, now, SKEW)
    return key, given, ("", date) if amazon else (date,)


def _from_query(query: Mapping[str, str], now: datetime) -> tuple[str, str, Sequence[str]]:
    """Key, signature and the end, which is signed in place of a date."""
    expires = query.get("Expires", "")
    if not query.get("Signature") or not query.get("AWSAccessKeyId") or not expires:
        raise _incomplete()
    if not expires.isdecimal() or len(expires) > 12:
        raise access_denied(f"Invalid date (should be seconds since epoch): {expires[:32]}")
    if now.timestamp() > int(expires):
        ends = datetime.fromtimestamp(int(expires), UTC)
        raise access_denied("Request has expired", Expires=second_of(ends), ServerTime=second_of(now))
    return query["AWSAccessKeyId"], query["Signature"], (expires,)


def signature(text: str, secret: str) -> bytes:
    """The signature over a string to sign."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), "sha1"))


def string_to_sign(request: Request, path: str, query: Mapping[str, str], date: str, *, bare: bool = True) -> str:
    """Method, the headers that matter, and the resource. A query that signs may hold Amazon's own headers as well.
    ``bare`` writes a sub-resource without a value as its name alone, whatever the query says."""
    amazon = {name: value for name, value in query.items() if name.startswith("x-amz-")}
    sent = request.headers
    amazon |= {name: _as_sent(",".join(sent.all(name))) for name, _ in sent if name.startswith("x-amz-")}
    lines = [
        request.method,
        sent.get("content-md5") or query.get("content-md5", ""),
        _as_sent(sent.get("content-type") or "") or query.get("content-type", ""),
        date,
        *(f"{name}:{amazon[name].strip()}" for name in sorted(amazon)),
        path + _subresource(request.query, bare=bare),
    ]
    return "\n".join(lines)


def _as_sent(value: str) -> str:
    """A header's value by the bytes that were signed."""
    return value.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _subresource(query: str, *, bare: bool) -> str:
    found: list[str] = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if unescape(name) in _SIGNED:
            found.append(unescape(name) + ("" if bare and not value else equals + unescape(value)))
    return "?" + "&".join(sorted(found)) if found else ""
