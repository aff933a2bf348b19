"""What the server offers, as pages."""

from __future__ import annotations

from broker.dashboard.service_pages import _figures
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site


async def test_services_lead_to_their_operations(site: Site) -> None:
    text = await site.text("/services")
    for name in site.broker.services:
        assert f"/_broker/ui/services/{name}" in text
    one = words(await site.text("/services/stripe?text=customers.create&kind=stateful"))
    assert "POST /v1/customers" in one
    assert "/v1/charges " not in one
    assert "No operation fits the filter" in words(await site.text("/services/stripe?text=nothing-like-it"))
    assert (await site.get("/services/none")).status_code == 404


async def test_the_server_says_how_it_is(site: Site) -> None:
    text = words(await site.text("/server"))
    assert "ready" in text
    assert site.broker.settings.base_domain in text


def test_figures_are_read_from_prometheus_text() -> None:
    text = (
        "# HELP broker_incidents_total Attempts.\n# TYPE broker_incidents_total counter\n"
        'broker_incidents_total{kind="a",service="b"} 2.0\nbroker_incidents_total{kind="c",service="b"} 0.0\n'
        "# HELP python_gc Collections.\npython_gc 3.0\n"
    )
    assert _figures(text) == [("broker_incidents_total", "Attempts.", [('kind="a",service="b"', 2.0)])]
