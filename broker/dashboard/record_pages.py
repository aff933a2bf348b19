"""Pages of what an environment's mocks hold: records by kind, and files in folders, looked at and downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from broker.dashboard.page import Page, View
from broker.dashboard.passing import passed_on, whole
from broker.errors import NotFound

#: Entries of a page.
_PAGE = 100
#: Bytes of a file that are shown; what is longer is downloaded.
_SHOWN = 256 * 1024
#: Images that browsers show and that hold no script. An SVG does: it is shown as text.
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/x-icon"})
#: Bytes of an image that is shown.
_IMAGE = 16 << 20


async def holdings(view: View) -> Mapping[str, Any]:
    """What each service's mock holds, by kind."""
    environment = await view.call("showEnvironment")
    found = environment["inventory"] or {"records": {}}
    services = [
        {
            "name": name,
            "mode": mode,
            "kinds": sorted(found["records"].get(name, {}).items()),
            "files": (known := view.parts.services.get(name)) is not None and known.browsing is not None,
        }
        for name, mode in environment["services"].items()
    ]
    return {"environment": environment, "services": services}


async def records(view: View) -> Mapping[str, Any]:
    """Of a kind, newest first."""
    kind = view.query.get("kind", "")
    query = {"kind": kind, "after": view.query.get("after"), "limit": _PAGE}
    found = await view.call("listRecords", query=query)
    rows = [{**each, "told": told(each["record"])} for each in found["items"]]
    return {"service": view.path["service"], "kind": kind, "rows": rows, "next": found["next"]}


def told(record: Mapping[str, Any]) -> str:
    """What a line of a list says of a record: its short texts and numbers, the likeliest names first."""
    likely = ("name", "email", "description", "status", "amount", "currency", "subject", "type")
    names = [name for name in likely if name in record]
    names += [name for name in record if name not in names and name not in ("id", "object")]
    found = []
    for name in names:
        value = record[name]
        if isinstance(value, str | int | float) and value not in ("", None) and not isinstance(value, bool):
            found.append(f"{name}: {str(value)[:60]}")
        if len(found) == 4:
            break
    return ", ".join(found)


async def record(view: View) -> Mapping[str, Any]:
    """One, as it is kept."""
    kind, key = view.query.get("kind", ""), view.query.get("key", "")
    found = await view.call("showRecord", query={"kind": kind, "key": key})
    return {"service": view.path["service"], "found": found}


async def tops(view: View) -> Mapping[str, Any]:
    """The top folders of a service that keeps files."""
    return {"service": view.path["service"], "tops": (await view.call("listTops"))["items"]}


async def folder(view: View) -> Mapping[str, Any]:
    """One folder, and the way to it."""
    prefix = view.query.get("prefix", "")
    query = {"prefix": prefix, "after": view.query.get("after"), "limit": _PAGE}
    found = await view.call("listFolder", query=query)
    steps, whole = [], ""
    for step in prefix.split("/")[:-1]:
        whole += step + "/"
        steps.append((step or "/", whole))
    return {"service": view.path["service"], "top": view.path["top"], "prefix": prefix, "steps": steps, "found": found}


async def file(view: View) -> Mapping[str, Any]:
    """What is told of a file, and a look at it where that is harmless."""
    name = view.query.get("file", "")
    found = await view.call("showFile", query={"file": name})
    return {
        "service": view.path["service"],
        "top": view.path["top"],
        "file": found,
        "folder": name.rpartition("/")[0] + "/" if "/" in name else "",
        "preview": "image" if _is_image(found) else "text" if found["size"] <= _SHOWN else "",
        "text": await _text(view, name) if found["size"] <= _SHOWN and not _is_image(found) else None,
    }


def _is_image(found: Mapping[str, Any]) -> bool:
    return found["media"].partition(";")[0].strip().lower() in _IMAGES and found["size"] <= _IMAGE


async def _text(view: View, name: str) -> str | None:
    """A short file as text; None where it is none."""
    raw = await whole(await view.answer("downloadFile", query={"file": name}))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


async def download(view: View) -> Response:
    """Its bytes, to be saved."""
    return passed_on(await view.answer("downloadFile", query={"file": view.query.get("file", "")}))


async def image(view: View) -> Response:
    """Its bytes as the image that they are said to be: of a type that can hold no script, in a sandbox all the same."""
    name = view.query.get("file", "")
    found = await view.call("showFile", query={"file": name})
    if not _is_image(found):
        raise NotFound("this file is not shown as an image; download it")
    answer = await view.answer("downloadFile", query={"file": name})
    headers = {
        "content-length": str(found["size"]),
        "content-disposition": f"inline; filename*=UTF-8''{quote(name.rpartition('/')[2], safe='')}",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    media = found["media"].partition(";")[0].strip().lower()
    return passed_on(answer, headers, media)


_SERVICE = "/environments/{name}/services/{service}"
_TOP = _SERVICE + "/files/{top}"

PAGES = (
    Page(
        name="holdings",
        path="/environments/{name}/holdings",
        title="Objects",
        template="holdings.html",
        show=holdings,
        nav="environment",
        under="environment",
        icon="folder",
    ),
    Page(
        name="records",
        path=_SERVICE + "/records",
        title="Records of {service}",
        template="records.html",
        show=records,
        under="holdings",
    ),
    Page(
        name="record",
        path=_SERVICE + "/record",
        title="Record of {service}",
        template="record.html",
        show=record,
        under="holdings",
    ),
    Page(
        name="tops",
        path=_SERVICE + "/files",
        title="Files of {service}",
        template="tops.html",
        show=tops,
        under="holdings",
    ),
    Page(name="folder", path=_TOP, title="{top}", template="folder.html", show=folder, under="holdings"),
    Page(name="file", path=_TOP + "/file", title="{top}", template="file.html", show=file, under="holdings"),
    Page(name="download", path=_TOP + "/download", title="{top}", show=download, part=True),
    Page(name="image", path=_TOP + "/image", title="{top}", show=image, part=True),
)
