"""The access control list that a request gives: canned, in grant headers, or as a document.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html, API_PutBucketAcl.html, API_CreateBucket.html and
userguide/about-object-ownership.html. Sentences are those that users of S3 quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Call, Record, ServiceError
from mocks.s3.access.blocking import blocks
from mocks.s3.access.grants import BUCKET_CANNED, FULL, GROUPS, MOST, OBJECT_CANNED, OF_AWS, Grant, canned, public
from mocks.s3.access.refusals import denied
from mocks.s3.errors import access_denied, invalid_argument, invalid_request, method_not_allowed
from mocks.s3.principals import enforced, is_owner, known, owner_of

_HEADERS: Mapping[str, tuple[str, str]] = {
    "GrantFullControl": ("x-amz-grant-full-control", FULL),
    "GrantRead": ("x-amz-grant-read", "READ"),
    "GrantReadACP": ("x-amz-grant-read-acp", "READ_ACP"),
    "GrantWrite": ("x-amz-grant-write", "WRITE"),
    "GrantWriteACP": ("x-amz-grant-write-acp", "WRITE_ACP"),
}
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*(?:"([^"]*)"|([^",\s]+))\s*\Z', re.IGNORECASE)
#: Operations that a refusal calls by the action that they are.
_AS_PUT: Mapping[str, str] = {"PostObject": "PutObject", "CreateMultipartUpload": "PutObject"}
#: S3 has no sentence for it (answers quoted in versity/versitygw issue 1379, node-s3-uploader pull 44).
NO_CANNED = ""
#: The one list that means the same where lists are disabled.
_SAME_ANYWAY = "bucket-owner-full-control"


def not_supported() -> ServiceError:
    """The bucket's owner owns everything in it."""
    return ServiceError(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")


def object_acl(call: Call, bucket: Record, owner: str) -> Record:
    """The member ``acl`` of a new object's record, none for the default. Raises what ``replacement`` raises."""
    params = call.params.header
    if "ACL" not in params and not any(name in params for name in _HEADERS):
        return {}
    if enforced(bucket):
        _check_disabled(call, bucket)
        return {}
    grants = _of_headers(call, owner, owner_of(call, bucket), OBJECT_CANNED)
    _check_block(call, bucket, grants)
    return {"acl": grants}


def _check_disabled(call: Call, bucket: Record) -> None:
    """Where lists are disabled, "bucket owner full control ACLs" alone are taken, in any form (API_PutObject.html): the
    bucket owner's own private ones are such."""
    given = {name: call.params.header[name] for name in ("ACL", *_HEADERS) if name in call.params.header}
    if len(given) > 1 and "ACL" in given:
        raise both_kinds()
    if "ACL" in given:
        _check_canned(given["ACL"], OBJECT_CANNED)
    owner = owner_of(call, bucket)
    whole = _GRANTEE.match(given.pop("GrantFullControl", ""))
    fine = given == {"ACL": _SAME_ANYWAY} or (given == {"ACL": "private"} and is_owner(call, bucket))
    if not fine and not (whole is not None and not given and owner in (whole[2], whole[3])):
        raise not_supported()


def new_bucket_acl(call: Call, record: Record) -> Record:
    """The member ``acl`` of a new bucket's record, none for the default."""
    owner = owner_of(call, record)
    if "ACL" not in call.params.header and not any(name in call.params.header for name in _HEADERS):
        return {}
    grants = _of_headers(call, owner, owner, BUCKET_CANNED)
    if grants == [["ID", owner, FULL]]:
        return {}
    if enforced(record):
        raise with_ownership()
    if public(grants) and blocks(record, "BlockPublicAcls"):
        message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
        raise ServiceError(400, "InvalidBucketAclWithBlockPublicAccessError", message)
    return {"acl": grants}


def with_ownership() -> ServiceError:
    """A list that others gain by, and an owner who owns everything."""
    message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    return ServiceError(400, "InvalidBucketAclWithObjectOwnership", message)


def replacement(call: Call, bucket: Record, owner: str, *, of_bucket: bool) -> list[Grant]:
    """The list of PutBucketAcl or PutObjectAcl, for what ``owner`` owns."""
    document = call.params.get("AccessControlPolicy")
    headers = [name for name in ("ACL", *_HEADERS) if name in call.params.header]
    if headers and call.request.body:
        raise ServiceError(400, "UnexpectedContent", "This request does not support content")
    if headers:
        grants = _of_headers(call, owner, owner_of(call, bucket), BUCKET_CANNED if of_bucket else OBJECT_CANNED)
    elif document is None:
        details = {"MissingHeaderName": "x-amz-acl"}
        message = "Your request was missing a required header"
        raise ServiceError(400, "MissingSecurityHeader", message, details=details)
    else:
        grants = _of_document(call, document, owner)
    if enforced(bucket) and (of_bucket or not _same_anyway(call, bucket, grants)):
        raise not_supported()
    _check_block(call, bucket, grants)
    return grants


def _same_anyway(call: Call, bucket: Record, grants: Sequence[Grant]) -> bool:
    """Bucket owner full control: the canned list "or an equivalent form of this ACL expressed in the XML format"."""
    if "ACL" in call.params.header:
        return bool(call.params.header["ACL"] == _SAME_ANYWAY)
    return grants == [["ID", owner_of(call, bucket), FULL]]


def _check_block(call: Call, bucket: Record, grants: Sequence[Grant]) -> None:
    """Public lists are refused where the bucket blocks them (userguide/troubleshoot-403-errors.html)."""
    if public(grants) and blocks(bucket, "BlockPublicAcls"):
        because = "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access."
        action = _AS_PUT.get(call.operation.id, call.operation.id)
        raise denied(call, bucket, action, call.params.get("Key"), because)


def both_kinds() -> ServiceError:
    """A canned list and grants of one's own."""
    return invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")


def _check_canned(name: str, valid: frozenset[str]) -> None:
    if name not in valid:
        raise invalid_argument(NO_CANNED, "x-amz-acl", name[:256])


def _of_headers(call: Call, owner: str, bucket_owner: str, valid: frozenset[str]) -> list[Grant]:
    """Raises InvalidRequest for both kinds at once, InvalidArgument, MethodNotAllowed."""
    params = call.params.header
    given = [name for name in _HEADERS if name in params]
    if "ACL" in params:
        if given:
            raise both_kinds()
        _check_canned(params["ACL"], valid)
        return canned(params["ACL"], owner, bucket_owner)
    found: list[Grant] = []
    for name in given:
        header, permission = _HEADERS[name]
        for text in params[name].split(","):
            form = _GRANTEE.match(text)
            if form is None:
                raise invalid_argument("Argument format not recognized", header, params[name][:256])
            kind, value = form[1].lower(), form[2] or form[3] or ""
            found.append([*_grantee(call, kind, value, header), permission])
    _check_count(found)
    return found


def _of_document(call: Call, document: Mapping[str, Any], owner: str) -> list[Grant]:
    """Raises MalformedACLError, InvalidArgument, MethodNotAllowed, and AccessDenied for another owner."""
    if "ID" not in (document.get("Owner") or {}) or "Grants" not in document:
        raise malformed_acl()
    found: list[Grant] = []
    for grant in document["Grants"]:
        grantee, permission = grant.get("Grantee"), grant.get("Permission")
        if grantee is None or permission is None:
            raise malformed_acl()
        member, kind, name = _KINDS[grantee["Type"]]
        if member not in grantee:
            raise malformed_acl()
        found.append([*_grantee(call, kind, grantee[member], name), permission])
    _check_count(found)
    if document["Owner"]["ID"] != owner:
        # "You cannot change the owner" is all that is said of it (API_PutBucketAcl.html).
        raise access_denied()
    return found


#: xsi:type -> (member, kind, what an error calls it)
_KINDS: Mapping[str, tuple[str, str, str]] = {
    "CanonicalUser": ("ID", "id", "CanonicalUser/ID"),
    "Group": ("URI", "uri", "Group/URI"),
    "AmazonCustomerByEmail": ("EmailAddress", "emailaddress", "AmazonCustomerByEmail"),
}


def _grantee(call: Call, kind: str, value: str, argument: str) -> tuple[str, str]:
    if kind == "emailaddress":
        # Since October 2025 "the request will receive an HTTP 405 (Method Not Allowed) error" (API_Grantee.html).
        raise method_not_allowed(call.request.method, "ACL", "GET, PUT")
    if kind == "uri":
        if value not in GROUPS:
            raise invalid_argument("Invalid group uri", argument, value[:256])
        return "URI", value
    if value not in OF_AWS and known(call, value) is None:
        raise invalid_argument("Invalid id", argument, value[:256])
    return "ID", value


def _check_count(grants: Sequence[Grant]) -> None:
    if len(grants) > MOST:
        raise malformed_acl()


def malformed_acl() -> ServiceError:
    """A document that is no list."""
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return ServiceError(400, "MalformedACLError", message)
