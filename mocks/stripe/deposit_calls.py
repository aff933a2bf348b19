"""The calls that tell of small deposits: https://docs.stripe.com/api/payment_intents/verify_microdeposits (2026-11).

Refusals: https://docs.stripe.com/error-codes, ``payment_method_microdeposit_*``; their wording is ours where what that
page says is no sentence to a caller.
"""

from __future__ import annotations

from mocks.base import ServiceError
from mocks.stripe import confirmation, intents, invoice_payments, microdeposits, payment_intents, payment_methods
from mocks.stripe import setup_intents as setups
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.errors import invalid, unexpected_state
from mocks.stripe.refusals import doc_url

PREFIX = "payment_method_microdeposit_"
WORDS = {
    "wrong": (
        "verification_amounts_mismatch",
        "The amounts provided do not match the amounts that were sent to the bank account.",
    ),
    "code": (
        "verification_descriptor_code_mismatch",
        "The descriptor code provided does not match the one that was sent to the bank account.",
    ),
    "invalid": ("verification_amounts_invalid", "You must provide exactly two microdeposit amounts."),
    "exceeded": ("verification_attempts_exceeded", "You have exceeded the number of allowed verification attempts."),
    "timeout": (
        "verification_timeout",
        "Payment method should be verified with microdeposits within the required period.",
    ),
}


async def verify_payment(call: StripeCall) -> Object:
    """The payment goes on when the owner is known."""
    intent = await call.named(payment_intents.KIND, call.path("intent"))
    intents.matching_secret(call, intent)
    method = await verified(call, intent)
    done = await confirmation.wait_for_bank(call, intent, method)
    if done["status"] == "succeeded":
        await invoice_payments.answered(call, done)
    return done


async def verify_setup(call: StripeCall) -> Object:
    intent = await call.named(setups.KIND, call.path("intent"))
    intents.matching_secret(call, intent)
    return await setups.succeed(call, intent, await verified(call, intent))


async def verified(call: StripeCall, intent: Object) -> Object:
    """The payment method, after its owner told what was asked for. Raises ServiceError, kept where it counts."""
    asked = (intent["next_action"] or {}).get("verify_with_microdeposits")
    if intent["status"] != "requires_action" or asked is None:
        raise unexpected_state(
            f"This {_noun(intent)} cannot be verified with microdeposits because it has a status of "
            f"{intent['status']}.",
            intent,
        )
    method = await call.referred(payment_methods.KIND, intent["payment_method"], "payment_method")
    amounts, code = call.body.get("amounts"), call.body.get("descriptor_code")
    if not code and not amounts:
        raise invalid("You must provide either `amounts` or `descriptor_code`.", code="parameter_missing")
    if not code and len(amounts or ()) != 2:
        raise _error("invalid", "amounts")
    end = microdeposits.told(amounts, code)
    if end == "verified":
        await payment_methods.remember(call, method["id"], verified=True)
        return method
    tries = int((await payment_methods.history(call, method["id"])).get("tries", 0)) + 1
    await payment_methods.remember(call, method["id"], tries=tries)
    if end == "wrong" and tries < microdeposits.ATTEMPTS["descriptor_code" if code else "amounts"]:
        raise _error("code" if code else "wrong", "descriptor_code" if code else "amounts", keep=True)
    failed = "exceeded" if end == "wrong" else end
    raise await _given_up(call, intent, method, failed)


async def _given_up(call: StripeCall, intent: Object, method: Object, why: str) -> ServiceError:
    """The intent waits for another payment method."""
    error = _error(why, None, keep=True)
    shown: Object = {
        "code": error.code,
        "doc_url": doc_url(error.code),
        "message": error.message,
        "payment_method": method,
        "type": "invalid_request_error",
    }
    payment = intent["object"] == payment_intents.KIND
    new = {
        **intent,
        ("last_payment_error" if payment else "last_setup_error"): shown,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    if payment:
        await payment_intents.store(call, new)
        call.event("payment_intent.payment_failed", new)
    else:
        await setups.store(call, new)
        call.event("setup_intent.setup_failed", new)
    return error


def _error(what: str, param: str | None, *, keep: bool = False) -> ServiceError:
    code, message = WORDS[what]
    found = invalid(message, code=PREFIX + code, param=param)
    return ServiceError(found.status, found.code, found.message, details=found.details, keep=keep)


def _noun(intent: Object) -> str:
    return "PaymentIntent" if intent["object"] == payment_intents.KIND else "SetupIntent"


HANDLERS: dict[str, StripeHandler] = {
    "payment_intents.verify_microdeposits": verify_payment,
    "setup_intents.verify_microdeposits": verify_setup,
}
