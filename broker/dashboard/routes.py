"""The dashboard's table of contents: every page and every action, in the order of the navigation.

A part of the dashboard keeps its own tuples PAGES and ACTIONS in a module of its own and adds a line here.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from broker.control.parts import Parts
from broker.dashboard import environment_pages
from broker.dashboard.page import Action, Page
from broker.dashboard.serving import Dashboard

PAGES: tuple[Page, ...] = (*environment_pages.PAGES,)

ACTIONS: tuple[Action, ...] = ()


def routes(parts: Parts) -> Sequence[Route]:
    """For broker.control.app.build."""
    return Dashboard(parts, PAGES, ACTIONS).routes()
