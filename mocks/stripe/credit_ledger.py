"""What is left of billing credits, and how invoices use them up.

https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits (2026-11): they pay for lines of subscriptions
whose price has a meter, when the invoice is finalized: after discounts, before taxes and the customer's balance. Of
several grants that with the lower ``priority`` comes first, then what expires sooner, what is promotional, what was
effective and what was made earlier. A void invoice gives them back; what is over by then expires at once
(docs.stripe.com/changelog/acacia/2024-12-18/billing-credits-invoice-voiding).
"""

from __future__ import annotations

from mocks.stripe import clocks, invoice_lines, prices, taxes
from mocks.stripe.calls import Object, StripeCall

KIND = "billing.credit_balance_transaction"
GRANT = "billing.credit_grant"
#: What is left of a grant, by its id.
LEFT = "credit_left"
#: Types of transactions that add to a grant; others take away.
ADDING = ("credits_granted", "credits_application_invoice_voided")
#: Unused grants that a customer can have.
MOST = 100


async def left(call: StripeCall, grant: Object) -> int:
    """What is left of a grant."""
    found = await call.state.get(LEFT, grant["id"])
    return int(found["left"]) if found else 0


async def noted(call: StripeCall, grant: Object, amount: int, kind: str, of: Object | None = None) -> Object:
    """A transaction; ``of`` names the invoice and its line. Stored, and told."""
    adds = kind in ADDING
    monetary = {"currency": grant["amount"]["monetary"]["currency"], "value": amount}
    details: Object = {"amount": {"monetary": monetary, "type": "monetary"}}
    details["credits_application_invoice_voided" if adds else "credits_applied"] = of
    details["type"] = kind
    made: Object = {
        "id": call.new_id("cbtxn_test_", 26),
        "object": KIND,
        "created": call.timestamp,
        "credit": details if adds else None,
        "credit_grant": grant["id"],
        "debit": None if adds else details,
        "effective_at": max(call.timestamp, grant["effective_at"]),
        "livemode": False,
        "test_clock": grant["test_clock"],
        "type": "credit" if adds else "debit",
    }
    index = {"credit_grant": grant["id"], "customer": grant["customer"]}
    await call.state.put(KIND, made["id"], made, index)
    rest = await left(call, grant) + (amount if adds else -amount)
    await call.state.put(LEFT, grant["id"], {"left": rest})
    call.event("billing.credit_balance_transaction.created", made)
    return made


def usable(grant: Object, now: int) -> bool:
    """Whether what is left of a grant can be used now."""
    over = grant["expires_at"] is not None and grant["expires_at"] <= now
    return grant["voided_at"] is None and grant["effective_at"] <= now and not over


async def of_customer(call: StripeCall, customer: str) -> list[Object]:
    """A customer's grants, in the order in which they are used."""
    found: list[Object] = []
    after = None
    while some := await call.state.page(GRANT, where={"customer": customer}, limit=MOST, order="oldest", after=after):
        found += some
        after = some[-1]["id"]
    return sorted(
        found,
        key=lambda grant: (
            grant["priority"],
            grant["expires_at"] or 1 << 40,
            grant["category"] != "promotional",
            grant["effective_at"],
            grant["created"],
        ),
    )


def _reaches(grant: Object, price: Object) -> bool:
    named = grant["applicability_config"]["scope"].get("prices")
    return not named or price["id"] in [each["id"] for each in named]


async def _metered(call: StripeCall, line: Object) -> Object | None:
    """The price of a subscription's line, where it has a meter."""
    parent = line["parent"] or {}
    details = (line["pricing"] or {}).get("price_details")
    if parent.get("type") != "subscription_item_details" or not details:
        return None
    price = await call.state.get(prices.KIND, details["price"])
    return price if price is not None and (price["recurring"] or {}).get("meter") else None


async def applied(call: StripeCall, invoice: Object) -> Object:
    """An invoice that is finalized, with the credits that it uses up. Not stored."""
    currency = invoice["currency"]
    grants = [
        grant
        for grant in await of_customer(call, invoice["customer"])
        if usable(grant, call.timestamp) and grant["amount"]["monetary"]["currency"] == currency
    ]
    if not grants:
        return invoice
    found = []
    for line in invoice["lines"]["data"]:
        parts, owed = [], taxes.net(line)
        price = await _metered(call, line)
        for grant in [] if price is None else [each for each in grants if _reaches(each, price)]:
            part = min(owed, await left(call, grant))
            if part > 0:
                of = {"invoice": invoice["id"], "invoice_line_item": line["id"]}
                made = await noted(call, grant, part, "credits_applied", of)
                parts.append({"amount": part, "credit_balance_transaction": made["id"], "type": taxes.CREDIT})
                owed -= part
        found.append({**line, "pretax_credit_amounts": [*line["pretax_credit_amounts"], *parts]})
    return invoice_lines.with_lines(invoice, await taxes.taxed(call, invoice, found))


async def given_back(call: StripeCall, invoice: Object) -> None:
    """An invoice is void: what it used up can be used again."""
    for line in invoice["lines"]["data"]:
        for part in line["pretax_credit_amounts"]:
            if part["type"] != taxes.CREDIT:
                continue
            made = await call.named(KIND, part["credit_balance_transaction"])
            grant = await call.named(GRANT, made["credit_grant"])
            of = {"invoice": invoice["id"], "invoice_line_item": line["id"]}
            await noted(call, grant, part["amount"], "credits_application_invoice_voided", of)
            await look(call, grant["id"])


async def look(call: StripeCall, key: str) -> None:
    """What is left of a grant when its time is over, is lost."""
    grant = await call.state.get(GRANT, key)
    if grant is None or grant["voided_at"] or not grant["expires_at"] or grant["expires_at"] > call.timestamp:
        return
    rest = await left(call, grant)
    if rest > 0:
        await noted(call, grant, rest, "credits_expired")


async def appointed(call: StripeCall, grant: Object) -> None:
    """Make sure that a grant expires at its time."""
    if grant["expires_at"] is not None:
        await clocks.appoint(call, grant["expires_at"], grant)
