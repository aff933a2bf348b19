"""Pages of an environment's inbox: its mails, rendered harmlessly, with everything that came with them.

A mail's HTML stands in a frame of its own without an origin: nothing of it runs, and nothing is fetched for it. Its
images come from the mail itself, and from this server where somebody asks for them: that is how an open is told.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from broker.dashboard.page import Action, Done, Page, View, at
from broker.dashboard.passing import passed_on, whole
from broker.errors import NotFound, NothingCame

#: Entries of a page.
_PAGE = 50
#: Bytes of a mail's HTML that are rendered, of the images that it carries, and of these wherever they stand in it.
_RENDERED, _IMAGES, _FILLED = 2 << 20, 8 << 20, 24 << 20
#: Seconds that the list waits for a new mail at once: a server that stops waits for it.
_WAIT = 4

#: What a browser would look up or connect to before any policy is asked; and what would change where links lead.
_HINTS = re.compile(rb"<\s*(?:link|base|meta)\b[^>]*>", re.IGNORECASE)
#: What stands in its place: with nothing there, ``<li<link>nk>`` would be one again.
_GONE = b"<wbr>"
_CID = re.compile(rb"cid:([^\"'\s)>]+)", re.IGNORECASE)


async def mails(view: View) -> Mapping[str, Any]:
    """Newest first: all, or those that the search finds."""
    query = {name: view.query.get(name) for name in ("search", "to", "scope", "after")}
    unread = {"read": False} if view.query.get("unread") == "true" else {}
    found = await view.call("listMails", query={**query, **unread, "limit": _PAGE})
    environment = await view.call("showEnvironment", query={"inventory": False})
    return {"environment": environment, "found": found, "count": await view.call("countMails")}


async def arrived(view: View) -> Response:
    """200 once a mail has come after the one of the query, 204 when none did for a while."""
    query = {"after": view.query.get("after"), "timeout": _WAIT}
    try:
        await view.call("waitForMail", query=query)
    except NothingCame:
        return Response(status_code=204)
    return Response("a mail has come\n", media_type="text/plain")


async def mail(view: View) -> Mapping[str, Any]:
    """One, which is read with that."""
    found = await view.call("showMail")
    await view.call("markMails", path={"name": view.path["name"]}, body={"ids": [found["id"]], "read": True})
    forms = [form for form in ("html", "text") if found[f"{form}_size"] is not None]
    tabs = [*forms, "links", "headers", "sent"]
    tab = view.query.get("tab", "")
    return {
        "mail": found,
        "tabs": tabs,
        "tab": tab if tab in tabs else tabs[0],
        "large": {form: (found[f"{form}_size"] or 0) > _RENDERED for form in ("html", "text")},
        "sent": {name: found[name] for name in ("custom", "categories", "headers") if found[name]},
    }


async def frame(view: View) -> Response:
    """The HTML for its frame."""
    found = await view.call("showMail")
    if found["html_size"] is None or found["html_size"] > _RENDERED:
        raise NotFound("this mail has no HTML that can be shown here")
    answer = await view.answer("mailHtml")
    html = _unhinted(await whole(answer))
    html = await _with_images(view, found, html)
    images = f"data: {view.parts.settings.origin}" if view.query.get("images") == "own" else "data:"
    return Response(
        html,
        media_type="text/html; charset=utf-8",
        headers={
            "content-security-policy": (
                f"sandbox; default-src 'none'; img-src {images}; style-src 'unsafe-inline'; form-action 'none'; "
                "base-uri 'none'; frame-ancestors 'self'"
            ),
            "x-frame-options": "SAMEORIGIN",
            "referrer-policy": "no-referrer",
            "x-dns-prefetch-control": "off",
        },
    )


def _unhinted(html: bytes) -> bytes:
    """Without what a browser would act on at once. Behind the last ``>`` no tag ends: to look for it from every begin
    would take quadratic time."""
    end = html.rfind(b">") + 1
    return _HINTS.sub(_GONE, html[:end]) + html[end:]


async def _with_images(view: View, mail: Mapping[str, Any], html: bytes) -> bytes:
    """The images that the mail carries in the place of the ids that name them."""
    left, found = _IMAGES, dict[bytes, bytes]()
    for file in mail["attachments"]:
        key = (file.get("content_id") or "").strip("<>").encode()
        if not key or not file["content_type"].lower().startswith("image/") or file["size"] > left:
            continue
        if b"cid:" + key not in html:
            continue
        path = {"name": view.path["name"], "id": mail["id"], "number": str(file["number"])}
        content = await whole(await view.answer("mailAttachment", path=path))
        left -= len(content)
        media = re.sub(r"[^a-z0-9.+/-]", "", file["content_type"].lower())
        found[key] = f"data:{media};base64,".encode() + base64.b64encode(content)
    return _filled(html, found) if found else html


def _filled(html: bytes, images: Mapping[bytes, bytes]) -> bytes:
    """An image that is named again and again would make a page of gigabytes: what has no room keeps its id."""
    room = _FILLED

    def image(found: re.Match[bytes]) -> bytes:
        nonlocal room
        content = images.get(found[1], b"")
        if not content or len(content) > room:
            return found[0]
        room -= len(content)
        return content

    return _CID.sub(image, html)


async def attachment(view: View) -> Response:
    """A file of it, to be saved."""
    return passed_on(await view.answer("mailAttachment"))


async def raw(view: View) -> Response:
    """The message, to be saved."""
    return passed_on(await view.answer("mailRaw"))


async def delete(view: View) -> Done:
    """One mail goes."""
    await view.call("deleteMail")
    return Done(_inbox(view), "The mail is deleted.")


async def empty(view: View) -> Done:
    """All of them, or those that the search of the list finds."""
    query = {name: view.form.get(name) for name in ("search", "to", "scope")}
    found = await view.call("clearMails", query=query)
    return Done(_inbox(view), f"Deleted: {found['deleted']}.")


async def mark(view: View) -> Done:
    """All are read; or one is not."""
    one = view.form.get("id", "")
    body: dict[str, Any] = {"read": view.form.get("read") == "true"}
    if one:
        body["ids"] = [one]
    await view.call("markMails", body=body)
    return Done(_inbox(view))


def _inbox(view: View) -> str:
    return at("environments", view.path["name"], "mails")


_MAILS = "/environments/{name}/mails"
_ONE = _MAILS + "/{id}"

PAGES = (
    Page(
        name="mails",
        path=_MAILS,
        title="Inbox",
        template="mails.html",
        show=mails,
        nav="environment",
        under="environment",
        icon="mail",
    ),
    Page(name="arrived", path=_MAILS + "/arrived", title="", show=arrived, part=True),
    Page(name="mail", path=_ONE, title="Mail", template="mail.html", show=mail, under="mails"),
    Page(name="mail_frame", path=_ONE + "/frame", title="", show=frame, part=True),
    Page(name="mail_raw", path=_ONE + "/raw", title="", show=raw, part=True),
    Page(name="mail_attachment", path=_ONE + "/attachments/{number}", title="", show=attachment, part=True),
)

ACTIONS = (
    Action(name="delete_mail", path=_ONE + "/delete", act=delete),
    Action(name="empty_inbox", path=_MAILS + "/delete", act=empty),
    Action(name="mark_mails", path=_MAILS + "/read", act=mark),
)
