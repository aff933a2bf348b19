"""Why the broker turned a call away, where the provider itself would have had no reason to.

Services word a refusal in their provider's shape; the reasons are the broker's own and the same for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

#: Why the broker itself, not the provider's rules, turned a call away.
Reason = Literal[
    "no_credential",
    "unknown_credential",
    "foreign_credential",  # known, but of another environment or service than the address says
    "live_credential",  # a real production key: refused, reported, never stored
    "bad_signature",
    "unknown_environment",
    "closed_environment",
    "unknown_operation",
    "wrong_method",
    "refused_by_policy",
    "mode_unavailable",
    "not_revocable",  # the real provider would do something that teardown could not take back
    "no_account",  # no real account may be used by this environment
    "over_budget",
    "over_rate",
    "upstream_failed",
    "upstream_timeout",
    "no_recording",  # no cassette answers this call, or none may be written by it
    "body_too_large",
    "body_timeout",
    "malformed",
    "overloaded",
    "storage_full",
    "over_quota",  # the environment keeps as much as it may
    "internal",
]

#: The status that a refusal has unless the provider's own habit says otherwise.
REFUSAL_STATUS: Mapping[Reason, int] = {
    "no_credential": 401,
    "unknown_credential": 401,
    "foreign_credential": 401,
    "live_credential": 401,
    "bad_signature": 403,
    "unknown_environment": 404,
    "closed_environment": 410,
    "unknown_operation": 404,
    "wrong_method": 405,
    "refused_by_policy": 403,
    "mode_unavailable": 501,
    "not_revocable": 403,
    "no_account": 503,
    "over_budget": 429,
    "over_rate": 429,
    "upstream_failed": 502,
    "upstream_timeout": 504,
    # Neither absent nor broken: no client takes it for an answer, or tries again.
    "no_recording": 400,
    "body_too_large": 413,
    "body_timeout": 408,
    "malformed": 400,
    "overloaded": 503,
    "storage_full": 507,
    # As above, and no client tries it again.
    "over_quota": 507,
    "internal": 500,
}


class Refusal(Exception):
    """The broker turns the call away; the service words it in the provider's shape.

    ``message`` says what was wrong and what to do, and never holds a credential. ``hint`` is a safe,
    masked form of the presented key (``sk_test_****abcd``), for providers that echo one.
    """

    def __init__(self, reason: Reason, message: str, *, hint: str = "") -> None:
        self.reason: Reason = reason
        self.message = message
        self.hint = hint
        super().__init__(f"{reason}: {message}")

    @property
    def status(self) -> int:
        """The HTTP status unless the provider's habit differs."""
        return REFUSAL_STATUS[self.reason]
