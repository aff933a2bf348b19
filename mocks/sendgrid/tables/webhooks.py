"""The operations of event webhooks and inbound parse."""

from __future__ import annotations

from typing import Final

from mocks.base import Handler
from mocks.sendgrid import event_signing, event_targets, event_webhooks

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
}
