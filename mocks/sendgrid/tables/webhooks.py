"""The operations of event webhooks and inbound parse."""

from __future__ import annotations

from typing import Final

from mocks.base import Handler
from mocks.sendgrid import event_signing, event_targets, event_webhooks, inbound, parse_settings, security_policies

OPERATIONS: Final[dict[str, Handler]] = {
    "GET_user-webhooks-event-settings": event_webhooks.retrieve_oldest,
    "PATCH_user-webhooks-event-settings": event_webhooks.update_oldest,
    "POST_user-webhooks-event-settings": event_webhooks.create,
    "GET_user-webhooks-event-settings-all": event_webhooks.list_all,
    "GET_user-webhooks-event-settings-id": event_webhooks.retrieve,
    "PATCH_user-webhooks-event-settings-id": event_webhooks.update,
    "DELETE_user-webhooks-event-settings-id": event_webhooks.delete,
    "GET_user-webhooks-event-settings-signed": event_signing.retrieve_oldest,
    "PATCH_user-webhooks-event-settings-signed": event_signing.toggle_oldest,
    "GET_user-webhooks-event-settings-signed-id": event_signing.retrieve,
    "PATCH_user-webhooks-event-settings-signed-id": event_signing.toggle,
    "POST_user-webhooks-event-test": event_targets.test,
    "GET_user-webhooks-parse-settings": parse_settings.list_all,
    "POST_user-webhooks-parse-settings": parse_settings.create,
    "GET_user-webhooks-parse-settings-hostname": parse_settings.retrieve,
    "PATCH_user-webhooks-parse-settings-hostname": parse_settings.update,
    "DELETE_user-webhooks-parse-settings-hostname": parse_settings.delete,
    "GET_user-webhooks-parse-stats": inbound.count,
    "GET_user-webhooks-security-policies": security_policies.list_all,
    "POST_user-webhooks-security-policies": security_policies.create,
    "GET_user-webhooks-security-policies-id": security_policies.retrieve,
    "PATCH_user-webhooks-security-policies-id": security_policies.update,
    "DELETE_user-webhooks-security-policies-id": security_policies.delete,
}
