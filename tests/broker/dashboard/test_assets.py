"""Files that may be kept for ever, because their names change with their content."""

from __future__ import annotations

from broker.dashboard import assets
from broker.dashboard.page import HOME
from tests.broker.dashboard.site import Site


async def test_files_are_kept_and_need_no_session(site: Site) -> None:
    async with site.stranger() as stranger:
        for name, media in (("app.css", "text/css"), ("app.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
            answer = await stranger.get(f"{HOME}/static/{assets.names()[name]}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(media)
            assert "immutable" in answer.headers["cache-control"]
        assert (await stranger.get(f"{HOME}/static/app.css")).status_code == 404
        assert (await stranger.get(f"{HOME}/static/..%2Frouting.py")).status_code in (303, 404)


async def test_pages_name_them(site: Site) -> None:
    text = await site.text("/")
    assert all(name in text for name in assets.names().values())
