"""Disputes: https://docs.stripe.com/api/disputes and https://docs.stripe.com/disputes/how-disputes-work (2026-11).

Test cards are disputed at once, and the evidence decides the end: https://docs.stripe.com/testing#disputes.

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.stripe import balance
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import merged

KIND = "dispute"

#: What a dispute costs, in minor units: https://stripe.com/pricing. It is kept even when the dispute is won.
FEE: Final = 1500
DAY = 24 * 60 * 60
#: Days until the evidence is due: https://docs.stripe.com/disputes/responding.
DUE_DAYS = 9

#: What a test card's dispute is about -> the network's own code for it (Visa's).
REASONS = {"fraudulent": "10.4", "product_not_received": "13.1"}

FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation",
    "service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number",
    "uncategorized_text",
)  # fmt: skip
NO_EVIDENCE: Object = {**dict.fromkeys(sorted(FILES + TEXTS)), "enhanced_evidence": {}}

#: How many characters all evidence may have: https://docs.stripe.com/disputes/best-practices.
LONGEST = 150_000

#: Text of the evidence that decides a test dispute -> how it ends.
DECIDING = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}


async def opened(call: StripeCall, charge: Object, reason: str, *, inquiry: bool = False) -> Object:
    """The bank disputes a charge: the money leaves with a fee, but not for an inquiry, which only asks. Stored."""
    card = charge["payment_method_details"].get("card")
    details = None
    if card is not None:
        case = {
            "brand": card["brand"],
            "case_type": "inquiry" if inquiry else "chargeback",
            "network": card["network"],
            "network_reason_code": REASONS[reason],
        }
        details = {"card": case, "type": "card"}
    billing = charge["billing_details"]
    dispute: Object = {
        "id": call.new_id("du_1", 23),
        "object": KIND,
        "amount": charge["amount_captured"],
        "balance_transaction": None,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.timestamp,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**NO_EVIDENCE, "customer_email_address": billing["email"], "customer_name": billing["name"]},
        "evidence_details": {
            "due_by": (call.timestamp // DAY + DUE_DAYS + 1) * DAY - 1,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": REASONS.get(reason),
        "payment_intent": charge["payment_intent"],
        # Of bank debits the API shows none.
        **({"payment_method_details": details} if details else {}),
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    disputed = {**charge, "dispute": dispute["id"], "disputed": True}
    await call.state.put("charge", charge["id"], disputed)
    index = {"charge": charge["id"]}
    if charge["payment_intent"]:
        index["payment_intent"] = charge["payment_intent"]
    await call.state.put(KIND, dispute["id"], dispute, index)
    call.event("charge.dispute.created", dispute)
    return dispute if inquiry else await _withdrawn(call, dispute)


async def _withdrawn(call: StripeCall, dispute: Object) -> Object:
    taken = await _moved(call, dispute, -dispute["amount"], "Chargeback withdrawal", "dispute", FEE)
    new, previous = changed(dispute, {"balance_transactions": [*dispute["balance_transactions"], taken]})
    new = {**new, "balance_transaction": taken["id"]}
    await call.state.put(KIND, new["id"], new)
    call.event("charge.dispute.funds_withdrawn", new, previous)
    return new


async def _moved(call: StripeCall, dispute: Object, amount: int, what: str, category: str, fee: int) -> Object:
    key = await balance.record(
        call,
        "adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        description=f"{what} for {dispute['charge']}",
        category=category,
        fee=fee,
        fee_description="Dispute fee",
    )
    return await call.named(balance.KIND, key)


async def refundable(call: StripeCall, id: str | None) -> bool:
    """Whether a disputed charge can be refunded: an inquiry can be answered so."""
    dispute = await call.state.get(KIND, id) if id else None
    return dispute is None or bool(dispute["is_charge_refundable"])


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("dispute"))


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("charge", "payment_intent") if call.body.get(name)}
    for kind, key in where.items():
        await call.referred(kind, key, kind)
    return await page(call, KIND, where or None)


def _open(dispute: Object) -> bool:
    return str(dispute["status"]) in ("needs_response", "warning_needs_response")


async def update(call: StripeCall) -> Object:
    """Evidence is submitted with the call unless ``submit`` is false; then it only waits."""
    body = call.body
    old = await call.named(KIND, call.path("dispute"))
    changes: Object = {}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("intended_submission_method"):
        changes["intended_submission_method"] = body["intended_submission_method"]
    evidence = body.get("evidence")
    if evidence is not None or body.get("submit"):
        if not _open(old):
            raise _closed(old)
        kept = await _evidence(call, old["evidence"], evidence or {})
        details = {**old["evidence_details"], "has_evidence": any(kept[name] for name in FILES + TEXTS)}
        changes |= {"evidence": kept, "evidence_details": details}
        if body.get("submit", True):
            changes["evidence_details"] = {
                **details,
                "submission_count": details["submission_count"] + 1,
                "submission_method": "manual",
            }
            warned = old["status"] == "warning_needs_response"
            changes["status"] = "warning_under_review" if warned else "under_review"
    new, previous = changed(old, changes)
    await call.state.put(KIND, new["id"], new)
    if previous:
        call.event("charge.dispute.updated", new, previous)
    if "status" in previous:
        await _decided(call, new)
    return new


async def _evidence(call: StripeCall, old: Mapping[str, Any], sent: Mapping[str, Any]) -> Object:
    new = {**old}
    for name, value in sent.items():
        if name in FILES and value:
            file = await call.referred("file", value, f"evidence[{name}]")
            if file["purpose"] != "dispute_evidence":
                raise invalid(
                    f"The file {value} cannot be used as evidence: its purpose is {file['purpose']}.",
                    param=f"evidence[{name}]",
                )
        new[name] = given(sent, name) if name != "enhanced_evidence" else (value or {})
    if sum(len(new[name] or "") for name in TEXTS) > LONGEST:
        raise invalid(
            f"The combined character count of all evidence is limited to {LONGEST:,} characters.", param="evidence"
        )
    return new


async def _decided(call: StripeCall, dispute: Object) -> None:
    """The bank's answer to the evidence of a test; it comes after the call, whose answer shows the review."""
    end = DECIDING.get((dispute["evidence"]["uncategorized_text"] or "").strip())
    inquiry = dispute["status"].startswith("warning")
    if end is None:
        return
    if inquiry and end == "escalated":
        case = {**dispute["payment_method_details"]["card"], "case_type": "chargeback"}
        changes: Object = {
            "is_charge_refundable": False,
            "payment_method_details": {"card": case, "type": "card"},
            "status": "needs_response",
        }
        new, previous = changed(dispute, changes)
        await call.state.put(KIND, new["id"], new)
        call.event("charge.dispute.updated", new, previous)
        await _withdrawn(call, new)
        return
    if inquiry:
        await _ended(call, dispute, "warning_closed")
    elif end != "escalated":
        await _ended(call, dispute, end)


async def _ended(call: StripeCall, dispute: Object, status: str) -> Object:
    new, previous = changed(dispute, {"status": status})
    if status == "won":
        back = await _moved(call, dispute, dispute["amount"], "Chargeback reversal", "dispute_reversal", 0)
        lines = [*dispute["balance_transactions"], back]
        reinstated, before = changed(new, {"balance_transactions": lines})
        await call.state.put(KIND, new["id"], reinstated)
        call.event("charge.dispute.funds_reinstated", reinstated, before)
        new = reinstated
    await call.state.put(KIND, new["id"], new)
    call.event("charge.dispute.closed", new, previous)
    return new


async def close(call: StripeCall) -> Object:
    """Accept the dispute as lost; nothing takes that back."""
    dispute = await call.named(KIND, call.path("dispute"))
    if not _open(dispute):
        raise _closed(dispute)
    return await _ended(call, dispute, "warning_closed" if dispute["status"].startswith("warning") else "lost")


def _closed(dispute: Object) -> Exception:
    return invalid(
        "This dispute is already closed"
        if dispute["status"] in ("won", "lost", "warning_closed")
        else f"This dispute is {dispute['status'].replace('_', ' ')}: its evidence was submitted and cannot be changed."
    )
