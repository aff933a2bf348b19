"""A bucket as a website, at an endpoint of its own: index and error documents, redirects, errors as pages.

``BUCKET.s3-website.ENVIRONMENT...`` or ``/e/ENVIRONMENT/s3-website/BUCKET/...``, in the place of
``BUCKET.s3-website-REGION.amazonaws.com``. Visitors are anonymous: whatever they send, they see what is open to all.

Sources, below docs.aws.amazon.com/AmazonS3/latest/userguide: WebsiteHosting.html, WebsiteEndpoints.html ("Key
differences"), IndexDocumentSupport.html, CustomErrorDocSupport.html, how-to-page-redirect.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from contracts.contract import ContractViolation, Match, Operation, Params
from contracts.exchange import Headers, Request, Response
from mocks.base import Call, Page, Record, Reply, ServiceError
from mocks.s3 import objects, wire
from mocks.s3.configurations import configuration
from mocks.s3.cors import preflight
from mocks.s3.errors import invalid_request, method_not_allowed, no_configuration
from mocks.s3.records import named_bucket
from mocks.s3.website import CODE, MESSAGE, WEBSITE
from mocks.s3.website_rules import Configuration, Visitor, all_elsewhere, is_document_for, page, routed

ENDPOINT = "s3-website"
#: "Amazon S3 returns a 301 Moved Permanently response and redirects those requests to https://aws.amazon.com/s3/".
_NOWHERE = "https://aws.amazon.com/s3/"

_HANDLERS = {"GetObject": objects.get_object, "HeadObject": objects.head_object}
_CONDITIONAL = ("if-", "range")


def pages(request: Request) -> Page | None:
    """The page at the endpoint of websites, whatever is asked there."""
    return Page(visit) if request.endpoint == ENDPOINT else None


async def visit(call: Call, _: ServiceError | None) -> Response:
    """What a visitor sees."""
    name, slash, rest = call.request.path.removeprefix("/").partition("/")
    if not name:
        return _elsewhere(call, 301, _NOWHERE)
    request = call.request
    sent = request.sent_path or request.path
    site = _Site(call, unquote(name), rest, sent[: len(sent) - len(rest)].rstrip("/"))
    try:
        return await site.answer(slash=bool(slash))
    except ServiceError as error:
        return await site.refused(wire.worded(error))
    except ContractViolation as violation:
        return await site.refused(invalid_request(violation.violations[0].message))


class _Site:
    """One visit of a bucket's website."""

    def __init__(self, call: Call, name: str, path: str, base: str) -> None:
        self.call = call
        self.name = name
        self.path = path
        self.key = unquote(path)
        request = call.request
        self.visitor = Visitor(request.scheme, request.host, base)
        self.configuration: Configuration = {}

    async def answer(self, *, slash: bool) -> Response:
        """The page, or where it is. Raises ServiceError."""
        call, request = self.call, self.call.request
        if request.method == "OPTIONS":
            call.params = Params(path={"Bucket": self.name, "Key": self.key})
            response: Response = await preflight(call)
            return _signed(call, response)
        if request.method not in ("GET", "HEAD"):
            raise method_not_allowed(request.method, "OBJECT", "GET, HEAD")
        bucket = await named_bucket(call.state, self.name)
        self.configuration = await self._configuration(bucket)
        target = self.configuration.get("RedirectAllRequestsTo")
        if target is not None:
            return _elsewhere(call, 301, all_elsewhere(target, self.visitor, self.key, request.query))
        routing = routed(self._rules(), self.visitor, self.key, None)
        if routing is not None:
            return _elsewhere(call, *routing)
        if not slash and not request.host_label:
            return _elsewhere(call, 302, f"{self.visitor.base}/")
        suffix = self.configuration["IndexDocument"]["Suffix"]
        if not self.key or self.key.endswith("/"):
            return await self._document(self.key + suffix)
        try:
            return await self._document(self.key)
        except ServiceError as error:
            if error.status in (403, 404) and await self._exists(f"{self.key}/{suffix}"):
                return _elsewhere(call, 302, f"{self.visitor.base}/{self.path}/")
            raise

    async def _configuration(self, bucket: Record) -> Configuration:
        found: Configuration | None = await configuration(self.call.state, bucket, WEBSITE)
        if found is None:
            raise no_configuration(CODE, MESSAGE, self.name)
        return found

    def _rules(self) -> Sequence[Any]:
        rules: Sequence[Any] = self.configuration.get("RoutingRules") or ()
        return rules

    async def _document(self, key: str) -> Response:
        """An object as a page, or where its redirect leads."""
        response = await self._object(key, self.call.request.headers)
        target = response.header("x-amz-website-redirect-location")
        if target is not None:
            at = f"{self.visitor.base}{target}" if target.startswith("/") else target
            return _elsewhere(self.call, 301, at)
        return _signed(self.call, response)

    async def _object(self, key: str, headers: Headers, method: str | None = None) -> Response:
        """An object as anybody may see it. Raises ServiceError."""
        call = self.call
        asked = replace(call.request, method=method or call.request.method, query="", headers=headers)
        operation = call.contract.operations()["HeadObject" if asked.method == "HEAD" else "GetObject"]
        call.operation = operation
        call.params = call.contract.read(Match(operation, {"Bucket": self.name, "Key": key}), asked)
        return _written(call, operation, await wire.around(call, _HANDLERS[operation.id]))

    async def _exists(self, key: str) -> bool:
        try:
            await self._object(key, Headers(), "HEAD")
        except ServiceError:
            return False
        return True

    async def refused(self, error: ServiceError) -> Response:
        """What there is to say of an error: where a rule leads, the site's own document, or S3's page."""
        if error.status == 304:
            return _signed(self.call, Response(304, list(error.headers)))
        routing = routed(self._rules(), self.visitor, self.key, error.status)
        if routing is not None:
            return _elsewhere(self.call, *routing)
        second: ServiceError | None = None
        document = self.configuration.get("ErrorDocument")
        if document is not None and is_document_for(error.status):
            kept = [pair for pair in self.call.request.headers if not pair[0].startswith(_CONDITIONAL)]
            try:
                response = await self._object(document["Key"], Headers(kept))
            except ServiceError as missing:
                second = wire.worded(missing)
            else:
                response.status = error.status
                response.headers += _told(error)
                return _signed(self.call, response)
        return self._page(error, second)

    def _page(self, error: ServiceError, second: ServiceError | None) -> Response:
        ids = _ids(self.call)
        named = {"RequestId": ids[0][1], "HostId": ids[1][1]}
        text = page(error.status, HTTPStatus(error.status).phrase, error, named, second)
        headers = [("content-type", "text/html; charset=utf-8"), *error.headers, *_told(error), *ids]
        return Response(error.status, headers, text.encode())


def _written(call: Call, operation: Operation, result: Any) -> Response:
    if not isinstance(result, Reply):
        return call.contract.write(operation, result)
    response = call.contract.write(operation, result.value, result.status)
    response.headers.extend(result.headers)
    response.stream = result.stream
    return response


def _told(error: ServiceError) -> list[tuple[str, str]]:
    """An error in headers, as the endpoint of websites has it beside its pages."""
    return [
        ("x-amz-error-code", error.code),
        ("x-amz-error-message", error.message),
        *((f"x-amz-error-detail-{name}", str(value)) for name, value in error.details.items()),
    ]


def _ids(call: Call) -> list[tuple[str, str]]:
    return [
        ("x-amz-request-id", call.new_id("", 16).upper()),
        ("x-amz-id-2", call.new_id("", 56)),
        ("server", "AmazonS3"),
    ]


def _signed(call: Call, response: Response) -> Response:
    response.headers += _ids(call)
    return response


def _elsewhere(call: Call, status: int, location: str) -> Response:
    return _signed(call, Response(status, [("location", location), ("content-length", "0")]))
