"""Operations on suppressions and unsubscribe groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid import classifications, groups, unsubscribes
from mocks.sendgrid.suppressions import delete_many, delete_one, list_of, one_of

OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_asm-groups": groups.list_all,
    "POST_asm-groups": groups.create,
    "GET_asm-groups-group_id": groups.retrieve,
    "PATCH_asm-groups-group_id": groups.update,
    "DELETE_asm-groups-group_id": groups.delete,
    "POST_asm-groups-group_id-suppressions": unsubscribes.add,
    "GET_asm-groups-group_id-suppressions": unsubscribes.of_group,
    "POST_asm-groups-group_id-suppressions-search": unsubscribes.search,
    "DELETE_asm-groups-group_id-suppressions-email": unsubscribes.remove,
    "GET_asm-suppressions": unsubscribes.every,
    "GET_asm-suppressions-email": unsubscribes.of_address,
    "POST_asm-suppressions-global": unsubscribes.add_global,
    "GET_asm-suppressions-global-email": unsubscribes.find_global,
    "DELETE_asm-suppressions-global-email": unsubscribes.remove_global,
    "GET_suppression-unsubscribes": list_of("unsubscribes"),
    "GetSuppressionBouncesClassifications": classifications.totals,
    "GetSuppressionsBouncesClassificationsClassification": classifications.of_one,
    **{f"GET_suppression-{name}": list_of(name) for name in ("bounces", "blocks", "invalid_emails", "spam_reports")},
    **{
        operation: make(name)
        for name in ("bounces", "blocks", "invalid_emails", "spam_reports")
        for operation, make in (
            (f"DELETE_suppression-{name}", delete_many),
            (f"GET_suppression-{name}-email", one_of),
            (f"DELETE_suppression-{name}-email", delete_one),
        )
    },
}
