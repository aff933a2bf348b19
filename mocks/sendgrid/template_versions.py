"""Versions of transactional templates: made, edited, deleted, and the one that is active.

https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates-versions (2026-11): "Only one version of a
template can be active. The first version created for a template will automatically be set to Active."
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from mocks.base import Call, Handler, Record
from mocks.sendgrid import ids, rendering, templates
from mocks.sendgrid.errors import told
from mocks.sendgrid.plain_text import plain

#: "Maximum of 1048576 bytes allowed": of each content.
MOST_BYTES: Final = 1_048_576
_CONTENTS: Final = ("html_content", "plain_content")
_SENT: Final = ("name", "subject", "html_content", "plain_content", "generate_plain_content", "editor", "test_data")


async def create(call: Call) -> Record:
    """A new version; the first of its template is active whatever it says."""
    record = await templates.stored(call)
    sent = call.params.body or {}
    for name in ("name", "subject"):
        if name not in sent:
            raise told(400, f"{name} is required", name)
    await templates.room_for(call, 1)
    _check(sent, record["generation"])
    first = not await templates.versions(call.state, record["id"])
    version: Record = {
        "id": ids.uuid(call),
        "template_id": record["id"],
        "active": 1 if first or sent.get("active") else 0,
        "html_content": "",
        "plain_content": "",
        "generate_plain_content": True,
        "editor": "code",
        **{name: sent[name] for name in _SENT if sent.get(name) is not None},
        "updated_at": templates.stamp(call.now),
    }
    await _put(call, record, version)
    return version


async def retrieve(call: Call) -> Record:
    """One version, whole."""
    return (await _stored(call))[1]


async def edit(call: Call) -> Record:
    """What is named is changed, and nothing else."""
    record, version = await _stored(call)
    sent = call.params.body or {}
    _check(sent, record["generation"])
    if sent.get("editor", version["editor"]) != version["editor"]:
        # Refused by the API (sendgrid-nodejs issue 1270), in words that nobody quotes: wording ours.
        raise told(400, "the editor of a version cannot be changed", "editor")
    changes: dict[str, Any] = {name: sent[name] for name in _SENT if sent.get(name) is not None}
    if sent.get("active") is not None:
        changes["active"] = sent["active"]
    version = {**version, **changes, "updated_at": templates.stamp(call.now)}
    await _put(call, record, version)
    return version


async def activate(call: Call) -> Record:
    """The version becomes the active one, and the one that was is no longer."""
    record, version = await _stored(call)
    version = {**version, "active": 1, "updated_at": templates.stamp(call.now)}
    await _put(call, record, version)
    return version


async def delete(call: Call) -> None:
    """204. A template whose active version is deleted has none."""
    record, version = await _stored(call)
    await call.state.delete(templates.VERSION, version["id"])
    await templates.store(call.state, {**record, "updated_at": templates.stamp(call.now)})


async def _stored(call: Call) -> tuple[Record, Record]:
    """The template and the version that the path names."""
    record = await templates.stored(call)
    version = await call.state.get(templates.VERSION, str(call.params.path["version_id"]))
    if version is None or version["template_id"] != record["id"]:
        raise templates.not_found()
    return record, version


async def _put(call: Call, record: Record, version: Record) -> None:
    """Write a version, its plain text generated where it is to be; where it is active, no other is."""
    if version["generate_plain_content"] or not version["plain_content"]:
        version["plain_content"] = plain(version["html_content"])
    if version["active"]:
        for other in await templates.versions(call.state, record["id"]):
            if other["active"] and other["id"] != version["id"]:
                await templates.store_version(call.state, {**other, "active": 0})
    await templates.store_version(call.state, version)
    await templates.store(call.state, {**record, "updated_at": version["updated_at"]})


def _check(sent: Record, generation: str) -> None:
    """Raises for content that is too long, and in dynamic templates for what cannot be read."""
    for name in _CONTENTS:
        if len((sent.get(name) or "").encode()) > MOST_BYTES:
            raise told(400, f"{name} must not be longer than {MOST_BYTES} bytes", name)  # wording ours
    if generation != "dynamic":
        return
    for name in (*_CONTENTS, "subject"):
        try:
            rendering.read(sent.get(name) or "")
        except rendering.TemplateFault as fault:
            # SendGrid's own editor says no more than the first sentence (github.com/sendgrid/docs/issues/3911).
            raise told(400, f"The template you provided is invalid. {fault}", name) from None
    if sent.get("test_data"):
        try:
            orjson.loads(sent["test_data"])
        except orjson.JSONDecodeError:
            raise told(400, "test_data must be valid JSON", "test_data") from None  # wording ours


OPERATIONS: Final[Mapping[str, Handler]] = {
    "POST_templates-template_id-versions": create,
    "GET_templates-template_id-versions-version_id": retrieve,
    "PATCH_templates-template_id-versions-version_id": edit,
    "POST_templates-template_id-versions-version_id-activate": activate,
    "DELETE_templates-template_id-versions-version_id": delete,
}
