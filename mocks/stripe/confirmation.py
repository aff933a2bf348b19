"""How a confirmed payment goes on: paid, held, declined, waiting for the customer or for the bank.

The status of a payment intent: https://docs.stripe.com/payments/paymentintents/lifecycle (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mocks.stripe import (
    aftermath,
    banks,
    charges,
    clocks,
    holds,
    mandates,
    microdeposits,
    outlook,
    payment_methods,
    plastic,
    testbanks,
)
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid, unexpected_state
from mocks.stripe.refusals import doc_url
from mocks.stripe.testcards import AUTHENTICATION, Decline, TestCard

NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent "
    "with a payment method and then confirm it again, or confirm it again directly with a payment method or "
    "ConfirmationToken."
)

NO_RETURN_URL = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment "
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
    "accept "
    "redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)


UNPROVED = {
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
    "PaymentMethod to attempt to fulfill this PaymentIntent again.",
    "type": "invalid_request_error",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How the caller wants an intent confirmed."""

    off_session: bool
    return_url: str | None
    use_stripe_sdk: bool
    error_on_requires_action: bool

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Terms:
        """From the parameters of create or confirm; ``off_session`` is also said as one_off or recurring."""
        return cls(
            off_session=body.get("off_session") not in (None, False, "", "false"),
            return_url=body.get("return_url") or None,
            use_stripe_sdk=bool(body.get("use_stripe_sdk")),
            error_on_requires_action=bool(body.get("error_on_requires_action")),
        )


def ready(call: StripeCall, intent: Object, method: Object | None) -> None:
    """Refuse what cannot be confirmed at all; raises ServiceError before anything is written."""
    if method is None:
        raise (
            unexpected_state(NO_METHOD, intent)
            if "id" in call.params.path
            else invalid(NO_METHOD, code="payment_intent_unexpected_state")
        )
    automatic = intent["automatic_payment_methods"]
    terms = Terms.of(call.body)
    if (
        automatic
        and automatic.get("allow_redirects") == "always"
        and call.credential != "publishable_key"
        and not (terms.return_url or terms.off_session or terms.use_stripe_sdk)
    ):
        raise invalid(NO_RETURN_URL)


def needs_authentication(intent: Object, test: TestCard | None, set_up: bool, off_session: bool) -> bool:
    """Whether the customer's bank wants to see the customer: https://docs.stripe.com/testing#regulatory-cards."""
    if test is None:
        return False
    match test.authentication:
        case "required" | "always":
            return True
        case "unless_set_up":
            return not (off_session and set_up)
        case "set_up":
            return not off_session
        case "optional":
            wanted = (intent["payment_method_options"].get("card") or {}).get("request_three_d_secure")
            return wanted in ("any", "challenge") and not off_session
        case _:
            return False


async def attempt(call: StripeCall, intent: Object, method: Object, terms: Terms) -> Object:
    """Pay, as far as it goes now; intent, charge and payment method are stored. Raises a kept 402 for a decline."""
    if method["type"] == "card":
        unverified = method
        method = {**method, "card": plastic.verified(method["card"])}
        test = plastic.behind(method["card"])
        if test is not None and await _to_authenticate(call, intent, method, test, terms):
            if terms.off_session or terms.error_on_requires_action:
                raise await _refuse(call, intent, method, test.unattended if terms.off_session else AUTHENTICATION)
            return await _wait_for_customer(call, intent, unverified, terms)
        if test is not None and test.declined is not None:
            raise await _refuse(call, intent, method, test.declined)
        return await _pay(call, intent, method, test, terms)
    if method["type"] in banks.DELAYED:
        if await microdeposits.needed(call, method):
            asked = microdeposits.action(call, intent, method)
            waiting = await _wait_for_customer(call, intent, method, terms, asked)
            bank = banks.behind(method)
            if bank is not None and not bank.reachable:
                await outlook.expect(call, waiting, testbanks.SOON, "failed", "payment_method_microdeposit_failed")
            return waiting
        return await wait_for_bank(call, intent, method)
    if method["type"] in banks.DIRECT or call.authenticated:
        return await _pay(call, intent, method, None, terms)
    return await _wait_for_customer(call, intent, method, terms)


async def _to_authenticate(call: StripeCall, intent: Object, method: Object, test: TestCard, terms: Terms) -> bool:
    if call.authenticated:
        return False
    set_up = False
    if test.authentication == "unless_set_up":
        set_up = bool((await payment_methods.history(call, method["id"])).get("off_session"))
    return needs_authentication(intent, test, set_up, terms.off_session)


async def _store(call: StripeCall, intent: Object) -> None:
    await call.state.put(
        "payment_intent", intent["id"], intent, {"customer": intent["customer"]} if intent["customer"] else {}
    )


def charge_of(call: StripeCall, intent: Object, method: Object, *, capture: bool) -> Object:
    """The charge that a payment intent makes of a payment method; not stored yet."""
    about = {**intent, "payment_intent": intent["id"], "source": None}
    return charges.build(
        call, amount=intent["amount"], currency=intent["currency"], method=method, capture=capture, about=about
    )


async def _pay(call: StripeCall, intent: Object, method: Object, test: TestCard | None, terms: Terms) -> Object:
    held = intent["capture_method"] == "manual"
    charge = charge_of(call, intent, method, capture=not held)
    late = intent["capture_method"] == "automatic_async" and not held
    shown = charge
    if not held:
        charge = await charges.settle(call, charge, charge["amount"], test)
    await charges.store(call, charge)
    if held:
        await clocks.appoint(call, holds.ends(charge), {"id": intent["id"], "object": intent["object"]})
    call.event("charge.succeeded", shown if late else charge)
    await _keep_method(call, intent, method)
    done = {
        **intent,
        "amount_capturable": intent["amount"] if held else 0,
        "amount_received": 0 if held else intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "status": "requires_capture" if held else "succeeded",
    }
    await _store(call, done)
    call.event("payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded", done)
    if not held:
        await aftermath.follow(call, charge, test)
    if late:
        # "automatic_async" answers before the funds are captured: the balance transaction follows (seen).
        call.fresh_charges.add(charge["id"])
        call.event("charge.updated", *changed(shown, charge))
    return done


async def _keep_method(call: StripeCall, intent: Object, method: Object) -> None:
    """After a payment a method is the customer's, if it was to be saved, or used up."""
    usage = intent["setup_future_usage"]
    if usage and intent["customer"] and not method["customer"]:
        await payment_methods.attach_to(call, method, intent["customer"])
    elif not method["customer"]:
        await payment_methods.store(call, method)
        await payment_methods.remember(call, method["id"], spent=True)
        return
    if usage == "off_session":
        await payment_methods.remember(call, method["id"], off_session=True)


async def _wait_for_customer(
    call: StripeCall, intent: Object, method: Object, terms: Terms, action: Object | None = None
) -> Object:
    waiting = {
        **intent,
        "last_payment_error": None,
        "next_action": action or next_action(intent, terms, bank_page(call, intent)),
        "payment_method": method["id"],
        "status": "requires_action",
    }
    await payment_methods.store(call, method)
    await _store(call, waiting)
    call.event("payment_intent.requires_action", waiting)
    return waiting


def bank_page(call: StripeCall, intent: Object) -> str:
    """The address of the page where the customer's bank asks: ``pages/authentication.py``."""
    return call.hosted(f"3d_secure_2/hosted/{intent['id']}", client_secret=intent["client_secret"])


def next_action(intent: Object, terms: Terms, url: str) -> Object:
    """Where the customer has to go: a redirect to ``url`` when there is a way back, else what Stripe.js shows."""
    if terms.return_url and not terms.use_stripe_sdk:
        return {"redirect_to_url": {"return_url": terms.return_url, "url": url}, "type": "redirect_to_url"}
    sdk = {"type": "three_d_secure_redirect", "stripe_js": url, "source": intent["id"].replace("pi_", "src_", 1)}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


async def wait_for_bank(call: StripeCall, intent: Object, method: Object) -> Object:
    """The bank has been told to pay, and answers later. Stored."""
    made = charge_of(call, intent, method, capture=True)
    kind, bank = method["type"], banks.behind(method)
    mandate = await mandates.of_payment(call, intent, method)
    details: Object = {**made["payment_method_details"]}
    if kind in banks.USED and kind != "nz_bank_account":
        details[kind] = {**details[kind], "mandate": mandate}
    charge = {**made, "paid": False, "payment_method_details": details, "receipt_url": None, "status": "pending"}
    await charges.store(call, charge)
    call.event("charge.pending", charge)
    await _keep_method(call, intent, method)
    waiting = {
        **intent,
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "status": "processing",
    }
    await _store(call, waiting)
    call.event("payment_intent.processing", waiting)
    if bank is None or not bank.never:
        seconds = testbanks.SOON if bank is None else bank.answers_in
        code = bank.fails if bank is not None else None
        disputed = bank is not None and bank.disputed
        await outlook.expect(call, waiting, seconds, "failed" if code else "succeeded", code, disputed=disputed)
    return waiting


async def recalled(call: StripeCall, intent: Object) -> None:
    """A debit that the bank has not answered is taken back: its charge fails."""
    charge = await call.referred(charges.KIND, intent["latest_charge"], "intent")
    gone = {**charge, "amount_captured": 0, "captured": False, "status": "failed"}
    await charges.store(call, gone)
    call.event("charge.failed", gone)
    await outlook.forget(call, intent["id"])


async def _refuse(call: StripeCall, intent: Object, method: Object, decline: Decline) -> Exception:
    """Keep the failed charge and the intent that waits for another payment method; answers the error to raise."""
    charge = charges.declined(
        call, charge_of(call, intent, method, capture=intent["capture_method"] != "manual"), decline
    )
    await charges.store(call, charge)
    await payment_methods.store(call, method)
    error = {
        **plastic.card_error(decline),
        "charge": charge["id"],
        "code": decline.code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "payment_method": method,
    }
    failed = {
        **intent,
        "last_payment_error": dict(sorted(error.items())),
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    await _store(call, failed)
    call.event("charge.failed", charge)
    call.event("payment_intent.payment_failed", failed)
    return charges.failure(decline, charge, payment_intent=failed, payment_method=method)


async def unproved(call: StripeCall, intent: Object) -> Object:
    """A payment whose customer the bank did not recognise waits for another payment method:
    https://docs.stripe.com/error-codes#payment-intent-authentication-failure."""
    method = await call.state.get(payment_methods.KIND, intent["payment_method"])
    error = {**UNPROVED, "doc_url": doc_url(UNPROVED["code"]), "payment_method": method}
    failed = {
        **intent,
        "last_payment_error": dict(sorted(error.items())),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    await _store(call, failed)
    call.event("payment_intent.payment_failed", failed)
    return failed
