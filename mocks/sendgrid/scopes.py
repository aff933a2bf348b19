"""The scopes that there are, and those of the key that asks.

https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions (2026-11).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Record

#: Verbs by area; billing excludes every other scope and is left out, as a full-access key leaves it out.
_AREAS: Final = (
    ("access_settings.activity", "r"),
    ("access_settings.whitelist", "crud"),
    ("alerts", "crud"),
    ("api_keys", "crud"),
    ("asm.groups", "crud"),
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
    ("devices.stats", "r"),
    ("email_activity", "r"),
    ("geo.stats", "r"),
    ("ips", "r"),
    ("ips.assigned", "r"),
    ("ips.pools", "crud"),
    ("ips.pools.ips", "crud"),
    ("ips.warmup", "crud"),
    ("mail.batch", "crud"),
    ("mail_settings", "r"),
    ("mail_settings.address_whitelist", "ru"),
    ("mail_settings.bcc", "ru"),
    ("mail_settings.bounce_purge", "ru"),
    ("mail_settings.footer", "ru"),
    ("mail_settings.forward_bounce", "ru"),
    ("mail_settings.forward_spam", "ru"),
    ("mail_settings.plain_content", "ru"),
    ("mail_settings.spam_check", "ru"),
    ("mail_settings.template", "ru"),
    ("mailbox_providers.stats", "r"),
    ("marketing_campaigns", "crud"),
    ("newsletter", "crud"),
    ("partner_settings", "r"),
    ("partner_settings.new_relic", "ru"),
    ("partner_settings.sendwithus", "ru"),
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
    ("tracking_settings.click", "ru"),
    ("tracking_settings.google_analytics", "ru"),
    ("tracking_settings.open", "ru"),
    ("tracking_settings.subscription", "ru"),
    ("user.account", "r"),
    ("user.credits", "r"),
    ("user.email", "crud"),
    ("user.multifactor_authentication", "crud"),
    ("user.password", "ru"),
    ("user.profile", "ru"),
    ("user.scheduled_sends", "crud"),
    ("user.settings.enforced_tls", "ru"),
    ("user.timezone", "ru"),
    ("user.username", "ru"),
    ("user.webhooks.event.settings", "ru"),
    ("user.webhooks.event.test", "cru"),
    ("user.webhooks.parse.settings", "crud"),
    ("user.webhooks.parse.stats", "r"),
    ("whitelabel", "crud"),
)
_VERBS: Final = {"c": "create", "r": "read", "u": "update", "d": "delete"}

FULL_ACCESS: Final = (
    "mail.send",
    "marketing.read",
    *(f"{area}.{_VERBS[verb]}" for area, verbs in _AREAS for verb in verbs),
)


async def retrieve(call: Call) -> Record:
    """The scopes of the key that asks: the broker's keys may do everything."""
    return {"scopes": list(FULL_ACCESS)}
