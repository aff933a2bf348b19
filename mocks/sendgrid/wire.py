"""SendGrid on the wire: where the key is, what its answers carry, which variables its SDKs' users read."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from contracts.exchange import Request, Response
from mocks.base import BindingView, CredentialSpec, Keys, Presented
from mocks.defaults import bearing
from mocks.sendgrid import signing

API_KEY: Final = "api_key"
WEBHOOK_KEY: Final = "webhook_key"

#: Who logs in where a user and a password are asked for; the password is a key:
#: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-smtp (2026-11).
SMTP_USER: Final = "apikey"

#: Keys are 69 characters long: https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys (2026-11).
_ID_LENGTH: Final = 22
_SECRET_LENGTH: Final = 43
_LETTERS: Final = string.ascii_letters + string.digits
_SHAPE: Final = re.compile(r"SG\.[\w-]{22}\.[\w-]{43}")

#: Headers that answers carry (seen in answers of 2025, quoted in sendgrid-ruby issue 467).
_ALWAYS: Final = (
    ("server", "nginx"),
    ("access-control-allow-origin", "https://sendgrid.api-docs.io"),
    ("access-control-allow-headers", "Authorization, Content-Type, On-behalf-of, x-sg-elas-acl"),
    ("access-control-max-age", "600"),
    ("x-no-cors-reason", "https://sendgrid.com/docs/Classroom/Basics/API/cors.html"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cache-control", "no-cache"),
    ("x-content-type-options", "no-sniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
)

#: A key in any text: its id part alone is no secret. And the key that signs events, by what PKCS 8 begins with for
#: every key of its curve.
SECRETS: Final = {
    "SG.": re.compile(r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    "MIGHAgEAMBMGByqGSM49": re.compile(r"MIGHAgEAMBMGByqGSM49[\w+/]+=*"),
}


def credential(request: Request) -> Presented | None:
    """The bearer key. Nothing in a SendGrid key tells a test key from a production one: a key of the shape that
    the broker did not issue has to be taken for a real one."""
    scheme, _, rest = (request.headers.get("authorization") or "").partition(" ")
    key = rest.strip()
    if scheme.lower() != "bearer" or not key:
        return None
    shaped = _SHAPE.fullmatch(key) is not None
    return Presented(key, live=shaped, familiar=shaped, mask=masked)


def authorize(request: Request, keys: Keys, now: datetime) -> Request:
    """The API key, as a bearer token."""
    return bearing(request, keys[API_KEY][0])


def masked(key: str) -> str:
    """``SG.****abcd``: enough to recognise a key, never enough to use it."""
    return f"SG.****{key[-4:]}" if _SHAPE.fullmatch(key) else "****"


def made_id(key: str) -> str | None:
    """The id of a key, which is a part of it: ``SG.ID.SECRET``."""
    return key.split(".")[1] if _SHAPE.fullmatch(key) else None


def new_key(text: Callable[[int, str], str]) -> tuple[str, str | None]:
    """A key of SendGrid's shape; it is its own secret."""
    return f"SG.{text(_ID_LENGTH, _LETTERS)}.{text(_SECRET_LENGTH, _LETTERS)}", None


CREDENTIALS: Final = (
    CredentialSpec(API_KEY, new_key),
    CredentialSpec(WEBHOOK_KEY, signing.new_key, presented=False),
)


def variables(binding: BindingView) -> Mapping[str, str]:
    """``SENDGRID_API_KEY`` is the name in every SDK's README; the base is the ``host`` that their clients take,
    to which they add ``/v3`` themselves (sendgrid-python: base_interface.py). The public key is what their
    ``EventWebhook`` takes."""
    key, _ = binding.credentials[API_KEY]
    found = {"SENDGRID_API_BASE": binding.base_url, "SENDGRID_API_KEY": key}
    # An environment that was opened before events were signed has no key for them.
    if WEBHOOK_KEY in binding.credentials:
        found["SENDGRID_WEBHOOK_PUBLIC_KEY"] = signing.public_key(binding.credentials[WEBHOOK_KEY][0])
    if binding.smtp is not None:
        host, port = binding.smtp
        found |= {"SMTP_HOST": host, "SMTP_PORT": str(port), "SMTP_USER": SMTP_USER, "SMTP_PASSWORD": key}
    if binding.inbox_url:
        found |= {"MAILPIT_URL": binding.inbox_url, "MAILPIT_USER": SMTP_USER, "MAILPIT_PASSWORD": key}
    return found


def decorate(request: Request, response: Response, new_id: Callable[[str, int], str]) -> None:
    """Add the headers that SendGrid's answers have, errors included."""
    response.headers.extend(_ALWAYS)
    response.headers.append(("access-control-allow-methods", request.method))
