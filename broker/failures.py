"""What goes wrong on our side of a call, as the refusal that a service words: it says what to do and no internals."""

from __future__ import annotations

import errno
import logging
import sqlite3

import orjson

from broker.backends.mock import BrokenReply, described
from broker.errors import BrokerError, StorageFull
from broker.storage.base import QuotaReached, StoreGone
from broker.visit import Visit
from contracts.exchange import Response
from mocks.base import Refusal

log = logging.getLogger("broker.gateway")

_FULL = "The broker's disk is full; nothing of this call was kept. Free space or close environments, then try again."
_GONE = "This environment was closed while the call was on its way; nothing of the call was kept."
_QUOTA = (
    "The storage of this environment is full: {used:,} of {most:,} bytes are used, and {asked:,} more were asked for; "
    "nothing of this call was kept. Delete what is not needed, or raise limits.storage_mib in the policy, "
    "as far as the server's BROKER_STORAGE_MIB goes."
)


def failure(failed: Exception, visit: Visit) -> Refusal:
    """What went wrong on our side, as a refusal that tells no internals."""
    if isinstance(failed, StoreGone):
        return Refusal("closed_environment", _GONE)
    if isinstance(failed, QuotaReached):
        return Refusal("over_quota", _QUOTA.format(used=failed.used, most=failed.most, asked=failed.asked))
    if isinstance(failed, BrokenReply):
        log.error("a mock broke its contract: %s", failed)
        visit.violations = visit.violations or [described(violation, "response") for violation in failed.violations]
        return Refusal("internal", f"A mock broke its contract: {failed}")
    if isinstance(failed, sqlite3.Error | OSError):
        log.error("exchange %s: the storage failed: %s", visit.id, failed)
        return (
            Refusal("storage_full", _FULL) if is_full(failed) else Refusal("internal", "The broker's storage failed.")
        )
    log.error("exchange %s failed", visit.id, exc_info=failed)
    return Refusal("internal", f"The broker failed at this call; its log tells more about exchange {visit.id}.")


def is_full(failed: Exception) -> bool:
    """Whether there is no room left on the disk."""
    if isinstance(failed, sqlite3.Error):
        return "full" in str(failed)
    return isinstance(failed, OSError) and failed.errno in (errno.ENOSPC, errno.EDQUOT)


def unexpected(failed: Exception, what: str) -> BrokerError:
    """What went wrong on our side where no service words it, without its internals; the log has them. ``what``
    failed stands there."""
    if is_full(failed):
        log.error("%s failed: %s", what, failed)
        return StorageFull("the server's disk is full; nothing was changed. Free space, or close environments")
    log.error("%s failed", what, exc_info=failed)
    return BrokerError("something went wrong inside the broker; its log has the details")


def problem(refusal: Refusal) -> Response:
    """RFC 9457 problem details, where no service is known to word the refusal."""
    body = {
        "type": f"/_broker/docs/errors#{refusal.reason.replace('_', '-')}",
        "title": refusal.reason.replace("_", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.message,
    }
    return Response(refusal.status, [("content-type", "application/problem+json")], orjson.dumps(body))
