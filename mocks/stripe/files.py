"""Files and the links to them: https://docs.stripe.com/api/files, https://docs.stripe.com/api/file_links and
https://docs.stripe.com/file-upload (2026-11). A file's bytes are kept, but only its facts are answered.

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from contracts.multipart import FilePart
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged

KIND = "file"
LINK = "file_link"

#: Ending of a name -> how the provider calls the type; others are told by their ending.
TYPES = {"jpeg": "jpg", "jpe": "jpg", "tif": "tiff"}

#: Purpose -> the largest size in bytes: https://docs.stripe.com/file-upload#supported-purposes-and-file-formats.
LARGEST = {
    "business_icon": 512 << 10,
    "business_logo": 512 << 10,
    "dispute_evidence": 5 << 20,
    "customer_signature": 4 << 20,
    "identity_document": 16 << 20,
}
LARGEST_OF_ALL = 16 << 20

_CHUNK = 1 << 16


async def create(call: StripeCall) -> Object:
    body = call.body
    part = body["file"]
    if not isinstance(part, FilePart):
        raise invalid("Invalid hash" if not part else "Invalid file: it must be an upload.", param="file")
    purpose = body["purpose"]
    most = LARGEST.get(purpose, LARGEST_OF_ALL)
    if part.size > most:
        raise invalid(f"The file is too large: files of purpose {purpose} may have up to {most:,} bytes.", param="file")
    if not part.size:
        raise invalid("The file is empty.", param="file")
    asked = body.get("file_link_data") or {}
    metadata = first(asked.get("metadata"), "file_link_data[metadata]")
    _future(call, asked.get("expires_at"), "file_link_data[expires_at]")
    blob = await call.state.write_blob(_pieces(call, part))
    ending = part.filename.rpartition(".")[2].lower() if "." in part.filename else ""
    key = call.new_id("file_1", 23)
    file: Object = {
        "id": key,
        "object": KIND,
        "created": call.timestamp,
        "expires_at": None,
        "filename": part.filename,
        "purpose": purpose,
        "size": blob.size,
        "title": None,
        "type": TYPES.get(ending, ending) or None,
        "url": f"https://files.stripe.com/v1/files/{key}/contents",
    }
    await call.state.put(KIND, key, file, {"purpose": purpose})
    if asked.get("create"):
        await _link(call, key, asked.get("expires_at"), metadata)
    return await _shown(call, file)


async def _pieces(call: StripeCall, part: FilePart) -> AsyncIterator[bytes]:
    for start in range(part.start, part.stop, _CHUNK):
        yield call.request.body[start : min(start + _CHUNK, part.stop)]


async def _shown(call: StripeCall, file: Object) -> Object:
    found = await call.state.page(LINK, where={"file": file["id"]}, limit=11)
    links = [_timed(call, link) for link in found[:10]]
    return {**file, "links": list_of(links, f"/v1/file_links?file={file['id']}", len(found) > 10)}


async def retrieve(call: StripeCall) -> Object:
    return await _shown(call, await call.named(KIND, call.path("file")))


async def list_all(call: StripeCall) -> Object:
    found = await page(call, KIND, {"purpose": call.body["purpose"]} if call.body.get("purpose") else None)
    return {**found, "data": [await _shown(call, file) for file in found["data"]]}


# Links.


def _future(call: StripeCall, at: Any, param: str) -> None:
    if at is not None and at <= call.timestamp:
        raise invalid("The expiration must be in the future.", param=param)


async def _link(call: StripeCall, file: str, expires_at: int | None, metadata: Object) -> Object:
    key = call.new_id("link_1", 23)
    link: Object = {
        "id": key,
        "object": LINK,
        "created": call.timestamp,
        "expired": False,
        "expires_at": expires_at,
        "file": file,
        "livemode": False,
        "metadata": metadata,
        "url": f"https://files.stripe.com/links/{key}",
    }
    await call.state.put(LINK, key, link, {"file": file})
    return link


def _timed(call: StripeCall, link: Object) -> Object:
    """The link as it is now: time ends it."""
    at = link["expires_at"]
    return {**link, "expired": at is not None and at <= call.timestamp}


async def create_link(call: StripeCall) -> Object:
    file = await call.referred(KIND, call.body["file"], "file")
    _future(call, call.body.get("expires_at"), "expires_at")
    return await _link(call, file["id"], call.body.get("expires_at"), first(call.body.get("metadata")))


async def retrieve_link(call: StripeCall) -> Object:
    return _timed(call, await call.named(LINK, call.path("link")))


async def update_link(call: StripeCall) -> Object:
    """``expires_at`` may be "now", which ends the link, or empty, which lets it live."""
    body = call.body
    old = await call.named(LINK, call.path("link"))
    changes: Object = {}
    if "expires_at" in body:
        at = body["expires_at"]
        if _timed(call, old)["expired"]:
            raise invalid("This file link has expired and cannot be changed.", param="expires_at")
        if at not in ("", "now"):
            _future(call, at, "expires_at")
        changes["expires_at"] = {"now": call.timestamp, "": None}.get(at, at)
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, _ = changed(old, changes)
    await call.state.put(LINK, new["id"], new)
    return _timed(call, new)


async def list_links(call: StripeCall) -> Object:
    body = call.body
    where = None
    if body.get("file"):
        file = await call.referred(KIND, body["file"], "file")
        where = {"file": file["id"]}
    wanted = body.get("expired")
    keep = None if wanted is None else (lambda link: bool(_timed(call, link)["expired"] is wanted))
    found = await page(call, LINK, where, keep=keep)
    return {**found, "data": [_timed(call, link) for link in found["data"]]}
