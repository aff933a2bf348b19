"""The mailbox of an environment, as the storage keeps it.

A mail is the JSON form of mocks.base.Mail, and besides: ``service``, ``sent_at`` (ISO 8601), ``scope``, ``size``
(bytes of its texts and files), ``read``, and ``bodies``: by form (``text``, ``html``), the blobs of texts that are too
long for a row, which are None in the mail itself then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mocks.base import Blob

Mail = Mapping[str, Any]
#: Whether a mail is wanted.
Accept = Callable[[Mail], bool]

#: Characters of a text that stay in the mail's row. A longer one is a blob, and counts as what is stored does.
IN_ROW = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which mails: all that is said has to hold. ``to`` is the address of a recipient, ``since`` the id of a mail that
    came before."""

    to: str | None = None
    service: str | None = None
    scope: str | None = None
    since: str | None = None
    accept: Accept | None = None


@dataclass(frozen=True, slots=True)
class Mails:
    """Newest first; ``more`` tells that others follow."""

    items: Sequence[Mail]
    more: bool


class MailStore(Protocol):
    """The mailbox of one environment."""

    async def mails(
        self, *, to: str | None = None, scope: str | None = None, after: str | None = None, limit: int = 100
    ) -> Sequence[Any]:
        """Newest first, older than the mail ``after``."""
        ...

    async def find(
        self,
        wanted: Wanted,
        *,
        after: str | None = None,
        offset: int = 0,
        limit: int = 100,
        most_bytes: int | None = None,
    ) -> Mails:
        """Newest first, older than the mail ``after``, ``offset`` of them passed over. A page ends with the mail that
        makes it larger than ``most_bytes``. What is wanted is asked of all mails in a thread."""
        ...

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        """Of all that are wanted, newest first."""
        ...

    async def mail(self, mail_id: str) -> Any | None: ...

    async def totals(self) -> tuple[int, int]:
        """How many mails there are, and how many of them nobody has read."""
        ...

    async def mark(self, mail_ids: Collection[str] | None, *, read: bool) -> int:
        """Read, or not read yet; None: all of them. Answers how many there are of them."""
        ...

    async def delete(self, mail_ids: Collection[str]) -> int:
        """With the blobs that no other mail has. Answers how many there were of them."""
        ...

    async def trim(self, most: int) -> int:
        """Delete the oldest ones until there are no more than ``most``."""
        ...

    async def clear(self) -> int:
        """Delete all of them."""
        ...

    def read(self, mail: Mail, blob_id: str) -> AsyncIterator[bytes]:
        """The bytes of a mail's blob. Raises LookupError."""
        ...


def fits(wanted: Wanted, mail: Mail) -> bool:
    """Whether a mail that has just come is wanted."""
    recipients = {person["email"].lower() for kind in ("to", "cc", "bcc") for person in mail.get(kind) or ()}
    return (
        (wanted.to is None or wanted.to.lower() in recipients)
        and (wanted.service is None or wanted.service == mail["service"])
        and (wanted.scope is None or wanted.scope == mail["scope"])
        and (wanted.accept is None or wanted.accept(mail))
    )


def blobs_of(mail: Mail) -> list[str]:
    """The ids of all blobs of a mail."""
    found = [file["blob"]["id"] for file in mail.get("attachments") or ()]
    found += [blob["id"] for blob in (mail.get("bodies") or {}).values()]
    if mail.get("raw"):
        found.append(mail["raw"]["id"])
    return found


def size_of(mail: Mail) -> int:
    """Bytes of its texts and files, about; of the message, where it came whole."""
    if mail.get("raw"):
        return int(mail["raw"]["size"])
    texts = sum(len(mail.get(form) or "") for form in ("text", "html"))
    bodies = sum(int(blob["size"]) for blob in (mail.get("bodies") or {}).values())
    return texts + bodies + sum(int(file["blob"]["size"]) for file in mail.get("attachments") or ())


#: By form, the blobs of long texts.
Bodies = Mapping[str, Blob]
