"""What the bank and Stripe thought of a payment: https://docs.stripe.com/api/charges/object#charge_object-outcome
(2026-11)."""

from __future__ import annotations

from mocks.stripe.calls import Object
from mocks.stripe.testcards import Decline, TestCard

#: What differs for a payment that waits for a look at it: https://docs.stripe.com/radar/risk-evaluation.
ELEVATED: Object = {
    "reason": "elevated_risk_level",
    "risk_level": "elevated",
    "risk_score": 70,
    "seller_message": (
        "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue."
    ),
    "type": "manual_review",
}


def of_card(decline: Decline | None, test: TestCard | None = None) -> Object:
    if test is not None and test.later == "review" and decline is None:
        return {**of_card(None), **ELEVATED}
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": decline.advice,
        "network_advice_code": None,
        "network_decline_code": decline.network,
        "network_status": "not_sent_to_network" if decline.blocked else "declined_by_network",
        "reason": "highest_risk_level" if decline.blocked else decline.decline_code,
        "risk_level": "highest" if decline.blocked else "normal",
        "risk_score": 85 if decline.blocked else 20,
        "seller_message": decline.seller_message,
        "type": "blocked" if decline.blocked else "issuer_declined",
    }


def of_bank(code: str | None = None) -> Object:
    """Of a debit, which the bank answers later; ``code`` is what it failed of."""
    blocked = code == "blocked"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "not_sent_to_network" if blocked else "approved_by_network",
        "reason": "highest_risk_level" if blocked else None,
        "risk_level": "highest" if blocked else "not_assessed",
        "seller_message": "Stripe blocked this payment as too risky." if blocked else "Payment complete.",
        "type": "blocked" if blocked else "authorized",
    }
