"""The dashboard's table of contents: every page and every action, in the order of the navigation.

A part of the dashboard keeps its own tuples PAGES and ACTIONS in a module of its own and adds a line here.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from broker.control.parts import Parts
from broker.dashboard import (
    account_pages,
    binding_pages,
    drift_pages,
    environment_pages,
    event_pages,
    life_pages,
    mail_pages,
    policy_pages,
    record_pages,
    service_pages,
    teardown_pages,
    traffic_pages,
)
from broker.dashboard.page import Action, Page
from broker.dashboard.serving import Dashboard

PAGES: tuple[Page, ...] = (
    *environment_pages.PAGES,
    *traffic_pages.SERVER_PAGES,
    *traffic_pages.PAGES,
    *mail_pages.PAGES,
    *event_pages.PAGES,
    *record_pages.PAGES,
    *binding_pages.PAGES,
    *policy_pages.PAGES,
    *life_pages.PAGES,
    *teardown_pages.PAGES,
    *account_pages.PAGES,
    *drift_pages.PAGES,
    *service_pages.PAGES,
)

ACTIONS: tuple[Action, ...] = (
    *mail_pages.ACTIONS,
    *event_pages.ACTIONS,
    *binding_pages.ACTIONS,
    *policy_pages.ACTIONS,
    *life_pages.ACTIONS,
    *teardown_pages.ACTIONS,
    *account_pages.ACTIONS,
    *drift_pages.ACTIONS,
)


def routes(parts: Parts) -> Sequence[Route]:
    """For broker.control.app.build."""
    return Dashboard(parts, PAGES, ACTIONS).routes()
