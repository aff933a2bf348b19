"""What a publishable key may do: the few calls that a browser makes.

https://docs.stripe.com/keys (2026-11): publishable keys "can be used to create tokens or payment methods and to confirm
payments" from a customer's side.
"""

from __future__ import annotations

from mocks.base import Call
from mocks.stripe.errors import invalid, missing_param

#: Operation -> whether the intent's client secret has to come along.
PUBLISHABLE = {
    "tokens.create": False,
    "tokens.retrieve": False,
    "payment_methods.create": False,
    "sources.create": False,
    "payment_intents.retrieve": True,
    "payment_intents.confirm": True,
    "setup_intents.retrieve": True,
    "setup_intents.confirm": True,
    "sources.retrieve": True,
}


def allow(call: Call) -> None:
    """Refuse a publishable key where a secret one is needed; raises ServiceError."""
    if call.credential != "publishable_key":
        return
    needs_secret = PUBLISHABLE.get(call.operation.id)
    if needs_secret is None:
        raise invalid(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
            "list of "
            "your API keys at https://dashboard.stripe.com/account/apikeys.",
            code="secret_key_required",
            status=403,
        )
    if needs_secret and "client_secret" not in call.params:
        raise missing_param("client_secret")
