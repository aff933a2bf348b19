"""Transactional templates, and which version of one a mail is made with.

https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates (2026-11). An account has at most 300
templates (https://github.com/sendgrid/docs/pull/1003), and the versions of all together are at most 300.

Mail Send looks no template up before it answers: a mail whose template is not there, or has no active version, is
accepted and then dropped (sendgrid-go issue 255, sendgrid-java issue 105: "Invalid SMTPAPI header").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mocks.base import Call, Handler, Record, State
from mocks.sendgrid import ids, token_pages
from mocks.sendgrid.errors import told

KIND: Final = "template"
VERSION: Final = "template_version"
MOST: Final = 300
#: What the ids of dynamic templates begin with.
DYNAMIC: Final = "d-"
#: Members of a version that a list of templates leaves out.
_HEAVY: Final = ("html_content", "plain_content", "test_data")


@dataclass(frozen=True, slots=True)
class Version:
    """What a mail is made of. ``dynamic``: by Handlebars; else around the mail's own content."""

    template_id: str
    version_id: str
    name: str
    subject: str
    html: str
    plain: str
    dynamic: bool


async def template(call: Call, template_id: str) -> Version | None:
    """The active version of a template; None where there is no such template, or none of its versions is active."""
    where = {"template_id": template_id, "active": "1"}
    found = await call.state.page(VERSION, limit=1, where=where)
    if not found:
        return None
    return version_of(found[0])


def version_of(record: Record) -> Version:
    """A stored version as mails are made of it."""
    return Version(
        template_id=record["template_id"],
        version_id=record["id"],
        name=record["name"],
        subject=record["subject"],
        html=record["html_content"],
        plain=record["plain_content"],
        dynamic=record["template_id"].startswith(DYNAMIC),
    )


def not_found() -> Exception:
    """404, as the API answers for a template that is not there (github.com/sendgrid/docs/issues/3626)."""
    return told(404, "resource not found")


def stamp(now: datetime) -> str:
    """``2021-04-28 13:12:46``."""
    return now.strftime("%Y-%m-%d %H:%M:%S")


async def create(call: Call) -> Record:
    """A new template, without versions."""
    sent = call.params.body or {}
    name = sent.get("name")
    if not name:
        raise told(400, "name is required", "name")
    record = await _made(call, name, sent.get("generation") or "legacy")
    return await shown(call.state, record)


async def _made(call: Call, name: str, generation: str) -> Record:
    if await call.state.count(KIND) >= MOST:
        raise told(400, f"You have reached the limit of {MOST} templates")  # wording ours
    template_id = DYNAMIC + ids.hexadecimal(call) if generation == "dynamic" else ids.uuid(call)
    record = {"id": template_id, "name": name, "generation": generation, "updated_at": stamp(call.now)}
    await store(call.state, record)
    return record


async def store(state: State, record: Record) -> None:
    await state.put(KIND, record["id"], record, {"generation": record["generation"]})


async def stored(call: Call) -> Record:
    """The template that the path names."""
    record = await call.state.get(KIND, str(call.params.path["template_id"]))
    if record is None:
        raise not_found()
    return record


async def versions(state: State, template_id: str) -> Sequence[Record]:
    """The versions of a template, the newest first."""
    return await state.page(VERSION, limit=MOST, where={"template_id": template_id})


async def shown(state: State, record: Record) -> Record:
    """The template with its versions, without their content: as the list and a single template have them."""
    found = await versions(state, record["id"])
    return {**record, "versions": [_lean(version) for version in found]}


def _lean(version: Record) -> Record:
    return {name: value for name, value in version.items() if name not in _HEAVY}


async def list_all(call: Call) -> Record:
    """A page of templates; without a page size all of them, as before there were pages."""
    query = call.params.query
    generations = (query.get("generations") or "legacy").split(",")
    # An index selects one value: both generations are everything.
    where = {"generation": generations[0]} if len(generations) == 1 else None
    if not query.get("page_size"):
        every = await call.state.page(KIND, limit=MOST, where=where)
        return {"templates": [await shown(call.state, record) for record in every]}
    size = int(query["page_size"])
    found, metadata = await token_pages.page(call, KIND, size, lambda why: told(400, why, "page_token"), where)
    return {"result": [await shown(call.state, record) for record in found], "_metadata": metadata}


async def retrieve(call: Call) -> Record:
    """One template, its versions with their content."""
    record = await stored(call)
    return {**record, "versions": list(await versions(call.state, record["id"]))}


async def edit(call: Call) -> Record:
    """Another name."""
    record = await stored(call)
    name = (call.params.body or {}).get("name")
    if name is not None and not name:
        raise told(400, "name is required", "name")
    record = {**record, "name": name or record["name"], "updated_at": stamp(call.now)}
    await store(call.state, record)
    return await shown(call.state, record)


async def duplicate(call: Call) -> Record:
    """A copy with all of its versions. Without a name it is called after the template it is a copy of."""
    record = await stored(call)
    found = await versions(call.state, record["id"])
    await room_for(call, len(found))
    name = (call.params.body or {}).get("name") or f"Duplicate: {record['name']}"[:100]
    made = await _made(call, name, record["generation"])
    for version in reversed(found):
        copy = {**version, "id": ids.uuid(call), "template_id": made["id"], "updated_at": stamp(call.now)}
        await store_version(call.state, copy)
    return await shown(call.state, made)


async def delete(call: Call) -> None:
    """204; its versions go with it."""
    record = await stored(call)
    for version in await versions(call.state, record["id"]):
        await call.state.delete(VERSION, version["id"])
    await call.state.delete(KIND, record["id"])


async def room_for(call: Call, more: int) -> None:
    """Raises where the account has no room for that many more versions."""
    if await call.state.count(VERSION) + more > MOST:
        raise told(400, f"You have reached the limit of {MOST} template versions")  # wording ours


async def store_version(state: State, record: Record) -> None:
    index = {"template_id": record["template_id"], "active": str(record["active"])}
    await state.put(VERSION, record["id"], record, index)


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_templates": list_all,
    "POST_templates": create,
    "GET_templates-template_id": retrieve,
    "PATCH_templates-template_id": edit,
    "POST_templates-template_id": duplicate,
    "DELETE_templates-template_id": delete,
}
