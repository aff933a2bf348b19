"""Operations on the older contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid.contactdb import fields, lists, recipients, segments

OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_contactdb-custom_fields": fields.list_all,
    "POST_contactdb-custom_fields": fields.create,
    "GET_contactdb-custom_fields-custom_field_id": fields.retrieve,
    "DELETE_contactdb-custom_fields-custom_field_id": fields.delete,
    "GET_contactdb-reserved_fields": fields.reserved,
    "GET_contactdb-lists": lists.list_all,
    "POST_contactdb-lists": lists.create,
    "DELETE_contactdb-lists": lists.delete_many,
    "GET_contactdb-lists-list_id": lists.retrieve,
    "PATCH_contactdb-lists-list_id": lists.rename,
    "DELETE_contactdb-lists-list_id": lists.delete,
    "GET_contactdb-lists-list_id-recipients": lists.recipients_of,
    "POST_contactdb-lists-list_id-recipients": lists.add_many,
    "POST_contactdb-lists-list_id-recipients-recipient_id": lists.add_one,
    "DELETE_contactdb-lists-list_id-recipients-recipient_id": lists.remove_one,
    "GET_contactdb-recipients": recipients.list_all,
    "POST_contactdb-recipients": recipients.add,
    "PATCH_contactdb-recipients": recipients.update,
    "DELETE_contactdb-recipients": recipients.delete_many,
    "GET_contactdb-recipients-billable_count": recipients.total,
    "GET_contactdb-recipients-count": recipients.total,
    "GET_contactdb-recipients-search": segments.search_by_fields,
    "POST_contactdb-recipients-search": segments.search,
    "GET_contactdb-recipients-recipient_id": recipients.retrieve,
    "DELETE_contactdb-recipients-recipient_id": recipients.delete,
    "GET_contactdb-recipients-recipient_id-lists": lists.of_recipient,
    "GET_contactdb-segments": segments.list_all,
    "POST_contactdb-segments": segments.create,
    "GET_contactdb-segments-segment_id": segments.retrieve,
    "PATCH_contactdb-segments-segment_id": segments.update,
    "DELETE_contactdb-segments-segment_id": segments.delete,
    "GET_contactdb-segments-segment_id-recipients": segments.recipients_of,
    "GET_contactdb-status": segments.status,
}
