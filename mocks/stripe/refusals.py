"""How every refusal looks in Stripe's shape: ``{"error": {...}}``, whoever turned the call away.

It knows the wire and nothing of resources. The request's id is filled in by ``wire.decorate``, which runs later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from contracts.contract import ContractViolation, Violation
from contracts.exchange import Request, Response
from mocks.base import Missing, Refusal, ServiceError
from mocks.stripe.errors import INVALID_REQUEST

#: How Stripe spells a resource in "No such ...": mostly the object's name, with these exceptions.
NOUNS = {
    "payment_method": "PaymentMethod",
    "setup_intent": "setupintent",
    "checkout.session": "checkout.session",
    "webhook_endpoint": "webhook endpoint",
    "balance_transaction": "balance transaction",
    "promotion_code": "promotion code",
    "tax_rate": "tax rate",
    "subscription_schedule": "subscription schedule",
    "shipping_rate": "shipping rate",
    "credit_note": "credit note",
}

#: The parameter that Stripe blames for a missing id in the path: "id", except where newer routes name it.
PATH_PARAMS = {
    "payment_intent": "intent",
    "setup_intent": "intent",
    "payment_method": "payment_method",
    "price": "price",
    "checkout.session": "session",
    "plan": "plan",
    "coupon": "coupon",
    "promotion_code": "promotion_code",
    "tax_rate": "tax_rate",
    "shipping_rate": "shipping_rate_token",
    "webhook_endpoint": "webhook_endpoint",
}

#: Said of payment methods only (seen 2025-10).
ELSEWHERE = (
    "; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this "
    "request on that connected account. Learn more at https://stripe.com/docs/connect/authentication"
)

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
    "can help at https://support.stripe.com/."
)


def render_error(error: ServiceError | ContractViolation | Refusal, request: Request) -> Response:
    """The answer that Stripe gives to a refused call."""
    if isinstance(error, ContractViolation):
        return _response(400, violation_error(error))
    if isinstance(error, Refusal):
        status, body = refusal_error(error, request)
        return _response(status, body, [("www-authenticate", 'Bearer realm="Stripe"')] if status == 401 else [])
    return _response(error.status, service_error(error), list(error.headers))


def _response(status: int, error: dict[str, Any], headers: list[tuple[str, str]] | None = None) -> Response:
    # Stripe sorts the members of its errors by name (seen).
    value = {"error": dict(sorted(error.items()))}
    return Response(status, [("content-type", "application/json"), *(headers or [])], orjson.dumps(value), value=value)


def doc_url(code: str) -> str:
    """Where Stripe explains an error code."""
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def service_error(error: ServiceError) -> dict[str, Any]:
    """The error object of a handler's refusal."""
    found: dict[str, Any] = {"message": error.message, "type": INVALID_REQUEST, **error.details}
    if isinstance(error, Missing):
        found.update(_missing(error))
    if error.code:
        found["code"] = error.code
        found.setdefault("doc_url", doc_url(error.code))
    return found


def _missing(error: Missing) -> dict[str, Any]:
    noun = NOUNS.get(error.resource, error.resource)
    message = f"No such {noun}: '{error.key}'"
    if error.resource == "payment_method":
        message += ELSEWHERE
    param = PATH_PARAMS.get(error.resource, "id") if error.in_path else error.param
    return {"message": message, "param": param}


def bracketed(pointer: tuple[str | int, ...]) -> str:
    """``items[0][price]``: a place in the parameters as Stripe names it."""
    first, *rest = pointer or ("",)
    return f"{first}" + "".join(f"[{step}]" for step in rest)


def violation_error(error: ContractViolation) -> dict[str, Any]:
    """The error object of a request that the contract refuses; its first violation speaks."""
    violation = error.violations[0]
    param = bracketed(violation.pointer)
    unknown = [bracketed(v.pointer) for v in error.violations if v.rule == "unknown"]
    code, message = _words(violation, param, unknown)
    found: dict[str, Any] = {"message": message, "type": INVALID_REQUEST}
    if param:
        found["param"] = param
    if code:
        found |= {"code": code, "doc_url": doc_url(code)}
    return found


def _words(violation: Violation, param: str, unknown: list[str]) -> tuple[str, str]:
    """The code (often none) and the sentence for a violation."""
    match violation.rule:
        case "required":
            return "parameter_missing", f"Missing required param: {param}."
        case "unknown":
            plural = "s" if len(unknown) > 1 else ""
            return "parameter_unknown", f"Received unknown parameter{plural}: {', '.join(unknown)}"
        case "enum":
            return "", f"Invalid {param}: must be one of {_choices(violation.expected)}"
        case "type" | "format":
            return _type_words(violation, param)
        case "minimum":
            return "parameter_invalid_integer", f"This value must be greater than or equal to {violation.expected}."
        case "maximum":
            return "parameter_invalid_integer", f"This value must be less than or equal to {violation.expected}."
        case "max_length":
            shown = _shown(violation.value)
            return "", f"Invalid string: {shown}; must be at most {violation.expected} characters"
        case "content_type":
            # As seen in https://github.com/vapor-community/stripe/issues/39 and MarcinusX/flutter_stripe_demo#9.
            return "", (
                f"Invalid request: unsupported Content-Type {violation.value}. If error persists and you need "
                "assistance, please contact support@stripe.com."
            )
        case "malformed" | "too_deep":
            return "", f"Invalid request, which cannot be read: {param or 'its text'} {violation.message}."
        case _:
            return "", f"Invalid {param}: {violation.message}" if param else violation.message


def _type_words(violation: Violation, param: str) -> tuple[str, str]:
    expected = _wanted(violation)
    if violation.value == "":
        return "parameter_invalid_empty", (
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty "
            "value."
        )
    if expected in ("object", "array"):
        return "", "Invalid object" if expected == "object" else "Invalid array"
    code = "parameter_invalid_integer" if expected == "integer" else ""
    return code, f"Invalid {expected}: {_shown(violation.value)}"


def _wanted(violation: Violation) -> str:
    """The type that was meant: of several, the one that is as plain or as nested as what was sent."""
    expected = violation.expected
    if not isinstance(expected, tuple):
        return str(expected)
    nested = isinstance(violation.value, (Mapping, list, tuple))
    fitting = [name for name in expected if (name in ("object", "array")) == nested]
    return str((fitting or expected)[0])


def _shown(value: Any) -> str:
    """What was sent, cut, and nothing of a hash or list: an error is no place for a secret or a card number."""
    if isinstance(value, (Mapping, list, tuple)):
        return "{...}" if isinstance(value, Mapping) else "[...]"
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= 60 else f"{text[:28]}...{text[-28:]}"


def _choices(expected: Any) -> str:
    """``a, b, or c``."""
    names = [str(name) for name in expected] if isinstance(expected, (list, tuple, frozenset, set)) else [str(expected)]
    names = [name for name in names if name]
    if len(names) < 3:
        return " or ".join(names)
    return ", ".join(names[:-1]) + f", or {names[-1]}"


def refusal_error(refusal: Refusal, request: Request) -> tuple[int, dict[str, Any]]:
    """Status and error object of a call that the broker itself turned away."""
    found: dict[str, Any] = {"type": INVALID_REQUEST, "message": refusal.message}
    status = refusal.status
    match refusal.reason:
        case "no_credential":
            found["message"] = NO_KEY
        case "unknown_credential" | "foreign_credential":
            found["message"] = (
                f"Invalid API Key provided: {refusal.hint}" if refusal.hint else "Invalid API Key provided"
            )
        case "unknown_operation" | "wrong_method":
            # A known path under another method is an unrecognised URL too.
            status = 404
            found["message"] = unrecognized(request.original or request)
        case _:
            if status >= 500:
                found["type"] = "api_error"
    return status, found


def unrecognized(request: Request) -> str:
    """What is said of an address that there is not."""
    return (
        f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs or we can "
        "help at https://support.stripe.com/."
    )
