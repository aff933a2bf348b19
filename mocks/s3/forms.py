"""Forms of browsers: their fields read before the file, and put where a PUT of the same object has its headers.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html and userguide/HTTPPOSTForms.html. A form says
in its body who signed it, so it is read where the address names the environment, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import urlencode

from contracts import library, xml
from contracts.exchange import Form, Headers, Request
from contracts.form import FormError
from contracts.multipart_stream import TooLong, unfolded
from mocks.base import Refusal, ServiceError
from mocks.s3.errors import invalid_argument, malformed_xml

OPERATION = "PostObject"
#: "The form data and boundaries (excluding the contents of the file) cannot exceed 20 KB" (HTTPPOSTForms.html).
LONGEST_FIELDS = 20 * 1024

_ENCLOSURE = "multipart/form-data"
_META = "x-amz-meta-"
#: RFC 9110, 5.1 and 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+\Z")
#: Fields whose text is no header's: a key is any text, tags are a document.
_KEY, _TAGGING = "key", "tagging"
#: Fields that are headers by another name, which policies of buckets ask for.
_OTHERWISE = {"acl": "x-amz-acl"}
#: Not expanded: both are signed or signatures as they stand.
_VERBATIM = frozenset({"policy", "signature", "x-amz-signature"})


def is_form(request: Request) -> bool:
    """Whether the request is a POST to a bucket itself."""
    return (
        request.method == "POST"
        and not request.path.removeprefix("/").partition("/")[2]
        and "delete" not in request.query
        and not request.endpoint
    )


async def unfold(request: Request) -> Request:
    """A form with its fields as headers and its file as the stream; any other request as it is. What is wrong with a
    form is kept in it: whoever answers the request says so."""
    kind = request.headers.get("content-type") or ""
    if not is_form(request) or not kind.lower().startswith(_ENCLOSURE):
        return request
    source = request.stream or _whole(request.body)
    try:
        form, file = await unfolded(source, kind, LONGEST_FIELDS, "file")
        form.fields = [*_expanded(form)]
        headers = Headers([*_kept(request.headers), *_as_headers(fields_of(form))])
    except TooLong:
        return _broken(request, too_long())
    except FormError:
        return _broken(request, malformed_form())
    except (Refusal, ServiceError) as refused:
        return _broken(request, refused)
    return replace(request, headers=headers, form=form, stream=_file(file), body=b"")


def _broken(request: Request, why: Exception) -> Request:
    return replace(request, form=Form([], None, why), headers=Headers(_kept(request.headers)))


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _file(file: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in file:
            yield piece
    except FormError:
        raise malformed_form() from None


def malformed_form() -> ServiceError:
    """A body that is no form."""
    return ServiceError(
        400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data."
    )


def too_long() -> ServiceError:
    """More fields than a form may have."""
    message = "Your POST request fields preceding the upload file were too large."
    return ServiceError(400, "MaxPostPreDataLengthExceededError", message)


def fields_of(form: Form) -> Mapping[str, str]:
    """The fields by lower-case name; the values of a repeated one are joined by commas (HTTPPOSTForms.html)."""
    found: dict[str, str] = {}
    for name, value in form.fields:
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _expanded(form: Form) -> Iterator[tuple[str, str]]:
    # "If the browser or client provides a full or partial path to the file, only the text following the last slash or
    # backslash will be used" (same page).
    filename = re.split(r"[/\\]", form.filename or "")[-1]
    for name, value in form.fields:
        yield name, value if name.lower() in _VERBATIM else value.replace("${filename}", filename)


@cache
def _known() -> frozenset[str]:
    """The fields that mean something, in lower case."""
    contract = library.load("s3")
    operation = contract.operations()[OPERATION]
    _, headers = contract.wire_names(operation)  # type: ignore[attr-defined]  # an AWS contract's own
    return frozenset(headers)


def _kept(headers: Headers) -> Iterator[tuple[str, str]]:
    """Of the request's own headers those that no field of a form stands for."""
    for name, value in headers:
        if name not in _known() and not name.startswith(("content-", "x-amz-")):
            yield name, value


def _as_headers(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name == _KEY:
            yield name, value
        elif name == _TAGGING:
            yield name, _tags(value)
        elif name in _known() or name.startswith(_META):
            if not _TOKEN.match(name):
                # Wording ours: no header could be called so.
                raise invalid_argument("The name of a metadata field is no name of a header", "Metadata", name[:128])
            # As the bytes of a header arrive; of metadata the text is kept.
            text = value if name.startswith(_META) else value.encode().decode("latin-1")
            yield name, text
            if name in _OTHERWISE:
                yield _OTHERWISE[name], text


def _tags(document: str) -> str:
    """The tag set of a form, a document, as a PUT writes it into its header. Raises MalformedXML."""
    try:
        root = xml.parse(document.encode())
    except xml.MalformedXML as error:
        raise malformed_xml() from error
    if xml.local_name(root) != "Tagging":
        raise malformed_xml()
    tags = root.findall("{*}TagSet/{*}Tag")
    pairs: list[tuple[str, str]] = []
    for tag in tags:
        key, value = tag.findtext("{*}Key"), tag.findtext("{*}Value")
        if key is None or value is None:
            raise malformed_xml()
        pairs.append((key, value))
    if len(root) != 1:
        raise malformed_xml()
    return urlencode(pairs)
