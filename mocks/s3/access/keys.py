"""The condition keys of a request: what a policy may ask of it, worked out when it asks.

Sources: docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html,
IAM/latest/UserGuide/reference_policies_condition-keys.html, AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from contracts.aws_read import query_pairs
from contracts.aws_values import iso
from mocks.base import Call, Record, ServiceError
from mocks.s3.authorization import is_version_2, read_authorization, region_of
from mocks.s3.principals import account_of, caller

#: Operations that make an object (s3:ObjectCreationOperation).
_CREATING = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload", "PostObject"})


@dataclass(frozen=True, slots=True)
class Keys:
    """The values of one request's keys. ``record`` is the object as it is, if it is; ``version`` what the caller
    names."""

    call: Call
    bucket: Record
    record: Record | None = None
    version: str | None = None

    def __call__(self, key: str) -> Sequence[str] | None:
        """The values of ``key``, in lower case or not; None for what the request does not have."""
        name = key.lower()
        found = _KEYS.get(name)
        if found is not None:
            return _texts(found(self))
        if name.startswith("s3:existingobjecttag/"):
            return _texts(self._tags().get(key.partition("/")[2].lower()))
        if name.startswith("s3:requestobjecttag/"):
            return _texts(self._given_tags().get(key.partition("/")[2].lower()))
        if name.startswith("s3:x-amz-"):
            return _texts(self.call.request.headers.get(name[3:]) or self._field(name[3:]))
        return None

    def _field(self, name: str) -> str | None:
        form = self.call.request.form
        return None if form is None else next((text for field, text in form.fields if field.lower() == name), None)

    def _tags(self) -> Mapping[str, str]:
        return {key.lower(): value for key, value in (self.record or {}).get("tags", ())}

    def _given_tags(self) -> Mapping[str, str]:
        return {key.lower(): value for key, value in self.tag_pairs()}

    def tag_pairs(self) -> Sequence[tuple[str, str]]:
        """The tags that the request gives, in a header or in its body."""
        header = self.call.params.header.get("Tagging")
        if header is not None:
            return parse_qsl(header, keep_blank_values=True)
        body = self.call.params.get("Tagging")
        given = body.get("TagSet", ()) if isinstance(body, Mapping) else ()
        return [(tag["Key"], tag["Value"]) for tag in given]

    def header(self, name: str) -> str | None:
        """A request's header."""
        return self.call.request.headers.get(name)

    def param(self, name: str) -> Any:
        """A parameter of the operation."""
        return self.call.params.get(name)

    def age(self) -> int | None:
        """Milliseconds since the request was signed."""
        if self.call.credential is None:
            return None
        try:
            at = read_authorization(self.call.request).at
        except ServiceError:
            return None  # a form, whose policy has an end of its own
        return int((self.call.now - at).total_seconds() * 1000)


def _texts(value: Any) -> Sequence[str] | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, datetime):
        return (iso(value),)
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _auth_type(keys: Keys) -> str | None:
    if keys.call.credential is None:
        return None
    if keys.call.operation.id == "PostObject":
        return "POST"
    return "REST-HEADER" if keys.header("authorization") else "REST-QUERY-STRING"


def _signature_version(keys: Keys) -> str | None:
    if keys.call.credential is None:
        return None
    return "AWS" if is_version_2(keys.call.request) else "AWS4-HMAC-SHA256"


def _whose(attribute: str) -> Callable[[Keys], Any]:
    def read(keys: Keys) -> Any:
        asking = caller(keys.call)
        return None if asking is None else getattr(asking, attribute)

    return read


def _secure(keys: Keys) -> bool:
    """Environments are mostly reached by http; a policy may say that they count as if it were https."""
    return keys.call.request.scheme == "https" or keys.call.options.get("transport") == "secure"


def _remaining_days(keys: Keys) -> int | None:
    until = keys.param("ObjectLockRetainUntilDate") or (keys.param("Retention") or {}).get("RetainUntilDate")
    if not isinstance(until, datetime):
        return None
    left = until.astimezone(UTC) - keys.call.now
    return -(-int(left.total_seconds()) // 86400)


def _lock(member: str, inner: str, body: str) -> Callable[[Keys], Any]:
    return lambda keys: keys.param(member) or (keys.param(body) or {}).get(inner)


def _prefix(name: str) -> Callable[[Keys], Any]:
    return lambda keys: dict(query_pairs(keys.call.request.query)).get(name)


#: By their names in lower case.
_KEYS: Mapping[str, Callable[[Keys], Any]] = {
    "aws:currenttime": lambda keys: keys.call.now,
    "aws:epochtime": lambda keys: int(keys.call.now.timestamp()),
    "aws:principalaccount": _whose("id"),
    "aws:principalarn": _whose("arn"),
    "aws:principalisawsservice": lambda keys: False,
    "aws:principaltype": lambda keys: "Anonymous" if keys.call.credential is None else "Account",
    "aws:referer": lambda keys: keys.header("referer"),
    "aws:requestedregion": lambda keys: region_of(keys.call.request),
    "aws:resourceaccount": lambda keys: account_of(keys.call, keys.bucket),
    "aws:securetransport": _secure,
    "aws:sourceip": lambda keys: keys.call.request.client or None,
    "aws:useragent": lambda keys: keys.header("user-agent"),
    "aws:userid": lambda keys: "anonymous" if keys.call.credential is None else _whose("id")(keys),
    "aws:viaawsservice": lambda keys: False,
    "s3:authtype": _auth_type,
    "s3:delimiter": _prefix("delimiter"),
    "s3:if-match": lambda keys: keys.header("if-match"),
    "s3:if-none-match": lambda keys: keys.header("if-none-match"),
    "s3:locationconstraint": lambda keys: (keys.param("CreateBucketConfiguration") or {}).get("LocationConstraint"),
    "s3:max-keys": _prefix("max-keys"),
    "s3:object-lock-legal-hold": _lock("ObjectLockLegalHoldStatus", "Status", "LegalHold"),
    "s3:object-lock-mode": _lock("ObjectLockMode", "Mode", "Retention"),
    "s3:object-lock-remaining-retention-days": _remaining_days,
    "s3:object-lock-retain-until-date": _lock("ObjectLockRetainUntilDate", "RetainUntilDate", "Retention"),
    "s3:objectcreationoperation": lambda keys: keys.call.operation.id in _CREATING,
    "s3:prefix": _prefix("prefix"),
    "s3:requestobjecttagkeys": lambda keys: [key for key, _ in keys.tag_pairs()] or None,
    "s3:resourceaccount": lambda keys: account_of(keys.call, keys.bucket),
    "s3:signatureage": Keys.age,
    "s3:signatureversion": _signature_version,
    "s3:versionid": lambda keys: keys.version,
}
