"""The signature of a request, in whichever way it is signed.

AWS tells the ways apart as it says in "Only one auth mechanism allowed": by the Authorization header, by
X-Amz-Algorithm or by Signature in the query.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from contracts.aws_read import query_pairs
from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3 import sigv2, sigv4
from mocks.s3.authorization import check_single, is_unsigned, is_version_2, read_authorization
from mocks.s3.bodies import checked_body
from mocks.s3.post_signatures import verify_form
from mocks.s3.presigned import with_hoisted

_ALGORITHM = "x-amz-sdk-checksum-algorithm"
_TOKEN = "X-Amz-Security-Token"  # noqa: S105 - a parameter's name


def verify(request: Request, secret: str, now: datetime) -> Request:
    """The request whose body is decoded and will be verified while it is read, with the headers that a presigned URL
    carries in its query.

    Raises ServiceError in S3's words; for a body that is streamed, the stream raises it.
    """
    if request.method == "OPTIONS":
        return request  # a preflight of a presigned URL carries the signature of what is to follow
    if request.form is not None:
        return verify_form(request, request.form, secret, now)
    check_single(request)
    token = request.headers.get("x-amz-security-token")
    if token is None and _TOKEN in request.query:
        token = dict(query_pairs(request.query)).get(_TOKEN)
    if token is not None:
        # Virtual credentials have no session: a token belongs to someone else's, and may be a real one. S3 repeats it;
        # here no more than its beginning is seen, since answers are written down.
        message = "The provided token is malformed or otherwise invalid."
        raise ServiceError(400, "InvalidToken", message, details={"Token-0": f"{token[:4]}****"})
    older = is_version_2(request)
    verified = (sigv2 if older else sigv4).verify(request, secret, now)
    algorithm = verified.headers.get(_ALGORITHM)
    if algorithm is not None and not algorithm.isupper():
        # In any case (versitygw pull 1118), which the model's enum does not know.
        rest = [(name, value) for name, value in verified.headers if name != _ALGORITHM]
        verified = replace(verified, headers=Headers([*rest, (_ALGORITHM, algorithm.upper())]))
    return verified if request.headers.get("authorization") else with_hoisted(verified, older=older)


def malformed_claim(request: Request) -> ServiceError | None:
    """Why a request that names no key was not understood; None when it carries no signature at all."""
    if request.form is not None or is_unsigned(request):
        return None  # a form's fields are looked into once it is known whose key they name
    try:
        check_single(request)
        if is_version_2(request):
            return sigv2.malformed_claim(request)
        read_authorization(request)
    except ServiceError as error:
        return error
    return None


def unframed(request: Request) -> Request:
    """An unsigned request, whose body may say what it is as a signed one's does. That it is framed, SDKs say in the
    header that they sign with, and leave out where they sign nothing."""
    if request.headers.get("x-amz-content-sha256") is not None:
        return sigv4.checked_payload(request)
    framed = "aws-chunked" in (request.headers.get("content-encoding") or "")
    if not framed or request.headers.get("x-amz-decoded-content-length") is None:
        return request
    return checked_body(request, trailing=request.headers.get("x-amz-trailer") is not None, chunked=True)
