"""Files of contacts are imported, packed or not, and what is wrong with them is told."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from contracts.exchange import Request
from mocks.sendgrid.marketing import imports
from tests.harness import Harness, read
from tests.mocks.sendgrid.marketing.crowd import asked, at, field, listed, put
from tests.mocks.sendgrid.marketing.test_contacts import NOBODY


async def uploaded(sendgrid: Harness, content: bytes, mapping: list[str | None], **more: Any) -> Any:
    """The job of a file, once it was put."""
    sent = {"file_type": "csv", "field_mappings": mapping, **more}
    told = await asked(sendgrid, "PUT", "contacts/imports", json=sent)
    assert told["upload_headers"]
    assert (await asked(sendgrid, "GET", f"contacts/imports/{told['job_id']}"))["status"] == "pending"
    path = told["upload_uri"][told["upload_uri"].index("/uploads/") :]
    assert (await visited(sendgrid, path, content)).status == 200
    assert (await visited(sendgrid, path, content)).status == 404
    return await asked(sendgrid, "GET", f"contacts/imports/{told['job_id']}")


async def visited(sendgrid: Harness, path: str, content: bytes) -> Any:
    return await sendgrid.visit("PUT", path, body=content)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_file_adds_and_changes_contacts(sendgrid: Harness, packed: bool) -> None:
    size = await field(sendgrid, "size", "Number")
    news = await listed(sendgrid, "News")
    await put(sendgrid, {"email": "bob@example.com", "city": "Rome"})
    text = 'who,skipped,mail,size,others\nAda,x,ADA@example.com,38,"a@x.com, b@x.com"\nBob,y,bob@example.com,,\n'
    content = gzip.compress(text.encode()) if packed else b"\xef\xbb\xbf" + text.encode()
    mapping = ["_rf0_T", None, "_rf2_T", size, "_rf3_T"]
    job = await uploaded(sendgrid, content, mapping, list_ids=[news])
    assert job["status"] == "completed"
    assert job["results"] == {"requested_count": 2, "created_count": 1, "updated_count": 1, "errored_count": 0}
    ada, bob = await at(sendgrid, "ada@example.com"), await at(sendgrid, "bob@example.com")
    assert (ada["first_name"], ada["custom_fields"], ada["list_ids"]) == ("Ada", {"size": 38}, [news])
    assert ada["alternate_emails"] == ["a@x.com", "b@x.com"]
    assert (bob["first_name"], bob["city"], bob["list_ids"]) == ("Bob", "Rome", [news])


async def test_what_is_wrong_is_told_line_by_line(sendgrid: Harness) -> None:
    size = await field(sendgrid, "size", "Number")
    job = await uploaded(sendgrid, b"mail,size\nno address,1\na@example.com,nan\nb@example.com,2.5\n", ["_rf2_T", size])
    assert job["status"] == "errored"
    assert (job["results"]["created_count"], job["results"]["errored_count"]) == (1, 2)
    url = job["results"]["errors_url"]
    lines = (await read(await sendgrid.visit("GET", url[url.index("/downloads/") :]))).decode().splitlines()
    assert lines == ["line,error", "2,no address is no valid email address", f"3,custom field {size} is a number"]


@pytest.mark.parametrize(
    "content", [b"\x1f\x8bnonsense", b"mail\n\xff\xfe\n", b"mail\na\0b\n", b"mail\n" + b"a" * 200_000]
)
async def test_a_file_that_cannot_be_read_fails(sendgrid: Harness, content: bytes) -> None:
    job = await uploaded(sendgrid, content, ["_rf2_T"])
    assert (job["status"], job["results"]["errored_count"]) == ("failed", 1)


async def test_a_file_has_so_many_lines(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_LINES", 2)
    job = await uploaded(sendgrid, b"mail\na@example.com\nb@example.com\n", ["_rf2_T"])
    assert job["results"]["created_count"] == 2
    job = await uploaded(sendgrid, b"mail\nc@example.com\nd@example.com\ne@example.com\n", ["_rf2_T"])
    assert (job["status"], job["results"]["created_count"]) == ("failed", 0)


def test_a_file_unpacks_within_bounds() -> None:
    assert imports.unpacked(gzip.compress(b"x" * (imports.MOST_BYTES + 1))) is None
    assert imports.unpacked(gzip.compress(b"mail")) == "mail"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"file_type": "xml"}, 400),
        ({"field_mappings": []}, 400),
        ({"field_mappings": ["_rf0_T"]}, 400),
        ({"field_mappings": ["_rf2_T", "e9_T"]}, 400),
        ({"field_mappings": ["_rf2_T", "_rf21_D"]}, 400),
        ({"list_ids": [NOBODY]}, 404),
    ],
)
async def test_what_cannot_be_imported(sendgrid: Harness, change: dict[str, Any], status: int) -> None:
    sent = {"file_type": "csv", "field_mappings": ["_rf2_T"], **change}
    await asked(sendgrid, "PUT", "contacts/imports", status, json=sent)


async def test_only_files_are_put(sendgrid: Harness) -> None:
    assert imports.page(Request(method="GET", path="/uploads/x")) is None
    assert (await visited(sendgrid, f"/uploads/{NOBODY}", b"")).status == 404
