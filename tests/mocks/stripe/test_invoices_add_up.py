"""Invoices under everything that changes what they come to: lines, discounts, taxes, credits, notes and payments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.mocks.stripe import billing
from tests.mocks.stripe.machine import BOUNDED, Machine, total

AMOUNTS = st.sampled_from([1, 99, 333, 500, 1001, 2500, 9999, -250])
PARTS = st.sampled_from([1, 99, 333, 500, 1001, 2500, 4000])
PICK = st.integers(0, 7)
FLAG = st.booleans()


class Invoices(Machine):
    """One customer who can pay, rates of both kinds, coupons of both kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.customer = ""
        self.rates: list[str] = []
        self.coupons: list[str] = []

    @initialize()
    def begin(self) -> None:
        self.customer = self.run(billing.payer(self.stripe))["id"]
        for percentage, inclusive in ((19, False), (7.5, True), (8.875, False)):
            made = self.post("tax_rates", display_name="VAT", percentage=percentage, inclusive=inclusive)
            self.rates.append(made["id"])
        for terms in ({"percent_off": 33.3}, {"amount_off": 700, "currency": "usd"}):
            self.coupons.append(self.post("coupons", duration="forever", **terms)["id"])
        for deed in ("pay", "finalize"):
            self.post("invoiceitems", customer=self.customer, amount=2500, currency="usd", tax_rates=self.rates[:1])
            self.post("invoiceitems", customer=self.customer, amount=1001, currency="usd")
            self.draft([], [0], send=deed == "finalize")
            self.post(f"invoices/{self.all('invoices')[0]['id']}/{deed}")

    def _picked(self, path: str, pick: int, **params: Any) -> Any:
        found = self.all(path, **params)
        return found[pick % len(found)] if found else None

    @rule(amount=AMOUNTS, pick=PICK, inside=FLAG, rate=st.none() | PICK, discountable=FLAG)
    def add_item(self, amount: int, pick: int, inside: bool, rate: int | None, discountable: bool) -> None:
        params: dict[str, Any] = {} if rate is None else {"tax_rates": [self.rates[rate % 3]]}
        draft = self._picked("invoices", pick, status="draft") if inside else None
        if draft:
            params["invoice"] = draft["id"]
        self.post("invoiceitems", customer=self.customer, amount=amount, currency="usd", discountable=discountable,
                  **params)  # fmt: skip

    @rule(pick=PICK, amount=AMOUNTS)
    def change_item(self, pick: int, amount: int) -> None:
        if item := self._picked("invoiceitems", pick):
            self.post(f"invoiceitems/{item['id']}", amount=amount)

    @rule(pick=PICK)
    def delete_item(self, pick: int) -> None:
        if item := self._picked("invoiceitems", pick):
            self.run(self.stripe.send("DELETE", f"invoiceitems/{item['id']}", {}))

    @rule(rates=st.lists(PICK, max_size=2), coupons=st.lists(st.integers(0, 1), max_size=2, unique=True), send=FLAG)
    def draft(self, rates: list[int], coupons: list[int], send: bool) -> None:
        params: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 30} if send else {}
        if rates:
            params["default_tax_rates"] = sorted({self.rates[each % 3] for each in rates})
        if coupons:
            params["discounts"] = [{"coupon": self.coupons[each]} for each in coupons]
        self.post("invoices", customer=self.customer, auto_advance=False, pending_invoice_items_behavior="include",
                  **params)  # fmt: skip

    @rule(pick=PICK, coupons=st.lists(st.integers(0, 1), max_size=2, unique=True))
    def discount(self, pick: int, coupons: list[int]) -> None:
        if draft := self._picked("invoices", pick, status="draft"):
            sent: Any = [{"coupon": self.coupons[each]} for each in coupons] or ""
            self.post(f"invoices/{draft['id']}", discounts=sent)

    @rule(pick=PICK, deed=st.sampled_from(["finalize", "finalize", "pay", "pay", "void", "mark_uncollectible", "send"]))
    def move_on(self, pick: int, deed: str) -> None:
        if invoice := self._picked("invoices", pick):
            self.post(f"invoices/{invoice['id']}/{deed}")

    @rule(pick=PICK)
    def pay_outside(self, pick: int) -> None:
        if invoice := self._picked("invoices", pick, status="open"):
            self.post(f"invoices/{invoice['id']}/pay", paid_out_of_band=True)

    @rule(amount=st.sampled_from([-3000, -400, 150, 1200]))
    def adjust_balance(self, amount: int) -> None:
        self.post(f"customers/{self.customer}/balance_transactions", amount=amount, currency="usd")

    @rule(pick=PICK, amount=PARTS, way=st.sampled_from(["amount", "refund_amount", "credit_amount",
                                                         "out_of_band_amount", "lines"]))  # fmt: skip
    def credit(self, pick: int, amount: int, way: str) -> None:
        invoice = self._picked("invoices", pick)
        if not invoice:
            return
        params: dict[str, Any] = {"amount": amount}
        if way == "lines":
            if not invoice["lines"]["data"]:
                return
            line = invoice["lines"]["data"][0]["id"]
            params = {"lines": [{"type": "invoice_line_item", "invoice_line_item": line, "amount": amount}]}
        elif way != "amount":
            params[way] = amount
        self.post("credit_notes", invoice=invoice["id"], **params)

    @rule(pick=PICK)
    def void_note(self, pick: int) -> None:
        if note := self._picked("credit_notes", pick):
            self.post(f"credit_notes/{note['id']}/void")

    @invariant()
    def invoices_are_the_sum_of_their_lines(self) -> None:
        for invoice in self.all("invoices"):
            lines = invoice["lines"]["data"]
            assert invoice["lines"]["total_count"] == len(lines)
            assert invoice["subtotal"] == total(lines, "amount")
            parts = [part for line in lines for part in line["discount_amounts"]]
            taxes = [tax for line in lines for tax in line["taxes"]]
            assert total(invoice["total_discount_amounts"] or [], "amount") == total(parts, "amount")
            assert total(invoice["total_taxes"] or [], "amount") == total(taxes, "amount")
            net = invoice["subtotal"] - total(parts, "amount")
            on_top = [tax for tax in taxes if tax["tax_behavior"] == "exclusive"]
            assert invoice["total"] == net + total(on_top, "amount")
            assert invoice["total_excluding_tax"] == invoice["total"] - total(taxes, "amount")
            for line in lines:
                off = total(line["discount_amounts"], "amount")
                assert 0 <= off <= max(line["amount"], 0)

    @invariant()
    def what_is_due_adds_up(self) -> None:
        for invoice in self.all("invoices"):
            if invoice["status"] == "draft":
                continue
            applied = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
            due = invoice["total"] - applied - invoice["pre_payment_credit_notes_amount"]
            assert invoice["amount_due"] >= 0
            if invoice["amount_due"] or due >= 50:
                assert invoice["amount_due"] == due
            assert invoice["amount_remaining"] == max(0, invoice["amount_due"] - invoice["amount_paid"])
            assert invoice["amount_paid"] <= invoice["amount_due"]
            if invoice["status"] == "paid":
                assert invoice["amount_remaining"] == 0

    @invariant()
    def notes_never_exceed_their_invoice(self) -> None:
        notes = self.all("credit_notes")
        for invoice in self.all("invoices"):
            own = [note for note in notes if note["invoice"] == invoice["id"] and note["status"] == "issued"]
            assert total(own, "total") <= max(invoice["total"], 0)
            assert total(own, "pre_payment_amount") == invoice["pre_payment_credit_notes_amount"]
            assert total(own, "post_payment_amount") == invoice["post_payment_credit_notes_amount"]
            for note in own:
                assert note["total"] == note["pre_payment_amount"] + note["post_payment_amount"]
                lines = note["lines"]["data"]
                off = sum(total(line["discount_amounts"], "amount") for line in lines)
                on_top = [tax for line in lines for tax in line["taxes"] if tax["tax_behavior"] == "exclusive"]
                assert note["subtotal"] == total(lines, "amount")
                assert note["total"] == note["subtotal"] - off + total(on_top, "amount")

    @invariant()
    def the_customers_balance_is_the_sum_of_its_changes(self) -> None:
        if self.customer:
            path = f"customers/{self.customer}"
            moved = self.all(f"{path}/balance_transactions")
            assert self.one(path)["balance"] == total(moved, "amount")
            assert not moved or moved[0]["ending_balance"] == total(moved, "amount")


TestInvoices = Invoices.TestCase
TestInvoices.settings = BOUNDED
