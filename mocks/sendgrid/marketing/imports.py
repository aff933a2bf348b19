"""Imports of contacts: a file that is put to an address of this service, which needs no key.

https://www.twilio.com/docs/sendgrid/api-reference/contacts/import-contacts (2026-11). Its first line names the columns,
and is left out: ``field_mappings`` says what each column is.
"""

from __future__ import annotations

import csv
import io
import math
import zlib
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from contracts.exchange import Request, Response
from mocks.base import Call, Page, Record, ServiceError, State
from mocks.sendgrid import accounts, downloads
from mocks.sendgrid.marketing import contacts, fields, jobs, lists, people
from mocks.sendgrid.marketing.answers import wrong

KIND: Final = "mc_upload"
PREFIX: Final = "/uploads/"
#: The name of the Writer of what went wrong.
WHAT: Final = "import_errors"
_DAYS: Final = 3
#: A file unpacks to so many bytes, and has so many lines: limits of ours, below SendGrid's 5 GB and a million.
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_LINES: Final = 100_000
_MOST_ERRORS: Final = 1_000
_GZIP: Final = b"\x1f\x8b"
#: What the upload has to carry, as SendGrid's own store wants it: the example of the endpoint's page.
_HEADERS: Final = ({"header": "x-amz-server-side-encryption", "value": "aws:kms"},)


async def begin(call: Call) -> Record:
    """A job that waits for its file, and where the file goes."""
    sent = call.params.body
    mapping = await _mapped(call, sent["field_mappings"])
    list_ids = await lists.known(call, sent.get("list_ids") or ())
    job = await jobs.begun(call, "upsert")
    upload = {"id": job["id"], "account": accounts.name(call), "mapping": mapping, "list_ids": list_ids}
    await accounts.parent(call.state).put(KIND, upload["id"], upload)
    link = f"{call.address}{PREFIX}{job['id']}"
    return {"job_id": job["id"], "upload_uri": link, "upload_headers": [dict(header) for header in _HEADERS]}


async def _mapped(call: Call, mapping: Sequence[str | None]) -> list[dict[str, str] | None]:
    """What each column is: a member of a contact, or one of its custom fields."""
    known = {field["id"]: {"member": field["name"]} for field in fields.reserved() if not field.get("read_only")}
    custom = {field["id"]: field for field in await fields.custom(call.state)}
    known.update({key: {"custom": key, "type": field["field_type"]} for key, field in custom.items()})
    found: list[dict[str, str] | None] = []
    for field_id in mapping:
        if field_id is not None and field_id not in known:
            raise wrong(f"invalid field id supplied - {field_id}", "field_mappings")
        found.append(None if field_id is None else known[field_id])
    if not any(each and each.get("member") in people.IDENTIFIERS for each in found):
        raise wrong("field_mappings must have the email, or another identifier", "field_mappings")
    return found


def page(request: Request) -> Page | None:
    """The page that a request is for, if it brings a file."""
    if request.method != "PUT" or not request.path.startswith(PREFIX):
        return None

    async def show(call: Call, refused: ServiceError | None) -> Response:
        key = request.path.removeprefix(PREFIX)
        home = accounts.parent(call.state)
        upload = await home.get(KIND, key)
        if upload is None:
            return Response(404)
        await home.delete(KIND, key)
        call.state = accounts.of(home, upload["account"])
        await _take(call, upload, call.request.body)
        return Response(200)

    return Page(show, most_bytes=MOST_BYTES)


async def errors(call: Call, entry: Record) -> tuple[str, bytes]:
    """The file of what went wrong: the line, and why."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["line", "error"])
    writer.writerows(entry["told"]["errors"])
    return "text/csv", lines.getvalue().encode()


async def _take(call: Call, upload: Record, content: bytes) -> None:
    """Add and change the contacts of the file, and finish the job."""
    job = await call.state.get(jobs.KIND, upload["id"])
    if job is None:
        return
    rows, faults = _lines(unpacked(content))
    custom = await fields.custom(call.state)
    list_ids = await _left(call.state, upload["list_ids"])
    made = changed = 0
    for number, row in enumerate(rows, start=2):
        contact = _contact(upload["mapping"], row)
        if fault := contacts.fault_of(contact, custom):
            faults.append((number, fault[0]))
        elif await contacts.put(call, contact, list_ids):
            made += 1
        else:
            changed += 1
    results: dict[str, Any] = {
        "requested_count": max(len(rows), len(faults)),
        "created_count": made,
        "updated_count": changed,
        "errored_count": len(faults),
    }
    if faults:
        entry = await downloads.offer(call, WHAT, {"errors": faults[:_MOST_ERRORS]}, days=_DAYS)
        results["errors_url"] = downloads.url(call, entry)
    await jobs.finish(call, job, **results)


def _lines(text: str | None) -> tuple[list[list[str]], list[tuple[int, str]]]:
    """The lines below the first, and what is wrong with the file: its line, and why."""
    if text is None:
        return [], [(1, "the file cannot be read")]
    try:
        rows = list(islice(csv.reader(io.StringIO(text)), MOST_LINES + 2))
    except csv.Error:
        return [], [(1, "the file cannot be read")]
    if len(rows) > MOST_LINES + 1:
        return [], [(MOST_LINES + 2, f"a file has at most {MOST_LINES} lines")]
    return rows[1:], []


async def _left(state: State, list_ids: Sequence[str]) -> list[str]:
    """The lists that are still there."""
    return [key for key in list_ids if await state.get(lists.KIND, key)]


def _contact(mapping: Sequence[dict[str, str] | None], row: Sequence[str]) -> Record:
    contact: Record = {"custom_fields": {}}
    for column, value in zip(mapping, row, strict=False):
        if column is None or not value.strip():
            continue
        if "custom" in column:
            contact["custom_fields"][column["custom"]] = _number(value) if column["type"] == "Number" else value
        elif column["member"] == "alternate_emails":
            contact["alternate_emails"] = [part.strip() for part in value.split(",") if part.strip()]
        else:
            contact[column["member"]] = value.strip()
    return contact


def _number(text: str) -> float | int | str:
    try:
        number = float(text)
    except ValueError:
        return text  # told as a fault
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def unpacked(content: bytes) -> str | None:
    """The text of a file, of gzip's bytes too; None where it is none, or too long."""
    if content.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            content = unpacker.decompress(content, MOST_BYTES)
        except zlib.error:
            return None
        if unpacker.unconsumed_tail:
            return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
