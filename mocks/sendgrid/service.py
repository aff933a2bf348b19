"""The SendGrid mock: its table of contents."""

from __future__ import annotations

from typing import Final

from contracts import library
from mocks import generic
from mocks.base import MadeKeys, MockService
from mocks.sendgrid import (
    accounts,
    api_keys,
    compression,
    designs,
    event_targets,
    events,
    inbound,
    pages,
    permissions,
    signing,
    smtp,
    template_versions,
    templates,
    waking,
    webhook_secrets,
    wire,
)
from mocks.sendgrid.errors import fault, render_error
from mocks.sendgrid.rate_limits import RATES
from mocks.sendgrid.tables import (
    access,
    activity,
    contactdb,
    marketing,
    senders,
    sending,
    stats,
    suppressions,
    webhooks,
)

SERVICE: Final = MockService(
    name="sendgrid",
    contract=lambda: library.load("sendgrid"),
    operations={
        **sending.OPERATIONS,
        **access.OPERATIONS,
        **activity.OPERATIONS,
        **designs.OPERATIONS,
        **senders.OPERATIONS,
        **contactdb.OPERATIONS,
        **marketing.OPERATIONS,
        **stats.OPERATIONS,
        **suppressions.OPERATIONS,
        **templates.OPERATIONS,
        **template_versions.OPERATIONS,
        **webhooks.OPERATIONS,
    },
    fallback=generic.answer,
    credential=wire.credential,
    credentials=wire.CREDENTIALS,
    made_keys=MadeKeys(wire.made_id, api_keys.find, permissions.allow),
    variables=wire.variables,
    render_error=render_error,
    authorize=wire.authorize,
    fault=fault,
    adapt=compression.adapt,
    rates=RATES,
    around=accounts.around,
    decorate=wire.decorate,
    waking=waking.WAKING,
    pages=pages.pages,
    sign_event=events.sign_event,
    batching=events.BATCHING,
    granting=webhook_secrets.GRANTING,
    body_seal=signing.body_seal,
    targets=event_targets.targets,
    receive=inbound.receive,
    submission=smtp.SUBMISSION,
    webhook_credential=wire.WEBHOOK_KEY,
    secrets=wire.SECRETS,
    limits="Spam is not scored, and mails are not sent by the addresses of their pool.",
)
