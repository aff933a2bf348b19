"""Which buckets a call is about: the one in its path, and the one that it copies from.

x-amz-copy-source: docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from sandboxes.base import Marker, Outgoing, Reference
from sandboxes.s3.naming import real_name
from sandboxes.s3.rules import BUCKET

COPY_SOURCE = "x-amz-copy-source"
#: Bucket, slash, the rest, as they were sent: percent-encoded or not, with a slash in front or not.
_SOURCE = re.compile(r"(?:/|%2F)?((?:(?!%2F)[^/])+)((?:/|%2F).*)\Z", re.IGNORECASE | re.DOTALL)


def references(call: Outgoing) -> Sequence[Reference]:
    """The bucket of the path first."""
    found = []
    bucket = call.params.path.get("Bucket")
    if bucket is not None:
        found.append(Reference(bucket, "Bucket", BUCKET, in_path=True, subject=True))
    source = source_bucket(call)
    if source:
        found.append(Reference(source, "CopySource", BUCKET))
    return found


def source_bucket(call: Outgoing) -> str:
    """The bucket that a copy reads; "" for a call that is no copy, or whose source is none."""
    found = _SOURCE.match(call.params.header.get("CopySource", ""))
    return unquote(found[1], errors="surrogateescape") if found else ""


def real_source(text: str, names: Mapping[str, str]) -> str:
    """x-amz-copy-source with the real bucket's name; key and version stay as they were written."""
    found = _SOURCE.match(text)
    if found is None:
        return text
    name = unquote(found[1], errors="surrogateescape")
    return quote(names.get(name, name), safe="", errors="surrogateescape") + found[2]


def real_names(call: Outgoing, marker: Marker) -> Mapping[str, str]:
    """The call's buckets: the application's name -> the account's."""
    names = (reference.id for reference in references(call))
    return {name: name if name in call.unmapped else real_name(marker, name) for name in names}
