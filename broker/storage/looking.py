"""What somebody looks for among exchanges: in the journal, and in the traffic as it goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from broker.storage.base import Exchange

#: Classes of answers.
CLASSES = ("2xx", "3xx", "4xx", "5xx")


def class_of(status: int) -> str:
    """``4xx`` of 404."""
    return f"{status // 100}xx"


@dataclass(frozen=True, slots=True)
class Wanted:
    """All of it must fit. ``status`` is a class (``4xx``) or a number (``404``); ``text`` is looked for in the id, the
    path, the operation and both bodies, without regard to the case of ASCII letters."""

    service: str | None = None
    operation: str | None = None
    status: str | None = None
    violations_only: bool = False
    incidents_only: bool = False
    scope: str | None = None
    text: str = ""

    def fits(self, exchange: Exchange) -> bool:
        """Whether it is one of those."""
        return (
            (self.service is None or exchange.service == self.service)
            and (self.operation is None or exchange.operation == self.operation)
            and (self.status is None or self.status in (class_of(exchange.status), str(exchange.status)))
            and (self.scope is None or exchange.scope == self.scope)
            and (not self.violations_only or bool(exchange.violations))
            and (not self.incidents_only or exchange.incident is not None)
            and (not self.text or self._said(exchange))
        )

    def _said(self, exchange: Exchange) -> bool:
        needle = lowered(self.text)
        return any(needle in lowered(text) for text in _texts(exchange))


def _texts(exchange: Exchange) -> Sequence[str]:
    found = (
        exchange.id,
        f"{exchange.method} {exchange.path}",
        exchange.operation,
        exchange.request_body,
        exchange.response_body,
    )
    return [text for text in found if text]


def lowered(text: str) -> bytes:
    """As bytes, with ASCII letters in lower case."""
    return text.encode("utf-8", "surrogatepass").lower()
