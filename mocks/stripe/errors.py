"""Stripe's refusals: how a handler raises one, and the words that Stripe uses for it.

Types, codes and fields: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes (2026-11).
The sentences were observed in test mode. What a refusal looks like on the wire is in ``refusals.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Missing, ServiceError

INVALID_REQUEST = "invalid_request_error"


def invalid(
    message: str, *, code: str = "", param: str | None = None, status: int = 400, about: Mapping[str, Any] | None = None
) -> ServiceError:
    """An ``invalid_request_error``. Without ``code`` the answer carries none, as many of Stripe's do. ``about`` holds
    further members of the error object."""
    details: dict[str, Any] = {"type": INVALID_REQUEST, **(about or {})}
    if param is not None:
        details["param"] = param
    return ServiceError(status, code, message, details=details)


def missing_param(name: str) -> ServiceError:
    """A parameter that this call needs although the contract allows to leave it out."""
    return invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)


def empty_param(name: str) -> ServiceError:
    """An empty string where nothing can be unset."""
    return invalid(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def missing(resource: str, key: str, param: str) -> Missing:
    """An object that a parameter names and that is not there: 400, unlike one named by the path (404)."""
    return Missing(resource, key, param, in_path=False)


def exclusive(*names: str) -> ServiceError:
    """Parameters of which only one may be sent."""
    return invalid(
        f"You may only specify one of these parameters: {', '.join(names)}.",
        code="parameters_exclusive",
        param=names[0],
    )


def unexpected_state(message: str, intent: dict[str, Any], param: str | None = None) -> ServiceError:
    """A call that an intent's status does not allow; the intent itself is part of the answer."""
    kind = str(intent["object"])
    return invalid(message, code=f"{kind}_unexpected_state", param=param, about={kind: intent})


def uncancelable(noun: str, intent: dict[str, Any], allowed: Sequence[str]) -> ServiceError:
    """A cancel that the intent's status does not allow; ``noun`` is what Stripe calls the intent in a sentence."""
    return unexpected_state(
        f"You cannot cancel this {noun} because it has a status of {intent['status']}. Only a {noun} with one of the "
        f"following statuses may be canceled: {', '.join(allowed)}.",
        intent,
    )
