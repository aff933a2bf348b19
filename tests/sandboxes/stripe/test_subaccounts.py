from __future__ import annotations

from dataclasses import replace

import pytest

from sandboxes.base import Issued, Refused, Resource, Wish
from sandboxes.stripe.provider import PROVIDER
from sandboxes.stripe.subaccounts import allows, issue
from tests.sandboxes.stripe.calls import ACCOUNT, MARKER, Scripted, call, pairs_of, refusal, reply

WISH = Wish(MARKER, "account")


async def test_an_environment_gets_a_connected_account() -> None:
    send = Scripted(reply(200, {"id": "acct_1Own", "object": "account"}))
    issued = await issue(WISH, ACCOUNT, send)
    assert issued == Issued(subaccount="acct_1Own", resource=Resource("account", "acct_1Own"))
    form = pairs_of(send.asked[0])
    assert form["metadata[preview_broker]"] == MARKER.text
    assert form["country"] == "US"
    assert form["controller[stripe_dashboard][type]"] == "none"
    assert send.asked[0].headers.get("idempotency-key") == f"pb-{MARKER.short}-account"


@pytest.mark.parametrize("country", ["US", "de"])
async def test_what_is_asked_for_is_what_the_contract_knows(country: str) -> None:
    send = Scripted(reply(200, {"id": "acct_1Own"}))
    await issue(WISH, replace(ACCOUNT, options={"country": country}), send)
    (request,) = send.asked
    contract = PROVIDER.contract()
    match = contract.match(request)
    assert match is not None
    params = contract.read(match, request)
    assert params["country"] == country.upper()
    assert ("individual" in params) is (country == "US")


async def test_nothing_is_issued_in_a_shared_account() -> None:
    assert await issue(Wish(MARKER, "ledger"), ACCOUNT, Scripted()) is None


async def test_a_refusal_has_stripes_words() -> None:
    words = "You can only create new accounts if you've signed up for Connect."
    with pytest.raises(Refused, match="signed up for Connect"):
        await issue(WISH, ACCOUNT, Scripted(refusal(400, message=words)))


SECRET = [("client_secret", "pi_1A_secret_x")]


@pytest.mark.parametrize(
    ("method", "path", "form", "query", "may"),
    [
        ("POST", "/v1/payment_methods", [("type", "card")], [], True),
        ("POST", "/v1/tokens", [], [], True),
        ("GET", "/v1/payment_intents/pi_1A", [], SECRET, True),
        ("POST", "/v1/payment_intents/pi_1A/confirm", SECRET, [], True),
        ("GET", "/v1/payment_intents/pi_1A", [], [], False),
        ("GET", "/v1/payment_intents/pi_2A", [], SECRET, False),
        ("GET", "/v1/customers", [], [], False),
        ("POST", "/v1/refunds", [("payment_intent", "pi_1A")], [], False),
        ("POST", "/v1/payment_intents", [("amount", "1"), ("currency", "eur")], [], False),
    ],
)
def test_a_browsers_key_may_do_what_stripe_lets_it(
    method: str, path: str, form: list[tuple[str, str]], query: list[tuple[str, str]], may: bool
) -> None:
    asked = call(method, path, form, query)
    assert allows("publishable_key", asked) is may
    assert allows("secret_key", asked)
    assert allows(None, asked)
