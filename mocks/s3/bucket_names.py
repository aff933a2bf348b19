"""Which names a bucket may have.

Sources, below docs.aws.amazon.com/AmazonS3/latest/userguide: bucketnamingrules.html, gpbucketnamespaces.html (since
March 2026 an account has a namespace of its own in each region: names that end with its id, the region and ``-an``).
"""

from __future__ import annotations

import re

from mocks.base import Call
from mocks.s3.authorization import region_of
from mocks.s3.errors import invalid_bucket_name, not_implemented
from mocks.s3.principals import caller

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", re.ASCII)
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}\Z", re.ASCII)
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
#: Names that end so are of an account's own namespace.
_REGIONAL = "-an"


def check_name(call: Call, name: str) -> None:
    """The name of a bucket that is created. Raises InvalidBucketName, and NotImplemented for a directory bucket."""
    configuration = call.params.get("CreateBucketConfiguration") or {}
    if "Location" in configuration or "Bucket" in configuration:
        raise not_implemented("directory buckets")
    if (
        not _NAME.match(name)
        or ".." in name
        or _ADDRESS.match(name)
        or name.startswith(_PREFIXES)
        or name.endswith(_SUFFIXES)
        or is_regional(name) != (call.params.get("BucketNamespace") == "account-regional")
        or (is_regional(name) and not _is_own(call, name))
    ):
        raise invalid_bucket_name(name)


def is_regional(name: str) -> bool:
    """Whether the name is of an account's own namespace."""
    return name.endswith(_REGIONAL)


def _is_own(call: Call, name: str) -> bool:
    """Whether the name is in the caller's namespace of the bucket's region: ``PREFIX-ACCOUNT-REGION-an``."""
    configuration = call.params.get("CreateBucketConfiguration") or {}
    region = configuration.get("LocationConstraint") or region_of(call.request)
    asking = caller(call)
    suffix = f"-{asking.id}-{region}{_REGIONAL}" if asking is not None else ""
    return bool(suffix) and name.endswith(suffix) and len(name) > len(suffix)
