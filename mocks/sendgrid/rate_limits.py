"""SendGrid's rate limits, and the header fields that tell them.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits (2026-11): every endpoint
has a number of requests a period. Mail Send takes 10,000 a second, and its answers tell no limit (sendgrid-go issue
105). The policy's ``options.rate_limit`` sets how many calls a minute each endpoint takes, Mail Send too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.contract import Operation
from mocks.base import ServiceError
from mocks.rates import Rate, Rates
from mocks.sendgrid.errors import told

#: "600 requests/minute/user": twilio.com/en-us/changelog/imposing-rate-limits-on-some-sendgrid-v2-api-endpoints. Of
#: v3's endpoints no number is documented; here none of them refuses anybody unless the policy asks for it.
USUAL: Final = 600
_PERIOD: Final = 60
_SEND: Final = "POST_mail-send"


def of(operation: Operation, options: Mapping[str, Any], grant: Mapping[str, Any]) -> Rate | None:
    """The rate of an endpoint, for each account."""
    asked = options.get("rate_limit")
    key = f"{operation.id}/{grant.get('account', '')}"
    if isinstance(asked, int) and not isinstance(asked, bool) and asked >= 0:
        return Rate(key, asked, _PERIOD, strict=True)
    return None if operation.id == _SEND else Rate(key, USUAL, _PERIOD, strict=False)


def headers(rate: Rate, left: int, reset: int, refused: bool) -> Sequence[tuple[str, str]]:
    """The three fields; none on what Mail Send accepts."""
    if rate.key.startswith(f"{_SEND}/") and not refused:
        return ()
    return (
        ("x-ratelimit-limit", str(rate.calls)),
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", str(reset)),
    )


def refusal() -> ServiceError:
    """429."""
    return told(429, "too many requests")


RATES: Final = Rates(of, headers, refusal)
