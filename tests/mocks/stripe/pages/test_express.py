"""The Express dashboard behind a login link."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_login_link_shows_the_account_once(stripe: Stripe) -> None:
    made = await connect.account(stripe, type="express")
    await connect.funded(stripe)
    await stripe.post("transfers", amount=2500, currency="usd", destination=made["id"])
    await stripe.post("payouts", amount=1000, currency="usd", headers=connect.on(made["id"]))
    link = (await stripe.post(f"accounts/{made['id']}/login_links"))["url"]
    there = (await stripe.visit(link, expect=303)).header("location") or ""
    page = (await stripe.visit(there)).body.decode()
    assert "$15.00" in page
    assert "$10.00" in page
    assert "no longer active" in (await stripe.visit(link)).body.decode()


async def test_a_login_link_of_another_account_is_not_there(stripe: Stripe) -> None:
    made = await connect.account(stripe, type="express")
    link = (await stripe.post(f"accounts/{made['id']}/login_links"))["url"]
    await stripe.visit(link.replace(made["id"], "acct_1none"), expect=404)
    await stripe.visit(link.replace("/express/", "/setup/e/"), expect=404)
