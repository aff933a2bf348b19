"""What of a service's world is files in folders, for people who look through it: beside the provider's API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mocks.base import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """A folder that stands in no other one (a bucket). ``made_at`` is ISO 8601, "" where it is not known."""

    name: str
    made_at: str = ""
    #: What else is told of it, in words: ``{"Versioning": "Enabled"}``.
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """``name`` is all of its name below the top folder; ``size`` is in bytes."""

    name: str
    size: int
    changed_at: str
    media: str = "application/octet-stream"
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Folder:
    """A page of what a folder holds, by name. ``next`` is the ``after`` of the following page, None at the end."""

    folders: Sequence[str]
    files: Sequence[File]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Browsing:
    """``tops`` lists the top folders; ``folder`` answers what stands below a prefix that ends with a slash or is empty,
    from behind ``after`` on: (state, top, prefix, after, limit); ``read`` a file with its bytes: (state, top, name).
    The last two answer None for what there is not."""

    tops: Callable[[State], Awaitable[Sequence[Top]]]
    folder: Callable[[State, str, str, str, int], Awaitable[Folder | None]]
    read: Callable[[State, str, str], Awaitable[tuple[File, AsyncIterator[bytes]] | None]]
