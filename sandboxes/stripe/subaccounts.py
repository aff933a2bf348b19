"""A connected account of its own for an environment (``isolation: account``), and what browsers' keys may do.

https://docs.stripe.com/connect/migrate-to-controller-properties: the platform answers for it, Stripe shows it no
dashboard, and everything in it is test data. It is deleted whole, "at any time"
(https://docs.stripe.com/api/accounts/delete).
"""

from __future__ import annotations

from collections.abc import Mapping

from sandboxes.base import Account, Issued, Outgoing, Resource, Upstream, Wish
from sandboxes.stripe import asking, marking, wire

#: The option of an account that says in which country connected accounts are made.
COUNTRY_OPTION = "country"

_CONTROLLED = (
    ("controller[fees][payer]", "application"),
    ("controller[losses][payments]", "application"),
    ("controller[requirement_collection]", "application"),
    ("controller[stripe_dashboard][type]", "none"),
    ("capabilities[card_payments][requested]", "true"),
    ("capabilities[transfers][requested]", "true"),
)
#: What lets an account in the United States take payments at once: the values that Stripe verifies without looking
#: (https://docs.stripe.com/connect/testing). Accounts elsewhere begin unverified.
_VERIFIED_US = (
    ("business_type", "individual"),
    ("business_profile[mcc]", "5734"),
    ("business_profile[url]", "https://accessible.stripe.com"),
    ("business_profile[product_description]", "A preview environment"),
    ("individual[first_name]", "Preview"),
    ("individual[last_name]", "Environment"),
    ("individual[email]", "preview@example.com"),
    ("individual[phone]", "0000000000"),
    ("individual[dob][day]", "1"),
    ("individual[dob][month]", "1"),
    ("individual[dob][year]", "1901"),
    ("individual[ssn_last_4]", "0000"),
    ("individual[id_number]", "000000000"),
    ("individual[address][line1]", "address_full_match"),
    ("individual[address][city]", "San Francisco"),
    ("individual[address][state]", "CA"),
    ("individual[address][postal_code]", "94103"),
    ("external_account", "btok_us_verified"),
    ("tos_acceptance[date]", "1609798905"),
    ("tos_acceptance[ip]", "8.8.8.8"),
)


async def issue(wish: Wish, account: Account, send: Upstream) -> Issued | None:
    """A connected account for the environment; the same one however often it is asked for within a day. Raises
    Refused."""
    if wish.isolation != "account":
        return None
    country = str(account.options.get(COUNTRY_OPTION) or "US").upper()
    form = [
        *_CONTROLLED,
        ("country", country),
        (f"metadata[{marking.KEY}]", wish.marker.text),
        *(_VERIFIED_US if country == "US" else ()),
    ]
    answer = await asking.post(send, "/v1/accounts", form, key=f"pb-{wish.marker.short}-account")
    value = wire.read(answer)
    if answer.status != 200 or not isinstance(value, Mapping) or not isinstance(value.get("id"), str):
        raise asking.refusal(answer)
    made = value["id"]
    return Issued(subaccount=made, resource=Resource("account", made))


#: https://docs.stripe.com/keys: a publishable key makes tokens, and confirms what it has the client secret of.
_PUBLISHABLE = frozenset({"tokens.create", "sources.create", "payment_methods.create"})
_WITH_CLIENT_SECRET = frozenset(
    {
        *("payment_intents.retrieve", "payment_intents.confirm", "payment_intents.verify_microdeposits"),
        *("setup_intents.retrieve", "setup_intents.confirm", "setup_intents.verify_microdeposits"),
        *("sources.retrieve",),
    }
)


def allows(credential: str | None, call: Outgoing) -> bool:
    """The account's own key goes out, which may do everything: a browser's may not."""
    if credential != "publishable_key":
        return True
    if call.operation.id in _PUBLISHABLE:
        return True
    proof = call.params.get("client_secret")
    subject = call.params.path.get(call.rule.id_param)
    return call.operation.id in _WITH_CLIENT_SECRET and isinstance(proof, str) and proof.startswith(f"{subject}_secret")
