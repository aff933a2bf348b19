"""Operations on contacts, lists, fields and segments of Marketing Campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid.marketing import (
    automation_stats,
    contacts,
    exports,
    fields,
    imports,
    jobs,
    lists,
    previews,
    search,
    segments,
    single_send_stats,
    single_sends,
)

OPERATIONS: Final[Mapping[str, Handler]] = {
    "PUT_mc-contacts": contacts.upsert,
    "GET_mc-contats": contacts.sample,
    "DELETE_mc-contacts": contacts.delete,
    "GET_mc-contacts-count": contacts.total,
    "GET_mc-contacts-id": contacts.retrieve,
    "DeleteMarketingContactsContactIdIdentifiers": contacts.delete_identifier,
    "POST_marketing-contacts-batch": contacts.batch,
    "POST_mc-contacts-search": search.search,
    "POST_marketing-contacts-search-emails": contacts.by_email,
    "PostMarketingContactsSearchIdentifiersIdentifierType": contacts.by_identifier,
    "POST_mc-contacts-exports": exports.create,
    "GET_marketing-contacts-exports": exports.list_all,
    "GET_mc-contacts-exports-id": exports.status,
    "PUT_mc-contacts-imports": imports.begin,
    "GET_marketing-contacts-imports-id": jobs.status,
    "POST_mc-lists": lists.create,
    "GET_mc-lists": lists.list_all,
    "GET_mc-lists-id": lists.retrieve,
    "PATCH_mc-lists-id": lists.rename,
    "DELETE_lists-id": lists.delete,
    "GET_mc-lists-id-contacts-count": lists.counted,
    "DELETE_mc-lists-id-contacts": lists.remove,
    "GET_mc-field_definitions": fields.list_all,
    "POST_mc-field_definitions": fields.create,
    "PATCH_mc-field_definitions-custom_field_id": fields.update,
    "DELETE_mc-field_definitions-custom_field_id": fields.delete,
    "GET_marketing-segments": segments.list_all("1"),
    "POST_marketing-segments": segments.create("1"),
    "GET_marketing-segments-segment_id": segments.retrieve("1"),
    "PATCH_marketing-segments-segment_id": segments.update("1"),
    "DELETE_marketing-segments-segment_id": segments.delete("1"),
    "POST_marketing-segments-delete": segments.delete_many,
    "GET_segments": segments.list_all("2"),
    "POST_segments": segments.create("2"),
    "GET_segments-segment_id": segments.retrieve("2"),
    "PATCH_segments-segment_id": segments.update("2"),
    "DELETE_segments-segment_id": segments.delete("2"),
    "PostSegments20RefreshSegmentId": segments.refresh,
    **single_sends.OPERATIONS,
    **single_send_stats.OPERATIONS,
    **automation_stats.OPERATIONS,
    **previews.OPERATIONS,
}
