"""An account in which something of nearly everything is there, and calls about it that may be right or wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from contracts.contract import Operation
from mocks.stripe.service import SERVICE
from tests.clocks import START, HeldClock
from tests.harness import Harness
from tests.mocks.stripe import billing, connect
from tests.mocks.stripe.client import Stripe

NOW = int(START.timestamp())
HOOK = "https://shop.example/hook"
#: Ids that many members may hold, whatever they are called.
MAGIC = (
    "tok_visa", "tok_bypassPending", "tok_chargeDeclined", "pm_card_visa", "pm_card_visa_chargeDeclined",
    "pm_card_authenticationRequired", "pm_card_createDispute", "pm_usBankAccount_success", "tok_chargeCustomerFail",
)  # fmt: skip
TEXTS = ("x", "", "usd", "jpy", "ada@shop.example", "https://shop.example", "US", "now", "k" * 600, "none_0123456789")
NUMBERS = (0, 1, 30, 99, 100, 500, 2000, 2001, -1, 10**9, NOW - 86_400, NOW + 86_400, NOW + 40 * 86_400, 10**15)


async def build(folder: Path) -> None:
    """Fill a new environment in ``folder``; nothing of it is open afterwards."""
    harness = Harness(SERVICE, folder)
    stripe = Stripe(harness, folder)
    await stripe.post("webhook_endpoints", url=HOOK, enabled_events=["*"])
    payer = await billing.payer(stripe, email="ada@shop.example")
    await stripe.post(f"customers/{payer['id']}/sources", source="tok_visa")
    other = await stripe.customer(name="Bob", source="tok_visa")
    await stripe.post(f"customers/{other['id']}/tax_ids", type="eu_vat", value="DE123456789")
    await stripe.post(f"customers/{other['id']}/balance_transactions", amount=-500, currency="usd")
    await _payments(stripe, payer["id"])
    await _billing(stripe, payer)
    await _connected(stripe)
    await _rest(stripe)
    await harness.close()


async def _payments(stripe: Stripe, customer: str) -> None:
    await connect.funded(stripe, 100_000)
    paid = await stripe.pay()
    await stripe.post("refunds", payment_intent=paid["id"], amount=500)
    await stripe.pay("pm_card_createDispute")
    await stripe.pay(capture_method="manual")
    await stripe.pay("pm_card_authenticationRequired")
    await stripe.pay("pm_card_visa_chargeDeclined", expect=402)
    made = {"amount": 1500, "currency": "eur"}
    await stripe.post("payment_intents", customer=customer, **made)
    canceled = await stripe.post("payment_intents", **made)
    await stripe.post(f"payment_intents/{canceled['id']}/cancel")
    await stripe.post("charges", amount=900, currency="usd", source="tok_visa", capture=False)
    await stripe.post("setup_intents", customer=customer)
    await stripe.post("setup_intents", customer=customer, payment_method="pm_card_visa", confirm=True,
                      return_url="https://shop.example")  # fmt: skip
    await stripe.post("payment_methods", type="card", card={"token": "tok_mastercard"})
    await stripe.post("tokens", card={"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"})
    await stripe.post("payouts", amount=1000, currency="usd")


async def _billing(stripe: Stripe, payer: Any) -> None:
    price = await billing.price(stripe)
    once = await billing.price(stripe, 700, None)
    subscription = await billing.subscribed(stripe, payer, price)
    await billing.subscribed(stripe, payer, price, trial_period_days=7)
    over = await billing.subscribed(stripe, payer, price)
    await stripe.delete(f"subscriptions/{over['id']}")
    coupon = await stripe.post("coupons", percent_off=25, duration="once")
    await stripe.post("promotion_codes", promotion={"type": "coupon", "coupon": coupon["id"]}, code="SPRING")
    await stripe.post("tax_rates", display_name="VAT", percentage=19, inclusive=False)
    await stripe.post("shipping_rates", display_name="Post", type="fixed_amount",
                      fixed_amount={"amount": 500, "currency": "usd"})  # fmt: skip
    await stripe.post("plans", amount=300, currency="usd", interval="month", product={"name": "Gold"})
    await stripe.post("invoiceitems", customer=payer["id"], amount=250, currency="usd")
    draft = await stripe.post("invoices", customer=payer["id"], auto_advance=False)
    await stripe.post("invoiceitems", customer=payer["id"], invoice=draft["id"], pricing={"price": once["id"]})
    opened = await stripe.post("invoices", customer=payer["id"], collection_method="send_invoice", days_until_due=30)
    await stripe.post("invoiceitems", customer=payer["id"], invoice=opened["id"], amount=800, currency="usd")
    await stripe.post(f"invoices/{opened['id']}/finalize")
    await stripe.post("credit_notes", invoice=subscription["latest_invoice"], amount=300, refund_amount=300)
    session = {"success_url": "https://shop.example/ok", "line_items": [{"price": once["id"], "quantity": 1}]}
    await stripe.post("checkout/sessions", mode="payment", **session)
    await stripe.post("payment_links", line_items=[{"price": once["id"], "quantity": 1}])
    clock = await stripe.post("test_helpers/test_clocks", frozen_time=NOW)
    await stripe.customer(test_clock=clock["id"])


async def _connected(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await stripe.post(f"accounts/{account['id']}/persons", first_name="Jenny")
    await stripe.post("transfers", amount=3000, currency="usd", destination=account["id"])
    moved = await stripe.post("transfers", amount=900, currency="usd", destination=account["id"])
    await stripe.post(f"transfers/{moved['id']}/reversals", amount=100)
    await stripe.pay(transfer_data={"destination": account["id"]}, application_fee_amount=123)
    on = connect.on(account["id"])
    await stripe.post("customers", name="Theirs", headers=on)
    await stripe.post("charges", amount=2000, currency="usd", source="tok_visa", application_fee_amount=100, headers=on)


async def _rest(stripe: Stripe) -> None:
    feature = await stripe.post("entitlements/features", name="Fast", lookup_key="fast")
    product = await stripe.post("products", name="Speed")
    await stripe.post(f"products/{product['id']}/features", entitlement_feature=feature["id"])
    banned = await stripe.post("radar/value_lists", alias="banned", name="Banned", item_type="email")
    await stripe.post("radar/value_list_items", value_list=banned["id"], value="eve@shop.example")
    await stripe.post("billing_portal/configurations", features={"invoice_history": {"enabled": True}})


def opened(folder: Path) -> Stripe:
    """The client of an environment that ``build`` made."""
    clock = HeldClock()
    clock._drawn = 1_000_000  # ids go on where none was drawn yet
    return Stripe(Harness(SERVICE, folder, clock=clock), folder)


def everything(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, table by table, the journal apart; ``keys`` is what is kept of idempotency keys."""
    (file,) = folder.glob("**/state.db")
    connection = sqlite3.connect(file)
    found = {
        table: connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of our own tables
        for table in ("records", "record_index", "blobs", "events", "deliveries", "attempts", "mails")
    }
    connection.close()
    found["keys"] = [row for row in found["records"] if row[1].endswith("idempotency_key")]
    found["records"] = [row for row in found["records"] if not row[1].endswith("idempotency_key")]
    return found


def ids(folder: Path) -> dict[str, list[str]]:
    """The keys of the records by kind, each account's together."""
    found: dict[str, list[str]] = {}
    for row in everything(folder)["records"]:
        found.setdefault(row[1].rpartition("/")[2], []).append(row[2].rpartition("/")[2])
    return found


class Call(NamedTuple):
    """A call that may be right or wrong; its path has the ids of objects that are there, or none."""

    method: str
    path: str
    params: dict[str, Any]
    #: The connected account that it is about.
    account: str | None


class Calls:
    """Makes calls from the contract's schemas, about the objects of a world."""

    def __init__(self, known: Mapping[str, Sequence[str]]) -> None:
        self._known = known
        self._all = sorted({key for keys in known.values() for key in keys} | {*MAGIC, *TEXTS})
        self._contract = SERVICE.contract()

    def of(self, operation: Operation) -> st.SearchStrategy[Call]:
        """Calls of an operation, mostly with what it requires."""
        details = self._contract.details(operation)  # type: ignore[attr-defined]  # of a contract that was compiled
        if operation.method == "POST":
            schema = (details["body"] or {}).get("schema") or {}
        else:
            inside = [each for each in details["parameters"] if each["in"] == "query"]
            schema = {
                "type": "object",
                "properties": {each["name"]: each["schema"] for each in inside},
                "required": [each["name"] for each in inside if each["required"]],
            }
        about = str(operation.resource or "")
        steps = [
            st.sampled_from([*self._named(step[1:-1], about), "none_0123456789"])
            if step.startswith("{")
            else st.just(step)
            for step in operation.path.split("/")
        ]
        path = st.tuples(*steps).map("/".join)
        account = st.sampled_from([None, None, None, self._known["account"][0]])
        return st.builds(Call, st.just(operation.method), path, self._object(schema, 0), account)

    def _named(self, name: str, about: str = "") -> Sequence[str]:
        """Ids that a member of that name may hold."""
        if name in ("id", "intent"):
            name = about
        known = self._known.get(name) or self._known.get(about) or self._known.get(name.removeprefix("default_"))
        return known or self._all

    def _object(self, schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[dict[str, Any]]:
        properties = {
            name: self._value(name, part, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if depth < 3 and name != "expand"
        }
        required = [name for name in schema.get("required", ()) if name in properties]
        others = sorted(properties.keys() - set(required))

        @st.composite
        def made(draw: st.DrawFn) -> dict[str, Any]:
            names = draw(st.lists(st.sampled_from(others), max_size=4 - depth, unique=True)) if others else []
            return {name: draw(properties[name]) for name in [*required, *names]}

        return made()

    def _value(self, name: str, schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
        if "anyOf" in schema:
            return st.one_of([self._value(name, part, depth) for part in schema["anyOf"]])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        match schema.get("type"):
            case "integer":
                return st.sampled_from(NUMBERS)
            case "number":
                return st.sampled_from([0, 12.5, 100, -3])
            case "boolean":
                return st.booleans()
            case "array":
                return st.lists(self._value(name, schema.get("items", {}), depth), max_size=2)
            case "object" if schema.get("properties"):
                return st.deferred(lambda: self._object(schema, depth))
            case "object":
                return st.sampled_from([{}, {"k": "v"}, {"k": ""}, {"k" * 41: "v"}])
            case _:
                known = self._known.get(name)
                free = st.sampled_from(TEXTS + MAGIC)
                return st.one_of(st.sampled_from(known), free) if known else free
