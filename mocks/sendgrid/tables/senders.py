"""Operations on senders, and on the domains and addresses that they send from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid import (
    branded_links,
    domains,
    ip_addresses,
    ip_pools,
    reverse_dns,
    sender_identities,
    verified_senders,
)

OPERATIONS: Final[Mapping[str, Handler]] = {
    **verified_senders.OPERATIONS,
    **sender_identities.OPERATIONS,
    **domains.OPERATIONS,
    **branded_links.OPERATIONS,
    **reverse_dns.OPERATIONS,
    **ip_addresses.OPERATIONS,
    **ip_pools.OPERATIONS,
}
