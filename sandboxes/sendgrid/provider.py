"""The real SendGrid: its table of contents.

What only its documentation says, and no answer could show from here, is cited in the modules beside this one.
"""

from __future__ import annotations

from typing import Final

from contracts import library
from sandboxes.base import Limits, SandboxProvider
from sandboxes.sendgrid import finding, hooks, issuing, lists, mail, marking, references, revoking, wire
from sandboxes.sendgrid.kinds import ORDER
from sandboxes.sendgrid.rules import RULES

PROVIDER: Final = SandboxProvider(
    name="sendgrid",
    hosts=frozenset({"api.sendgrid.com", "api.eu.sendgrid.com"}),
    endpoint="https://api.sendgrid.com",
    contract=lambda: library.load("sendgrid"),
    rules=RULES,
    # SendGrid publishes no number for v3 but in its answers; 600 a minute is what it named for the API before it:
    # https://www.twilio.com/en-us/changelog/imposing-rate-limits-on-some-sendgrid-v2-api-endpoints (2019-10).
    limits=Limits(rate=10, concurrency=10),
    isolations=frozenset({"ledger", "account"}),
    order=ORDER,
    permissions=(
        "mail.send",
        "mail.batch: create, read",
        "user.scheduled_sends: create, read, update, delete",
        "templates: create, read, update, delete",
        "templates.versions: create, read, update, delete; templates.versions.activate: create",
        "design_library: create, read, update, delete",
        "asm.groups: create, read, update, delete",
        "asm.groups.suppressions: create, read, delete",
        "marketing: read, update (lists and segments; where the plan has Marketing Campaigns)",
        "user.webhooks.event.settings: read, update (for events)",
        "api_keys: create, read, delete (where a policy names scopes)",
        "subusers: create, read, delete; ips: read (for isolation: account)",
    ),
    options={
        mail.RECIPIENTS: (
            "patterns of the addresses that mail may really be sent to, such as *@example.com; mail with any other "
            "recipient goes out in sandbox mode: validated, answered with 200, and never sent"
        ),
        "ips": "addresses that subusers send from (isolation: account); by default the account's first",
        "subuser_email": "the address of a subuser, with {name} for its name; by default {name}@example.com",
    },
    check_secret=wire.check_secret,
    forbids=wire.forbids,
    references=references.references,
    outbound=marking.outbound,
    sign=wire.sign,
    inbound=marking.inbound,
    made=references.made,
    repeatable=wire.repeatable,
    throttled=wire.throttled,
    serial=wire.serial,
    cost=mail.cost,
    narrow=lists.narrow,
    revoke=revoking.revoke,
    find=finding.find,
    issue=issuing.issue,
    issued={"ledger": "api_key", "account": "subuser"},
    hooks=hooks.HOOKS,
)
