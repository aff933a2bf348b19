"""What may pass to SendGrid, by operation id, and why the rest may not.

What lives inside another object (a template's versions, the suppressions of a group) is an update of that object: it
goes with it. ``scope="account"`` is about all of the account's objects; such a call that writes passes only on behalf
of a subuser of the environment's own (``wire.only_for_subusers``), which is deleted with all that is in it.

Unlisted, and therefore refused:

- ``/v3/api_keys``: the answer would hand a real key to the application, past the gateway, where it opens nothing.
- ``/v3/subusers``, ``/v3/teammates``, ``/v3/sso``, ``/v3/access_settings``, ``/v3/scopes/requests``: who may do what in
  the account, for everybody in it; subusers are the broker's to make.
- ``/v3/user``, ``/v3/partner_settings``, ``/v3/mail_settings``, ``/v3/tracking_settings``, ``/v3/alerts``: settings of
  the account that have no owner but the account, among them its password; whoever changes one changes it for all.
- ``/v3/user/webhooks``: plans allow few event webhooks, and the broker's own is one; parse settings catch the mail of
  a whole host name.
- ``/v3/ips``, ``/v3/whitelabel``: addresses and domains that mail is sent from, with DNS records behind them.
- ``POST /v3/senders``, ``/v3/marketing/senders``, ``/v3/verified_senders``: each sends a mail to a person, who cannot
  unread it.
- ``/v3/marketing/singlesends``, ``/v3/marketing/test/send_email``, ``/v3/campaigns``: real mail to real contacts, with
  no sandbox mode to make it harmless.
- ``/v3/marketing/contacts/exports`` and ``imports``, ``/v3/messages/download``: jobs that cannot be taken back, and an
  address elsewhere to send files to.
- ``POST /v3/marketing/segments/delete``: deletes by a list of ids, some of which may fail.
- ``/v3/validations``: every call costs credits.
- ``/v3/contactdb``: the legacy contacts, which SendGrid tells to leave; they have no pages to look through for ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandboxes.base import Rule

_ID: Final = ("id",)


def _templates() -> Mapping[str, Rule]:
    own = "template_id"
    return {
        "GET_templates": Rule("list", "template"),
        "POST_templates": Rule("create", "template", id_pointer=_ID),
        "POST_templates-template_id": Rule("create", "template", id_pointer=_ID),  # a duplicate
        "GET_templates-template_id": Rule("read", "template", own),
        "PATCH_templates-template_id": Rule("update", "template", own),
        "DELETE_templates-template_id": Rule("delete", "template", own),
        "POST_templates-template_id-versions": Rule("update", "template", own),
        "GET_templates-template_id-versions-version_id": Rule("read", "template", own),
        "PATCH_templates-template_id-versions-version_id": Rule("update", "template", own),
        "DELETE_templates-template_id-versions-version_id": Rule("update", "template", own),
        "POST_templates-template_id-versions-version_id-activate": Rule("update", "template", own),
    }


def _designs() -> Mapping[str, Rule]:
    return {
        "LIST-designs": Rule("list", "design"),
        "post_designs": Rule("create", "design", id_pointer=_ID),
        "POST-design": Rule("create", "design", id_pointer=_ID),  # a duplicate
        "GET-design": Rule("read", "design", "id"),
        "PUT-design": Rule("update", "design", "id"),
        "DELETE-design": Rule("delete", "design", "id"),
        "LIST-Sendgrid-Pre-built-designs": Rule("list", scope="public"),
        "GET-sendgrid-pre-built-design": Rule("read", scope="public"),
        "POST-sendgrid-pre-built-design": Rule("create", "design", id_pointer=_ID),  # a duplicate of SendGrid's
    }


def _marketing() -> Mapping[str, Rule]:
    return {
        "GET_mc-lists": Rule("list", "list"),
        "POST_mc-lists": Rule("create", "list", id_pointer=_ID),
        "GET_mc-lists-id": Rule("read", "list", "id"),
        "PATCH_mc-lists-id": Rule("update", "list", "id"),
        "DELETE_lists-id": Rule("delete", "list", "id"),
        "GET_mc-lists-id-contacts-count": Rule("read", "list", "id"),
        "DELETE_mc-lists-id-contacts": Rule("update", "list", "id"),  # they stay contacts
        "GET_segments": Rule("list", "segment"),
        "POST_segments": Rule("create", "segment", id_pointer=_ID),
        "GET_segments-segment_id": Rule("read", "segment", "segment_id"),
        "PATCH_segments-segment_id": Rule("update", "segment", "segment_id"),
        "DELETE_segments-segment_id": Rule("delete", "segment", "segment_id"),
        "GET_marketing-segments": Rule("list", "old_segment"),
        "POST_marketing-segments": Rule("create", "old_segment", id_pointer=_ID),
        "GET_marketing-segments-segment_id": Rule("read", "old_segment", "segment_id"),
        "PATCH_marketing-segments-segment_id": Rule("update", "old_segment", "segment_id"),
        "DELETE_marketing-segments-segment_id": Rule("delete", "old_segment", "segment_id"),
        # A contact is found by its address: one upsert may change what another environment, or a person, put there.
        "PUT_mc-contacts": Rule("update", scope="account"),
        "DELETE_mc-contacts": Rule("update", scope="account"),
        "GET_mc-contats": Rule("list", scope="account"),
        "GET_mc-contacts-id": Rule("read", scope="account"),
        "GET_mc-contacts-count": Rule("read", scope="account"),
        "POST_marketing-contacts-batch": Rule("list", scope="account"),
        "POST_mc-contacts-search": Rule("list", scope="account"),
        "POST_marketing-contacts-search-emails": Rule("list", scope="account"),
        "GET_marketing-contacts-imports-id": Rule("read", scope="account"),  # how an upsert's job goes
        # Fields belong to every contact of the account.
        "GET_mc-field_definitions": Rule("list", scope="account"),
        "POST_mc-field_definitions": Rule("update", scope="account"),
        "PATCH_mc-field_definitions-custom_field_id": Rule("update", scope="account"),
        "DELETE_mc-field_definitions-custom_field_id": Rule("update", scope="account"),
    }


def _suppressions() -> Mapping[str, Rule]:
    own = "group_id"
    found = {
        "GET_asm-groups": Rule("list", "group"),
        "POST_asm-groups": Rule("create", "group", id_pointer=_ID),
        "GET_asm-groups-group_id": Rule("read", "group", own),
        "PATCH_asm-groups-group_id": Rule("update", "group", own),
        "DELETE_asm-groups-group_id": Rule("delete", "group", own),
        "GET_asm-groups-group_id-suppressions": Rule("read", "group", own),
        "POST_asm-groups-group_id-suppressions": Rule("update", "group", own),
        "POST_asm-groups-group_id-suppressions-search": Rule("read", "group", own),
        "DELETE_asm-groups-group_id-suppressions-email": Rule("update", "group", own),
        "GET_asm-suppressions": Rule("list", "group"),
        "GET_asm-suppressions-email": Rule("list", "group"),
        # Whether an address was suppressed before cannot be seen in the answer: taking it back at teardown might lift
        # a person's own unsubscription.
        "POST_asm-suppressions-global": Rule("update", scope="account"),
        "GET_asm-suppressions-global-email": Rule("read", scope="account"),
        "DELETE_asm-suppressions-global-email": Rule("update", scope="account"),
        "GET_suppression-unsubscribes": Rule("list", scope="account"),
    }
    for name in ("blocks", "bounces", "invalid_emails", "spam_reports"):
        found |= {
            f"GET_suppression-{name}": Rule("list", scope="account"),
            f"GET_suppression-{name}-email": Rule("read", scope="account"),
            f"DELETE_suppression-{name}": Rule("update", scope="account"),
            f"DELETE_suppression-{name}-email": Rule("update", scope="account"),
        }
    return found


def _mail() -> Mapping[str, Rule]:
    return {
        "POST_mail-send": Rule("send", "mail"),
        "POST_mail-batch": Rule("create", "batch", id_pointer=("batch_id",)),
        "GET_mail-batch-batch_id": Rule("read", "batch", "batch_id"),
        "GET_user-scheduled_sends": Rule("list", "batch"),
        "GET_user-scheduled_sends-batch_id": Rule("read", "batch", "batch_id"),
        "POST_user-scheduled_sends": Rule("update", "batch", "batch_id"),
        "PATCH_user-scheduled_sends-batch_id": Rule("update", "batch", "batch_id"),
        "DELETE_user-scheduled_sends-batch_id": Rule("update", "batch", "batch_id"),
    }


def _account() -> Mapping[str, Rule]:
    reads = (
        "GET_stats",
        "GET_browsers-stats",
        "GET_categories",
        "GET_categories-stats",
        "GET_categories-stats-sums",
        "GET_clients-stats",
        "GET_clients-client_type-stats",
        "GET_devices-stats",
        "GET_geo-stats",
        "GET_mailbox_providers-stats",
        "GET-messages",
        "GET-v3-messages-msg_id",
        "GET_verified_senders",
        "GET_verified_senders-steps_completed",
    )
    return {
        "GET_scopes": Rule("read", scope="public"),  # what the key may do; which key it is does not show
        "GET_verified_senders-domains": Rule("read", scope="public"),
        **{name: Rule("read", scope="account") for name in reads},
    }


RULES: Final[Mapping[str, Rule]] = {
    **_mail(),
    **_templates(),
    **_designs(),
    **_marketing(),
    **_suppressions(),
    **_account(),
}
