"""Bucket names: what the application calls ``invoices`` is ``pb-k3x9qa-8f3kd02ma1-invoices`` in the account.

Names of buckets are shared by all of AWS, and every environment wants the same ones. The mapping is pure; a name
that would get too long is shortened, and then only the ledger knows the way back.
Rules: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
"""

from __future__ import annotations

import base64
import hashlib
import re

from sandboxes.base import Marker

LONGEST = 63
#: What a bucket of some environment begins with: sandboxes.base.Marker.label.
LABEL = re.compile(r"pb-[a-z0-9]{6}-([a-z0-9]{10})-")
_ROOM = LONGEST - len("pb-k3x9qa-8f3kd02ma1-")
_HASH = 10


def real_name(marker: Marker, name: str) -> str:
    """The bucket's name in the account.

    Every name gets the label, one that S3 does not allow as well: it stays forbidden, or becomes harmless, and can
    in no case be an existing bucket of somebody else's.
    """
    return marker.label + tail(name)


def tail(name: str) -> str:
    """What follows the label. A shortened name has exactly the longest length, and no other name has that."""
    if len(name) < _ROOM or len(name) > LONGEST:
        return name
    digest = base64.b32encode(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()).decode().lower()
    head = name[: _ROOM - _HASH - 1]
    # A dash may not follow a dot.
    return f"{head.rstrip('.-').ljust(len(head), '0')}-{digest[:_HASH]}"


def alias_of(real: str) -> str:
    """The application's name of a bucket, as far as its real one tells: "" for a shortened or a foreign one."""
    found = LABEL.match(real)
    return real[found.end() :] if found and len(real) < LONGEST else ""


def owner_of(real: str) -> str:
    """The ten characters that end the uid of its environment; "" for a bucket that is no environment's."""
    found = LABEL.match(real)
    return found[1] if found else ""
