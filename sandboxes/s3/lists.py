"""The account's buckets: narrowed to what an environment may see, and searched for what carries a marker.

API_ListBuckets.html: pages of at most 10,000; endpoints older than 2024-10 know neither pages nor prefixes and answer
everything at once, so nothing here relies on them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from lxml import etree

from contracts import xml
from contracts.exchange import Request, Response
from sandboxes.base import CUT, Found, Marker, Outgoing, Refused, Resource, Upstream, Visible
from sandboxes.s3.answers import parsed, refused, whole
from sandboxes.s3.naming import alias_of, owner_of
from sandboxes.s3.outbound import contract
from sandboxes.s3.rules import BUCKET

_PAGE = 1000
#: Pages of the account that are read for one list of an environment.
_PAGES = 20
#: What a page has when the caller asks for none.
_WHOLE = 10_000
_NOT_A_TOKEN = "The continuation token provided is incorrect"  # noqa: S105 - S3's own sentence
#: Fields of an answer that belong to its body.
_OF_THE_BODY = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding", "etag"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket of a list."""

    name: str
    created: str
    region: str

    @property
    def created_at(self) -> datetime | None:
        """The time, None for what is none."""
        try:
            return datetime.fromisoformat(self.created)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, read."""

    buckets: Sequence[Bucket]
    token: str
    owner: dict[str, str]


def read_page(response: Response) -> Page:
    """Raises Refused for what is none."""
    root = parsed(response)
    if xml.local_name(root) != "ListAllMyBucketsResult":
        raise Refused(response.status, "the provider's answer is no list of buckets")
    owner = {name: root.findtext(f"{{*}}Owner/{{*}}{name}") for name in ("ID", "DisplayName")}
    return Page(
        [_bucket(element) for element in root.iterfind("{*}Buckets/{*}Bucket")],
        root.findtext("{*}ContinuationToken") or "",
        {name: text for name, text in owner.items() if text is not None},
    )


def _bucket(element: etree._Element) -> Bucket:
    text = {name: element.findtext(f"{{*}}{name}") or "" for name in ("Name", "CreationDate", "BucketRegion")}
    return Bucket(text["Name"], text["CreationDate"], text["BucketRegion"])


def _query(token: str, **more: str) -> str:
    pairs = {"max-buckets": str(_PAGE), "continuation-token": token, **more}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items() if value)


async def find(marker: Marker, since: datetime, send: Upstream) -> AsyncIterator[Found]:
    """By the label that names begin with. Buckets are few, so all are looked at, whatever their age."""
    token = ""
    while True:
        response = await send(Request(method="GET", path="/", query=_query(token, prefix=marker.label)))
        if response.status != 200:
            raise refused(response, "buckets cannot be listed")
        page = read_page(response)
        for bucket in page.buckets:
            if bucket.name.startswith(marker.label) and owner_of(bucket.name):
                resource = Resource(BUCKET, bucket.name, alias=alias_of(bucket.name))
                yield Found(resource, owner_of(bucket.name), bucket.created_at)
        token = page.token
        if not token:
            return


# -- for an environment ---------------------------------------------------------------------------------


async def narrow(call: Outgoing, send: Upstream, visible: Visible) -> Response:
    """Only what the environment may see, by the names that it knows, in their order; prefix and pages are its own."""
    params = call.params.query
    after = ""
    if params.get("ContinuationToken"):
        try:
            after = base64.urlsafe_b64decode(params["ContinuationToken"]).decode()
        except (binascii.Error, ValueError):
            return _wrong_token()
    own: dict[str, Bucket] = {}
    shared: dict[str, Bucket] = {}
    token, pages, first = "", 0, None
    while pages < _PAGES:
        query = _query(token, **{"bucket-region": params.get("BucketRegion", "")})
        response = await whole(await send(replace(call.request, query=query)))
        if response.status != 200:
            return response
        page = read_page(response)
        first = first or (response, page)
        pages += 1
        names = await visible([bucket.name for bucket in page.buckets])
        for bucket in page.buckets:
            if bucket.name in names:
                known = names[bucket.name]
                if known is None:
                    shared[bucket.name] = bucket
                else:
                    name = known or alias_of(bucket.name) or bucket.name
                    own[name] = replace(bucket, name=name)
        token = page.token
        if not token:
            break
    assert first is not None  # noqa: S101 - the loop reads one page at least
    # A name that the application made means its own bucket, and hides one of the account's.
    seen = shared | own
    narrowed = _written(call, *first, [seen[name] for name in sorted(seen)], after)
    if token:
        narrowed.headers.append(CUT)
    return narrowed


def _written(call: Outgoing, response: Response, page: Page, buckets: Sequence[Bucket], after: str) -> Response:
    params = call.params.query
    prefix, limit = params.get("Prefix", ""), params.get("MaxBuckets", _WHOLE)
    left = [bucket for bucket in buckets if bucket.name.startswith(prefix) and bucket.name > after]
    value: dict[str, Any] = {"Buckets": [_member(bucket) for bucket in left[:limit]]}
    if page.owner:
        value["Owner"] = page.owner
    if prefix:
        value["Prefix"] = prefix
    if len(left) > limit:
        value["ContinuationToken"] = base64.urlsafe_b64encode(left[limit - 1].name.encode()).decode()
    written = contract().write(call.operation, value)
    written.headers = [pair for pair in response.headers if pair[0] not in _OF_THE_BODY] + written.headers
    return written


def own_only(call: Outgoing, response: Response, marker: Marker) -> Response:
    """A list that was not narrowed, with what carries the environment's label: for one that has its own credential,
    which sees all names."""
    page = read_page(response)
    own = [bucket for bucket in page.buckets if bucket.name.startswith(marker.label)]
    named = [replace(bucket, name=alias_of(bucket.name) or bucket.name) for bucket in own]
    return _written(call, response, page, sorted(named, key=lambda bucket: bucket.name), "")


def _member(bucket: Bucket) -> dict[str, str]:
    told = {"Name": bucket.name, "CreationDate": bucket.created, "BucketRegion": bucket.region}
    return {name: text for name, text in told.items() if text}


def _wrong_token() -> Response:
    body = f"{xml.DECLARATION}<Error><Code>InvalidArgument</Code><Message>{_NOT_A_TOKEN}</Message></Error>"
    return Response(400, [("content-type", "application/xml")], body.encode())
