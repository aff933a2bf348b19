"""What a page of the dashboard is: a path, a template, and a function that reads through the control API's routes.

A page never reads or changes anything beside ``View.call``, which takes the id of a control route: what the dashboard
can see and do, the API and the command line can.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from urllib.parse import quote, urlencode

from starlette.responses import Response

from broker.control.answering import Answer, Ask, Route, asked, checked_path
from broker.control.parts import Parts
from broker.control.routes import ROUTES
from broker.dashboard.sessions import Session
from broker.errors import NotFound

#: Where all pages are.
HOME = "/_broker/ui"
#: Characters of one parameter in a path, where it may be long (a key of an object).
LONGEST = 2000

Nav = Literal["server", "environment", ""]
_PARAMETER = re.compile(r"\{([a-z_]+)(:path)?\}")


@cache
def _routes() -> Mapping[str, Route]:
    return {route.id: route for route in ROUTES}


@dataclass(slots=True)
class View:
    """One request to a page or an action. ``query`` and ``form`` are texts by name, the last of each name."""

    parts: Parts
    session: Session
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    async def call(
        self,
        id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """The value that a control route answers, or its text. ``path`` is the page's own unless it is given; of
        ``query`` what is None or empty is left out. Raises BrokerError as the route does."""
        answer = await self.answer(id, path=path, query=query, body=body)
        return answer.value if answer.text is None else answer.text

    async def listed(self, id: str, *, path: Mapping[str, str] | None = None) -> list[Any]:
        """The items of a list; none where this server has nothing of that kind."""
        try:
            found: list[Any] = (await self.call(id, path=path))["items"]
        except NotFound:
            return []
        return found

    async def answer(
        self,
        id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """The same with status and header fields."""
        wanted = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        own = checked_path(self.path if path is None else path, LONGEST)
        return await asked(self.parts, _routes()[id], Ask(path=own, query=wanted, body=body))


#: The context of the template, or an answer of its own (a download, a stream).
Show = Callable[[View], Awaitable[Mapping[str, Any] | Response]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """``path`` is below HOME, with parameters as Starlette writes them: ``{name}``, ``{key:path}``. ``title`` and
    ``crumb`` may name parameters: ``"{name}"``. ``under`` is the name of the page above it, for the breadcrumb and
    for which entry of the navigation is marked. ``nav`` puts it into one of the navigations, in the table's order."""

    name: str
    path: str
    title: str
    show: Show
    template: str = ""
    nav: Nav = ""
    under: str = ""
    icon: str = "dot"
    #: The page is a part of another one, or a file: it is no document of its own, so that a frame or a script of ours
    #: may ask for it.
    part: bool = False

    def called(self, path: Mapping[str, str]) -> str:
        """Its title there."""
        return self.title.format_map(dict(path)) if "{" in self.title else self.title


@dataclass(frozen=True, slots=True)
class Done:
    """What an action came to: where to go on (an address of ``url``), and what to say there."""

    to: str
    say: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """A form that was sent. A refusal is said on the page that the form's field ``back`` names."""

    name: str
    path: str
    act: Callable[[View], Awaitable[Done]]


def at(*steps: str) -> str:
    """An address of the dashboard, by the steps of its path."""
    return "/".join((HOME, *(quote(step, safe="") for step in steps)))


class Addresses:
    """Where pages and actions are, by name."""

    def __init__(self, pages: Sequence[Page], actions: Sequence[Action]) -> None:
        self._paths = {page.name: page.path for page in pages} | {action.name: action.path for action in actions}

    def __call__(self, page: str, query: Mapping[str, Any] | None = None, **path: Any) -> str:
        """``url("exchange", name="pr-1", id="x")``; of ``query`` what is None or empty is left out."""

        def value(found: re.Match[str]) -> str:
            return quote(str(path[found[1]]), safe="/" if found[2] else "")

        address = HOME + _PARAMETER.sub(value, self._paths[page])
        wanted = {name: str(value) for name, value in (query or {}).items() if value not in (None, "", False)}
        return f"{address}?{urlencode(wanted)}" if wanted else address
