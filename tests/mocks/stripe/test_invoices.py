"""Invoices: https://docs.stripe.com/api/invoices."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_draft_is_finalized_and_paid(stripe: Stripe) -> None:
    customer = await payer(stripe, email="ada@example.com", name="Ada")
    await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="usd", description="Tea")
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    assert (draft["status"], draft["amount_due"], draft["lines"]["total_count"]) == ("draft", 1500, 1)
    assert (draft["customer_email"], draft["billing_reason"], draft["number"]) == ("ada@example.com", "manual", None)
    path = f"invoices/{draft['id']}"
    opened = await stripe.post(f"{path}/finalize")
    assert (opened["status"], opened["number"]) == ("open", f"{customer['invoice_prefix']}-0001")
    assert (await stripe.error("POST", f"{path}/finalize", 400))["code"] == "invoice_not_editable"
    paid = await stripe.post(f"{path}/pay")
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 1500, 0)
    assert (await stripe.error("POST", f"{path}/pay", 400))["message"] == "Invoice is already paid"
    assert await stripe.get(path) == paid
    (payment,) = (await stripe.get("invoice_payments", invoice=draft["id"]))["data"]
    intent = payment["payment"]["payment_intent"]
    assert (payment["status"], (await stripe.get(f"payment_intents/{intent}"))["status"]) == ("paid", "succeeded")
    named = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert (await stripe.get("invoice_payments", status="paid", **named))["data"] == [payment]
    assert (await stripe.get("invoice_payments", status="open", **named))["data"] == []
    following = await stripe.post("invoices", customer=customer["id"])
    assert (await stripe.post(f"invoices/{following['id']}/finalize"))["number"].endswith("-0002")


async def test_nothing_to_pay_is_paid_at_once(stripe: Stripe) -> None:
    customer = await stripe.customer()
    draft = await stripe.post("invoices", customer=customer["id"], auto_advance=False)
    done = await stripe.post(f"invoices/{draft['id']}/finalize")
    assert (done["status"], done["attempted"], done["attempt_count"]) == ("paid", True, 0)
    again = await stripe.post("invoices", customer=customer["id"])
    assert (await stripe.post(f"invoices/{again['id']}/pay"))["status"] == "paid"


async def test_an_invoice_without_a_payment_method(stripe: Stripe) -> None:
    customer = await stripe.customer()
    await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="usd")
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    path = f"invoices/{draft['id']}"
    assert "default_payment_method" in (await stripe.error("POST", f"{path}/pay", 400))["message"]
    paid = await stripe.post(f"{path}/pay", paid_out_of_band=True)
    assert (paid["status"], paid["amount_paid"]) == ("paid", 1500)


async def test_a_declined_payment_leaves_it_open(stripe: Stripe) -> None:
    customer = await payer(stripe, "pm_card_chargeCustomerFail")
    await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="usd")
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    path = f"invoices/{draft['id']}"
    assert (await stripe.error("POST", f"{path}/pay", 402))["code"] == "card_declined"
    still = await stripe.get(path)
    assert (still["status"], still["attempt_count"], still["amount_remaining"]) == ("open", 1, 1500)
    assert "invoice.payment_failed" in await stripe.event_types()
    other = await stripe.post("payment_methods/pm_card_visa/attach", customer=customer["id"])
    paid = await stripe.post(f"{path}/pay", payment_method=other["id"])
    assert (paid["status"], paid["attempt_count"]) == ("paid", 2)


async def test_a_bank_that_wants_to_see_the_customer(stripe: Stripe) -> None:
    customer = await payer(stripe, "pm_card_authenticationRequired")
    made = await subscribed(stripe, customer, await price(stripe))
    assert made["status"] == "incomplete"
    assert "invoice.payment_action_required" in await stripe.event_types()


async def test_void_and_delete(stripe: Stripe) -> None:
    customer = await stripe.customer()
    draft = await stripe.post("invoices", customer=customer["id"])
    await stripe.post("invoiceitems", customer=customer["id"], invoice=draft["id"], amount=100, currency="usd")
    path = f"invoices/{draft['id']}"
    assert "open or uncollectible" in (await stripe.error("POST", f"{path}/void", 400))["message"]
    await stripe.post(f"{path}/finalize")
    assert "draft" in (await stripe.error("DELETE", path, 400))["message"]
    assert (await stripe.post(f"{path}/void"))["status"] == "void"
    assert "Voided" in (await stripe.error("POST", f"{path}/pay", 400))["message"]
    other = await stripe.post("invoices", customer=customer["id"])
    assert (await stripe.delete(f"invoices/{other['id']}"))["deleted"] is True
    await stripe.error("GET", f"invoices/{other['id']}", 404)


async def test_lists(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe))
    draft = await stripe.post("invoices", customer=customer["id"], subscription=made["id"])
    await stripe.post("invoices", customer=(await stripe.customer())["id"])

    async def found(**filters: object) -> list[str]:
        return [each["id"] for each in (await stripe.get("invoices", **filters))["data"]]

    assert await found(customer=customer["id"]) == [draft["id"], made["latest_invoice"]]
    assert await found(subscription=made["id"], status="paid") == [made["latest_invoice"]]
    assert len(await found()) == 3
    assert (await stripe.error("GET", "invoices", 400, customer="cus_none"))["code"] == "resource_missing"
    await stripe.delete(f"customers/{customer['id']}")
    assert len(await found(customer=customer["id"])) == 2


async def test_whom_an_invoice_is_for(stripe: Stripe) -> None:
    assert (await stripe.error("POST", "invoices", 400))["param"] == "customer"
    assert (await stripe.error("POST", "invoices", 400, customer="cus_none"))["code"] == "resource_missing"
    customer = await stripe.customer()
    refused = await stripe.error("POST", "invoices", 400, customer=customer["id"], subscription="sub_none")
    assert refused["param"] == "subscription"


async def test_a_balance_is_used_once(stripe: Stripe) -> None:
    """https://docs.stripe.com/billing/customer/balance"""
    customer = await payer(stripe, balance=-3000)
    monthly = await price(stripe, 2000)
    first = await subscribed(stripe, customer, monthly, expand=["latest_invoice"])
    invoice = first["latest_invoice"]
    assert (invoice["starting_balance"], invoice["amount_due"], invoice["ending_balance"]) == (-3000, 0, -1000)
    second = (await subscribed(stripe, customer, monthly, expand=["latest_invoice"]))["latest_invoice"]
    assert (second["starting_balance"], second["amount_paid"], second["ending_balance"]) == (-1000, 1000, 0)
    path = f"customers/{customer['id']}"
    assert (await stripe.get(path))["balance"] == 0
    noted = (await stripe.get(f"{path}/balance_transactions"))["data"]
    assert [(each["type"], each["amount"], each["ending_balance"]) for each in noted[:2]] == [
        ("applied_to_invoice", 1000, 0),
        ("applied_to_invoice", 2000, -1000),
    ]
    assert noted[0]["invoice"] == second["id"]


async def test_what_is_too_small_waits(stripe: Stripe) -> None:
    customer = await payer(stripe)
    paid = (await subscribed(stripe, customer, await price(stripe, 20), expand=["latest_invoice"]))["latest_invoice"]
    assert (paid["status"], paid["amount_due"], paid["ending_balance"]) == ("paid", 0, 20)
    next_one = await subscribed(stripe, customer, await price(stripe, 2000), expand=["latest_invoice"])
    assert next_one["latest_invoice"]["amount_paid"] == 2020


async def test_a_void_invoice_gives_the_balance_back(stripe: Stripe) -> None:
    customer = await payer(stripe, balance=-500)
    await stripe.post("invoiceitems", customer=customer["id"], amount=2000, currency="usd")
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    await stripe.post(f"invoices/{draft['id']}/finalize")
    assert (await stripe.get(f"customers/{customer['id']}"))["balance"] == 0
    await stripe.post(f"invoices/{draft['id']}/void")
    assert (await stripe.get(f"customers/{customer['id']}"))["balance"] == -500


async def test_the_first_invoice_that_is_charged_gives_a_customer_its_currency(stripe: Stripe) -> None:
    for asked, told in (({}, True), ({"collection_method": "send_invoice", "days_until_due": 30}, False)):
        customer = await payer(stripe)
        await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="eur")
        draft = await stripe.post(
            "invoices", customer=customer["id"], currency="eur", pending_invoice_items_behavior="include", **asked
        )
        await stripe.post(f"invoices/{draft['id']}/finalize")
        assert (await stripe.get(f"customers/{customer['id']}"))["currency"] == "eur"
        [newest, *_] = (await stripe.get("events", type="customer.updated"))["data"]
        before = newest["data"]["previous_attributes"]
        assert (newest["data"]["object"]["id"] == customer["id"] and before == {"currency": None}) is told
