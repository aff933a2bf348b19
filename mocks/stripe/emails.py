"""Email addresses that callers send: https://docs.stripe.com/error-codes#email-invalid (2026-11).

What is refused is what real refusals tell of: spaces around it, no ``@``, no dot behind it, an ``@`` of another script
(https://github.com/fjordllc/bootcamp/issues/3927, /4134, /7638, https://github.com/exercism/website/issues/7154).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import given
from mocks.stripe.errors import invalid

ADDRESS = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def email(body: Mapping[str, Any], name: str = "email", param: str | None = None) -> str | None:
    """The address that a parameter holds, None where it is unset; raises ServiceError for what is no address."""
    sent: str | None = given(body, name)
    if sent is not None and not ADDRESS.fullmatch(sent):
        raise invalid(f"Invalid email address: {sent}", code="email_invalid", param=param or name)
    return sent
