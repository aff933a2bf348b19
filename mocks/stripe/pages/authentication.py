"""The page that an intent's ``next_action`` leads to: a bank that asks, in test mode with two buttons.

https://docs.stripe.com/payments/3d-secure/authentication-flow (2026-11). The client secret in the address lets people
in. Back at the shop's ``return_url`` the query tells which intent it was and how it ended:
https://docs.stripe.com/js/payment_intents/confirm_payment#confirm_payment_intent-options-confirmParams-return_url.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import confirmation, invoice_payments, payment_methods, setup_intents
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages import secret
from mocks.stripe.pages.checkout import question
from mocks.stripe.pages.markup import absent, amount, notice, redirect
from mocks.stripe.pages.stage import fields, staged

SHOP = "Mock account"


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    intent = await secret.intent(call, 2)
    if intent is None:
        return absent()
    if refused is not None:
        return notice("The bank said no", refused.message, status=402)
    if intent["status"] != "requires_action":
        return notice("Nothing to do here", "This authentication is over. You can close this page.")
    return question(SHOP, amount(intent["amount"], intent["currency"]) if "amount" in intent else "")


async def _act(call: StripeCall) -> Response:
    intent = await secret.intent(call, 2)
    if intent is None or intent["status"] != "requires_action":
        return await _show(call, None)
    back = ((intent["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
    if fields(call).get("outcome") == "complete":
        outcome = await proved(call, intent)
    else:
        outcome = "failed"
        if intent["object"] == setup_intents.KIND:
            await setup_intents.unproved(call, intent)
        else:
            await confirmation.unproved(call, intent)
    if not back:
        return notice("You can close this page", f"The authentication has {outcome}.", good=outcome == "succeeded")
    return redirect(_back(back, intent, outcome))


async def proved(call: StripeCall, intent: Object) -> str:
    """What became of an intent whose customer the bank knows. A decline is kept, and no error of this page."""
    method = await call.referred(payment_methods.KIND, intent["payment_method"], "payment_method")
    call.authenticated = True
    try:
        if intent["object"] == setup_intents.KIND:
            await setup_intents.attempt(call, intent, method)
        else:
            terms = confirmation.Terms(False, None, use_stripe_sdk=False, error_on_requires_action=False)
            done = await confirmation.attempt(call, intent, method, terms)
            if done["status"] == "succeeded":
                await invoice_payments.answered(call, done)
    except ServiceError as declined:
        if not declined.keep:
            raise
        return "failed"
    return "succeeded"


def _back(address: str, intent: Object, outcome: str) -> str:
    kind = str(intent["object"])
    told = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": outcome}
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(told)) if part)
    return parts._replace(query=query).geturl()


PAGE = staged(_show, _act)
