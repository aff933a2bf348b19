"""The dashboard's way of one request: static files, the session, the page's own function, its template, and errors that
say what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from broker.control.answering import body_bytes, checked_path
from broker.control.pages import NEXT_STEPS
from broker.control.parts import Parts
from broker.dashboard import assets, guard
from broker.dashboard.page import HOME, LONGEST, Action, Addresses, Done, Page, View
from broker.dashboard.rendering import Templates
from broker.dashboard.sessions import Session, Sessions
from broker.errors import BrokerError, EnvironmentClosed, Forbidden, InvalidInput, NotFound, TooManyAttempts
from broker.failures import unexpected
from broker.storage.base import StoreGone

#: Bytes of a form.
_MAX_FORM = 1024 * 1024
#: Bytes of the form that logs in.
_MAX_LOGIN = 4096


class Dashboard:
    """Pages and actions of one server."""

    def __init__(self, parts: Parts, pages: Sequence[Page], actions: Sequence[Action]) -> None:
        self._parts = parts
        self._pages = pages
        self._by_name = {page.name: page for page in pages}
        self._actions = actions
        self.sessions = Sessions(parts.clock, parts.token)
        self.url = Addresses(pages, actions)
        self.templates = Templates(url=self.url)

    def routes(self) -> Sequence[Route]:
        """For Starlette; the last one answers every other path below HOME."""
        found = [
            Route(f"{HOME}/static/{{file}}", assets.serve),
            Route(f"{HOME}/login", self._login, methods=["GET", "POST"]),
            Route(f"{HOME}/logout", self._logout, methods=["POST"]),
            Route(HOME, self._home),
        ]
        found += [Route(HOME + page.path, self._page(page)) for page in self._pages]
        found += [Route(HOME + action.path, self._action(action), methods=["POST"]) for action in self._actions]
        return [*found, Route(HOME + "/{rest:path}", self._nothing, methods=["GET", "POST"])]

    async def _home(self, request: Request) -> Response:
        return guard.protect(RedirectResponse(HOME + "/"))

    async def _nothing(self, request: Request) -> Response:
        async def refuse(session: Session) -> Response:
            raise NotFound("there is no such page")

        return await self._answered(request, None, refuse)

    # Pages

    def _page(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            async def show(session: Session) -> Response:
                if not page.part and not guard.is_document(request):
                    raise Forbidden("this page is shown as a whole only: open it in a tab of its own")
                view = self._view(request, session)
                given = await page.show(view)
                if isinstance(given, Response):
                    return given
                return self._html(request, page, session, page.template, given)

            return await self._answered(request, page, show)

        return endpoint

    def _view(self, request: Request, session: Session, form: Mapping[str, str] | None = None) -> View:
        path = checked_path(request.path_params, LONGEST)
        return View(self._parts, session, path, dict(request.query_params), form or {})

    def _html(
        self,
        request: Request,
        page: Page | None,
        session: Session | None,
        template: str,
        context: Mapping[str, Any],
        status: int = 200,
    ) -> Response:
        nonce = self._parts.clock.text(22)
        frame = self._frame(request, page, session)
        text = self.templates.render(template, {**frame, "nonce": nonce, **context})
        return HTMLResponse(text, status, headers={"content-security-policy": guard.policy(nonce)})

    def _frame(self, request: Request, page: Page | None, session: Session | None) -> dict[str, Any]:
        """What the layout needs, on every page."""
        path = {name: str(value) for name, value in request.path_params.items()}
        crumbs = self._crumbs(page, path)
        return {
            "page": page,
            "title": page.called(path) if page else "",
            "name": path.get("name") if page else None,
            "crumbs": crumbs,
            "marked": {each.name for each, _ in crumbs},
            "navigation": {group: [each for each in self._pages if each.nav == group] for group in _GROUPS},
            "flashes": session.told() if session else [],
            "csrf": session.csrf if session else None,
            "here": request.url.path + ("?" + request.url.query if request.url.query else ""),
            "now": self._parts.clock.now(),
            "query": dict(request.query_params),
        }

    def _crumbs(self, page: Page | None, path: Mapping[str, str]) -> list[tuple[Page, str]]:
        found: list[tuple[Page, str]] = []
        while page is not None:
            found.insert(0, (page, page.called(path)))
            page = self._by_name.get(page.under)
        return found

    # Actions

    def _action(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            async def act(session: Session) -> Response:
                form = await self._form(request, session)
                done = await self._acted(action, self._view(request, session, form), form)
                return RedirectResponse(done.to, 303)

            return await self._answered(request, None, act)

        return endpoint

    async def _acted(self, action: Action, view: View, form: Mapping[str, str]) -> Done:
        back = guard.within(form.get("back", ""))
        try:
            done = await action.act(view)
        except BrokerError as refused:
            if back is None:
                raise
            view.session.tell("bad", refused.detail)
            return Done(back)
        if done.say:
            view.session.tell("good", done.say)
        return done

    async def _form(self, request: Request, session: Session) -> Mapping[str, str]:
        """Raises Forbidden for what no form of this session is."""
        form = await self._fields(request, _MAX_FORM)
        if not session.owns(form.get("csrf", "")):
            raise Forbidden("this form is of another session, or too old: open the page again and repeat it there")
        return form

    async def _fields(self, request: Request, most: int) -> Mapping[str, str]:
        if not guard.is_own(request):
            raise Forbidden("only pages of this server may send this; open the dashboard and repeat it there")
        raw = await body_bytes(request, self._parts.settings.body_timeout_seconds, most)
        try:
            return dict(parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200))
        except (ValueError, UnicodeError):
            raise InvalidInput("the form is not readable") from None

    # Sessions

    def _session(self, request: Request) -> Session | None:
        return self.sessions.find(request.cookies.get(guard.cookie(self._parts.settings)))

    async def _login(self, request: Request) -> Response:
        secure = guard.is_secure(request, self._parts.settings)
        goal = guard.within(request.query_params.get("next", "")) or HOME + "/"
        try:
            if request.method != "POST":
                if self._session(request) is not None:
                    return guard.protect(RedirectResponse(goal, 303))
                return guard.protect(self._html(request, None, None, "login.html", {"goal": goal, "wrong": ""}))
            name = await self._entered(request)
        except (BrokerError, ClientDisconnect) as refused:
            detail = refused.detail if isinstance(refused, BrokerError) else ""
            status = refused.status if isinstance(refused, BrokerError) else 400
            given = {"goal": goal, "wrong": detail}
            return guard.protect(self._html(request, None, None, "login.html", given, status))
        response = RedirectResponse(goal, 303)
        guard.keep(response, self._parts.settings, name, secure=secure)
        return guard.protect(response)

    async def _entered(self, request: Request) -> str:
        caller = request.client.host if request.client else ""
        if (seconds := self.sessions.wait(caller)) > 0:
            raise TooManyAttempts(f"too many wrong tokens; try again in {seconds:.0f} seconds")
        form = await self._fields(request, _MAX_LOGIN)
        name = self.sessions.log_in(form.get("token", ""), caller)
        if name is None:
            raise Forbidden(
                "this is not the control token; see BROKER_TOKEN, or the file token in the server's data folder"
            )
        return name

    async def _logout(self, request: Request) -> Response:
        async def leave(session: Session) -> Response:
            await self._form(request, session)
            self.sessions.log_out(request.cookies.get(guard.cookie(self._parts.settings), ""))
            response = RedirectResponse(HOME + "/login", 303)
            guard.drop(response, self._parts.settings, secure=guard.is_secure(request, self._parts.settings))
            return response

        return await self._answered(request, None, leave)

    # The frame of every answer

    async def _answered(
        self, request: Request, page: Page | None, answer: Callable[[Session], Awaitable[Response]]
    ) -> Response:
        session = self._session(request)
        if session is None:
            return guard.protect(self._asked_to_log_in(request))
        try:
            return guard.protect(await answer(session))
        except BrokerError as refused:
            return guard.protect(self._refused(request, page, session, refused))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is left to read it
        except StoreGone:
            gone = EnvironmentClosed("the environment is being closed: what it held is deleted")
            return guard.protect(self._refused(request, page, session, gone))
        except Exception as failed:
            told = unexpected(failed, f"{request.method} {request.url.path}")
            return guard.protect(self._refused(request, page, session, told))

    def _asked_to_log_in(self, request: Request) -> Response:
        if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
            return Response("log in first\n", 401, media_type="text/plain")
        goal = request.url.path + ("?" + request.url.query if request.url.query else "")
        known = request.method != "POST" and goal != HOME + "/" and guard.within(goal)
        if known and request.headers.get("sec-fetch-site") == "cross-site":
            # A link from elsewhere comes without the cookie, which is strict: asked for once more from here, with it.
            return self._html(request, None, None, "again.html", {"goal": goal})
        return RedirectResponse(f"{HOME}/login?next={quote(goal)}" if known else f"{HOME}/login", 303)

    def _refused(self, request: Request, page: Page | None, session: Session, refused: BrokerError) -> Response:
        context = {
            "problem": refused,
            "step": NEXT_STEPS.get(refused.slug, ""),
            # The environment may be what does not exist.
            "name": None if isinstance(refused, NotFound) else request.path_params.get("name"),
        }
        return self._html(request, page, session, "error.html", context, refused.status)


_GROUPS = ("server", "environment")
