"""Sessions of Connect's embedded components: https://docs.stripe.com/api/account_sessions (2026-11).

What a session lets its components do is told as the provider tells it. The components themselves are Connect.js, which
is the provider's own; pages for people are those of ``account_links.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import accounts
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

#: Seconds that a client secret works for. They "expire relatively quickly" (stripe/_account_session.py of stripe
#: 16.1.0); the example of https://docs.stripe.com/api/account_sessions/object does not say more.
VALID = 3600

PAYMENTS = ("capture_payments", "destination_on_behalf_of_charge_management", "dispute_management",
            "refund_management", "smart_disputes_management")  # fmt: skip
BANKED = ("disable_stripe_user_authentication", "external_account_collection")
PAID_OUT = ("disable_stripe_user_authentication", "edit_payout_schedule", "external_account_collection",
            "instant_payouts", "standard_payouts")  # fmt: skip

#: Component -> its features.
COMPONENTS: dict[str, tuple[str, ...]] = {
    "account_management": BANKED,
    "account_onboarding": BANKED,
    "balance_report": (),
    "balances": PAID_OUT,
    "disputes_list": PAYMENTS,
    "documents": (),
    "financial_account": (*BANKED, "send_money", "transfer_balance"),
    "financial_account_transactions": ("card_spend_dispute_management",),
    "instant_payouts_promotion": (*BANKED, "instant_payouts"),
    "issuing_card": ("card_management", "card_spend_dispute_management", "cardholder_management",
                     "spend_control_management"),
    "issuing_cards_list": ("card_management", "card_spend_dispute_management", "cardholder_management",
                           "disable_stripe_user_authentication", "spend_control_management"),
    "notification_banner": BANKED,
    "payment_details": PAYMENTS,
    "payment_disputes": PAYMENTS,
    "payment_method_settings": ("disable_stripe_user_authentication",),
    "payments": PAYMENTS,
    "payout_details": (),
    "payout_reconciliation_report": (),
    "payouts": PAID_OUT,
    "payouts_list": (),
    "reporting_chart": (),
    "tax_registrations": (),
    "tax_settings": (),
    "terminal_hardware_orders": (),
    "terminal_hardware_shop": (),
}  # fmt: skip
#: Features that an enabled component has unless the caller says otherwise.
ALWAYS = frozenset(["capture_payments", "dispute_management", "refund_management"])
#: Those that it has where the platform does not bear the losses.
AT_NO_RISK = frozenset(["edit_payout_schedule", "instant_payouts", "standard_payouts"])


async def create(call: StripeCall) -> Object:
    body = call.body
    account = await accounts.connected(call, body["account"])
    sent = body["components"]
    if not any((each or {}).get("enabled") for each in sent.values()):
        # Wording ours.
        raise invalid("At least one component must be enabled.", param="components")
    components = {
        name: _component(account, sent.get(name) or {}, features, f"components[{name}]")
        for name, features in COMPONENTS.items()
    }
    return {
        "object": "account_session",
        "account": account["id"],
        "client_secret": call.new_id("accs_secret__", 48),
        "components": components,
        "expires_at": call.timestamp + VALID,
        "livemode": False,
    }


def _component(account: Object, sent: Mapping[str, Any], names: tuple[str, ...], param: str) -> Object:
    enabled = bool(sent.get("enabled"))
    told = sent.get("features") or {}
    found = {name: bool(told.get(name, enabled and _usual(account, name, told))) for name in names}
    own = account["controller"]["requirement_collection"] == "application"
    if told.get("disable_stripe_user_authentication") and not own:
        # "This value can only be `true` for accounts where `controller.requirement_collection` is `application`"
        # (stripe/params/_account_session_create_params.py of stripe 16.1.0). The sentence is ours.
        raise invalid(
            "`disable_stripe_user_authentication` can only be true for accounts whose requirements the platform "
            "collects.",
            param=f"{param}[features][disable_stripe_user_authentication]",
        )
    return {"enabled": enabled, "features": found}


def _usual(account: Object, name: str, told: Mapping[str, Any]) -> bool:
    """What a feature of an enabled component is when nobody says: the parameters' own documentation."""
    if name in AT_NO_RISK:
        return bool(account["controller"]["losses"]["payments"] == "stripe")
    if name == "external_account_collection":
        return not told.get("disable_stripe_user_authentication", False)
    if name == "disable_stripe_user_authentication":
        return not told.get("external_account_collection", True)
    if name == "smart_disputes_management":
        return bool(told.get("dispute_management", True))
    return name in ALWAYS
