"""Buckets and objects as folders and files."""

from __future__ import annotations

from mocks.browsing import Browsing
from mocks.s3.browsing import BROWSING
from tests.mocks.s3.conftest import Caller


async def test_buckets_are_told_with_what_is_set(s3: Caller) -> None:
    await s3("PUT", "/another")
    await s3.configure("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    state = (await s3.harness.store()).begin("s3")
    found = await BROWSING.tops(state)
    await state.rollback()
    assert [(each.name, each.facts.get("Versioning")) for each in found] == [("another", None), ("bkt", "Enabled")]
    assert found[0].facts["Region"] == "us-east-1"
    assert found[0].made_at.endswith("Z")


async def test_prefixes_are_folders_and_pages_go_on(s3: Caller) -> None:
    for key in ("a/1", "a/2", "a/b/3", "c", "d/", "e"):
        await s3.put(f"/bkt/{key}", b"x")
    browsing: Browsing = BROWSING
    state = (await s3.harness.store()).begin("s3")
    seen: list[str] = []
    after = ""
    while True:
        page = await browsing.folder(state, "bkt", "", after, 2)
        assert page is not None
        assert len(page.folders) + len(page.files) <= 2
        seen += sorted([*page.folders, *(file.name for file in page.files)])
        if page.next is None:
            break
        after = page.next
    assert seen == ["a/", "c", "d/", "e"]
    below = await browsing.folder(state, "bkt", "a/", "", 100)
    assert below is not None
    assert (below.folders, [file.name for file in below.files]) == (["a/b/"], ["a/1", "a/2"])
    assert await browsing.folder(state, "none", "", "", 100) is None
    await state.rollback()


async def test_an_object_is_read_with_what_is_told_of_it(s3: Caller) -> None:
    await s3.put("/bkt/r.txt", b"hello", content_type="text/plain", x_amz_meta_who="ada", x_amz_tagging="k=v")
    state = (await s3.harness.store()).begin("s3")
    found = await BROWSING.read(state, "bkt", "r.txt")
    assert found is not None
    file, pieces = found
    assert b"".join([piece async for piece in pieces]) == b"hello"
    assert (file.size, file.media) == (5, "text/plain")
    assert (file.facts["x-amz-meta-who"], file.facts["Tag k"]) == ("ada", "v")
    assert await BROWSING.read(state, "bkt", "none") is None
    assert await BROWSING.read(state, "none", "r.txt") is None
    await state.rollback()
