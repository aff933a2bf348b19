"""Invoices were closed and forgiven."""

from __future__ import annotations

from typing import Any

from mocks.stripe.versions.before_2018_11_08 import SENT, closed
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-10-31"}


async def test_a_closed_invoice(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("invoices", customer=customer["id"], auto_advance=True, headers=OLD)
    assert (made["closed"], made["forgiven"]) == (False, False)
    changed = await stripe.post(f"invoices/{made['id']}", closed=True, headers=OLD)
    assert (changed["auto_advance"], changed["closed"]) == (False, False)
    await stripe.post(f"invoices/{made['id']}/finalize")
    gone = await stripe.post(f"invoices/{made['id']}/void", expect=400, headers=OLD)
    assert "error" in gone or gone["closed"]
    assert (await stripe.get(f"invoices/{made['id']}", headers=OLD))["closed"] is True


async def test_the_words(stripe: Stripe) -> None:
    call: Any = None
    forgiven = await closed(call, {"object": "invoice", "status": "uncollectible", "auto_advance": False})
    assert (forgiven["closed"], forgiven["forgiven"]) == (True, True)
    waiting = await closed(call, {"object": "invoice", "status": "open", "auto_advance": True})
    assert (waiting["closed"], waiting["forgiven"]) == (False, False)
    assert await closed(call, waiting) is waiting
    assert SENT["invoices.update"]([(("closed",), "false"), (("footer",), "x")]) == [
        (("auto_advance",), "true"),
        (("footer",), "x"),
    ]
