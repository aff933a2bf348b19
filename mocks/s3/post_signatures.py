"""Who signed a form: the credential in its fields, and the signature over its policy, Version 4 or 2.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html, userguide/HTTPPOSTForms.html.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from contracts.exchange import Form, Request
from contracts.sigv4 import ALGORITHM, signing_key
from mocks.base import ServiceError
from mocks.s3.errors import invalid_argument, signature_mismatch
from mocks.s3.forms import fields_of
from mocks.s3.post_policy import read_policy

_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/s3/aws4_request\Z", re.ASCII)
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z\Z", re.ASCII)
#: Version 4's fields beside the policy.
_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")


def form_key(form: Form) -> str:
    """The access key id that a form names; "" when it names none."""
    for name, value in form.fields:
        if name.lower() == "x-amz-credential":
            return value.partition("/")[0]
        if name.lower() == "awsaccesskeyid":
            return value
    return ""


def form_region(form: Form) -> str | None:
    """The region that a form was signed for; None with Version 2, which names none."""
    found = _CREDENTIAL.match(fields_of(form).get("x-amz-credential", ""))
    return None if found is None else found[3]


def missing_field(name: str) -> ServiceError:
    """A form without a field that it must have before its file (quoted in ryuzee/SlideHub issue 213)."""
    message = (
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    )
    return ServiceError(400, "InvalidArgument", message, details={"ArgumentName": name, "ArgumentValue": ""})


def verify_form(request: Request, form: Form, secret: str, now: datetime) -> Request:
    """The request, whose policy was signed with ``secret`` and is not over. Raises ServiceError. ``now`` is the
    machine's time, as for all signatures, not the environment's."""
    fields = fields_of(form)
    if "policy" not in fields:
        raise missing_field("policy")
    if "x-amz-security-token" in fields:
        # Virtual credentials have no session: a token belongs to someone else's.
        message = "The provided token is malformed or otherwise invalid."
        details = {"Token-0": fields["x-amz-security-token"][:2048]}
        raise ServiceError(400, "InvalidToken", message, details=details)
    if "x-amz-credential" in fields:
        signature, computed = _of_version_4(fields, secret)
    else:
        if not fields.get("signature"):
            raise missing_field("signature")
        signature = fields["signature"]
        digest = hmac.digest(secret.encode(), fields["policy"].encode(), "sha1")
        computed = base64.b64encode(digest).decode()
    if not hmac.compare_digest(computed.encode(), signature.encode()):
        raise signature_mismatch(form_key(form), signature, fields["policy"])
    try:
        policy = read_policy(fields["policy"])
    except ServiceError:
        return request  # which is told where the form is answered: nothing is wrong with its signature
    policy.check_time(now)
    return request


def _of_version_4(fields: Mapping[str, str], secret: str) -> tuple[str, str]:
    """The signature that was sent and the one that it must be."""
    for name in _FIELDS:
        if not fields.get(name.lower()):
            raise missing_field(name)
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise invalid_argument(
            f'X-Amz-Algorithm only supports "{ALGORITHM}"', "X-Amz-Algorithm", fields["x-amz-algorithm"][:64]
        )
    credential, date = fields["x-amz-credential"], fields["x-amz-date"]
    found = _CREDENTIAL.match(credential)
    if found is None:
        message = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        raise invalid_argument(message, "X-Amz-Credential", credential[:128])
    if not _TIMESTAMP.match(date):
        message = "X-Amz-Date must be formatted via ISO8601 Long format"
        raise invalid_argument(message, "X-Amz-Date", date[:64])
    if date[:8] != found[2]:
        message = f'Invalid credential date "{found[2]}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        raise invalid_argument(message, "X-Amz-Credential", credential[:128])
    key = signing_key(secret, credential.partition("/")[2])
    return fields["x-amz-signature"], hmac.digest(key, fields["policy"].encode(), "sha256").hex()
