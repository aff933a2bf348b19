"""Where S3 requests carry their signature, and what it says: header or query, Signature Version 4.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html and
sigv4-query-string-auth.html. Sentences of malformed claims are S3's own, as quoted in ex-aws/ex_aws issue 537,
TTLabs/EvaporateJS issue 353, aws/aws-sdk-php issue 780, laurilehmijoki/s3_website issue 178, versity/versitygw issues
1513 and 1705, catalyst/moodle-tool_objectfs issue 303. Forms carry their signature in their fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from contracts.aws_read import query_pairs
from contracts.aws_values import NotCoercible, moment
from contracts.exchange import Request
from contracts.sigv4 import ALGORITHM
from mocks.base import Presented, ServiceError
from mocks.s3.errors import access_denied, invalid_argument, invalid_request
from mocks.s3.post_signatures import form_key, form_region

#: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed.
SKEW = timedelta(minutes=15)
#: A year before which a date is none.
_EPOCH = 1970
#: Seconds in seven days: the longest life of a presigned URL (sigv4-query-string-auth.html, X-Amz-Expires).
LONGEST_EXPIRY = 604800

_LIVE = re.compile(r"A(?:KI|SI)A[A-Z2-7]{16}\Z")
_DAY = re.compile(r"[0-9]{8}\Z", re.ASCII)
_SCOPE = re.compile(r"/\d{8}/([a-z0-9-]{1,32})/s3/aws4_request")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]\Z", re.ASCII)
_TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\Z", re.ASCII)
#: A header with nothing to refuse, as SDKs write it: key, scope, its day, signed headers, signature.
_USUAL = re.compile(
    rf"{ALGORITHM} Credential=([^/,\s=]+)/(([0-9]{{8}})/[^/,\s=]+/s3/aws4_request), ?"
    r"SignedHeaders=([^,\s=]+), ?Signature=([^,\s=]+)\Z"
)
#: Signature Version 2: key, signature.
OLDER = re.compile(r"AWS ([^:\s]+):(\S+)\Z")
_COMPONENTS = ("Credential", "SignedHeaders", "Signature")
#: What says that a query signs; Signature Version 2 has ``Signature`` and ``AWSAccessKeyId``.
_SIGNING = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature")
_QUERY_FIELDS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)


@dataclass(slots=True)
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
    if request.endpoint:
        return ""  # the endpoint of websites looks at no signature
    if request.form is not None:
        return form_key(request.form)
    header = request.headers.get("authorization")
    if header:
        if header.startswith("AWS4-"):
            found = re.search(r"Credential=([^/,\s]+)", header)
            return found[1] if found else ""
        older = OLDER.match(header)
        return older[1] if older else ""
    if "X-Amz-Credential=" in request.query or "AWSAccessKeyId=" in request.query:
        query = dict(query_pairs(request.query))
        return query.get("X-Amz-Credential", query.get("AWSAccessKeyId", "")).partition("/")[0]
    return ""


def is_unsigned(request: Request) -> bool:
    """Whether the request claims to be nobody's: no Authorization, not even a broken one, and no signature in its
    query. An empty header is none."""
    if request.form is not None:
        return not form_key(request.form)
    if request.headers.get("authorization"):
        return False
    query = request.query
    if "X-Amz-" not in query and "AWSAccessKeyId" not in query and "Signature" not in query:
        return True
    names = dict(query_pairs(query))
    return not any(name in names for name in (*_SIGNING, "AWSAccessKeyId", "Signature"))


def is_version_2(request: Request) -> bool:
    """Whether the request is signed in the older way, in its header or in its query."""
    if request.form is not None:
        return form_region(request.form) is None
    header = request.headers.get("authorization")
    if header:
        return header.startswith("AWS ")
    query = request.query
    if "AWSAccessKeyId=" not in query and "Signature=" not in query:
        return False
    names = dict(query_pairs(query))
    return ("AWSAccessKeyId" in names or "Signature" in names) and not any(name in names for name in _SIGNING)


def check_single(request: Request) -> None:
    """A request is signed in one way. Raises InvalidArgument."""
    header = request.headers.get("authorization")
    query = request.query
    if not header or ("Signature=" not in query and "X-Amz-" not in query):
        return
    if any(name in ("X-Amz-Algorithm", "X-Amz-Signature", "Signature") for name, _ in query_pairs(query)):
        message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"  # noqa: E501 - S3's own sentence
        raise invalid_argument(message, "Authorization", header)


def read_authorization(request: Request) -> Authorization:
    """The request's claim. Raises ServiceError for a missing, doubled or malformed one."""
    check_single(request)
    header = request.headers.get("authorization")
    if header:
        return _from_header(header, request)
    if "X-Amz-" in request.query:
        query = dict(query_pairs(request.query))
        if any(name in query for name in _SIGNING):
            return _from_query(query)
    raise access_denied()


def _malformed(message: str) -> ServiceError:
    return ServiceError(400, "AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}")


def _from_header(header: str, request: Request) -> Authorization:
    usual = _USUAL.match(header)
    if usual is not None:
        timestamp, at = header_time(request)
        if usual[3] == timestamp[:8]:
            return Authorization(usual[1], usual[2], tuple(usual[4].split(";")), usual[5], timestamp, at)
    scheme, _, rest = header.partition(" ")
    if scheme != ALGORITHM:
        raise _of_another_scheme(scheme, header)
    fields: dict[str, str] = {}
    for component in rest.split(","):
        name, _, value = component.strip().partition("=")
        if not name or not value:
            raise _malformed(f'the authorization component "{component[:256]}" is malformed.')
        fields[name] = value
    if any(name not in fields for name in _COMPONENTS):
        raise _malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )
    timestamp, at = header_time(request)
    key, scope = _credential(fields["Credential"], timestamp, _malformed)
    return Authorization(key, scope, tuple(fields["SignedHeaders"].split(";")), fields["Signature"], timestamp, at)


def _of_another_scheme(scheme: str, header: str) -> ServiceError:
    if scheme.startswith("AWS4-ECDSA"):
        # Signatures for several regions are for access points alone.
        return invalid_request(
            f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}."
        )
    if scheme.startswith(ALGORITHM):
        return _malformed(f'the authorization component "{header[:256]}" is malformed.')
    if header.count(" ") != 1:
        message = "Authorization header is invalid -- one and only one ' ' (space) required"
        return invalid_argument(message, "Authorization", header)
    return invalid_argument("Unsupported Authorization Type", "Authorization", header)


def header_time(request: Request) -> tuple[str, datetime]:
    """When the request says that it was made, as text and as a time. Raises AccessDenied."""
    timestamp = request.headers.get("x-amz-date") or request.headers.get("date") or ""
    at = _moment(timestamp)
    if at is not None:
        return timestamp, at
    try:
        # A Date header may be an HTTP date; what is signed is its ISO form (sig-v4-header-based-auth.html).
        at = moment(timestamp)
        if at.year >= _EPOCH:
            return at.strftime("%Y%m%dT%H%M%SZ"), at
    except NotCoercible:
        pass  # neither form, which is said below
    raise access_denied("AWS authentication requires a valid Date or x-amz-date header")


@lru_cache(maxsize=64)
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


def _credential(text: str, timestamp: str, complain: Callable[[str], ServiceError]) -> tuple[str, str]:
    """Key and scope. Any region is accepted here: see ``mocks.s3.regions``."""
    parts = text.split("/")
    if len(parts) != 5:
        raise complain('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    key, day, region, service, terminal = parts
    if not key:
        raise complain("a non-empty Access Key (AKID) must be provided in the credential.")
    if not _DAY.match(day):
        raise complain(
            f'incorrect date format "{day[:32]}". This date in the credential must be in the format "yyyyMMdd".'
        )
    if not region:
        raise complain("a non-empty region must be provided in the credential.")
    if service != "s3":
        raise complain(f'incorrect service "{service[:32]}". This endpoint belongs to "s3".')
    if terminal != "aws4_request":
        raise complain(f'incorrect terminal "{terminal[:32]}". This endpoint uses "aws4_request".')
    if day != timestamp[:8]:
        raise complain(f'Invalid credential date "{day}". This date is not the same as X-Amz-Date: "{timestamp[:8]}".')
    return key, text[len(key) + 1 :]


def _query_error(message: str) -> ServiceError:
    return ServiceError(400, "AuthorizationQueryParametersError", message)


def _credential_error(message: str) -> ServiceError:
    return _query_error(f"Error parsing the X-Amz-Credential parameter; {message}")


def _from_query(query: Mapping[str, str]) -> Authorization:
    if any(not query.get(name) for name in _QUERY_FIELDS):
        raise _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{ALGORITHM} and AWS4-ECDSA-P256-SHA256"')
    timestamp = query["X-Amz-Date"]
    at = _moment(timestamp)
    if at is None:
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    key, scope = _credential(query["X-Amz-Credential"], timestamp, _credential_error)
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
    """The region that the request was signed for; us-east-1 when it says none, or none of AWS's (``auto``)."""
    if request.form is not None:
        signed = form_region(request.form) or ""
        return signed if _REGION.match(signed) else "us-east-1"
    text = request.headers.get("authorization") or dict(query_pairs(request.query)).get("X-Amz-Credential", "")
    found = _SCOPE.search(text)
    return found[1] if found and _REGION.match(found[1]) else "us-east-1"
