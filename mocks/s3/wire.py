"""S3's wire manners: credentials, addresses, headers of every answer, and errors in its XML.

Errors: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts import library, xml
from contracts.contract import ContractViolation
from contracts.exchange import Request, Response
from contracts.sigv4 import Signer
from mocks.base import BindingView, Call, CredentialSpec, Handler, Keys, Missing, Reason, Refusal, Result, ServiceError
from mocks.generic import announce
from mocks.s3 import errors
from mocks.s3.access.authorize import authorize as access
from mocks.s3.access.authorize import charge
from mocks.s3.objects import check_key
from mocks.s3.regions import check_region, tell_region
from mocks.s3.routing import unroutable
from mocks.s3.verification import malformed_claim, unframed
from mocks.s3.violations import violated

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"  # noqa: S105 - an alphabet
_REQUEST_ID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: Where ``decorate`` writes the ids that only it knows.
_IDS = "<RequestId/><HostId/>"


#: The name of the credential that signs the deliveries of notifications.
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a name


def _access_key(text: Callable[[int, str], str]) -> tuple[str, str]:
    return "AKIA" + text(16, _BASE32), text(40, _SECRET)


CREDENTIALS = (
    CredentialSpec("access_key", _access_key),
    CredentialSpec(WEBHOOK_SECRET, announce.secret, presented=False),
)


def key_variables(pair: tuple[str, str | None]) -> Mapping[str, str]:
    """An access key (docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html)."""
    key, secret = pair
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret or ""}


def variables(binding: BindingView) -> Mapping[str, str]:
    """What the AWS SDKs and the CLI read."""
    # AWS signs nothing of this kind: the name is ours. An environment of an earlier version has none.
    signing = binding.credentials.get(WEBHOOK_SECRET)
    return {
        **({} if signing is None else {"S3_WEBHOOK_SECRET": signing[0]}),
        "AWS_ENDPOINT_URL_S3": binding.base_url,
        **key_variables(binding.credentials["access_key"]),
        "AWS_REGION": "us-east-1",
        # boto3 and the AWS CLI read this one.
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def authorize(request: Request, keys: Keys, now: datetime) -> Request:
    """Signature Version 4 in the header, over the body's hash."""
    key, secret = keys["access_key"]
    payload = hashlib.sha256(request.body).hexdigest()
    return replace(request, headers=Signer(key, secret or "").headers(request, now, payload, request.host))


def anonymous(request: Request) -> bool:
    """A request without any signature is let in: what its bucket allows to all decides. One with a signature that
    names no key is refused for what is wrong with that."""
    return malformed_claim(request) is None


def relocate(request: Request) -> Request:
    """A bucket in front of the host's service label moves into the path; the signature keeps ``sent_path``."""
    if request.host_label:
        request.path = f"/{request.host_label}{request.path}"
    return request


def decorate(request: Request, response: Response, new_id: Callable[[str, int], str]) -> None:
    """The headers of every answer, and the ids inside an error's body."""
    request_id, host_id = request.answer_ids or (new_id("", 16).upper(), new_id("", 56))
    response.headers += (("x-amz-request-id", request_id), ("x-amz-id-2", host_id), ("server", "AmazonS3"))
    if response.status >= 400 and response.body:
        ids = f"<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId>"
        response.body = response.body.replace(_IDS.encode(), ids.encode(), 1)


async def around(call: Call, handler: Handler) -> Result:
    """What S3 checks of every call before anything else."""
    if call.operation.id != "HeadBucket":
        return await _checked(call, handler)
    try:
        return await _checked(call, handler)
    except ServiceError as refused:
        raise await tell_region(call, refused) from None


async def _checked(call: Call, handler: Handler) -> Result:
    headers = call.request.headers
    if "transfer-encoding" in headers and "x-amz-decoded-content-length" not in headers:
        raise errors.unknown_length()
    if call.credential is None:
        found = unframed(call.request)
        call.request.body, call.request.stream = found.body, found.stream
    key = call.params.path.get("Key")
    if key is not None:
        check_key(key)
    if call.options:
        await check_region(call)
    charged = await access(call)
    sent = call.request
    result = await handler(call)
    # The ids that a notification has told of the answer, whatever became of the request on its way.
    sent.answer_ids = call.request.answer_ids
    return charge(result) if charged else result


async def not_implemented(call: Call) -> Result:
    """Operations without a handler: S3's own words for what it does not have, never generated nonsense."""
    if call.operation.id in _CLOSED:
        raise errors.method_not_allowed(call.request.method, "OBJECT", "GET, HEAD, PUT, DELETE")
    raise errors.not_implemented(call.operation.id)


#: What S3 itself has no more, or not at this address: S3 Select for new customers since July 2024
#: (userguide/selecting-content-from-objects.html), BitTorrent since April 2022, and Object Lambda's answers, which
#: have a host of their own (aws-sdk-js issue 3675).
_CLOSED = frozenset({"SelectObjectContent", "GetObjectTorrent", "WriteGetObjectResponse"})


def render_error(refused: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """The ``<Error>`` document; nothing in the body of a HEAD or of a 304."""
    if isinstance(refused, Refusal):
        refused = _from_refusal(refused, request)
    elif isinstance(refused, ContractViolation):
        refused = violated(refused, request)
    elif isinstance(refused, Missing):
        refused = _from_missing(refused)
    response = Response(refused.status, list(refused.headers))
    if refused.status == 304:
        return response
    response.headers.append(("content-type", "application/xml"))
    if request.method == "HEAD":
        return response
    pieces = [xml.DECLARATION, "<Error>", _element("Code", refused.code), _element("Message", refused.message)]
    pieces += [_element(name, str(value)) for name, value in refused.details.items()]
    pieces += [_IDS, "</Error>"]
    response.body = "".join(pieces).encode()
    return response


def _element(name: str, text: str) -> str:
    return f"<{name}>{xml.escape(text)}</{name}>"


#: resource -> (code, message, the element that names it)
_MISSING: Mapping[str, tuple[str, str, str]] = {
    "bucket": ("NoSuchBucket", "The specified bucket does not exist", "BucketName"),
    "object": ("NoSuchKey", "The specified key does not exist.", "Key"),
    "upload": (
        "NoSuchUpload",
        (
            "The specified upload does not exist. The upload ID may be invalid, "
            "or the upload may have been aborted or completed."
        ),
        "UploadId",
    ),
}


def worded(error: ServiceError) -> ServiceError:
    """An error with S3's code, sentence and details, where it is what says that something is missing."""
    return _from_missing(error) if isinstance(error, Missing) else error


def _from_missing(missing: Missing) -> ServiceError:
    code, message, element = _MISSING.get(missing.resource, ("NoSuchKey", missing.message, "Key"))
    return ServiceError(404, code, message, details={element: missing.key}, headers=missing.headers)


_UNKNOWN_KEY = (403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")

#: reason -> (status, code, S3's own sentence); the broker's sentence follows it.
_REFUSALS: Mapping[Reason, tuple[int, str, str]] = {
    "no_credential": (403, "AccessDenied", "Access Denied"),
    "unknown_credential": _UNKNOWN_KEY,
    "foreign_credential": _UNKNOWN_KEY,
    "live_credential": _UNKNOWN_KEY,
    "bad_signature": (403, "SignatureDoesNotMatch", "The request signature we calculated does not match."),
    "unknown_environment": (404, "NoSuchEnvironment", ""),
    "closed_environment": (410, "EnvironmentClosed", ""),
    "refused_by_policy": (403, "AccessDenied", "Access Denied"),
    "mode_unavailable": (501, "NotImplemented", ""),
    "not_revocable": (403, "AccessDenied", "Access Denied"),
    "no_account": (503, "ServiceUnavailable", "Service is unable to handle request."),
    "over_budget": (503, "SlowDown", "Please reduce your request rate."),
    "over_rate": (503, "SlowDown", "Please reduce your request rate."),
    "upstream_failed": (502, "BadGateway", ""),
    "upstream_timeout": (504, "GatewayTimeout", ""),
    "no_recording": (400, "InvalidRequest", ""),
    "body_too_large": (400, "MaxMessageLengthExceeded", "Your request was too big."),
    "body_timeout": (
        400,
        "RequestTimeout",
        "Your socket connection to the server was not read from or written to within the timeout period.",
    ),
    "malformed": (400, "InvalidRequest", ""),
    "overloaded": (503, "SlowDown", "Please reduce your request rate."),
    "storage_full": (507, "InsufficientStorage", ""),
    # S3 has no quotas: status, code and sentence are ours.
    "over_quota": (507, "QuotaExceeded", ""),
    "internal": (500, "InternalError", "We encountered an internal error. Please try again."),
}


def _from_refusal(refusal: Refusal, request: Request) -> ServiceError:
    # What is wrong with the claim comes before whose it is.
    if refusal.reason in ("no_credential", "unknown_credential"):
        told = malformed_claim(request)
        if told is not None:
            return told
    if refusal.reason in ("unknown_operation", "wrong_method"):
        return unroutable(request, library.load("s3"))
    status, code, sentence = _REFUSALS[refusal.reason]
    details: dict[str, Any] = {"AWSAccessKeyId": refusal.hint} if refusal.hint else {}
    return ServiceError(status, code, " ".join(filter(None, (sentence, refusal.message))), details=details)
