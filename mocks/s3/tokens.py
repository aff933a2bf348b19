"""Continuation tokens: opaque to callers, a name to us."""

from __future__ import annotations

import base64
import binascii

from mocks.s3.errors import invalid_argument


def to_token(name: str) -> str:
    """A token from which a listing goes on after ``name``."""
    return base64.urlsafe_b64encode(b"1" + name.encode()).decode("ascii")


def from_token(token: str) -> str:
    """The name in a token of ours. Raises InvalidArgument."""
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True)
        if content[:1] == b"1":
            return content[1:].decode()
    except (binascii.Error, ValueError):
        pass  # not one of ours, which is said below
    raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token[:128])
