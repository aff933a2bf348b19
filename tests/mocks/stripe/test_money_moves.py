"""Money under everything that moves it, in currencies of two, no and three decimals: whatever happens and is refused,
balances are the sum of their transactions and nobody gets more back than came in."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.mocks.stripe import connect
from tests.mocks.stripe.machine import BOUNDED, Machine, total

CURRENCIES = st.sampled_from(["usd", "usd", "jpy", "kwd"])
AMOUNTS = st.sampled_from([1, 50, 51, 333, 1000, 1990, 2000, 4999, 10_000])
PICK = st.integers(0, 7)
FLAG = st.booleans()
FEATURES = ("request_incremental_authorization", "request_multicapture", "request_overcapture")


class Money(Machine):
    """A platform and a connected account, each with payments of its own."""

    account: str | None = None

    @initialize()
    def begin(self) -> None:
        self.account = self.run(connect.account(self.stripe))["id"]
        self.post("charges", amount=50_000, currency="usd", source="tok_bypassPending")

    def _picked(self, path: str, pick: int, account: str | None = None) -> Any:
        found = self.all(path, account)
        return found[pick % len(found)] if found else None

    def _on(self, direct: bool) -> str | None:
        return self.account if direct else None

    @rule(
        amount=AMOUNTS, currency=CURRENCIES, fee=st.none() | AMOUNTS, direct=FLAG,
        method=st.sampled_from(["pm_card_visa", "pm_card_bypassPending", "pm_card_createDispute", "pm_card_refundFail",
                                "pm_card_visa_chargeDeclined", "pm_card_createDisputeInquiry"]),
        capture=st.sampled_from(["automatic", "manual", "manual", "automatic_async"]),
        features=st.sets(st.sampled_from(FEATURES)),
    )  # fmt: skip
    def pay(
        self, amount: int, currency: str, fee: int | None, direct: bool, method: str, capture: str, features: set[str]
    ) -> None:
        params: dict[str, Any] = {} if fee is None else {"application_fee_amount": fee}
        if fee is not None and not direct:
            params["transfer_data"] = {"destination": self.account}
        if features:
            params["payment_method_options"] = {"card": dict.fromkeys(sorted(features), "if_available")}
        self.post("payment_intents", self._on(direct), amount=amount, currency=currency, payment_method=method,
                  confirm=True, capture_method=capture, return_url="https://shop.example/done", **params)  # fmt: skip

    @rule(amount=AMOUNTS, currency=CURRENCIES, source=st.sampled_from(["tok_visa", "tok_bypassPending"]), capture=FLAG)
    def charge(self, amount: int, currency: str, source: str, capture: bool) -> None:
        self.post("charges", amount=amount, currency=currency, source=source, capture=capture)

    @rule(pick=PICK, amount=st.none() | AMOUNTS, final=FLAG, direct=FLAG)
    def capture(self, pick: int, amount: int | None, final: bool, direct: bool) -> None:
        if intent := self._picked("payment_intents", pick, self._on(direct)):
            params: dict[str, Any] = {} if amount is None else {"amount_to_capture": amount, "final_capture": final}
            self.post(f"payment_intents/{intent['id']}/capture", self._on(direct), **params)

    @rule(pick=PICK, more=AMOUNTS, direct=FLAG)
    def increment(self, pick: int, more: int, direct: bool) -> None:
        if intent := self._picked("payment_intents", pick, self._on(direct)):
            path = f"payment_intents/{intent['id']}/increment_authorization"
            self.post(path, self._on(direct), amount=intent["amount"] + more)

    @rule(pick=PICK, amount=st.none() | AMOUNTS)
    def capture_charge(self, pick: int, amount: int | None) -> None:
        if charge := self._picked("charges", pick):
            self.post(f"charges/{charge['id']}/capture", **({} if amount is None else {"amount": amount}))

    @rule(pick=PICK, direct=FLAG)
    def cancel(self, pick: int, direct: bool) -> None:
        if intent := self._picked("payment_intents", pick, self._on(direct)):
            self.post(f"payment_intents/{intent['id']}/cancel", self._on(direct))

    @rule(pick=PICK, amount=st.none() | AMOUNTS, direct=FLAG, fee=FLAG, transfer=FLAG)
    def refund(self, pick: int, amount: int | None, direct: bool, fee: bool, transfer: bool) -> None:
        if charge := self._picked("charges", pick, self._on(direct)):
            params: dict[str, Any] = {} if amount is None else {"amount": amount}
            params |= {"refund_application_fee": True} if fee else {}
            params |= {"reverse_transfer": True} if transfer else {}
            self.post("refunds", self._on(direct), charge=charge["id"], **params)

    @rule(pick=PICK, direct=FLAG, text=st.sampled_from(["winning_evidence", "losing_evidence", None]))
    def settle_dispute(self, pick: int, direct: bool, text: str | None) -> None:
        if dispute := self._picked("disputes", pick, self._on(direct)):
            path = f"disputes/{dispute['id']}"
            if text is None:
                self.post(f"{path}/close", self._on(direct))
            else:
                self.post(path, self._on(direct), evidence={"uncategorized_text": text}, submit=True)

    @rule(amount=AMOUNTS, currency=CURRENCIES, direct=FLAG)
    def pay_out(self, amount: int, currency: str, direct: bool) -> None:
        self.post("payouts", self._on(direct), amount=amount, currency=currency)

    @rule(pick=PICK, direct=FLAG, deed=st.sampled_from(["cancel", "reverse"]))
    def take_payout_back(self, pick: int, direct: bool, deed: str) -> None:
        if payout := self._picked("payouts", pick, self._on(direct)):
            self.post(f"payouts/{payout['id']}/{deed}", self._on(direct))

    @rule(amount=AMOUNTS, currency=CURRENCIES)
    def transfer(self, amount: int, currency: str) -> None:
        self.post("transfers", amount=amount, currency=currency, destination=self.account)

    @rule(pick=PICK, amount=st.none() | AMOUNTS)
    def transfer_of_a_charge(self, pick: int, amount: int | None) -> None:
        if charge := self._picked("charges", pick):
            params: dict[str, Any] = {} if amount is None else {"amount": amount}
            self.post("transfers", currency=charge["currency"], destination=self.account,
                      source_transaction=charge["id"], **params)  # fmt: skip

    @rule(pick=PICK, amount=st.none() | AMOUNTS, fee=FLAG)
    def reverse(self, pick: int, amount: int | None, fee: bool) -> None:
        if transfer := self._picked("transfers", pick):
            params: dict[str, Any] = {} if amount is None else {"amount": amount}
            self.post(f"transfers/{transfer['id']}/reversals", refund_application_fee=fee, **params)

    @rule(pick=PICK, amount=st.none() | AMOUNTS)
    def give_fee_back(self, pick: int, amount: int | None) -> None:
        if fee := self._picked("application_fees", pick):
            self.post(f"application_fees/{fee['id']}/refunds", **({} if amount is None else {"amount": amount}))

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.stripe.harness.clock.advance(days=days)  # type: ignore[attr-defined]  # the harness holds a HeldClock

    @invariant()
    def balances_are_sums(self) -> None:
        for account in (None, self.account):
            moved = self.all("balance_transactions", account)
            assert all(each["net"] == each["amount"] - each["fee"] for each in moved)
            assert all(each["fee"] == total(each["fee_details"], "amount") for each in moved)
            balance = self.one("balance", account)
            for name in ("available", "pending"):
                shown = {each["currency"]: each["amount"] for each in balance[name] if each["amount"]}
                summed: dict[str, int] = {}
                for each in moved:
                    if each["status"] == name:
                        summed[each["currency"]] = summed.get(each["currency"], 0) + each["net"]
                assert shown == {currency: amount for currency, amount in summed.items() if amount}

    @invariant()
    def nobody_gets_more_than_came_in(self) -> None:
        for account in (None, self.account):
            moved = self.all("balance_transactions", account)
            refunds = self.all("refunds", account)
            charges = {charge["id"]: charge for charge in self.all("charges", account)}
            for charge in charges.values():
                own = [each for each in refunds if each["charge"] == charge["id"]]
                gone = total([each for each in own if each["status"] not in ("failed", "canceled")], "amount")
                # What is not captured is released, which counts as refunded; a refund does that to a hold, too.
                if charge["captured"]:
                    assert 0 <= gone <= charge["amount_captured"] <= charge["amount"]
                    assert charge["amount_refunded"] == gone + charge["amount"] - charge["amount_captured"]
                elif charge["amount_captured"]:
                    # Captured in part, with more to come: nothing is let go yet.
                    assert 0 <= charge["amount_refunded"] == gone <= charge["amount_captured"] < charge["amount"]
                else:
                    assert {gone, charge["amount_refunded"]} <= {0, charge["amount"]}
                if gone or not charge["captured"]:
                    assert charge["refunded"] == (charge["amount_refunded"] == charge["amount"])
                came = [
                    each for each in moved if each["source"] == charge["id"] and each["type"] in ("charge", "payment")
                ]
                assert total(came, "amount") == (charge["amount_captured"] if charge["paid"] else 0)
            for intent in self.all("payment_intents", account):
                paid = charges.get(intent["latest_charge"])
                assert intent["amount_received"] == (paid["amount_captured"] if paid else 0)
                if intent["status"] == "requires_capture":
                    assert intent["amount_capturable"] == intent["amount"] - intent["amount_received"] > 0
                else:
                    assert intent["amount_capturable"] == 0

    @invariant()
    def what_went_on_comes_back_once(self) -> None:
        for transfer in self.all("transfers"):
            assert 0 <= transfer["amount_reversed"] <= transfer["amount"]
            assert transfer["amount_reversed"] == total(transfer["reversals"]["data"], "amount")
            assert transfer["reversed"] == (transfer["amount_reversed"] == transfer["amount"])
        for fee in self.all("application_fees"):
            assert 0 <= fee["amount_refunded"] <= fee["amount"]
            assert fee["amount_refunded"] == total(fee["refunds"]["data"], "amount")
            assert fee["refunded"] == (fee["amount_refunded"] == fee["amount"])


TestMoney = Money.TestCase
TestMoney.settings = BOUNDED
