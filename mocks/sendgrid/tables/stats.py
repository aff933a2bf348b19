"""Operations on statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid import group_stats, reader_stats, stats

OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_stats": stats.of_account,
    "GET_categories": group_stats.categories,
    "GET_categories-stats": group_stats.of_categories,
    "GET_categories-stats-sums": group_stats.sums_of_categories,
    "GET_subusers-stats": group_stats.of_subusers,
    "GET_subusers-stats-sums": group_stats.sums_of_subusers,
    "GET_subusers-stats-monthly": group_stats.month_of_subusers,
    "GET_subusers-subuser_name-stats-monthly": group_stats.month_of_subuser,
    "GET_mailbox_providers-stats": reader_stats.of_providers,
    "GET_clients-stats": reader_stats.of_clients,
    "GET_clients-client_type-stats": reader_stats.of_client_type,
    "GET_devices-stats": reader_stats.of_devices,
    "GET_browsers-stats": reader_stats.of_browsers,
    "GET_geo-stats": reader_stats.of_places,
}
