"""Who calls: the AWS accounts of an environment's world. Every access key is its account's root user's.

An account's id and canonical id follow from the environment and from the account's name, so that they are the same each
time and never another environment's. What was made before there were accounts has no ``owner`` and is the primary's.
Identifiers: docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mocks.base import Call, Record, ServiceError
from mocks.s3.errors import access_denied

#: The account that has the environment's own access key.
PRIMARY = "primary"
#: Of an account that is not the primary one the credential is called ``access_key:NAME``.
CREDENTIAL = "access_key"

#: The canonical id of whoever comes without a key (userguide/about-object-ownership.html shows it as an owner).
ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c"
#: Since April 2023 (docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
_DEFAULT = "BucketOwnerEnforced"

_ID = re.compile(r"[0-9]{12}", re.ASCII)
#: Account ids have twelve digits; those that are derived begin with no zero.
_LEAST, _IDS = 10**11, 9 * 10**11


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. ``id`` has 12 digits, ``canonical_id`` 64 hex digits."""

    name: str
    id: str
    canonical_id: str

    @property
    def arn(self) -> str:
        """Its root user, as policies name principals."""
        return f"arn:aws:iam::{self.id}:root"

    @property
    def shown(self) -> dict[str, str]:
        """As an Owner or Initiator is shown. No DisplayName: S3 tells none any more since November 2025
        (API_Owner.html)."""
        return {"ID": self.canonical_id}


@lru_cache(maxsize=4096)
def account(realm: str, name: str) -> Account:
    """The account called ``name`` in the world ``realm``; twelve digits are an account's id and name it, too."""
    id_ = name if _ID.fullmatch(name) else str(_LEAST + int(_digest(realm, "id", name)[:16], 16) % _IDS)
    return Account(name, id_, _digest(realm, "canonical", id_))


def details(realm: str, name: str) -> dict[str, str]:
    """What callers need of an account: its id for the principals of policies, its canonical id for ACLs."""
    found = account(realm, name)
    return {"account": found.id, "canonical_id": found.canonical_id}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(("account", *parts)).encode()).hexdigest()


def caller(call: Call) -> Account | None:
    """Whose access key signed the call; None for an anonymous one."""
    if call.credential is None:
        return None
    return account(call.realm, call.credential.partition(":")[2] or PRIMARY)


def primary(call: Call) -> Account:
    """The environment's own account."""
    return account(call.realm, PRIMARY)


def accounts(call: Call) -> list[Account]:
    """Every account of the environment, the primary one first."""
    named = sorted(name.partition(":")[2] for name in call.credentials if name.startswith(f"{CREDENTIAL}:"))
    return [primary(call), *(account(call.realm, name) for name in named)]


def known(call: Call, canonical_id: str) -> Account | None:
    """The environment's account of that canonical id."""
    return next((each for each in accounts(call) if each.canonical_id == canonical_id), None)


def owner_of(call: Call, bucket: Record) -> str:
    """The canonical id of a bucket's owner."""
    return bucket.get("owner") or primary(call).canonical_id


def account_of(call: Call, bucket: Record) -> str:
    """The id, 12 digits, of a bucket's owner."""
    return bucket.get("account") or primary(call).id


def is_owner(call: Call, bucket: Record) -> bool:
    """Whether the caller owns the bucket."""
    asking = caller(call)
    return asking is not None and asking.canonical_id == owner_of(call, bucket)


def ownership(call: Call) -> Record:
    """The members of a new bucket's record that tell whose it is; none for the primary account."""
    asking = caller(call)
    if asking is None or asking.name == PRIMARY:
        return {}
    return {"owner": asking.canonical_id, "account": asking.id}


def object_owner(call: Call, bucket: Record, record: Record) -> str:
    """The canonical id of an object's owner: the bucket's own where that rules (about-object-ownership.html)."""
    if enforced(bucket):
        return owner_of(call, bucket)
    return record.get("owner") or primary(call).canonical_id


def object_ownership(call: Call, bucket: Record) -> Record:
    """The member of a new object's record that tells whose it is: the bucket owner's where object ownership says so, or
    where it is preferred and the writer gives full control with the canned ACL (about-object-ownership.html). What a
    rule of the bucket makes, which no call asks for, is its owner's."""
    yields = call.params.get("ACL") == "bucket-owner-full-control"
    by_rule = "Bucket" not in call.params.path
    if enforced(bucket) or by_rule or (bucket["ownership"] == "BucketOwnerPreferred" and yields):
        owner = owner_of(call, bucket)
    else:
        asking = caller(call)
        owner = ANONYMOUS if asking is None else asking.canonical_id
    return {} if owner == primary(call).canonical_id else {"owner": owner}


def initiator(call: Call) -> Record:
    """The member of an upload's record that tells who began it; none for the primary account."""
    asking = caller(call)
    if asking is None:
        return {"initiator": {"ID": ANONYMOUS}}
    return {} if asking.name == PRIMARY else {"initiator": asking.shown}


def upload_parties(call: Call, upload: Record) -> dict[str, Any]:
    """Whose the object of an upload will be, and who began the upload: an account's root user has the account's id."""
    own = primary(call).shown
    owner = upload["fields"].get("owner")
    return {"Owner": {"ID": owner} if owner else own, "Initiator": upload.get("initiator", own)}


def check_account_id(given: str) -> None:
    """Raises for what cannot be an account's id (the code: an answer of S3 quoted in grafana/loki, issue 15382)."""
    if not _ID.fullmatch(given):
        message = "The value of the expected bucket owner parameter must be an AWS Account ID"
        raise ServiceError(400, "InvalidBucketOwnerAWSAccountID", f"{message}... [{given[:64]}]")


def check_expected(call: Call, bucket: Record, expected: str) -> None:
    """The bucket is of the account that the caller expects (userguide/bucket-owner-condition.html)."""
    if account_of(call, bucket) != expected:
        raise access_denied()


def enforced(bucket: Record) -> bool:
    """Whether the bucket's owner owns all objects in it and ACLs mean nothing."""
    return bool(bucket.get("ownership", _DEFAULT) == _DEFAULT)
