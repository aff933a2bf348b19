"""Failures that are Stripe's own and nobody's fault, as a policy asks for them.

Types: https://docs.stripe.com/api/errors. Limits and their header: https://docs.stripe.com/rate-limits
(2026-11). The sentence of a 500: wording ours.
"""

from __future__ import annotations

from typing import Any

from mocks.base import ServiceError
from mocks.stripe.errors import INVALID_REQUEST

RATE_LIMIT = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
LOCK_TIMEOUT = (
    "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. "
    "If you see this error intermittently, retry the request. If you see this error frequently and are making multiple "
    "concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see "
    "https://stripe.com/docs/rate-limits#object-lock-timeouts."
)
_SENTENCES = {
    "rate_limit": RATE_LIMIT,
    "lock_timeout": LOCK_TIMEOUT,
    "card_declined": "Your card was declined.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}
#: SDKs try a lock again by themselves, and never what was too much.
_HEADERS = {
    "rate_limit": (("stripe-rate-limited-reason", "global-rate"),),
    "lock_timeout": (("stripe-should-retry", "true"),),
}


def fault(status: int, code: str) -> ServiceError:
    """The error of that status and code; a 429 without a code is the rate limit."""
    code = code or ("rate_limit" if status == 429 else "")
    details: dict[str, Any] = {"type": _type(status)}
    if code == "card_declined":
        details["decline_code"] = "generic_decline"
    message = _SENTENCES.get(code, "")
    if not message and status >= 500:
        message = "An unknown error occurred"
    return ServiceError(status, code, message, details=details, headers=_HEADERS.get(code, ()))


def _type(status: int) -> str:
    if status >= 500:
        return "api_error"
    return {402: "card_error", 409: "idempotency_error"}.get(status, INVALID_REQUEST)
