"""An environment's mails at the addresses where helpers of tests look for Mailpit's: below ``/e/NAME/mailpit``.

The environment's own key of a service that sends mail opens it: as the password of Basic authentication, or as a bearer
token. What Mailpit does beyond reading, deleting and sending (tags of its own, checks, relaying) is refused plainly.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from broker.environments import Environments
from broker.errors import BrokerError, InvalidInput, NotFound, TooLarge
from broker.failures import unexpected
from broker.inbox import mailpit_forms as forms
from broker.inbox import mailpit_send, reading, search
from broker.inbox.submission import Refused, Sender, Submitting
from broker.scopes import divided
from broker.storage.base import EnvironmentStore, StoreGone
from broker.storage.mail import Mail, Wanted

#: Bytes of a request's body; of a mail to send.
_BODY, _SENT = 1 << 20, 42 << 20
_MOST = 1000
_LATEST = "latest"
#: Pictures of the mail itself are shown, none of others.
_VIEW = reading.SANDBOX.replace("img-src data:", "img-src 'self' data:")
_VERSION = "v1 of Mailpit's API, by preview-broker"


@dataclass(slots=True)
class Visitor:
    """Who reads, and what."""

    request: Request
    environment: str
    scope: str | None
    store: EnvironmentStore
    sender: Sender


Answer = Callable[[Visitor], Awaitable[Response]]


class Mailpit:
    """``application`` is an ASGI application for paths below ``/e/``."""

    def __init__(self, environments: Environments, submitting: Submitting) -> None:
        self._environments = environments
        self._submitting = submitting
        one = "/api/v1/message/{id}"
        self.application = Starlette(
            routes=[
                self._route("/api/v1/info", GET=_about),
                self._route("/api/v1/messages", GET=_messages, PUT=_mark, DELETE=_delete),
                self._route("/api/v1/search", GET=_search, DELETE=_delete_found),
                self._route("/api/v1/tags", GET=_tags, PUT=_refused),
                self._route("/api/v1/tags/{tag}", PUT=_refused, DELETE=_refused),
                self._route("/api/v1/send", POST=self._send),
                self._route(one, GET=_message),
                self._route(one + "/headers", GET=_headers),
                self._route(one + "/raw", GET=_raw),
                self._route(one + "/part/{part}", GET=_part),
                self._route(one + "/part/{part}/thumb", GET=_refused),
                self._route(one + "/release", POST=_refused),
                *(self._route(f"{one}/{check}", GET=_refused) for check in ("html-check", "link-check", "sa-check")),
                self._route("/api/v1/chaos", GET=_refused, PUT=_refused),
                self._route("/view/{name}", GET=_view),
            ]
        )
        self.application.router.redirect_slashes = False

    def _route(self, path: str, **methods: Answer) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await self._answered(request, methods)
            except BrokerError as refused:
                return _plain(refused.detail, refused.status, refused.headers)
            except StoreGone:
                return _plain("the environment is being closed", 410)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is left to read it
            except Exception as failed:
                refusal = unexpected(failed, f"{request.method} {request.url.path}")
                return _plain(refusal.detail, refusal.status)

        return Route(
            "/e/{environment}/{label}" + path, endpoint, methods=[*methods, *(["HEAD"] if "GET" in methods else [])]
        )

    async def _answered(self, request: Request, methods: Mapping[str, Answer]) -> Response:
        name, scope = divided(request.path_params["environment"])
        sender = await self._admitted(request, name)
        if sender is None:
            told = "send the environment's own key: as the password (the user is apikey), or as a bearer token"
            return _plain(told, 401, {"www-authenticate": 'Basic realm="mails", charset="UTF-8"'})
        store = await self._environments.store(await self._environments.get_open(name))
        answer = methods["GET" if request.method == "HEAD" else request.method]
        return await answer(Visitor(request, name, scope or None, store, sender))

    async def _admitted(self, request: Request, name: str) -> Sender | None:
        """Whose mails the key opens; None for no key, or one of nobody here."""
        key = _key(request.headers.get("authorization", ""))
        if key is None:
            return None
        client = request.client.host if request.client else ""
        try:
            return await self._submitting.reader(key, name, request.method, request.url.path, client)
        except Refused:
            return None

    async def _send(self, visitor: Visitor) -> Response:
        try:
            wanted = mailpit_send.read(await _body(visitor.request, _SENT))
            raw = mailpit_send.written(wanted)
            queued = await self._submitting.submit(
                visitor.sender, wanted["From"]["Email"], mailpit_send.recipients(wanted), raw
            )
        except (BrokerError, Refused) as refused:
            told = refused.reply if isinstance(refused, Refused) else refused.detail
            return _json({"Error": told}, 400)
        return _json({"ID": f"{queued}.0"})


def _key(authorization: str) -> str | None:
    scheme, _, given = authorization.partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer":
        return given or None
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2] or None
    except (binascii.Error, ValueError):
        return None


# -- what is answered ------------------------------------------------------------------------------------------


def _plain(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        text, status, headers={**(headers or {}), "x-content-type-options": "nosniff"}, media_type="text/plain"
    )


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, headers={"cache-control": "no-store"}, media_type="application/json")


async def _body(request: Request, limit: int) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise TooLarge(f"a request to this path has at most {limit >> 20} MiB")
    return bytes(received)


async def _object(request: Request) -> Mapping[str, Any]:
    """The body's JSON object; an empty one for no body. Raises InvalidInput."""
    raw = await _body(request, _BODY)
    try:
        found = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as wrong:
        raise InvalidInput(f"the body is not JSON: {wrong.msg}") from None
    if not isinstance(found, dict):
        raise InvalidInput("the body is no JSON object")
    return found


def _ids(given: Mapping[str, Any]) -> list[str] | None:
    """Those that a body names; None for all."""
    ids = given.get("IDs") or []
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise InvalidInput("IDs: a list of texts")
    return ids or None


def _number(visitor: Visitor, name: str, default: int, most: int) -> int:
    text = visitor.request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InvalidInput(f"{name}: {text[:20]!r} is no number")
    return min(int(text), most)


def _wanted(visitor: Visitor, *more: search.Term) -> Wanted:
    """What a search asks for. Raises InvalidInput."""
    query = visitor.request.query_params
    try:
        zone = ZoneInfo(query.get("tz") or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"tz: no time zone is called {query['tz'][:40]!r}") from None
    asked = search.parse(query.get("query", ""), zone).and_also(*more)
    return Wanted(scope=visitor.scope, accept=asked.matches if asked.terms else None)


async def _found(visitor: Visitor) -> Mail:
    """The mail that the path names. Raises NotFound."""
    return await _named(visitor, visitor.request.path_params["id"])


async def _named(visitor: Visitor, mail_id: str) -> Mail:
    mailbox = visitor.store.mailbox
    if mail_id == _LATEST:
        newest = await mailbox.find(_wanted(visitor), limit=1)
        found: Mail | None = newest.items[0] if newest.items else None
    else:
        found = await mailbox.mail(mail_id)
    if found is None or visitor.scope not in (None, found["scope"]):
        raise NotFound("message not found")
    return found


async def _about(visitor: Visitor) -> Response:
    number, unread = await visitor.store.mailbox.totals()
    used = visitor.store.room.used
    return _json(
        {
            "Version": _VERSION,
            "LatestVersion": _VERSION,
            "Database": visitor.environment,
            "DatabaseSize": used,
            "Messages": number,
            "Unread": unread,
            "Tags": {},
            "RuntimeStats": {
                "Uptime": 0,
                "Memory": 0,
                "MessagesDeleted": 0,
                "SMTPAccepted": number,
                "SMTPAcceptedSize": used,
                "SMTPIgnored": 0,
                "SMTPRejected": 0,
            },
        }
    )


async def _list(visitor: Visitor, wanted: Wanted) -> Response:
    mailbox = visitor.store.mailbox
    start, limit = _number(visitor, "start", 0, 10**9), _number(visitor, "limit", 50, _MOST)
    page = await mailbox.find(wanted, offset=start, limit=limit)
    total, unread = await mailbox.totals()
    if wanted.accept is None and wanted.scope is None:
        matching, matching_unread = total, unread
    else:
        matching = len(await mailbox.ids(wanted))
        matching_unread = len(await mailbox.ids(_wanted(visitor, search.Term("unread", ""))))
        if visitor.scope is not None:
            total, unread = (len(await mailbox.ids(Wanted(scope=visitor.scope))), matching_unread)
    return _json(
        {
            "total": total,
            "unread": unread,
            "count": len(page.items),
            "messages_count": matching,
            "messages_unread": matching_unread,
            "start": start,
            "tags": sorted({tag for mail in page.items for tag in forms.tags(mail)}),
            "messages": [forms.summary(mail) for mail in page.items],
        }
    )


async def _messages(visitor: Visitor) -> Response:
    return await _list(visitor, Wanted(scope=visitor.scope))


async def _search(visitor: Visitor) -> Response:
    if not visitor.request.query_params.get("query", "").strip():
        raise InvalidInput("query: say what is looked for")
    return await _list(visitor, _wanted(visitor))


async def _mark(visitor: Visitor) -> Response:
    given = await _object(visitor.request)
    read = given.get("Read", False)
    if not isinstance(read, bool):
        raise InvalidInput("Read: true or false")
    ids = _ids(given)
    if visitor.scope is not None:
        own = set(await visitor.store.mailbox.ids(Wanted(scope=visitor.scope)))
        ids = [each for each in own if ids is None or each in ids]
    await visitor.store.mailbox.mark(ids, read=read)
    return _plain("ok")


async def _delete(visitor: Visitor) -> Response:
    mailbox, ids = visitor.store.mailbox, _ids(await _object(visitor.request))
    if visitor.scope is not None:
        own = await mailbox.ids(Wanted(scope=visitor.scope))
        await mailbox.delete([each for each in own if ids is None or each in ids])
    elif ids is None:
        await mailbox.clear()
    else:
        await mailbox.delete(ids)
    return _plain("ok")


async def _delete_found(visitor: Visitor) -> Response:
    if not visitor.request.query_params.get("query", "").strip():
        raise InvalidInput("query: say what is to go")
    mailbox = visitor.store.mailbox
    await mailbox.delete(await mailbox.ids(_wanted(visitor)))
    return _plain("ok")


async def _tags(visitor: Visitor) -> Response:
    found: set[str] = set()

    def look(mail: Mail) -> bool:
        found.update(forms.tags(mail))
        return False

    await visitor.store.mailbox.ids(Wanted(scope=visitor.scope, accept=look))
    return _json(sorted(found))


async def _message(visitor: Visitor) -> Response:
    """Who looks at a mail has read it."""
    found = await _found(visitor)
    if visitor.request.method == "GET" and not found["read"]:
        await visitor.store.mailbox.mark([found["id"]], read=True)
    return _json(forms.message(await reading.whole(visitor.store, found)))


async def _headers(visitor: Visitor) -> Response:
    found = await _found(visitor)
    return _json(forms.header_fields(await reading.header_fields(visitor.store, found)))


async def _raw(visitor: Visitor) -> Response:
    found = await _found(visitor)
    return StreamingResponse(reading.raw(visitor.store, found), headers=reading.GUARDED, media_type="text/plain")


async def _part(visitor: Visitor) -> Response:
    found, number = await _found(visitor), visitor.request.path_params["part"]
    files = found.get("attachments") or ()
    if not number.isascii() or not number.isdecimal() or len(number) > 6 or not 1 <= int(number) <= len(files):
        raise NotFound("part not found")
    file = files[int(number) - 1]
    media, headers = reading.attached(file)
    try:
        stream = visitor.store.mailbox.read(found, file["blob"]["id"])
    except LookupError:
        raise NotFound("the bytes of this part went with another mail that had it") from None
    return StreamingResponse(stream, headers=headers, media_type=media)


async def _view(visitor: Visitor) -> Response:
    mail_id, dot, form = visitor.request.path_params["name"].rpartition(".")
    if not dot or form not in ("html", "txt"):
        raise NotFound("view it as ID.html or ID.txt")
    mail = await reading.whole(visitor.store, await _named(visitor, mail_id))
    if form == "txt":
        return Response(mail.get("text") or "", headers=reading.GUARDED, media_type="text/plain")
    if mail.get("html") is None:
        raise NotFound("this message has no HTML")
    headers = {**reading.GUARDED, "content-security-policy": _VIEW}
    return Response(forms.with_pictures(mail["html"], mail), headers=headers, media_type="text/html")


async def _refused(visitor: Visitor) -> Response:
    return _plain(f"{visitor.request.method} of this path is Mailpit's own; this inbox does not do it", 501)
