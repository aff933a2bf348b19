"""What can go wrong on the control side, each with its HTTP status and RFC 9457 problem type.

BrokerError
├── InvalidInput        400  malformed names, policies, parameters
├── Unauthorised        401  no token, or a wrong one
├── Forbidden           403  a form that no page of this session sent; a wrong token there
├── NotFound            404  no such environment, service, event, exchange
├── MethodNotAllowed    405  the path exists, the method does not; the answer says which do
├── BodyTimeout         408  a request body that stopped arriving
├── NothingCame         408  what was waited for did not come in time
├── Conflict            409  the environment is being closed, or is open with another policy
├── EnvironmentClosed   410  the tombstone of a closed environment
├── TooLarge            413  a control request over its limit
├── UnsupportedMedia    415  a body that is not JSON by its content type
├── TooManyAttempts     429  wrong tokens, one after the other
├── TooManyWaits        429  more requests that wait than there may be
├── NotAvailable        501  a mode whose backend does not exist
├── Stopping            503  the server is stopping, so nobody waits any longer
└── StorageFull         507  the disk is full
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class BrokerError(Exception):
    """A refusal of the control API. ``detail`` says what was wrong, where, and what to do next;
    ``errors`` lists the single faults of an input with their place."""

    status = 500
    slug = "internal"
    title = "Internal error"
    #: Header fields of the answer that go with the refusal.
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str, *, errors: Sequence[Mapping[str, Any]] = (), **members: Any) -> None:
        self.detail = detail
        self.errors = list(errors)
        self.members = members
        super().__init__(detail)

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 problem details object."""
        found: dict[str, Any] = {
            "type": f"/_broker/docs/errors#{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            found["errors"] = self.errors
        return {**found, **self.members}


class InvalidInput(BrokerError):
    status = 400
    slug = "invalid-input"
    title = "Invalid input"


class Unauthorised(BrokerError):
    status = 401
    slug = "unauthorised"
    title = "Token missing or wrong"
    headers = {"www-authenticate": 'Bearer realm="preview-broker"'}


class Forbidden(BrokerError):
    status = 403
    slug = "forbidden"
    title = "Forbidden"


class NotFound(BrokerError):
    status = 404
    slug = "not-found"
    title = "Not found"


class MethodNotAllowed(BrokerError):
    """``allow`` are the methods that the path has."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, *, allow: Sequence[str]) -> None:
        super().__init__(f"{detail}; possible: {', '.join(allow)}")
        self.headers = {"allow": ", ".join(allow)}


class BodyTimeout(BrokerError):
    status = 408
    slug = "request-timeout"
    title = "Request timeout"


class NothingCame(BrokerError):
    status = 408
    slug = "nothing-came"
    title = "Nothing came"


class Conflict(BrokerError):
    status = 409
    slug = "conflict"
    title = "Conflict"


class EnvironmentClosed(BrokerError):
    status = 410
    slug = "environment-closed"
    title = "Environment closed"


class TooLarge(BrokerError):
    status = 413
    slug = "too-large"
    title = "Too large"


class UnsupportedMedia(BrokerError):
    status = 415
    slug = "unsupported-media-type"
    title = "Unsupported media type"


class TooManyAttempts(BrokerError):
    status = 429
    slug = "too-many-attempts"
    title = "Too many attempts"


class TooManyWaits(BrokerError):
    status = 429
    slug = "too-many-waits"
    title = "Too many waits"
    headers = {"retry-after": "1"}


class NotAvailable(BrokerError):
    status = 501
    slug = "not-available"
    title = "Not available"


class Stopping(BrokerError):
    status = 503
    slug = "stopping"
    title = "The server is stopping"
    headers = {"retry-after": "2"}


class StorageFull(BrokerError):
    status = 507
    slug = "storage-full"
    title = "Storage full"
