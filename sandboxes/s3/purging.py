"""Emptying and deleting a bucket: uploads, then objects with all their versions, one page in memory at a time.

Nothing is remembered between two attempts: what is gone is gone, and the next attempt lists what is left.
Sources: docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html, API_ListObjectVersions.html,
API_DeleteObjects.html (1,000 keys a call), object-lock.html.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus

from lxml import etree

from contracts import xml
from contracts.exchange import Headers, Request, Response
from sandboxes.base import Outcome, Refused, Resource, Tell, Upstream
from sandboxes.s3.answers import code_of, parsed, refused

_PAGE = 1000
#: Times that a bucket is emptied again because something was written into it meanwhile.
_ATTEMPTS = 3
_BYPASS = ("x-amz-bypass-governance-retention", "true")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker; ``id`` is ``null`` where the bucket has no versions."""

    key: str
    id: str


@dataclass(slots=True)
class _Purge:
    """One attempt at one bucket."""

    bucket: str
    send: Upstream
    tell: Tell
    gone: dict[str, int] = field(default_factory=dict)
    #: The first thing that the provider did not let go of: what, and its words.
    held: tuple[Version, str] | None = None

    async def ask(
        self, method: str, key: str = "", query: str = "", body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
    ) -> Response:
        path = f"/{quote(self.bucket, safe='')}" + (f"/{_quoted(key)}" if key else "")
        return await self.send(
            Request(method=method, path=path, query=query, body=body, headers=Headers(list(headers)))
        )

    def count(self, what: str, number: int) -> None:
        self.gone[what] = self.gone.get(what, 0) + number
        self.tell(self.gone)


class _Absent(Exception):
    """The bucket is not there."""


async def revoke(resource: Resource, send: Upstream, tell: Tell) -> Outcome:
    """The bucket and all that is in it. Raises Refused with the name of a locked object and what locks it."""
    purge = _Purge(resource.id, send, tell)
    try:
        for _ in range(_ATTEMPTS):
            await _abort_uploads(purge)
            await _delete_objects(purge)
            if purge.held is not None:
                raise await _locked(purge, *purge.held)
            response = await purge.ask("DELETE")
            if response.status < 300:
                return "deleted"
            _check_there(response)
            if code_of(response) != "BucketNotEmpty":
                raise refused(response, f"bucket {resource.id} cannot be deleted")
        raise refused(response, f"bucket {resource.id} is being written to")
    except _Absent:
        return "absent"


async def _pages(purge: _Purge, query: str, markers: Mapping[str, str], what: str) -> AsyncIterator[etree._Element]:
    """The pages of a list in turn. ``markers``: element of a page -> parameter of the next."""
    following = ""
    while True:
        response = await purge.ask("GET", query=f"{query}&encoding-type=url{following}")
        _check_there(response)
        if response.status != 200:
            raise refused(response, f"the {what} of bucket {purge.bucket} cannot be listed")
        root = parsed(response)
        # Read before the page is handed over: what was on it need not be there afterwards.
        cut = root.findtext("{*}IsTruncated") == "true"
        values = {parameter: root.findtext(f"{{*}}{element}") or "" for element, parameter in markers.items()}
        values["key-marker"] = _decoder(root)(values["key-marker"])
        before, following = following, "".join(f"&{n}={quote(value, safe='')}" for n, value in values.items() if value)
        yield root
        if not cut or following in ("", before):
            return


async def _abort_uploads(purge: _Purge) -> None:
    markers = {"NextKeyMarker": "key-marker", "NextUploadIdMarker": "upload-id-marker"}
    async for page in _pages(purge, f"uploads&max-uploads={_PAGE}", markers, "uploads"):
        decode = _decoder(page)
        for upload in page.iterfind("{*}Upload"):
            key, upload_id = decode(upload.findtext("{*}Key") or ""), upload.findtext("{*}UploadId") or ""
            response = await purge.ask("DELETE", key, f"uploadId={quote(upload_id, safe='')}")
            if response.status >= 300 and code_of(response) != "NoSuchUpload":
                _check_there(response)
                raise refused(response, f"an upload of {key!r} in bucket {purge.bucket} cannot be aborted")
            purge.count("uploads", 1)


async def _delete_objects(purge: _Purge) -> None:
    markers = {"NextKeyMarker": "key-marker", "NextVersionIdMarker": "version-id-marker"}
    async for page in _pages(purge, f"versions&max-keys={_PAGE}", markers, "objects"):
        versions = list(_versions(page))
        del page
        if versions:
            await _delete_page(purge, versions)


def _versions(page: etree._Element) -> Iterator[Version]:
    decode = _decoder(page)
    for element in page:
        if xml.local_name(element) in ("Version", "DeleteMarker"):
            yield Version(decode(element.findtext("{*}Key") or ""), element.findtext("{*}VersionId") or "null")


async def _delete_page(purge: _Purge, versions: Sequence[Version]) -> None:
    left = await _deleted(purge, versions)
    if left:
        # The header needs a permission of its own, so it is sent only where something is locked.
        left = await _deleted(purge, list(left), _BYPASS)
    purge.count("objects", len(versions) - len(left))
    if left and purge.held is None:
        purge.held = next(iter(left.items()))


async def _deleted(purge: _Purge, versions: Sequence[Version], *headers: tuple[str, str]) -> Mapping[Version, str]:
    """Deletes them; answers what is left, with the provider's words."""
    body = _delete_document(versions)
    digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    fields = [("content-type", "application/xml"), ("content-md5", digest), *headers]
    response = await purge.ask("POST", query="delete", body=body, headers=fields)
    _check_there(response)
    if response.status != 200:
        raise refused(response, f"objects of bucket {purge.bucket} cannot be deleted")
    return dict(_left(parsed(response, lenient=True), versions))


def _delete_document(versions: Sequence[Version]) -> bytes:
    objects = "".join(
        f"<Object><Key>{xml.escape(version.key)}</Key><VersionId>{xml.escape(version.id)}</VersionId></Object>"
        for version in versions
    )
    root = '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    return f"{xml.DECLARATION}{root}<Quiet>true</Quiet>{objects}</Delete>".encode()


_GONE_ALREADY = frozenset({"NoSuchKey", "NoSuchVersion"})


def _left(root: etree._Element, versions: Sequence[Version]) -> Iterator[tuple[Version, str]]:
    """Which of ``versions`` the answer's errors are about. Where it does not say which version (some of S3's likes do
    not), or its key cannot be read, all that may be meant."""
    asked = frozenset(versions)
    for error in root.iterfind("{*}Error"):
        told = {name: error.findtext(f"{{*}}{name}") or "" for name in ("Key", "VersionId", "Code", "Message")}
        if told["Code"] in _GONE_ALREADY:
            continue
        named = Version(told["Key"], told["VersionId"] or "null")
        meant = [named] if named in asked else [v for v in versions if v.key == named.key or v.id == told["VersionId"]]
        for version in meant or [named]:
            yield version, f"{told['Code']}: {told['Message']}"


async def _locked(purge: _Purge, version: Version, words: str) -> Refused:
    """What is locked, how, and until when, as far as the provider says."""
    which = f"object {version.key!r} (version {version.id}) of bucket {purge.bucket}"
    head = await purge.ask("HEAD", version.key, f"versionId={quote(version.id, safe='')}")
    mode, until = head.header("x-amz-object-lock-mode"), head.header("x-amz-object-lock-retain-until-date")
    if mode:
        return Refused(403, f"{which} is locked in {mode} mode until {until}: {words}")
    if head.header("x-amz-object-lock-legal-hold") == "ON":
        return Refused(403, f"{which} is under a legal hold, which has no end of its own: {words}")
    return Refused(403, f"{which} cannot be deleted: {words}")


def _check_there(response: Response) -> None:
    if response.status == 404 and code_of(response) == "NoSuchBucket":
        raise _Absent


def _decoder(page: etree._Element) -> Callable[[str], str]:
    """How the page's keys are read: percent-encoded where the provider knows encoding-type, else as they are."""
    return unquote_plus if page.findtext("{*}EncodingType") == "url" else str


def _quoted(key: str) -> str:
    return quote(key, safe="/")
