"""Files and file links: https://docs.stripe.com/api/files."""

from __future__ import annotations

from typing import Any

from tests.harness import value
from tests.mocks.stripe.client import Stripe


async def upload(stripe: Stripe, content: bytes = b"receipt", expect: int = 200, **fields: str) -> Any:
    """One multipart upload, as SDKs send it."""
    lines = [b"--edge\r\n"]
    for name, text in {"purpose": "dispute_evidence", **fields}.items():
        lines.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n--edge\r\n'.encode())
    lines.append(b'Content-Disposition: form-data; name="file"; filename="r.JPEG"\r\nContent-Type: image/jpeg\r\n\r\n')
    body = b"".join([*lines, content, b"\r\n--edge--\r\n"])
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    response = await stripe.harness.call("POST", "/v1/files", body=body, headers=headers)
    assert response.status == expect, response.body
    return value(response)


async def test_a_file_is_uploaded_and_found(stripe: Stripe) -> None:
    made = await upload(stripe)
    assert (made["filename"], made["size"], made["type"]) == ("r.JPEG", 7, "jpg")
    assert (await stripe.get(f"files/{made['id']}"))["purpose"] == "dispute_evidence"
    assert [each["id"] for each in (await stripe.get("files", purpose="dispute_evidence"))["data"]] == [made["id"]]
    assert (await stripe.get("files", purpose="business_logo"))["data"] == []


async def test_a_file_may_bring_its_link(stripe: Stripe) -> None:
    made = await upload(stripe, **{"file_link_data[create]": "true", "file_link_data[metadata][order]": "1"})
    (link,) = made["links"]["data"]
    assert (link["file"], link["metadata"], link["expired"]) == (made["id"], {"order": "1"}, False)


async def test_a_link_ends(stripe: Stripe) -> None:
    made = await upload(stripe)
    link = await stripe.post("file_links", file=made["id"], metadata={"a": "1"})
    assert (await stripe.get(f"file_links/{link['id']}"))["expired"] is False
    ended = await stripe.post(f"file_links/{link['id']}", expires_at="now")
    assert ended["expired"] is True
    assert (await stripe.get("file_links", expired=True))["data"][0]["id"] == link["id"]
    assert (await stripe.get("file_links", file=made["id"], expired=False))["data"] == []
    await stripe.error("POST", f"file_links/{link['id']}", 400, expires_at="")


async def test_what_is_no_file(stripe: Stripe) -> None:
    await upload(stripe, b"", expect=400)
    await upload(stripe, b"x" * (513 << 10), expect=400, purpose="business_logo")
    assert (await stripe.error("POST", "files", 400, purpose="dispute_evidence"))["param"] == "file"
    assert (await stripe.error("POST", "file_links", 400, file="file_nobody"))["param"] == "file"
    assert (await stripe.get("files"))["data"] == []


async def test_a_file_is_evidence(stripe: Stripe) -> None:
    made = await upload(stripe)
    await stripe.pay("pm_card_createDispute")
    (dispute,) = (await stripe.get("disputes"))["data"]
    told = await stripe.post(f"disputes/{dispute['id']}", evidence={"receipt": made["id"]}, submit=False)
    assert told["evidence"]["receipt"] == made["id"]
