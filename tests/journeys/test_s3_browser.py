"""S3 in a headless browser: a page of another origin uploads as far as a bucket lets it, and a website is visited."""

from __future__ import annotations

import hashlib
import html
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.serving import Broker
from tests.browser import Page, browser, find
from tests.journeys.test_boto3 import connect

pytestmark = [pytest.mark.slow, pytest.mark.skipif(find() is None, reason="no Chromium on this machine")]

CONTENT = "line one\nline two \u00fc"
ETAG = f'"{hashlib.md5(CONTENT.encode(), usedforsecurity=False).hexdigest()}"'


class Shop:
    """An application's own pages: ``pages`` by path."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/": "<title>Shop</title>"}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path.partition("?")[0], "").encode()
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing to tell."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop()
    yield found
    found.close()


@pytest.fixture
def s3(environment: dict[str, Any]) -> Iterator[Any]:
    client = connect(environment, signature_version="s3v4")
    client.create_bucket(Bucket="uploads")
    yield client
    client.close()


def share(s3: Any, origin: str, *methods: str) -> None:
    rule = {
        "AllowedOrigins": [origin],
        "AllowedMethods": list(methods),
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Location"],
    }
    s3.put_bucket_cors(Bucket="uploads", CORSConfiguration={"CORSRules": [rule]})


async def run(page: Page, script: str, **given: Any) -> Any:
    """What an asynchronous function's body returns in the page; what it throws comes back as text."""
    names = ", ".join(given)
    values = ", ".join(json.dumps(value) for value in given.values())
    expression = f"(async ({names}) => {{ {script} }})({values}).catch(error => 'thrown: ' + error)"
    found = await page.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
    assert "exceptionDetails" not in found, found
    return found["result"].get("value")


PUT = """
    const answer = await fetch(url, {method: 'PUT', body: content, headers: {'content-type': 'text/plain'}});
    return [answer.status, answer.headers.get('etag'), await answer.text()];
"""
POST = """
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new File([content], 'a \u00fc.txt', {type: 'text/plain'}));
    const answer = await fetch(url, {method: 'POST', body: form});
    return [answer.status, answer.headers.get('etag'), await answer.text()];
"""


async def test_a_page_uploads_by_presigned_put(s3: Any, shop: Shop, tmp_path: Path) -> None:
    url = s3.generate_presigned_url("put_object", {"Bucket": "uploads", "Key": "k", "ContentType": "text/plain"})
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(f"{shop.url}/")
        assert await run(page, PUT, url=url, content=CONTENT) == "thrown: TypeError: Failed to fetch"
        share(s3, "https://other.example", "PUT")
        assert await run(page, PUT, url=url, content=CONTENT) == "thrown: TypeError: Failed to fetch"
        share(s3, shop.url, "GET")
        assert await run(page, PUT, url=url, content=CONTENT) == "thrown: TypeError: Failed to fetch"
        assert s3.list_objects_v2(Bucket="uploads")["KeyCount"] == 0
        share(s3, shop.url, "GET", "PUT")
        assert await run(page, PUT, url=url, content=CONTENT) == [200, ETAG, ""]
        # An error can be read as well.
        status, _, text = await run(page, PUT, url=url.replace("/uploads/k", "/uploads/other"), content=CONTENT)
        assert (status, "<Code>SignatureDoesNotMatch</Code>" in text) == (403, True)
        got = s3.generate_presigned_url("get_object", {"Bucket": "uploads", "Key": "k"})
        assert await run(page, "return await (await fetch(url)).text()", url=got) == CONTENT
    assert s3.get_object(Bucket="uploads", Key="k")["ContentType"] == "text/plain"


async def test_a_page_uploads_by_post_policy(s3: Any, shop: Shop, tmp_path: Path) -> None:
    post = s3.generate_presigned_post(
        "uploads",
        "from/${filename}",
        Fields={"success_action_status": "201", "Content-Type": "text/plain"},
        Conditions=[
            ["content-length-range", 1, 1000],
            {"success_action_status": "201"},
            ["starts-with", "$Content-Type", "text/"],
        ],
    )
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(f"{shop.url}/")
        # A form asks nothing beforehand, so it arrives; its answer stays closed to the page.
        assert await run(page, POST, **post, content=CONTENT) == "thrown: TypeError: Failed to fetch"
        share(s3, shop.url, "POST")
        status, etag, text = await run(page, POST, **post, content=CONTENT)
        assert (status, etag) == (201, ETAG)
        assert "<Key>from/a \u00fc.txt</Key>" in text
        status, _, text = await run(page, POST, **post, content="x" * 1001)
        assert (status, "<Code>EntityTooLarge</Code>" in text) == (400, True)
    found = s3.get_object(Bucket="uploads", Key="from/a \u00fc.txt")
    assert (found["Body"].read().decode(), found["ContentType"]) == (CONTENT, "text/plain")


async def test_a_form_without_a_script_comes_back_to_the_shop(s3: Any, shop: Shop, tmp_path: Path) -> None:
    done = f"{shop.url}/done"
    post = s3.generate_presigned_post(
        "uploads", "k", Fields={"success_action_redirect": done}, Conditions=[{"success_action_redirect": done}]
    )
    fields = "".join(f'<input type=hidden name="{n}" value="{html.escape(v)}">' for n, v in post["fields"].items())
    shop.pages["/done"] = "<title>Done</title>"
    shop.pages["/"] = (
        f'<form action="{post["url"]}" method=post enctype="multipart/form-data">{fields}'
        "<textarea name=file>typed</textarea><button id=send>Send</button></form>"
    )
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(f"{shop.url}/")
        await page.click("send")
        assert await page.value("document.title") == "Done"
        query = await page.value("Object.fromEntries(new URLSearchParams(location.search))")
    found = s3.get_object(Bucket="uploads", Key="k")
    assert query == {"bucket": "uploads", "key": "k", "etag": found["ETag"]}
    assert found["Body"].read() == b"typed"


async def test_a_website_is_visited(s3: Any, environment: dict[str, Any], tmp_path: Path) -> None:
    pages = {
        "index.html": "<title>Home</title><a id=docs href=docs>Docs</a><img id=logo src=logo.svg>",
        "docs/index.html": "<title>Docs</title><a id=gone href=none>Nowhere</a>",
        "errors/404.html": "<title>Lost</title>",
    }
    for key, body in pages.items():
        s3.put_object(Bucket="uploads", Key=key, Body=body.encode(), ContentType="text/html; charset=utf-8")
    logo = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'
    s3.put_object(Bucket="uploads", Key="logo.svg", Body=logo.encode(), ContentType="image/svg+xml")
    website = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "errors/404.html"}}
    s3.put_bucket_website(Bucket="uploads", WebsiteConfiguration=website)
    address = environment["variables"]["AWS_ENDPOINT_URL_S3"].removesuffix("/s3") + "/s3-website/uploads/"
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(address)
        assert await page.value("document.title") == "403 Forbidden"
        s3.delete_public_access_block(Bucket="uploads")
        allowed = {"Effect": "Allow", "Principal": "*"}
        reads = {**allowed, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::uploads/*"}
        lists = {**allowed, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::uploads"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [reads, lists]})
        s3.put_bucket_policy(Bucket="uploads", Policy=policy)
        await page.visit(address)
        assert await page.value("document.title") == "Home"
        assert await page.value("document.getElementById('logo').naturalWidth") == 7
        await page.click("docs")
        assert await page.value("[document.title, location.pathname.split('/').slice(-2).join('/')]") == [
            "Docs",
            "docs/",
        ]
        await page.click("gone")
        assert await page.value("document.title") == "Lost"


def test_boto3s_presigned_posts_of_both_versions(environment: dict[str, Any]) -> None:
    for version in ("s3v4", "s3"):
        client = connect(environment, signature_version=version)
        client.create_bucket(Bucket="posts")
        post = client.generate_presigned_post("posts", "k", Conditions=[["content-length-range", 0, 10]])
        files = {"file": ("name", version.encode())}
        answer = httpx.post(post["url"], data=post["fields"], files=files)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
        assert client.get_object(Bucket="posts", Key="k")["Body"].read() == version.encode()
        client.close()


def peak(server: Broker) -> int:
    """The most memory that the server has had so far, in bytes (proc(5), VmHWM)."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_a_large_form_streams(s3: Any, server: Broker) -> None:
    post = s3.generate_presigned_post("uploads", "large")
    size = 200 << 20
    boundary = "boundaryofthisform"
    head = (
        "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in post["fields"].items()
        )
        + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    )
    tail = f"\r\n--{boundary}--\r\n"

    def body() -> Iterator[bytes]:
        yield head.encode()
        for _ in range(200):
            yield bytes(1 << 20)
        yield tail.encode()

    length = len(head) + size + len(tail)
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", "content-length": str(length)}
    before = peak(server)
    answer = httpx.post(post["url"], content=body(), headers=headers, timeout=120)
    assert answer.status_code == 204, answer.text
    assert peak(server) - before < 64 << 20
    assert s3.head_object(Bucket="uploads", Key="large")["ContentLength"] == size
