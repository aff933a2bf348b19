"""What payment intents and setup intents share: payment methods offered, chosen and allowed, client secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mocks.stripe import payment_methods
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import exclusive, invalid
from mocks.stripe.objects import nonempty

#: What the mock's account has switched on in its dashboard.
ACCOUNT_TYPES = ("card", "link")

#: Type -> the options that an intent shows for it without being asked (seen).
OPTIONS: dict[str, Object] = {
    "acss_debit": {"verification_method": "automatic"},
    "afterpay_clearpay": {"reference": None},
    "bancontact": {"preferred_language": "en"},
    "boleto": {"expires_after_days": 3},
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "klarna": {"preferred_locale": None},
    "konbini": {
        "confirmation_number": None,
        "expires_after_days": None,
        "expires_at": None,
        "product_description": None,
    },
    "link": {"persistent_token": None},
    "oxxo": {"expires_after_days": 3},
    "us_bank_account": {"mandate_options": {}, "verification_method": "automatic"},
    "wechat_pay": {"app_id": None, "client": None},
}
#: The version that refuses ``payment_method_types``.
NO_TYPES_SINCE = "2026-09-30"

#: The types of payment methods that there are: those of payment_methods.create in the contract, and terminals'.
KINDS = frozenset({
    "acss_debit", "affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "au_becs_debit", "bacs_debit",
    "bancontact", "billie", "bizum", "blik", "boleto", "card", "card_present", "cashapp", "crypto", "custom",
    "customer_balance", "eps", "fpx", "giropay", "grabpay", "ideal", "interac_present", "kakao_pay", "klarna",
    "konbini", "kr_card", "link", "mb_way", "mobilepay", "multibanco", "naver_pay", "nz_bank_account", "oxxo",
    "p24", "pay_by_bank", "payco", "paynow", "paypal", "paypay", "payto", "pix", "promptpay", "revolut_pay",
    "samsung_pay", "satispay", "scalapay", "sepa_debit", "sequra", "sofort", "sunbit", "swish", "twint", "upi",
    "us_bank_account", "wechat_pay", "zip",
})  # fmt: skip

NOT_FOR_SETUP = ("installments",)


def named_types(call: StripeCall, body: Mapping[str, Any]) -> list[str] | None:
    """The types that the caller names; raises ServiceError where the version that it asks for does not let it.

    Sources: docs.stripe.com/changelog/endive/2026-09-30, "Removes the payment method types parameter from Payment
    Intents and Setup Intents"; docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter.
    """
    named, allowed = body.get("payment_method_types"), body.get("allowed_payment_method_types")
    if named and allowed:
        raise exclusive("payment_method_types", "allowed_payment_method_types")
    asked = call.request.headers.get("stripe-version")
    # A request without a version comes from an account that may be pinned to any older one.
    if named and asked is not None and asked >= NO_TYPES_SINCE:
        raise invalid(
            "The `payment_method_types` parameter is no longer supported on this API version. Use dynamic payment "
            "methods, `allowed_payment_method_types` or `excluded_payment_method_types` instead.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    found = named or allowed
    for kind in found or ():
        if kind not in KINDS:
            # As told in https://github.com/stripe/stripe-node/issues/1472 and opencollective/opencollective#8564.
            raise invalid(
                f'The payment method type "{kind}" is invalid. Please ensure the provided type is activated in your '
                "dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for "
                "any preview features that you are trying to use.",
                param="payment_method_types" if named else "allowed_payment_method_types",
            )
    return list(found) if found else None


@dataclass(frozen=True, slots=True)
class Offered:
    """The payment methods that an intent accepts, and why."""

    types: list[str]
    automatic: Object | None
    configuration: Object | None


def offered(call: StripeCall, body: Mapping[str, Any]) -> Offered:
    """Named types, or those of the dashboard: the default since 2023-08-16 (https://docs.stripe.com/upgrades)."""
    automatic = body.get("automatic_payment_methods")
    named = named_types(call, body)
    if named:
        if automatic and automatic.get("enabled"):
            raise exclusive("payment_method_types", "automatic_payment_methods")
        return Offered(named, None, None)
    if not automatic and call.version < "2023-08-16":
        return Offered(["card"], None, None)
    if automatic and not automatic.get("enabled"):
        return Offered(["card"], {"enabled": False}, None)
    redirects = (automatic or {}).get("allow_redirects", "always")
    chosen = body.get("payment_method_configuration") or f"pmc_1{call.seed:023d}"[:28]
    excluded = body.get("excluded_payment_method_types") or ()
    types = [name for name in ACCOUNT_TYPES if name not in excluded]
    return Offered(types, {"allow_redirects": redirects, "enabled": True}, {"id": chosen, "parent": None})


def options(types: Sequence[str], sent: Any, old: Mapping[str, Any] | None = None, *, setup: bool = False) -> Object:
    """``payment_method_options`` for the accepted types, with what was sent merged in."""
    found: Object = {}
    for kind in types:
        known = (old or {}).get(kind) or OPTIONS.get(kind)
        if known is not None:
            found[kind] = {name: value for name, value in known.items() if not (setup and name in NOT_FOR_SETUP)}
    for kind, values in (sent or {}).items():
        if kind in types and values:
            found[kind] = {**found.get(kind, {}), **_shown(nonempty(values))}
    return found


def _shown(values: Object) -> Object:
    """Options as an answer shows them: a card's instalments have the plans that there are for it."""
    asked = values.get("installments")
    if not asked:
        return values
    plans = {"available_plans": [], "enabled": asked.get("enabled", True), "plan": asked.get("plan")}
    return {**values, "installments": plans}


async def method_of(
    call: StripeCall, body: Mapping[str, Any], customer: str | None, intent: Object | None
) -> Object | None:
    """The payment method that a call brings for an intent, by id or as data; None when it brings none.

    Not stored yet: refusals come first.
    """
    if body.get("payment_method_data"):
        return await payment_methods.build(call, body["payment_method_data"], "payment_method_data")
    if not body.get("payment_method"):
        return None
    method = await payment_methods.usable(call, body["payment_method"], "payment_method")
    more = {} if intent is None else {str(intent["object"]): intent}
    if method["customer"] and customer and method["customer"] != customer:
        raise invalid(
            f"The PaymentMethod {method['id']} does not belong to the Customer you supplied {customer}. Please use "
            "this "
            "PaymentMethod with the Customer that it belongs to instead.",
            param="payment_method",
            about=more,
        )
    if method["customer"] and not customer:
        raise invalid(
            f"The payment method supplied ({method['id']}) belongs to a Customer. Please include the Customer in the "
            "`customer` parameter.",
            param="payment_method",
            about=more,
        )
    return method


def allowed_type(intent: Object, method: Object) -> None:
    """Refuse a payment method of a type that the intent does not accept; raises ServiceError."""
    if intent["automatic_payment_methods"] or method["type"] in intent["payment_method_types"]:
        return
    types = ", ".join(intent["payment_method_types"])
    raise invalid(
        f"The PaymentMethod provided ({method['type']}) is not allowed for this "
        f"{'PaymentIntent' if intent['object'] == 'payment_intent' else 'SetupIntent'}. Please attach a "
        "PaymentMethod of "
        f"one of the following types: {types}.",
        param="payment_method",
    )


def matching_secret(call: StripeCall, intent: Object) -> None:
    """A client secret that comes along has to be the intent's; raises ServiceError."""
    sent = call.params.get("client_secret")
    if sent is not None and sent != intent["client_secret"]:
        name = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
        raise invalid(
            f"The client_secret provided does not match any associated {name} on this account. Ensure the "
            "publishable key "
            f"used belongs to the same account that created the {name}.",
            code=f"{intent['object']}_invalid_parameter",
            param="client_secret",
        )
