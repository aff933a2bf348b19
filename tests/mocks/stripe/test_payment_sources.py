"""Cards and bank accounts of a customer: https://docs.stripe.com/api/customer_bank_accounts."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_cards_and_bank_accounts_stand_side_by_side(stripe: Stripe) -> None:
    customer = await stripe.customer(source="tok_visa")
    path = f"customers/{customer['id']}/sources"
    account = await stripe.post(path, source="btok_us", metadata={"a": "1"})
    assert (account["object"], account["status"], account["last4"]) == ("bank_account", "new", "6789")
    card = customer["default_source"]
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [account["id"], card]
    assert [each["id"] for each in (await stripe.get(path, object="bank_account"))["data"]] == [account["id"]]
    assert [each["id"] for each in (await stripe.get(path, object="card"))["data"]] == [card]
    shown = await stripe.get(f"customers/{customer['id']}", expand=["sources"])
    assert [each["id"] for each in shown["sources"]["data"]] == [card, account["id"]]
    renamed = await stripe.post(f"{path}/{account['id']}", account_holder_name="Ada")
    assert (renamed["account_holder_name"], renamed["metadata"]) == ("Ada", {"a": "1"})
    await stripe.delete(f"{path}/{card}")
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == account["id"]
    await stripe.delete(f"customers/{customer['id']}")
    assert not [row for row in stripe.records() if account["id"] in row[1]]


async def test_deposits_verify_an_account(stripe: Stripe) -> None:
    customer = await stripe.customer(source="btok_us")
    path = f"customers/{customer['id']}/sources/{customer['default_source']}"
    error = await stripe.error("POST", f"{path}/verify", 400, amounts=[1, 2])
    assert (error["code"], error["param"]) == ("bank_account_verification_failed", "amounts")
    assert (await stripe.get(path))["status"] == "new"
    assert (await stripe.post(f"{path}/verify", amounts=[32, 45]))["status"] == "verified"
    await stripe.error("POST", f"{path}/verify", 400, amounts=[32, 45])
    types = await stripe.event_types()
    assert types == ["customer.created", "customer.source.created", "customer.source.updated"]


async def test_a_default_is_the_customers_own(stripe: Stripe) -> None:
    one, two = await stripe.customer(source="btok_us_verified"), await stripe.customer()
    error = await stripe.error("POST", f"customers/{two['id']}", 400, default_source=one["default_source"])
    assert error["param"] == "default_source"
    error = await stripe.error("GET", f"customers/{two['id']}/sources/{one['default_source']}", 404)
    assert error["message"] == f"No such source: '{one['default_source']}'"
    card = await stripe.post(f"customers/{one['id']}/sources", source="tok_visa")
    await stripe.error("POST", f"customers/{one['id']}/sources/{card['id']}/verify", 400, amounts=[32, 45])
    changed = await stripe.post(f"customers/{one['id']}", default_source=card["id"])
    assert changed["default_source"] == card["id"]
