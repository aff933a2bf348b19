"""Invitations to become a teammate: sent by mail, good for seven days, accepted on a page of this service.

https://www.twilio.com/docs/sendgrid/api-reference/teammates (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from contracts.exchange import Request, Response
from mocks.base import Call, Handler, Mail, Page, Record, ServiceError
from mocks.sendgrid import accounts, teammates
from mocks.sendgrid.errors import told

#: The invitations of all accounts: whoever has a token comes without a key.
KIND: Final = teammates.INVITATION
PREFIX: Final = "/teammates/join/"
_DAYS: Final = 7 * 86_400
_SENDER: Final = {"email": "noreply@sendgrid.com", "name": "SendGrid"}


async def invite(call: Call) -> Record:
    """201, and a mail in the mailbox."""
    sent = call.params.body or {}
    rights = teammates.rights(sent)
    if await teammates.invited(call, sent["email"]):
        raise told(400, "a teammate or an invitation with this email exists", "email")
    if await call.state.count(KIND, {"account": accounts.name(call)}) >= teammates.MOST:
        raise told(403, f"an account has {teammates.MOST} invitations at the most")
    record = {"token": call.new_id("", 32), "email": sent["email"], "account": accounts.name(call), **rights}
    return _shown(await _send(call, record))


async def pending(call: Call) -> Record:
    """Those that are still good, oldest first."""
    found = await call.state.page(KIND, order="oldest", limit=teammates.MOST, where={"account": accounts.name(call)})
    now = call.now.timestamp()
    return {"result": [{**_shown(each), "expiration_date": each["until"]} for each in found if each["until"] > now]}


async def resend(call: Call) -> Record:
    """The mail again, good for another seven days, even after the first."""
    return _shown(await _send(call, await _stored(call)))


async def withdraw(call: Call) -> None:
    """204, once."""
    record = await _stored(call)
    await call.state.delete(KIND, record["token"])


def page(request: Request) -> Page | None:
    """The page that an invitation leads to."""
    if not request.path.startswith(PREFIX):
        return None
    token = request.path.removeprefix(PREFIX)

    async def show(call: Call, refused: ServiceError | None) -> Response:
        record = await _good(call, token)
        if record is None:
            return _html("This invitation is not, or no longer, good.", 404)
        wrong = "" if refused is None else f"<p role=alert>{escape(refused.message)}</p>"
        return _html(_FORM.format(email=escape(record["email"]), wrong=wrong))

    async def act(call: Call) -> Response:
        record = await _good(call, token)
        if record is None:
            raise told(404, "this invitation is not good")
        sent = call.params.body
        call.state = accounts.of(call.state, record["account"])
        rights = {"is_admin": record["is_admin"], "scopes": record["scopes"]}
        await teammates.join(call, sent.get("username") or record["email"], record["email"], {**sent, **rights})
        await call.state.delete(KIND, token)
        return _html("You are a teammate now.")

    return Page(show, act)


_FORM: Final = (
    "<p>{email} is invited to become a teammate.</p>{wrong}<form method=post>"
    "<label>Username <input name=username required></label> <label>First name <input name=first_name></label> "
    "<label>Last name <input name=last_name></label> <button>Join</button></form>"
)


def _html(body: str, status: int = 200) -> Response:
    text = f"<!doctype html><html lang=en><title>Join a team</title><main>{body}</main></html>"
    return Response(status, [("content-type", "text/html; charset=utf-8")], text.encode())


async def _good(call: Call, token: str) -> Record | None:
    record = await call.state.get(KIND, token)
    return record if record is not None and record["until"] > call.now.timestamp() else None


async def _stored(call: Call) -> Record:
    record = await call.state.get(KIND, str(call.params.path["token"]))
    if record is None or record["account"] != accounts.name(call):
        raise told(404, "invalid pending key", "pending_key")
    return record


async def _send(call: Call, record: Record) -> Record:
    record = {**record, "until": int(call.now.timestamp()) + _DAYS}
    await call.state.put(KIND, record["token"], record, {"account": record["account"]})
    url = f"{call.address}{PREFIX}{record['token']}"
    call.send_mail(
        Mail(
            id=call.new_id("", 22),
            sender=_SENDER,
            to=[{"email": record["email"]}],
            subject="You have been invited to join a SendGrid account",
            text=f"Join here: {url}\n",
            html=f'<p><a href="{escape(url)}">Join here</a></p>',
        )
    )
    return record


def _shown(record: Record) -> Record:
    """``pending_id`` is what the page's examples call the token."""
    names = ("token", "email", "scopes", "is_admin")
    return {name: record[name] for name in names} | {"pending_id": record["token"]}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "POST_v3-teammates": invite,
    "GET_v3-teammates-pending": pending,
    "POST_v3-teammates-pending-token-resend": resend,
    "DELETE_v3-teammates-pending-token": withdraw,
}
