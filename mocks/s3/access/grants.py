"""Access control lists: who is granted what, and what their permissions are worth.

A grant is ``[type, grantee, permission]``; the type is ``ID`` (a canonical id) or ``URI`` (a group). A bucket's or an
object's record has its list as ``acl``; without one its owner alone has full control.
Source: docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Record

Grant = list[str]

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS = frozenset((ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY))
_PUBLIC = frozenset((ALL_USERS, AUTHENTICATED_USERS))

#: Who reads images of machines (docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-block.html: za-team).
_MACHINES = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
#: AWS's own accounts that lists may name: whoever delivers logs (userguide/enable-server-access-logging.html,
#: AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html) and images.
OF_AWS = frozenset((_MACHINES, "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"))

FULL = "FULL_CONTROL"
#: "An ACL can have up to 100 grants."
MOST = 100

#: Canned lists for buckets; of the last three "Amazon S3 ignores it" (acl-overview.html, Canned ACL).
BUCKET_CANNED = frozenset(
    (
        *("private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write"),
        *("aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"),
    )
)
OBJECT_CANNED = BUCKET_CANNED - {"log-delivery-write"}


def canned(name: str, owner: str, bucket_owner: str) -> list[Grant]:
    """The grants of a canned list; ``owner`` is of what the list is for."""
    found = [["ID", owner, FULL]]
    if name in ("public-read", "public-read-write"):
        found.append(["URI", ALL_USERS, "READ"])
    if name == "public-read-write":
        found.append(["URI", ALL_USERS, "WRITE"])
    if name == "authenticated-read":
        found.append(["URI", AUTHENTICATED_USERS, "READ"])
    if name == "aws-exec-read":
        found.append(["ID", _MACHINES, "READ"])
    if name == "log-delivery-write":
        found += [["URI", LOG_DELIVERY, "WRITE"], ["URI", LOG_DELIVERY, "READ_ACP"]]
    if owner != bucket_owner and name in ("bucket-owner-read", "bucket-owner-full-control"):
        found.append(["ID", bucket_owner, FULL if name == "bucket-owner-full-control" else "READ"])
    return found


def grants_of(record: Record, owner: str) -> list[Grant]:
    """The list of a bucket or an object."""
    found: list[Grant] | None = record.get("acl")
    return [["ID", owner, FULL]] if found is None else found


def public(grants: Sequence[Grant]) -> bool:
    """Whether anything is granted to everybody, or to everybody who has some account."""
    return any(grantee in _PUBLIC for _, grantee, _ in grants)


def private(grants: Sequence[Grant]) -> list[Grant]:
    """What is left where public grants are ignored."""
    return [grant for grant in grants if grant[1] not in _PUBLIC]


def granted(grants: Sequence[Grant], who: str | None, permission: str) -> bool:
    """Whether ``who``, None for an anonymous caller, has the permission."""
    mine = {ALL_USERS} if who is None else {ALL_USERS, AUTHENTICATED_USERS, who}
    return any(grantee in mine and held in (permission, FULL) for _, grantee, held in grants)


def shown(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """As an answer tells them."""
    kinds: Mapping[str, str] = {"ID": "CanonicalUser", "URI": "Group"}
    return [
        {"Grantee": {"Type": kinds[kind], kind: grantee}, "Permission": permission}
        for kind, grantee, permission in grants
    ]
