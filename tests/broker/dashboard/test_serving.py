"""The way of a request: log in, look, send a form, be refused in words, log out."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from broker.control.app import build
from broker.dashboard.guard import HEADERS
from broker.dashboard.page import HOME, Action, Done, Page, View
from broker.dashboard.routes import PAGES
from broker.dashboard.serving import Dashboard
from broker.dashboard.sessions import TRIES
from broker.errors import NotFound
from tests.broker.dashboard.site import TOKEN, Site, shown


async def test_nobody_sees_a_page_without_logging_in(site: Site) -> None:
    async with site.stranger() as stranger:
        for path in ("/", "/environments/pr-1", "/nowhere"):
            answer = await stranger.get(HOME + path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(HOME + "/login")
        assert (await stranger.get(HOME)).headers["location"] == HOME + "/"
        assert (await stranger.get(HOME + "/", headers={"sec-fetch-mode": "cors"})).status_code == 401
        assert (await stranger.post(HOME + "/logout", data={"csrf": await site.csrf()})).status_code == 303
        stranger.cookies.set(f"broker_session_{site.broker.settings.port}", "made up")
        assert (await stranger.get(HOME + "/")).status_code == 303


async def test_logging_in_leads_to_where_one_wanted_to_go(site: Site) -> None:
    async with site.stranger() as stranger:
        asked = await stranger.get(f"{HOME}/environments/pr-1?a=b c")
        page = await stranger.get(asked.headers["location"])
        assert page.status_code == 200
        answer = await stranger.post(asked.headers["location"], data={"token": TOKEN})
        assert answer.headers["location"] == f"{HOME}/environments/pr-1?a=b%20c"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert f"Path={HOME};" in cookie
        assert "Secure" not in cookie
        assert "Domain" not in cookie  # other hosts, those of services, never see it
        assert (await stranger.get(f"{HOME}/login")).status_code == 303
        elsewhere = await stranger.post(f"{HOME}/login?next=//evil.example", data={"token": TOKEN})
        assert elsewhere.headers["location"] == HOME + "/"


async def test_by_https_the_cookie_is_secure(site: Site) -> None:
    async with site.stranger() as stranger:
        headers = {"x-forwarded-proto": "https"}
        answer = await stranger.post(f"{HOME}/login", data={"token": TOKEN}, headers=headers)
        assert "Secure" in answer.headers["set-cookie"]


async def test_a_link_from_elsewhere_is_asked_for_once_more(site: Site) -> None:
    async with site.stranger() as stranger:
        cross = {"sec-fetch-site": "cross-site"}
        answer = await stranger.get(f"{HOME}/environments/pr-1", headers=cross)
        assert 'content="0;url=/_broker/ui/environments/pr-1"' in answer.text


async def test_wrong_tokens_are_refused_and_then_stopped(site: Site) -> None:
    async with site.stranger() as stranger:
        for _ in range(TRIES):
            answer = await stranger.post(f"{HOME}/login", data={"token": "wrong"})
            assert answer.status_code == 403
            assert "not the control token" in answer.text
            assert "set-cookie" not in answer.headers
        assert (await stranger.post(f"{HOME}/login", data={"token": TOKEN})).status_code == 429


async def test_a_login_comes_from_the_login_page(site: Site) -> None:
    async with site.stranger() as stranger:
        for headers in ({"origin": "https://evil.example"}, {"origin": ""}, {"origin": "null"}):
            answer = await stranger.post(f"{HOME}/login", data={"token": TOKEN}, headers=headers)
            assert answer.status_code == 403
        large = await stranger.post(f"{HOME}/login", data={"token": "x" * 5000})
        assert large.status_code == 413


async def test_logging_out_needs_the_form_of_the_session(site: Site) -> None:
    csrf = await site.csrf()
    assert (await site.client.post(HOME + "/logout", data={})).status_code == 403
    assert (await site.get("/")).status_code == 200
    answer = await site.client.post(HOME + "/logout", data={"csrf": csrf})
    assert answer.headers["location"] == HOME + "/login"
    assert (await site.get("/")).status_code == 303


async def test_every_answer_keeps_to_itself(site: Site) -> None:
    for path in ("/", "/login", "/nowhere", "/environments/nobody", "/static/none"):
        headers = (await site.get(path)).headers
        for name in HEADERS:
            assert name in headers, (path, name)
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


async def test_pages_are_no_part_of_others(site: Site) -> None:
    assert (await site.get("/", headers={"sec-fetch-dest": "iframe"})).status_code == 403
    assert (await site.get("/", headers={"sec-fetch-dest": "empty", "sec-fetch-mode": "navigate"})).status_code == 403


async def test_what_is_not_there_is_said_with_what_to_do(site: Site) -> None:
    missing = await site.get("/environments/nobody")
    assert missing.status_code == 404
    assert "no environment is called nobody" in shown(missing.text)
    assert (await site.get("/no/such/page")).status_code == 404
    assert (await site.get("/environments/" + "x" * 3000)).status_code == 400


async def refuse(view: View) -> Done:
    raise NotFound(f"no thing {view.form.get('id')}")


async def agree(view: View) -> Done:
    return Done(HOME + "/", f"did {view.form['id']} of {view.path['name']}")


async def fail(view: View) -> dict[str, str]:
    raise RuntimeError("a secret of the inside")


ACTIONS = (
    Action(name="refuse", path="/acts/{name}/refuse", act=refuse),
    Action(name="agree", path="/acts/{name}/agree", act=agree),
)


@pytest.fixture
async def acting(site: Site) -> Site:
    """The same with two actions more, and a page that fails."""
    pages = (*PAGES, Page(name="fail", path="/fail", title="Fail", show=fail))
    dashboard = Dashboard(site.broker._parts(), pages, ACTIONS)
    app = build(site.broker._parts(), *dashboard.routes())
    await site.client.aclose()
    site.client = httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
        transport=httpx.ASGITransport(app), base_url=site.origin, headers={"origin": site.origin}
    )
    await site.log_in()
    return site


async def test_a_form_does_something_and_it_is_said_once(acting: Site) -> None:
    answer = await acting.post("/acts/pr-1/agree", id="<b>x</b>")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME + "/")
    assert "did &lt;b&gt;x&lt;/b&gt; of pr-1" in await acting.text("/")
    assert "did" not in shown(await acting.text("/"))


async def test_a_refusal_is_said_where_the_form_was(acting: Site) -> None:
    answer = await acting.post("/acts/pr-1/refuse", id="7", back=HOME + "/environments/pr-1")
    assert answer.headers["location"] == HOME + "/environments/pr-1"
    assert "no thing 7" in shown(await acting.text("/environments/pr-1"))
    for back in ("", "https://evil.example/"):
        answer = await acting.post("/acts/pr-1/refuse", id="7", back=back)
        assert answer.status_code == 404
        assert "no thing 7" in shown(answer.text)


@pytest.mark.parametrize("csrf", ["", "x", "é"])
async def test_a_form_of_nobody_does_nothing(acting: Site, csrf: str) -> None:
    assert (await acting.post("/acts/pr-1/agree", id="7", csrf=csrf)).status_code == 403
    assert "did" not in shown(await acting.text("/"))


async def test_a_form_from_elsewhere_does_nothing(acting: Site) -> None:
    csrf = await acting.csrf()
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        sent = await acting.client.post(HOME + "/acts/pr-1/agree", data={"csrf": csrf, "id": "7"}, headers=headers)
        assert sent.status_code == 403
    assert (await acting.get("/acts/pr-1/agree")).status_code == 404
    assert "did" not in shown(await acting.text("/"))


async def test_a_form_that_cannot_be_read_is_refused(acting: Site) -> None:
    for body in (b"\xff", b"a=%FF", b"&".join(b"a=1" for _ in range(300))):
        answer = await acting.client.post(HOME + "/acts/pr-1/agree", content=body)
        assert answer.status_code == 400


async def test_a_failure_tells_nothing_of_the_inside(acting: Site) -> None:
    answer = await acting.get("/fail")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "its log has the details" in shown(answer.text)


async def test_another_servers_sessions_open_nothing(site: Site, tmp_path: Path) -> None:
    other = Site(tmp_path / "other")
    other.client.cookies = site.client.cookies
    assert (await other.get("/")).status_code == 303
    await other.close()
