"""Which account a request is about, and the refusal of one that the platform has nothing to do with.

https://docs.stripe.com/connect/authentication (2026-11).
"""

from __future__ import annotations

from mocks.base import Call, ServiceError
from mocks.stripe.errors import invalid
from mocks.stripe.scope import platform
from mocks.stripe.wire import credential

HEADER = "stripe-account"


async def account_of(call: Call) -> str | None:
    """The connected account that the request names, None for the platform; raises ServiceError for another's."""
    named = call.request.headers.get(HEADER)
    if not named or named == platform(call):
        return None
    if await call.state.get("account", named) is None:
        raise no_access(call, named)
    return named


def no_access(call: Call, account: str) -> ServiceError:
    """What the platform may not see. The sentence: zenn.dev/marton/articles/0ff771b7267ae2 (2023-02)."""
    presented = credential(call.request)
    return invalid(
        f"The provided key '{presented.hint if presented else ''}' does not have access to account '{account}' (or "
        "that account does not exist). Application access may have been revoked.",
        code="account_invalid",
        status=403,
    )
