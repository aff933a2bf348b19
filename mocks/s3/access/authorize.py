"""Whether a call is allowed: by the bucket's policy, by access control lists, by whose bucket and object it is.

Every key is its account's root user's, so that an account's own policies allow all, and what is left to decide is the
bucket's and the object's. Sources, below docs.aws.amazon.com/AmazonS3/latest/userguide: how-s3-evaluates-access-
control.html, access-control-auth-workflow-object-operation.html, access-control-block-public-access.html,
RequesterPaysBuckets.html, and API/API_GetObject.html (404 with s3:ListBucket, else 403).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from contracts.aws_read import query_pairs
from contracts.exchange import Response
from mocks.base import Call, Record, Reply, Result, ServiceError
from mocks.s3.access.blocking import blocks
from mocks.s3.access.evaluation import Asked, Verdict, decide
from mocks.s3.access.grants import granted, grants_of, private
from mocks.s3.access.keys import Keys
from mocks.s3.access.needs import BY_THEMSELVES, OF_ACCOUNT, WRITES, needed, of_version
from mocks.s3.access.policies import POLICY, policy_of
from mocks.s3.access.publicity import public
from mocks.s3.access.refusals import EXPLICIT, denied, implicit
from mocks.s3.access.vocabulary import ACTIONS
from mocks.s3.errors import access_denied
from mocks.s3.principals import ANONYMOUS, caller, enforced, is_owner, object_owner, owner_of, primary
from mocks.s3.records import BUCKET, OBJECT, UPLOAD, address_in
from mocks.s3.versions import find

#: What the owner's root user may always do, whatever the policy says (API_PutBucketPolicy.html).
_ALWAYS = frozenset({"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"})

#: What an access control list allows: action -> permission on the bucket, or on the object (acl-overview.html, "Mapping
#: of ACL permissions").
_BY_BUCKET_ACL: Mapping[str, str] = {
    "ListBucket": "READ",
    "ListBucketVersions": "READ",
    "ListBucketMultipartUploads": "READ",
    "PutObject": "WRITE",
    "DeleteObject": "WRITE",
    "GetBucketAcl": "READ_ACP",
    "PutBucketAcl": "WRITE_ACP",
}
_BY_OBJECT_ACL: Mapping[str, str] = {
    "GetObject": "READ",
    "GetObjectVersion": "READ",
    "GetObjectTorrent": "READ",
    "GetObjectAcl": "READ_ACP",
    "GetObjectVersionAcl": "READ_ACP",
    "PutObjectAcl": "WRITE_ACP",
    "PutObjectVersionAcl": "WRITE_ACP",
}
#: What the bucket's owner may do to an object of somebody else.
_OWNERS_ANYWAY = frozenset(
    {
        *("AbortMultipartUpload", "BypassGovernanceRetention", "DeleteObject", "DeleteObjectVersion"),
        *("ListMultipartUploadParts", "PutObject", "RestoreObject", "PutObjectRetention", "PutObjectLegalHold"),
    }
)
#: What begins an object, or says more of one that is beginning: it has no owner yet but its writer.
_OF_NEW = frozenset({"PutObjectAcl", "PutObjectTagging"})
#: What whoever began an upload may do to it (userguide/mpuoverview.html, "Multipart upload API and permissions").
_INITIATORS = frozenset({"AbortMultipartUpload", "ListMultipartUploadParts"})
#: What is not for anonymous callers, whatever they are allowed (the sentence: aws-sdk-cpp issue 1575).
_NOT_ANONYMOUS: Mapping[str, str] = {
    "CreateMultipartUpload": "initiate multipart uploads",
    "CopyObject": "copy objects",
    "UploadPartCopy": "copy objects",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One action in a bucket, on an object of it if ``key`` is given. ``record`` is that object where it exists."""

    call: Call
    bucket: Record
    action: str
    key: str | None = None
    record: Record | None = None
    version: str | None = None

    @property
    def resource(self) -> str:
        """As policies name it."""
        return f"arn:aws:s3:::{self.bucket['name']}" + (f"/{self.key}" if self.key is not None else "")


async def authorize(call: Call) -> bool:
    """Raises AccessDenied for a call that nothing allows. Answers whether its caller is charged for it."""
    name, operation = call.params.path.get("Bucket"), call.operation.id
    if name is None:
        if operation in OF_ACCOUNT and caller(call) is None:
            raise access_denied()
        return False
    bucket = await call.state.get(BUCKET, name)
    if operation == "CreateBucket" and caller(call) is None:
        raise access_denied()
    if bucket is None:
        return False  # what is said of it is the handler's
    charged = "CopySource" in call.params.header and await _authorize_source(call)
    if _undisputed(call, bucket):
        return charged
    if operation not in BY_THEMSELVES:
        await _authorize(call, bucket)
    return _charged(call, bucket) or charged


def _undisputed(call: Call, bucket: Record) -> bool:
    """The owner's own call where neither a policy nor an object of somebody else can stand against it."""
    return POLICY not in bucket.get("configured", ()) and enforced(bucket) and is_owner(call, bucket)


async def _authorize(call: Call, bucket: Record) -> None:
    key = call.params.path.get("Key")
    version = call.params.query.get("VersionId")
    record, missing = await _object(call, bucket, key, version)
    for action in needed(call.operation.id, call.params):
        await _demand(Question(call, bucket, action, key, record, version), missing=missing)
    if call.operation.id in _NOT_ANONYMOUS and caller(call) is None:
        raise access_denied(f"Anonymous users cannot {_NOT_ANONYMOUS[call.operation.id]}.  Please authenticate.")
    if missing:
        await _hide(call, bucket, key)


async def _object(call: Call, bucket: Record, key: str | None, version: str | None) -> tuple[Record | None, bool]:
    """The object that a call is about, and whether one that it reads is missing."""
    if key is None:
        return None, False
    if call.operation.id in WRITES or call.operation.id in ("CompleteMultipartUpload", "UploadPart", "UploadPartCopy"):
        return await call.state.get(OBJECT, address_in(bucket, key)), False
    if "UploadId" in call.params.query:
        upload = await call.state.get(UPLOAD, call.params["UploadId"])
        return upload if upload is not None and upload["key"] == key else None, False
    try:
        return await find(call.state, bucket, key, version), False
    except ServiceError as error:
        # Of a delete nothing is missing; a malformed version is the handler's to refuse.
        return None, error.status in (404, 405) and call.operation.id != "DeleteObject"


async def _hide(call: Call, bucket: Record, key: str | None) -> None:
    """Whoever may not list what there is does not hear what there is not."""
    if not await permitted(call, "ListBucket", bucket):
        raise denied(call, bucket, "ListBucket", None, implicit("ListBucket"))


async def demand(
    call: Call, action: str, bucket: Record, key: str | None = None, *, version: str | None = None
) -> None:
    """Raises AccessDenied unless the caller may do this; the action is without its ``s3:`` and not of a version."""
    if _undisputed(call, bucket):
        return
    await _demand(await _asked(call, action, bucket, key, version))


async def permitted(
    call: Call, action: str, bucket: Record, key: str | None = None, *, version: str | None = None
) -> bool:
    """Whether the caller may do this, for what is decided one by one."""
    if _undisputed(call, bucket):
        return True
    return await _verdict(await _asked(call, action, bucket, key, version)) == "allow"


async def demand_write(call: Call, bucket: Record, key: str) -> None:
    """Raises AccessDenied unless the caller may write the object, with all that the call says of it."""
    if not _undisputed(call, bucket):
        for action in needed("PutObject", call.params):
            await _demand(await _asked(call, action, bucket, key, None))


async def _asked(call: Call, action: str, bucket: Record, key: str | None, version: str | None) -> Question:
    record = None
    if key is not None:
        try:
            record = await find(call.state, bucket, key, version)
        except ServiceError:
            record = None
    return Question(call, bucket, of_version(action, version), key, record, version)


async def _demand(question: Question, *, missing: bool = False) -> None:
    """Of an object that is missing there is no list to look into: who may list its bucket is told, and nobody else."""
    verdict = await _verdict(question)
    if verdict != "allow" and not (missing and verdict == "silent"):
        because = EXPLICIT if verdict == "deny" else implicit(question.action)
        raise denied(question.call, question.bucket, question.action, question.key, because)


async def _verdict(question: Question) -> Verdict:
    call, bucket = question.call, question.bucket
    owns = is_owner(call, bucket)
    if owns and question.action in _ALWAYS:
        return "allow"
    verdict = await _of_policy(question, owns=owns)
    if verdict == "deny":
        return "deny"
    if owns:
        allowed = ACTIONS.get(question.action) != "object" or _owners(question)
    else:
        allowed = verdict == "allow" and _delegated(question)
    return "allow" if allowed or _by_ownership(question) or _by_acl(question) else "silent"


async def _of_policy(question: Question, *, owns: bool) -> Verdict:
    call, bucket = question.call, question.bucket
    policy = await policy_of(call, bucket)
    if policy is None:
        return "silent"
    if not owns and blocks(bucket, "RestrictPublicBuckets") and public(policy):
        return "deny"
    asking = caller(call)
    lookup = Keys(call, bucket, question.record, question.version)
    account, canonical = (asking.id, asking.canonical_id) if asking is not None else (None, None)
    return decide(policy, Asked(account, canonical, question.action, question.resource, lookup))


def _owners(question: Question) -> bool:
    """Whether the bucket's owner may do this to an object: its own, or whatever it may do to anybody's."""
    return question.action in _OWNERS_ANYWAY or question.record is None or not _foreign(question)


def _delegated(question: Question) -> bool:
    """Whether what the bucket's policy allows is the bucket's owner's to allow (userguide/bucket-policies.html: it does
    not "apply to objects that are owned by other AWS accounts")."""
    return ACTIONS.get(question.action) != "object" or _owners(question)


def _foreign(question: Question) -> bool:
    record = question.record
    if record is None or "initiated" in record:
        return False
    return object_owner(question.call, question.bucket, record) != owner_of(question.call, question.bucket)


def _who(call: Call) -> str:
    asking = caller(call)
    return ANONYMOUS if asking is None else asking.canonical_id


def _by_ownership(question: Question) -> bool:
    """Whether the caller owns the object, or began the upload, that it is about."""
    call, bucket, record = question.call, question.bucket, question.record
    if record is not None and "initiated" in record:
        began = record["initiator"]["ID"] if "initiator" in record else primary(call).canonical_id
        return question.action in _INITIATORS and began == _who(call)
    if enforced(bucket) or ACTIONS.get(question.action) != "object":
        return False
    if call.operation.id in WRITES and question.action in _OF_NEW:
        return True  # whoever may write it, an anonymous caller as well: it is the writer's own
    if (
        caller(call) is None
        or record is None
        or question.action in ("PutObject", "DeleteObject", "DeleteObjectVersion")
    ):
        return False
    return object_owner(call, bucket, record) == _who(call)


def _by_acl(question: Question) -> bool:
    call, bucket, record = question.call, question.bucket, question.record
    if enforced(bucket):
        return False
    asking = caller(call)
    who = None if asking is None else asking.canonical_id
    if question.action in _BY_BUCKET_ACL:
        grants = grants_of(bucket, owner_of(call, bucket))
        # "WRITE permissions deny non-owners the ability to overwrite or delete existing objects" (acl-overview.html).
        mine = record is None or object_owner(call, bucket, record) == _who(call)
        if question.action in ("PutObject", "DeleteObject") and not mine:
            return False
        permission = _BY_BUCKET_ACL[question.action]
    elif question.action in _BY_OBJECT_ACL and record is not None:
        grants = grants_of(record, object_owner(call, bucket, record))
        permission = _BY_OBJECT_ACL[question.action]
    else:
        return False
    if blocks(bucket, "IgnorePublicAcls"):
        grants = private(grants)
    return granted(grants, who, permission)


async def _authorize_source(call: Call) -> bool:
    """What a copy reads, and its tags where it takes them along. What is no source is the handler's to refuse. Answers
    whether the caller is charged for it."""
    text, _, version = call.params.header["CopySource"].partition("?versionId=")
    name, _, key = unquote(text).removeprefix("/").partition("/")
    bucket = await call.state.get(BUCKET, name)
    if bucket is None or not key or _undisputed(call, bucket):
        return False
    question = await _asked(call, "GetObject", bucket, key, version or None)
    await _demand(question, missing=question.record is None)
    if question.record is None:
        await _hide(call, bucket, key)
    elif (
        question.record.get("tags")
        and call.operation.id == "CopyObject"
        and call.params.header.get("TaggingDirective", "COPY") == "COPY"
    ):
        await _demand(await _asked(call, "GetObjectTagging", bucket, key, version or None))
    return _charged(call, bucket)


def _charged(call: Call, bucket: Record) -> bool:
    """Whether the requester pays, as it must say that it knows (ObjectsinRequesterPaysBuckets.html)."""
    if bucket.get("payer") != "Requester" or is_owner(call, bucket) or call.operation.id.startswith("Options"):
        return False
    given = call.params.get("RequestPayer") or dict(query_pairs(call.request.query)).get("x-amz-request-payer")
    if caller(call) is None or given != "requester":
        raise access_denied()
    return True


def charge(result: Result) -> Result:
    """The answer, which tells that its caller pays for it."""
    told = ("x-amz-request-charged", "requester")
    if isinstance(result, Response):
        result.headers.append(told)
        return result
    reply = result if isinstance(result, Reply) else Reply(result)
    reply.headers = (*reply.headers, told)
    return reply
