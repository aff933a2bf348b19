"""Request and Response: the two values that travel through every floor of the house.

They know HTTP and nothing else: no environment, no service, no web framework.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final


class Headers:
    """Ordered HTTP header fields with lower-case names; values are latin-1 text.

    ``get`` answers the first value of a name, ``all`` every one of them.
    """

    __slots__ = ("_first", "pairs")

    def __init__(
        self, pairs: Iterable[tuple[str, str]] = (), *, raw: Sequence[tuple[bytes, bytes]] | None = None
    ) -> None:
        """From text; or ``raw`` from a server's bytes, with names in lower case already."""
        #: Every field in the order they were sent.
        self.pairs: list[tuple[str, str]]
        # Later pairs are entered first, so that the first of a name stays.
        if raw is None:
            self.pairs = list(pairs)
        else:
            self.pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
        self._first = dict(reversed(self.pairs))

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the lower-case ``name``."""
        return self._first.get(name, default)

    def all(self, name: str) -> list[str]:
        """Every value of the lower-case ``name``, in the order they were sent."""
        return [value for key, value in self.pairs if key == name]

    def __contains__(self, name: object) -> bool:
        return name in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def repeat(self) -> bool:
        """Whether some name occurs more than once."""
        return len(self._first) != len(self.pairs)

    def __repr__(self) -> str:
        # Values may hold credentials, and a repr ends up in tracebacks and logs.
        return f"Headers({sorted(self._first)})"


class _Unset:
    """The type of UNSET, so that None stays a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()


@dataclass(slots=True)
class Form:
    """The fields of a form that stand before its file, whose bytes are the request's stream."""

    #: By name as sent, in their order.
    fields: Sequence[tuple[str, str]]
    #: The file's name as its sender calls it, and None where the form ends without a file.
    filename: str | None
    #: Why it could not be read, for whoever answers it.
    broken: Exception | None = None


@dataclass(slots=True, kw_only=True)
class Request:
    """One HTTP request as a service sees it.

    ``path`` is relative to the service and percent-encoded as sent; ``sent_path`` is the whole
    path on the wire, because signatures cover it. Either ``body`` holds all bytes, or ``stream``
    gives them once (then ``body`` is empty).
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    sent_path: str = ""
    host: str = ""
    scheme: str = "http"
    #: The caller's address, "" where none is known.
    client: str = ""
    #: What stood before the service's own label in the host name (``bucket.s3.pr-1...``), if anything.
    host_label: str | None = None
    #: Which of a service's endpoints was addressed, by its label; "" for the service itself.
    endpoint: str = ""
    #: What a form says, once it has been read up to its file.
    form: Form | None = None
    #: What its answer will call itself, where that had to be known before the answer is written.
    answer_ids: tuple[str, str] | None = None
    #: The request as it came, where a service has put it into today's words.
    original: Request | None = None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


@dataclass(slots=True)
class Response:
    """One HTTP answer. ``body`` holds all bytes, or ``stream`` gives them once.

    ``value`` is the structured value from which ``body`` was written, when the writer had one:
    a contract checks it without parsing the bytes again.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    value: Any = UNSET

    def header(self, name: str) -> str | None:
        """The first value of the lower-case ``name``."""
        for key, value in self.headers:
            if key == name:
                return value
        return None
