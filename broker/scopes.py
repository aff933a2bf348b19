"""Whose test a call belongs to: a name that the caller gives, so that tests which share an environment see their own.

By the header ``Broker-Scope``, or, for clients that cannot send one, in the path: ``/e/ENVIRONMENT~SCOPE/...``, where
it is percent-encoded as any part of a path. A scope only sorts what is written down; it is no wall.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from contracts.exchange import Headers

HEADER = "broker-scope"
#: Before a scope in the path: no name of an environment has it.
MARK = "~"
#: Characters of a scope: what a header field and a line of output can carry as it is. Test ids are such names.
PATTERN = "^[!-~]{1,200}$"
INVALID = "Broker-Scope: a scope has 1 to 200 visible ASCII characters, no blanks, and no credential in it"

_VALID = re.compile(PATTERN)
#: A scope is stored and shown as it is. Only what is sure to be a key: names of tests say much.
_KEY = re.compile(
    r"\b(?:[sr]k_live_[0-9A-Za-z]{16}|SG\.[\w-]{16,}\.[\w-]{16}|A[KS]IA[0-9A-Z]{16}|gh[oprsu]_[0-9A-Za-z]{30})"
)


def valid(scope: str) -> bool:
    """Whether something can be called so."""
    return _VALID.fullmatch(scope) is not None and _KEY.search(scope) is None


def divided(name: str) -> tuple[str, str]:
    """The name of an environment, and the scope that its path says, "" for none."""
    name, _, scope = name.partition(MARK)
    return name, unquote(scope, errors="replace")


def without(headers: Headers) -> Headers:
    """The header fields as the provider would be sent them."""
    return Headers([pair for pair in headers if pair[0] != HEADER])
