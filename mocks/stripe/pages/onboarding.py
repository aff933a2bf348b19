"""Onboarding that Stripe hosts: https://docs.stripe.com/connect/hosted-onboarding (2026-11). The holder of a connected
account tells what is still due, and comes back to the platform.

"If the account link is expired, has been previously-visited, or is otherwise invalid", the browser goes to the link's
``refresh_url``: https://docs.stripe.com/api/account_links/create.
"""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import account_links, account_parts, accounts, persons
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages import onboarding_form as form
from mocks.stripe.pages.markup import absent, alert, button, document, redirect, text
from mocks.stripe.pages.stage import said, segment, staged


async def _enter(call: StripeCall, refused: ServiceError | None) -> Response:
    token = segment(call, 3)
    link = await account_links.link_of(call, segment(call, 2), token)
    if link is None or link["type"] == "login":
        return absent()
    if not account_links.good(call, link):
        return redirect(link["refresh_url"])
    if call.request.method == "HEAD":
        # Whoever only asks whether there is something has not opened the link.
        return document("Onboarding", "")
    key = await account_links.opened(call, token, link)
    return redirect(f"{call.address}{call.request.path}/{key}")


async def _there(call: StripeCall) -> tuple[Object | None, Object | None]:
    """The link of a visit, and the account; no account when the visit is over."""
    link = await account_links.link_of(call, segment(call, 2), segment(call, 3))
    if link is None or not await account_links.going_on(call, segment(call, 3), segment(call, 4)):
        return link, None
    return link, await call.state.get(accounts.KIND, link["account"])


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    link, account = await _there(call)
    if link is None or link["type"] == "login":
        return absent()
    if account is None:
        return redirect(link["refresh_url"])
    person = await persons.representative(call.inside(account["id"]))
    everything = link["type"] == "account_update"
    parts = [_head(account), alert(None if refused is None else refused.message), "<form method=post>"]
    if account["business_type"] is None:
        parts += [form.kinds(account), button("Continue", id="submit", name="act", value="type")]
    else:
        names = form.wanted(account, everything=everything)
        if names:
            parts.append('<p class=soft><a id="test-data" href="?test=1">Use test data</a></p>')
            parts.append(form.parts(call, account, person, names, needed=not everything))
        else:
            parts.append("<p>Nothing more is needed of you.</p>")
        parts.append(button("Submit", id="submit", name="act", value="submit"))
    later = (
        '<button type="submit" id="later" class="quiet" name="act" value="later" formnovalidate>Save for later</button>'
    )
    parts += [later, "</form>"]
    return document("Onboarding", f'<div class="box">{"".join(parts)}</div>', status=200 if refused is None else 400)


def _head(account: Object) -> str:
    name = account["business_profile"]["name"] or account["email"] or account["id"]
    return f"<h1>Set up payments<span class=mode>TEST MODE</span></h1><p class=soft>{text(name)}</p>"


async def _act(call: StripeCall) -> Response:
    link, account = await _there(call)
    if link is None or account is None:
        return await _show(call, None)
    match said(call, "act"):
        case "type":
            kind = said(call, "business_type")
            if kind not in dict(form.KINDS):
                raise invalid("Choose a type of business.", param="business_type")
            await accounts.update(call.as_if({"business_type": kind}, account=account["id"]))
            return redirect(f"{call.address}{call.request.path}")
        case "submit" if account["business_type"] is not None:
            await _told(call, link, account)
        case "later":
            pass
        case _:
            raise invalid("This is not possible here.")
    await account_links.ended(call, segment(call, 4))
    return redirect(link["return_url"])


async def _told(call: StripeCall, link: Object, account: Object) -> None:
    everything = link["type"] == "account_update"
    body = form.answers(call, account, form.wanted(account, everything=everything), needed=not everything)
    person = body.pop("representative", None)
    if person is not None:
        await _represented(call, account, person)
    if not account["capabilities"]:
        # An account that may do nothing yet is onboarded for what accounts are for:
        # https://docs.stripe.com/connect/account-capabilities.
        body["capabilities"] = {name: {"requested": True} for name in account_parts.CAPABILITIES}
    await accounts.update(call.as_if(body, account=account["id"]))


async def _represented(call: StripeCall, account: Object, told: Object) -> None:
    inside = call.inside(account["id"])
    known = await persons.representative(inside)
    sent = {**told, "relationship": {"representative": True}}
    if known is None:
        person = persons.build(inside, sent)
        await persons.store(inside, person)
        inside.event("person.created", person)
    else:
        person, previous = await persons.changed_by(inside, known, sent)
        if previous:
            inside.event("person.updated", person, previous)


ENTRANCE = staged(_enter, None)
PAGE = staged(_show, _act)
