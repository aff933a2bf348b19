"""What an account set for all its mail, in one record: who set nothing has none, and pays nothing for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mocks.base import State

KIND: Final = "settings"
_KEY: Final = "account"

#: Where the account's template, or a message's legacy one, takes the content of the message.
BODY_TAG: Final = re.compile(r"<%\s*body\s*%>")

Settings = Mapping[str, Mapping[str, Any]]


async def read(state: State) -> Settings:
    """The settings by name, those alone that were ever changed. One read."""
    found = await state.page(KIND, order="key", limit=1)
    return found[0] if found else {}


async def change(state: State, name: str, value: Mapping[str, Any]) -> None:
    """Put ``value`` in the place of a setting."""
    await state.put(KIND, _KEY, {**await read(state), name: dict(value)})


def enabled(settings: Settings, name: str) -> Mapping[str, Any] | None:
    """The setting, where it is on."""
    found = settings.get(name)
    return found if found and found.get("enabled") else None
