"""A refusal that the provider itself would give, in its own code and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ServiceError(Exception):
    """A refusal that the provider itself would give.

    ``code`` is the provider's; ``details`` are further members of its error object. With ``keep`` the
    writes of the call are committed (a declined payment is still recorded).
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Sequence[tuple[str, str]] = (),
        keep: bool = False,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details or {}
        self.headers = tuple(headers)
        self.keep = keep
        super().__init__(f"{status} {code}: {message}")


class Missing(ServiceError):
    """The call names an object that is not there. Raised by the generic engine and by handlers alike;
    each service renders it in its own words."""

    def __init__(self, resource: str, key: str, param: str = "id", *, in_path: bool = True) -> None:
        self.resource = resource
        self.key = key
        self.param = param
        self.in_path = in_path
        super().__init__(404 if in_path else 400, "resource_missing", f"No such {resource}: {key!r}")
