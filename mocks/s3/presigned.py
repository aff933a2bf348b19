"""Headers that a presigned URL carries in its query: SDKs for JavaScript, Go, Ruby and PHP put those of Amazon there.

S3 takes them for headers (smithy-lang/smithy-typescript pull 1421, aws/aws-sdk-js-v3 issue 4694), except for some that
it is known to ignore: tags (aws/aws-sdk-go-v2 pull 1017), checksums (aws/aws-sdk issue 480, aws/aws-sdk-go-v2 issue
2610) and the encryption context (aws/aws-sdk-go pull 4949).
"""

from __future__ import annotations

from dataclasses import replace

from contracts.aws_read import query_pairs
from contracts.exchange import Headers, Request

_PREFIX = "x-amz-"
#: Of the signature itself.
_OWN = frozenset(
    f"{_PREFIX}{name}"
    for name in (
        "algorithm",
        "credential",
        "signature",
        "date",
        "signedheaders",
        "expires",
        "security-token",
        "content-sha256",
    )
)
_IGNORED = frozenset(
    {f"{_PREFIX}tagging", f"{_PREFIX}sdk-checksum-algorithm", f"{_PREFIX}server-side-encryption-context"}
)
_CHECKSUM = f"{_PREFIX}checksum-"
#: Signature Version 2 signs these in the query, too (botocore/auth.py, HmacV1QueryAuth).
_OLDER = frozenset({"content-type", "content-md5"})


def with_hoisted(request: Request, *, older: bool = False) -> Request:
    """The request with the headers that its query holds, where it has none of that name; ``older`` is Signature
    Version 2."""
    found = [
        (name.lower(), value.encode("utf-8", "surrogateescape").decode("latin-1"))
        for name, value in query_pairs(request.query)
        if _is_header(name.lower(), older=older) and name.lower() not in request.headers
    ]
    return replace(request, headers=Headers([*request.headers, *found])) if found else request


def _is_header(name: str, *, older: bool) -> bool:
    if older and name in _OLDER:
        return True
    return name.startswith(_PREFIX) and not (name in _OWN or name in _IGNORED or name.startswith(_CHECKSUM))
