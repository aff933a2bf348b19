"""S3's manners: what it refuses for now, what may be sent twice, what must not be done twice at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.aws_read import query_pairs
from contracts.exchange import Response
from sandboxes.base import Outgoing, Resource, Secret
from sandboxes.s3.naming import LABEL, tail
from sandboxes.s3.references import source_bucket
from sandboxes.s3.rules import BUCKET

#: "Retry your request" (API/ErrorResponses.html): InternalError, and what is in the way of S3 itself.
_TRY_AGAIN = frozenset({500, 502, 503, 504})
_READS = frozenset({"read", "list"})
_LOCKS = "x-amz-object-lock-"
_GRANTS = "x-amz-grant-"
#: The credential of the environment's own account.
_KEY = "access_key"
_GIVES_ACCESS = (
    "Access for accounts that are named (x-amz-grant-, access control lists in the body) is not given from here."
)


def allows(credential: str | None, call: Outgoing) -> bool:
    """Further accounts meet in the mock alone: at the real provider there is one."""
    return credential == _KEY


def forbids(call: Outgoing) -> str | None:
    """What no rule can tell: locks, grants, and names beyond this account's buckets."""
    fields = {name for name, _ in call.request.headers} | {name.lower() for name, _ in query_pairs(call.request.query)}
    if any(field.startswith(_LOCKS) for field in fields):
        return "A locked object could outlive the environment: Object Lock is not for preview environments."
    if any(field.startswith(_GRANTS) for field in fields):
        return _GIVES_ACCESS
    if "/" in call.params.path.get("Bucket", ""):
        return "A bucket's name has no slash, not even an escaped one."
    if "CopySource" in call.params.header and (":" in source_bucket(call) or not source_bucket(call)):
        return "A copy's source must be a bucket and a key, no access point."
    check = _CHECKS.get(call.operation.id)
    return check(call.params.body or {}, call) if check is not None else None


def _new_bucket(body: Mapping[str, Any], call: Outgoing) -> str | None:
    asked = body.get("CreateBucketConfiguration") or {}
    if "Location" in asked or "Bucket" in asked or "BucketNamespace" in call.params.header:
        return "Directory buckets and buckets of an account's own namespace have names that are not mapped."
    if call.params.header.get("ObjectLockEnabledForBucket"):
        return "A bucket with Object Lock could not be emptied at teardown."
    return None


def _versioning(body: Mapping[str, Any], call: Outgoing) -> str | None:
    asked = body.get("VersioningConfiguration") or {}
    if asked.get("MFADelete") == "Enabled":
        return "With MFA delete the bucket could not be emptied at teardown."
    return None


def _restore(body: Mapping[str, Any], call: Outgoing) -> str | None:
    if "OutputLocation" in (body.get("RestoreRequest") or {}):
        return "A restore that writes its result into a bucket reaches beyond its own."
    return None


def _acl(body: Mapping[str, Any], call: Outgoing) -> str | None:
    return _GIVES_ACCESS if body.get("AccessControlPolicy") else None


_CHECKS = {
    "CreateBucket": _new_bucket,
    "PutBucketVersioning": _versioning,
    "RestoreObject": _restore,
    "PutBucketAcl": _acl,
    "PutObjectAcl": _acl,
}


def made(call: Outgoing, response: Response) -> Sequence[Resource]:
    """A new bucket, by the name that its Location or its ARN says. Uploads and objects go with their bucket."""
    if call.operation.id != "CreateBucket" or response.status >= 300:
        return ()
    name = call.params.path["Bucket"]
    told = f"{response.header('location')} {response.header('x-amz-bucket-arn')}"
    found = re.search(LABEL.pattern + re.escape(tail(name)), told)
    return (Resource(BUCKET, found[0], alias=name),) if found else ()


def repeatable(call: Outgoing, response: Response | None) -> bool:
    """S3's SDKs repeat everything; here what was streamed is gone, and a write without an answer may have worked: to
    repeat it makes a second version, or an error of a success."""
    if call.request.stream is not None:
        return False
    if response is None:
        return call.rule.effect in _READS
    return response.status in _TRY_AGAIN


def throttled(response: Response) -> float | None:
    """503 SlowDown (and its like without a body, for HEAD): S3 tells no time, "reduce your request rate"."""
    if response.status not in (429, 503):
        return None
    wait = response.header("retry-after") or ""
    return float(wait) if wait.isascii() and wait.isdecimal() else 1.0


def serial(call: Outgoing) -> str | None:
    """OperationAborted, "a conflicting conditional operation is currently in progress against this resource", is the
    answer to changes of one bucket at once; objects know no such thing."""
    if call.operation.path == "/{Bucket}" and call.rule.effect not in _READS and call.operation.id != "DeleteObjects":
        return f"bucket {call.params.path['Bucket']}"
    return None


def check_secret(secret: Secret) -> str | None:
    """AWS has no test keys: whether an account is one for tests, only its owner can tell."""
    if not secret.key or not secret.secret:
        return "An S3 account needs an access key id and its secret access key."
    if re.search(r"[\s/,]", secret.key) or re.search(r"\s", secret.secret):
        return "The access key id or the secret access key has characters that none has, such as a line's end."
    if secret.key.startswith("ASIA") and not secret.token:
        return "A temporary access key (ASIA...) works only with its session token."
    return None
