"""Which scripts of other origins a bucket answers: its configuration, preflights, and the headers of other answers.

Sources, below docs.aws.amazon.com/AmazonS3/latest: API/API_PutBucketCors.html, API_GetBucketCors.html,
API_DeleteBucketCors.html, API/RESTOPTIONSobject.html, userguide/cors-troubleshooting.html. A preflight carries no
signature and asks for no permission: what it asks for is decided when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from contracts.exchange import Response
from mocks.base import Call, Record, Reply, ServiceError, State
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.cors_rules import METHODS, Rule, check_rules, chosen, refused, requested, told
from mocks.s3.errors import missing_body, missing_digest, no_configuration
from mocks.s3.records import BUCKET, bucket_of

_NAME = "cors"
#: "The configuration is limited to 64 KB in size" (API_PutBucketCors.html).
_LONGEST = 64 * 1024
_NOT_ALLOWED = (
    "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)


async def get_bucket_cors(call: Call) -> Any:
    """GET /bucket?cors."""
    bucket = await bucket_of(call)
    found = await configuration(call.state, bucket, _NAME)
    if found is None:
        message = "The CORS configuration does not exist"
        raise no_configuration("NoSuchCORSConfiguration", message, bucket["name"])
    return {"CORSRules": found}


async def put_bucket_cors(call: Call) -> Any:
    """PUT /bucket?cors: all rules at once."""
    bucket = await bucket_of(call)
    if len(call.request.body) > _LONGEST:
        details = {"MaxMessageLengthBytes": str(_LONGEST)}
        raise ServiceError(400, "MaxMessageLengthExceeded", "Your request was too big.", details=details)
    if not check_body(call):
        raise missing_digest()
    given = call.params.get("CORSConfiguration")
    if given is None:
        raise missing_body()
    check_rules(given["CORSRules"])
    await configure(call, bucket, _NAME, given["CORSRules"])
    return Reply()


async def delete_bucket_cors(call: Call) -> Any:
    """DELETE /bucket?cors: 204 whether or not there was one."""
    await configure(call, await bucket_of(call), _NAME, None)
    return Reply()


async def preflight(call: Call) -> Any:
    """OPTIONS /bucket or /bucket/key: whether a browser may send what it is about to."""
    origin = call.request.headers.get("origin")
    if not origin:
        raise _bad_request("Insufficient information. Origin request header needed.")
    method = call.request.headers.get("access-control-request-method")
    if method not in METHODS:
        raise _bad_request(f"Invalid Access-Control-Request-Method: {'null' if method is None else method[:64]}")
    kind = "OBJECT" if call.params.get("Key") is not None else "BUCKET"
    bucket = await call.state.get(BUCKET, call.params["Bucket"])
    if bucket is None:
        raise refused("Bucket not found", method, kind)
    rules = await _rules(call.state, bucket)
    if not rules:
        raise refused("CORS is not enabled for this bucket.", method, kind)
    headers = requested(call.request.headers.get("access-control-request-headers"))
    rule = chosen(rules, origin, method, headers)
    if rule is None:
        raise refused(_NOT_ALLOWED, method, kind)
    return Response(200, [*told(rule, origin, headers), ("content-length", "0")])


def _bad_request(message: str) -> ServiceError:
    return ServiceError(400, "BadRequest", message)


async def shared(call: Call) -> Sequence[tuple[str, str]]:
    """What any answer but a preflight's tells the request's origin: nothing where no rule allows it."""
    request = call.request
    origin = request.headers.get("origin")
    name = unquote(request.path.removeprefix("/").partition("/")[0])
    if not origin or not name or request.method == "OPTIONS":
        return ()
    bucket = await call.state.get(BUCKET, name)
    rules = await _rules(call.state, bucket) if bucket is not None else ()
    # A preflight's questions are heard in any request: that is why Vary names them everywhere.
    method = request.headers.get("access-control-request-method", request.method)
    headers = requested(request.headers.get("access-control-request-headers"))
    rule = chosen(rules, origin, method or "", headers)
    return told(rule, origin, headers) if rule is not None else ()


async def _rules(state: State, bucket: Record) -> Sequence[Rule]:
    return await configuration(state, bucket, _NAME) or ()
