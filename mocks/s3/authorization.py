"""Where S3 requests carry their signature, and what it says: header or query, Signature Version 4.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html and
sigv4-query-string-auth.html. Anonymous access and POST policy forms carry neither and come with a later issue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.aws_read import query_pairs
from contracts.aws_values import NotCoercible, moment
from contracts.exchange import Request
from contracts.sigv4 import ALGORITHM
from mocks.base import Presented, ServiceError
from mocks.s3.errors import invalid_argument, invalid_request

#: Seconds in seven days: the longest life of a presigned URL (sigv4-query-string-auth.html, X-Amz-Expires).
LONGEST_EXPIRY = 604800

_LIVE = re.compile(r"A(?:KI|SI)A[A-Z2-7]{16}\Z")
_SCOPE = re.compile(r"/\d{8}/([a-z0-9-]{1,32})/s3/aws4_request")
_TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\Z", re.ASCII)
_OTHER_DAY = 'Invalid credential date "{}". This date is not the same as X-Amz-Date: "{}".'
_QUERY_FIELDS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a signed request claims. ``expires`` is in seconds, None for a signature in the header."""

    key: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    #: ``20261121T221146Z``
    timestamp: str
    #: The same as a time.
    at: datetime
    expires: int | None = None

    @property
    def date(self) -> str:
        """The day of the scope: ``20261121``."""
        return self.scope.partition("/")[0]


def presented(request: Request) -> Presented | None:
    """The access key id of a request, whichever signature version it uses; None for an anonymous one."""
    key = _presented_key(request)
    if not key:
        return None
    return Presented(key, live=_LIVE.match(key) is not None, mask=_masked)


def _masked(key: str) -> str:
    return f"{key[:4]}****{key[-4:]}" if len(key) >= 16 else "****"


def _presented_key(request: Request) -> str:
    header = request.headers.get("authorization")
    if header is not None:
        if header.startswith("AWS4-"):
            found = re.search(r"Credential=([^/,\s]+)", header)
            return found[1] if found else ""
        # Signature Version 2: recognised, so that it can be refused in S3's words.
        return header[4:].partition(":")[0].strip() if header.startswith("AWS ") else ""
    if "X-Amz-Credential=" in request.query or "AWSAccessKeyId=" in request.query:
        query = dict(query_pairs(request.query))
        return query.get("X-Amz-Credential", query.get("AWSAccessKeyId", "")).partition("/")[0]
    return ""


def read_authorization(request: Request) -> Authorization:
    """The request's claim. Raises ServiceError for a missing, doubled, outdated or malformed one."""
    header = request.headers.get("authorization")
    presigned = "X-Amz-" in request.query and any(f"{name}=" in request.query for name in _QUERY_FIELDS)
    if header is not None and (presigned or "Signature=" in request.query):
        message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"  # noqa: E501 - S3's own sentence
        raise invalid_argument(message, "Authorization", "...")
    if header is not None:
        return _from_header(header, request)
    if presigned:
        return _from_query(dict(query_pairs(request.query)))
    raise ServiceError(403, "AccessDenied", "Access Denied")


def malformed_header(request: Request) -> ServiceError | None:
    """Why a request whose header names no key was not understood; None when it carries no signature at all."""
    try:
        read_authorization(request)
    except ServiceError as error:
        return None if error.code == "AccessDenied" else error
    return None


def _outdated() -> ServiceError:
    return invalid_request(f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}.")


def _malformed(message: str) -> ServiceError:
    return ServiceError(400, "AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}")


def _from_header(header: str, request: Request) -> Authorization:
    scheme, _, rest = header.partition(" ")
    if scheme == "AWS" or scheme.startswith("AWS4-ECDSA"):
        raise _outdated()
    if scheme != ALGORITHM:
        raise invalid_argument("Unsupported Authorization Type", "Authorization", scheme[:32])
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise _malformed(f"the header requires Credential, SignedHeaders, and Signature. {name} is missing.")
    key, scope = _credential(fields["Credential"], _malformed)
    timestamp, at = _header_time(request)
    if scope[:8] != timestamp[:8]:
        raise _malformed(_OTHER_DAY.format(scope[:8], timestamp[:8]))
    return Authorization(key, scope, tuple(fields["SignedHeaders"].split(";")), fields["Signature"], timestamp, at)


def _header_time(request: Request) -> tuple[str, datetime]:
    timestamp = request.headers.get("x-amz-date") or request.headers.get("date") or ""
    at = _moment(timestamp)
    if at is not None:
        return timestamp, at
    try:
        # A Date header may be an HTTP date; what is signed is its ISO form (sig-v4-header-based-auth.html).
        at = moment(timestamp)
        return at.strftime("%Y%m%dT%H%M%SZ"), at
    except NotCoercible:
        pass  # neither form, which is said below
    raise ServiceError(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")


def _moment(timestamp: str) -> datetime | None:
    """The time, None for one that does not exist. (strptime costs as much as the whole signature.)"""
    found = _TIMESTAMP.match(timestamp)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _credential(text: str, complain: Callable[[str], ServiceError]) -> tuple[str, str]:
    parts = text.split("/")
    if len(parts) != 5 or not parts[0] or not re.match(r"\d{8}\Z", parts[1]):
        raise complain('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    # Any region is accepted: applications name the one that they run in, and the mock has only one place.
    if not parts[2]:
        raise complain("the region is missing")
    if parts[3] != "s3":
        raise complain(f'incorrect service "{parts[3][:32]}". This endpoint belongs to "s3".')
    if parts[4] != "aws4_request":
        raise complain(f'incorrect terminal "{parts[4][:32]}". This endpoint uses "aws4_request".')
    return parts[0], "/".join(parts[1:])


def _query_error(message: str) -> ServiceError:
    return ServiceError(400, "AuthorizationQueryParametersError", message)


def _from_query(query: Mapping[str, str]) -> Authorization:
    if any(name not in query for name in _QUERY_FIELDS):
        raise _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    timestamp = query["X-Amz-Date"]
    at = _moment(timestamp)
    if at is None:
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    key, scope = _credential(query["X-Amz-Credential"], _query_error)
    if scope[:8] != timestamp[:8]:
        raise _query_error(_OTHER_DAY.format(scope[:8], timestamp[:8]))
    headers = tuple(query["X-Amz-SignedHeaders"].split(";"))
    return Authorization(key, scope, headers, query["X-Amz-Signature"], timestamp, at, _expiry(query["X-Amz-Expires"]))


def _expiry(text: str) -> int:
    if not re.match(r"-?\d{1,18}\Z", text, re.ASCII):
        raise _query_error("X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds < 0:
        raise _query_error("X-Amz-Expires must be non-negative")
    if seconds > LONGEST_EXPIRY:
        raise _query_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
            f"must be less than {LONGEST_EXPIRY} seconds"
        )
    return seconds


def region_of(request: Request) -> str:
    """The region that the request was signed for; us-east-1 when it says none."""
    text = request.headers.get("authorization") or dict(query_pairs(request.query)).get("X-Amz-Credential", "")
    found = _SCOPE.search(text)
    return found[1] if found else "us-east-1"
