"""The scopes that there are, and those of the key that asks.

https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions (2026-11), and what ``GET /v3/scopes`` answers
for an account of 2024 (quoted in terraform-provider-sendgrid, resource_sendgrid_teammate.go).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from mocks.base import Call, Record
from mocks.sendgrid import accounts

#: Verbs by area, without the areas that a key with full access leaves out.
_AREAS: Final = (
    ("access_settings.activity", "r"),
    ("access_settings.whitelist", "crud"),
    ("alerts", "crud"),
    ("api_keys", "crud"),
    ("asm.groups", "crud"),
    ("asm.groups.suppressions", "crud"),
    ("asm.suppressions.global", "crud"),
    ("browsers.stats", "r"),
    ("categories", "crud"),
    ("categories.stats", "r"),
    ("categories.stats.sums", "r"),
    ("clients.desktop.stats", "r"),
    ("clients.phone.stats", "r"),
    ("clients.stats", "r"),
    ("clients.tablet.stats", "r"),
    ("clients.webmail.stats", "r"),
    ("credentials", "crud"),
    ("design_library", "crud"),
    ("devices.stats", "r"),
    ("di.bounce_block_classification", "r"),
    ("email_activity", "r"),
    ("email_testing", "rw"),
    ("geo.stats", "r"),
    ("ips", "crud"),
    ("ips.assigned", "r"),
    ("ips.pools", "crud"),
    ("ips.pools.ips", "crud"),
    ("ips.warmup", "crud"),
    ("mail.batch", "crud"),
    ("mail_settings", "r"),
    ("mail_settings.address_whitelist", "crud"),
    ("mail_settings.bcc", "crud"),
    ("mail_settings.bounce_purge", "crud"),
    ("mail_settings.footer", "crud"),
    ("mail_settings.forward_bounce", "crud"),
    ("mail_settings.forward_spam", "crud"),
    ("mail_settings.plain_content", "crud"),
    ("mail_settings.spam_check", "crud"),
    ("mail_settings.template", "crud"),
    ("mailbox_providers.stats", "r"),
    ("marketing", "r"),
    ("marketing.automation", "r"),
    ("marketing_campaigns", "crud"),
    ("messages", "r"),
    ("newsletter", "crud"),
    ("partner_settings", "r"),
    ("partner_settings.new_relic", "crud"),
    ("partner_settings.sendwithus", "crud"),
    ("recipients.erasejob", "cr"),
    ("sso.settings", "crud"),
    ("sso.teammates", "cu"),
    ("stats", "r"),
    ("stats.global", "r"),
    ("subusers", "crud"),
    ("subusers.credits", "crud"),
    ("subusers.credits.remaining", "crud"),
    ("subusers.monitor", "crud"),
    ("subusers.reputations", "r"),
    ("subusers.stats", "r"),
    ("subusers.stats.monthly", "r"),
    ("subusers.stats.sums", "r"),
    ("subusers.summary", "r"),
    ("suppression", "crud"),
    ("suppression.blocks", "crud"),
    ("suppression.bounces", "crud"),
    ("suppression.invalid_emails", "crud"),
    ("suppression.spam_reports", "crud"),
    ("suppression.unsubscribes", "crud"),
    ("teammates", "crud"),
    ("templates", "crud"),
    ("templates.versions", "crud"),
    ("templates.versions.activate", "crud"),
    ("tracking_settings", "r"),
    ("tracking_settings.click", "crud"),
    ("tracking_settings.google_analytics", "crud"),
    ("tracking_settings.open", "crud"),
    ("tracking_settings.subscription", "crud"),
    ("user.account", "r"),
    ("user.credits", "r"),
    ("user.email", "crud"),
    ("user.multifactor_authentication", "crud"),
    ("user.password", "ru"),
    ("user.profile", "crud"),
    ("user.scheduled_sends", "crud"),
    ("user.settings.enforced_tls", "ru"),
    ("user.timezone", "crud"),
    ("user.username", "ru"),
    ("user.webhooks.event.settings", "crud"),
    ("user.webhooks.event.test", "crud"),
    ("user.webhooks.parse.settings", "crud"),
    ("user.webhooks.parse.stats", "r"),
    ("whitelabel", "crud"),
)
#: "All parts of your account, excluding billing and Email Address Validation" is what full access means.
_APART: Final = (("billing", "crud"), ("validations.email", "cr"))
_VERBS: Final = {"c": "create", "r": "read", "u": "update", "d": "delete", "w": "write"}


def _spelled(areas: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{area}.{_VERBS[verb]}" for area, verbs in areas for verb in verbs]


FULL_ACCESS: Final = ("mail.send", *_spelled(_AREAS))

#: SendGrid gives these to keys by itself, and takes them where a caller repeats them.
_GIVEN: Final = (
    "2fa_exempt",
    "2fa_required",
    "sender_verification_eligible",
    "sender_verification_exempt",
    "sender_verification_legacy",
    "signup.trigger_confirmation",
    "ui.confirm_email",
    "ui.provision",
    "ui.signup_complete",
)
KNOWN: Final = frozenset([*FULL_ACCESS, *_spelled(_APART), *_GIVEN])


#: What belongs to a parent account alone: a subuser has no subusers, teammates or IP addresses to give away.
_PARENTS: Final = ("subusers.", "teammates.", "sso.", "ips.pools.", "ips.warmup.", "partner_settings.", "billing.")


def held(call: Call) -> Collection[str] | None:
    """The scopes of the key that asks; None where it is the environment's own, which may do everything."""
    found: Collection[str] | None = call.grant.get("scopes")
    return found


def assignable(call: Call, scopes: Iterable[str]) -> bool:
    """Whether whoever asks can give a key these scopes: they are known, it has them itself, and "an API Key can either
    have Billing Permissions, or any other set of Permissions" (the page's list). Some are never a subuser's."""
    wanted = set(scopes)
    if accounts.name(call) and any(scope.startswith(_PARENTS) for scope in wanted):
        return False
    if not wanted <= KNOWN or 0 < sum(scope.startswith("billing.") for scope in wanted) < len(wanted):
        return False
    own = held(call)
    return own is None or wanted - set(_GIVEN) <= set(own)


def full(call: Call) -> list[str]:
    """What a key gets that is made without scopes, and what the one has that asks: all that it can give, as far as the
    account has it that it asks for."""
    own, subuser = held(call), accounts.name(call)
    kept = FULL_ACCESS if own is None else own
    return [scope for scope in kept if not (subuser and scope.startswith(_PARENTS))]


async def retrieve(call: Call) -> Record:
    """The scopes of the key that asks: the broker's keys may do everything."""
    return {"scopes": full(call)}
