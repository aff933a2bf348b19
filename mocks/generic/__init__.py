"""The generic engine: any contract becomes a stateful mock, with an empty table of handlers.

``answer`` is the handler for operations that have none of their own; ``answering`` makes one for a
provider whose habits its contract does not tell; ``service`` builds a whole mock from a contract.
"""

from mocks.generic.builder import service
from mocks.generic.engine import answer, answering
from mocks.generic.habits import Habits, Page

__all__ = ["Habits", "Page", "answer", "answering", "service"]
