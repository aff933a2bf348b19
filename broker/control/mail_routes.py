"""Control routes of an environment's mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.control import mail_shapes as forms
from broker.control import shapes
from broker.control.answering import Answer, Ask, Query, Route
from broker.control.paging import check_cursor
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound, NothingCame, TooManyWaits
from broker.inbox import reading, search
from broker.inbox.search import Search, Term
from broker.storage.base import EnvironmentStore
from broker.storage.mail import Mail, Wanted

_ENVIRONMENT = "/_broker/v1/environments/{name}"
_MAILS = _ENVIRONMENT + "/mails"
_ONE = (NotFound, Conflict, EnvironmentClosed)
#: Characters of the texts of one page; the mail that makes it more is the last one of it.
_PAGE = 8 << 20
#: Seconds that somebody may wait at once.
_LONGEST = 300


async def _store(parts: Parts, ask: Ask) -> EnvironmentStore:
    environments = parts.environments
    return await environments.store(await environments.get(ask.path["name"]))


async def _mail(parts: Parts, ask: Ask) -> tuple[EnvironmentStore, Mail]:
    store = await _store(parts, ask)
    found = await store.mailbox.mail(ask.path["id"])
    if found is None:
        raise NotFound(f"no mail {ask.path['id']}")
    return store, found


def _wanted(query: Mapping[str, Any], *, since: str | None = None, after: Any = None) -> Wanted:
    """Which mails a query asks for. ``after`` is a moment. Raises InvalidInput."""
    asked: Search = search.parse(query.get("search", ""))
    terms = [
        Term(field, query[name].casefold())
        for name, field in (("from", "from"), ("subject", "subject"), ("category", "tag"))
        if query.get(name)
    ]
    if "read" in query:
        terms.append(Term("read" if query["read"] else "unread", ""))
    if after is not None:
        terms.append(Term("after", after))
    asked = asked.and_also(*terms)
    return Wanted(
        to=query.get("to"),
        service=query.get("service"),
        scope=query.get("scope"),
        since=since,
        accept=asked.matches if asked.terms else None,
    )


async def list_mails(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    mailbox = (await _store(parts, ask)).mailbox
    query, after = ask.query, ask.query.get("after")
    found = await mailbox.find(_wanted(query), after=after, limit=query.get("limit", 100), most_bytes=_PAGE)
    await check_cursor(after, found.items, mailbox.mail)
    items = [forms.summary(mail) for mail in found.items]
    return {"items": items, "next": items[-1]["id"] if found.more else None}


async def show_mail(parts: Parts, ask: Ask) -> Any:
    """With its header fields and links."""
    store, found = await _mail(parts, ask)
    return forms.mail(found, await reading.header_fields(store, found))


async def wait_for_mail(parts: Parts, ask: Ask) -> Any:
    """The newest that is wanted, or the first to come."""
    query, since, moment = ask.query, None, None
    if (after := query.get("after")) is not None:
        # An id is looked for first: a moment is never one.
        if await (await _store(parts, ask)).mailbox.mail(after) is not None:
            since = after
        else:
            try:
                moment = search.moment(after)
            except InvalidInput:
                raise InvalidInput(f"after: {after!r} is neither a mail's id nor a moment") from None
    seconds = query.get("timeout", 30)
    if parts.inbox is None:
        raise NotFound("this server lets nobody wait for mails")
    found = await parts.inbox.wait(ask.path["name"], _wanted(query, since=since, after=moment), seconds)
    if found is None:
        raise NothingCame(f"no such mail came within {seconds} s")
    store = await _store(parts, ask)
    return forms.mail(found, await reading.header_fields(store, found))


async def show_mailbox(parts: Parts, ask: Ask) -> Any:
    """How many there are."""
    number, unread = await (await _store(parts, ask)).mailbox.totals()
    return {"mails": number, "unread": unread}


async def mark_mails(parts: Parts, ask: Ask) -> Any:
    """Read, or not read yet."""
    mailbox = (await _store(parts, ask)).mailbox
    return {"mails": await mailbox.mark(ask.body.get("ids"), read=ask.body["read"])}


async def clear_mails(parts: Parts, ask: Ask) -> Any:
    """Those that are asked for, or all."""
    mailbox = (await _store(parts, ask)).mailbox
    if not ask.query:
        return {"deleted": await mailbox.clear()}
    return {"deleted": await mailbox.delete(await mailbox.ids(_wanted(ask.query)))}


async def delete_mail(parts: Parts, ask: Ask) -> Any:
    """With its files."""
    store, found = await _mail(parts, ask)
    return {"deleted": await store.mailbox.delete([found["id"]])}


async def _text(parts: Parts, ask: Ask, form: str) -> Answer:
    store, found = await _mail(parts, ask)
    stream = reading.text(store, found, form)
    if stream is None:
        raise NotFound(f"mail {found['id']} has no {form}")
    return Answer(stream=stream, media=reading.MEDIA[form], headers=reading.GUARDED)


async def mail_html(parts: Parts, ask: Ask) -> Answer:
    """As it was sent; a browser runs and fetches nothing of it."""
    return await _text(parts, ask, "html")


async def mail_text(parts: Parts, ask: Ask) -> Answer:
    """The plain text."""
    return await _text(parts, ask, "text")


async def mail_raw(parts: Parts, ask: Ask) -> Answer:
    """The message of RFC 5322."""
    store, found = await _mail(parts, ask)
    headers = {**reading.GUARDED, "content-disposition": reading.disposition(f"{found['id']}.eml")}
    return Answer(stream=reading.raw(store, found), media="message/rfc822", headers=headers)


async def mail_attachment(parts: Parts, ask: Ask) -> Answer:
    """One file of it."""
    store, found = await _mail(parts, ask)
    files = found.get("attachments") or ()
    number = ask.path["number"]
    if not number.isascii() or not number.isdecimal() or len(number) > 6 or not 1 <= int(number) <= len(files):
        raise NotFound(f"mail {found['id']} has {len(files)} attachments, and none is number {number}")
    file = files[int(number) - 1]
    media, headers = reading.attached(file)
    try:
        stream = store.mailbox.read(found, file["blob"]["id"])
    except LookupError:
        raise NotFound("the bytes of this attachment went with another mail that had it") from None
    return Answer(stream=stream, media=media, headers=headers)


_TERM: shapes.Schema = {"type": "string", "minLength": 1, "maxLength": 500}
_WHICH = (
    Query(
        "search",
        {"type": "string", "maxLength": search.MOST},
        'Terms that all match: `invoice from:shop subject:"your order" has:attachment -tag:draft`.',
    ),
    Query("to", shapes.ID_PARAMETER, "Only mails to this address, Cc and Bcc included."),
    Query("from", _TERM, "A part of the sender's address or name."),
    Query("subject", _TERM, "A part of the subject."),
    Query("category", _TERM, "One of its categories."),
    Query("service", shapes.ID_PARAMETER, "Only those of this service."),
    Query("scope", shapes.SCOPE, "Only what is of this scope: see Broker-Scope."),
)
_READ = Query("read", {"type": "boolean"}, "Only those that were read, or only those that were not.")

ROUTES = (
    Route(
        method="GET",
        path=_MAILS,
        id="listMails",
        about="List the mailbox of an environment, newest first.",
        respond=list_mails,
        query=(
            *_WHICH,
            _READ,
            Query("after", shapes.ID_PARAMETER, "The `next` of the page before."),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said."),
        ),
        replies={200: ref("MailPage")},
        errors=_ONE,
    ),
    Route(
        method="DELETE",
        path=_MAILS,
        id="clearMails",
        about="Empty the mailbox of an environment, or delete the mails that are asked for.",
        respond=clear_mails,
        query=(*_WHICH, _READ),
        replies={200: ref("Deleted")},
        errors=_ONE,
    ),
    Route(
        method="GET",
        path=_MAILS + "/wait",
        id="waitForMail",
        waits=True,
        about="Wait for a mail: answers the newest one that matches, or else the first to come.",
        respond=wait_for_mail,
        query=(
            *_WHICH,
            Query("after", shapes.ID_PARAMETER, "Only what came after this mail (its id), or this moment."),
            Query(
                "timeout",
                {"type": "integer", "minimum": 0, "maximum": _LONGEST},
                "Seconds to wait at the most, 30 unless said.",
            ),
        ),
        replies={200: ref("Mail")},
        errors=(*_ONE, NothingCame, TooManyWaits),
    ),
    Route(
        method="GET",
        path=_MAILS + "/count",
        id="countMails",
        about="Count the mails of an environment, and those that nobody has read.",
        respond=show_mailbox,
        replies={200: ref("Mailbox")},
        errors=_ONE,
    ),
    Route(
        method="POST",
        path=_MAILS + "/read",
        id="markMails",
        about="Say of mails, or of all, that they were read, or that they were not.",
        respond=mark_mails,
        body={
            "type": "object",
            "properties": {
                "ids": {"type": "array", "items": shapes.ID_PARAMETER, "maxItems": 1000},
                "read": {"type": "boolean"},
            },
            "required": ["read"],
            "additionalProperties": False,
        },
        replies={200: ref("Marked")},
        errors=_ONE,
    ),
    Route(
        method="GET",
        path=_MAILS + "/{id}",
        id="showMail",
        about="Show one mail with its header fields, links and attachments.",
        respond=show_mail,
        replies={200: ref("Mail")},
        errors=_ONE,
    ),
    Route(
        method="DELETE",
        path=_MAILS + "/{id}",
        id="deleteMail",
        about="Delete one mail.",
        respond=delete_mail,
        replies={200: ref("Deleted")},
        errors=_ONE,
    ),
    *(
        Route(
            method="GET",
            path=_MAILS + "/{id}/" + form,
            id=name,
            about=about,
            respond=respond,
            replies={200: {"type": "string"}},
            other_media=(media,),
            json=False,
            errors=_ONE,
        )
        for form, name, about, respond, media in (
            (
                "html",
                "mailHtml",
                "The HTML of a mail, as it was sent; a browser runs nothing of it.",
                mail_html,
                "text/html",
            ),
            ("text", "mailText", "The plain text of a mail.", mail_text, "text/plain"),
            (
                "raw",
                "mailRaw",
                "A mail as the message that travelled, or would have (RFC 5322).",
                mail_raw,
                "message/rfc822",
            ),
        )
    ),
    Route(
        method="GET",
        path=_MAILS + "/{id}/attachments/{number}",
        id="mailAttachment",
        about="The bytes of one file of a mail.",
        respond=mail_attachment,
        replies={200: {"type": "string"}},
        other_media=("*/*",),
        json=False,
        errors=_ONE,
    ),
)
