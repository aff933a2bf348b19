"""The page where a customer tells of the small deposits on a bank account: ``hosted_verification_url`` of an intent.

https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#web-verify-with-microdeposits (2026-11). The client
secret in the address lets people in.
"""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import deposit_calls, setup_intents
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages import secret
from mocks.stripe.pages.markup import absent, alert, button, document, field, notice
from mocks.stripe.pages.stage import said, staged


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    intent = await secret.intent(call, 1)
    if intent is None:
        return absent()
    asked = (intent["next_action"] or {}).get("verify_with_microdeposits")
    if intent["status"] != "requires_action" or asked is None:
        words = refused.message if refused else "This bank account needs no verification any more."
        return notice("Nothing to do here", words)
    if asked["microdeposit_type"] == "descriptor_code":
        asks = "Your statement shows a deposit of $0.01 with a code that begins with SM."
        fields = field("Code", "descriptor_code", more='maxlength="6"')
    else:
        asks = "Your statement shows two deposits of less than a dollar. Type their amounts in cents."
        fields = field("First amount", "first", kind="number") + field("Second amount", "second", kind="number")
    return document(
        "Verify your bank account",
        f'<div class="box"><h2>Verify your bank account</h2><p>{asks}</p>'
        f"{alert(refused.message if refused else None)}<form method=post>{fields}"
        f"{button('Verify', id='verify')}</form></div>",
        status=refused.status if refused else 200,
    )


async def _act(call: StripeCall) -> Response:
    intent = await secret.intent(call, 1)
    if intent is None:
        return absent()
    body: Object = {}
    if code := said(call, "descriptor_code"):
        body = {"descriptor_code": code}
    elif said(call, "first") or said(call, "second"):
        try:
            body = {"amounts": [int(said(call, name) or 0) for name in ("first", "second")]}
        except ValueError:
            raise invalid("Type the amounts in cents.") from None
    told = call.as_if(body, intent=intent["id"])
    if intent["object"] == setup_intents.KIND:
        await deposit_calls.verify_setup(told)
    else:
        await deposit_calls.verify_payment(told)
    return notice("Your bank account is verified", "You can close this page.", good=True)


PAGE = staged(_show, _act)
