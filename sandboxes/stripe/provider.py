"""The real Stripe, as the broker sees it: its table of contents."""

from __future__ import annotations

from contracts import library
from sandboxes.base import Limits, SandboxProvider
from sandboxes.stripe import browsers, finding, lists, making, revoking, subaccounts, wire
from sandboxes.stripe.hooks import HOOKS
from sandboxes.stripe.references import references
from sandboxes.stripe.rules import RULES

#: As the Dashboard groups them where a restricted key is made (https://docs.stripe.com/keys/restricted-api-keys);
#: ``write`` includes ``read``. A key that lacks one is told which by Stripe, in the answer's own words.
PERMISSIONS = (
    "All core resources: write",
    "All Checkout resources: write",
    "All Billing resources: write",
    "All Payment Links resources: write",
    "All Tax resources: write",
    "All webhook resources: write",
    "All Connect resources: write (for Connect, and for isolation: account)",
)

PROVIDER = SandboxProvider(
    name="stripe",
    hosts=frozenset({"api.stripe.com", wire.FILES_HOST}),
    endpoint=wire.ENDPOINT,
    contract=lambda: library.load("stripe"),
    rules=RULES,
    # https://docs.stripe.com/rate-limits: a sandbox bears 25 calls a second.
    limits=Limits(rate=25.0, concurrency=20),
    isolations=frozenset({"ledger", "account"}),
    order=revoking.ORDER,
    permissions=PERMISSIONS,
    options={
        wire.FILES_OPTION: "Where files and documents go, if the account's own address is not Stripe's.",
        browsers.KEY_OPTION: "The account's publishable test key, for Stripe.js, which calls Stripe from the browser.",
        subaccounts.COUNTRY_OPTION: "The country of connected accounts that are made for environments; US by default, "
        "whose accounts can take payments at once.",
    },
    allows=subaccounts.allows,
    check_options=browsers.check_options,
    variables=browsers.variables,
    check_secret=wire.check_secret,
    references=references,
    outbound=wire.outbound,
    sign=wire.sign,
    inbound=wire.inbound,
    made=making.made,
    repeatable=wire.repeatable,
    throttled=wire.throttled,
    serial=wire.serial,
    cost=wire.cost,
    narrow=lists.narrow,
    revoke=revoking.revoke,
    find=finding.find,
    issue=subaccounts.issue,
    issued={"account": "account"},
    hooks=HOOKS,
)
