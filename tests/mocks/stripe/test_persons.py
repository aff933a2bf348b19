"""Persons: https://docs.stripe.com/api/persons."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_person_is_made_changed_and_deleted(stripe: Stripe) -> None:
    account = (await stripe.post("accounts", type="custom", business_type="company"))["id"]
    path = f"accounts/{account}/persons"
    owner = await stripe.post(path, first_name="Jane", last_name="Diaz", relationship={"owner": True})
    assert (owner["account"], owner["relationship"]["owner"], owner["verification"]["status"]) == (
        account, True, "unverified",
    )  # fmt: skip
    changed = await stripe.post(
        f"{path}/{owner['id']}", id_number="000000000", dob={"day": 1, "month": 1, "year": 1901}, metadata={"k": "v"}
    )
    assert (changed["id_number_provided"], changed["verification"]["status"]) == (True, "verified")
    assert changed["first_name"] == "Jane"
    assert await stripe.get(f"{path}/{owner['id']}") == changed
    assert "000000000" not in str(stripe.records())
    types = [each["type"] for each in (await stripe.get("events", headers=connect.on(account)))["data"]]
    assert types.count("person.updated") == types.count("person.created") == 1
    assert await stripe.delete(f"{path}/{owner['id']}") == {"id": owner["id"], "object": "person", "deleted": True}
    await stripe.error("GET", f"{path}/{owner['id']}", 404)


async def test_persons_are_listed_by_what_they_are(stripe: Stripe) -> None:
    account = (await stripe.post("accounts", type="custom", business_type="company"))["id"]
    path = f"accounts/{account}/persons"
    await stripe.post(path, first_name="A", relationship={"owner": True})
    director = await stripe.post(path, first_name="B", relationship={"director": True, "title": "CEO"})
    assert len((await stripe.get(path))["data"]) == 2
    found = await stripe.get(path, relationship={"director": True})
    assert [each["id"] for each in found["data"]] == [director["id"]]
