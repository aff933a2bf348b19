"""Version ids: opaque to callers, and to us the place of a version among those of its key.

32 characters that are safe in a URL, as S3's (userguide/versioning-workflows.html, "Version IDs"): 24 drawn, and
8 that hide the version's number behind them, so that an id is found without an index of ids.
"""

from __future__ import annotations

import base64
import hashlib
import re

from mocks.base import Call
from mocks.s3.errors import invalid_argument

#: The version of an object that was written while its bucket had no versioning, or had it suspended.
NULL = "null"
#: Numbers are smaller than this.
NUMBERS = 2**48

_DRAWN = 24
_FORM = re.compile(r"[A-Za-z0-9._-]{32}\Z", re.ASCII)
_DIGITS = b"._"


def new_version(call: Call, number: int) -> str:
    """The id of the ``number``-th version of a key."""
    drawn = call.new_id("", _DRAWN)
    return drawn + base64.b64encode((number ^ _mask(drawn)).to_bytes(6, "big"), _DIGITS).decode("ascii")


def number_of(version: str) -> int:
    """The number in an id that ``checked`` let pass; of one that is not ours, any."""
    hidden = base64.b64decode(version[_DRAWN:].replace("-", "_"), _DIGITS)
    return int.from_bytes(hidden, "big") ^ _mask(version[:_DRAWN])


def _mask(drawn: str) -> int:
    return int.from_bytes(hashlib.sha256(drawn.encode()).digest()[:6], "big")


def is_version(version: str) -> bool:
    """Whether this may be a version's id, or is ``null``."""
    return version == NULL or _FORM.match(version) is not None


def checked(version: str | None, name: str = "versionId") -> str | None:
    """``version``, which may be an id or ``null``. Raises InvalidArgument; ``name`` is the parameter's."""
    if version is None or is_version(version):
        return version
    if not version:
        # Answers of S3 quoted in aws-sdk-core-ruby issue 76.
        raise invalid_argument("Version id cannot be the empty string", name, "")
    raise invalid_argument("Invalid version id specified", name, version[:128])
