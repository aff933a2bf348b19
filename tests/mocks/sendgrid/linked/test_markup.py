"""Pages that can do nothing."""

from __future__ import annotations

from mocks.sendgrid.linked import markup

EVIL = "<script>alert(1)</script>"


def test_what_is_said_is_text() -> None:
    assert markup.text(f'"{EVIL}') == "&quot;&lt;script&gt;alert(1)&lt;/script&gt;"
    assert b"<title>&lt;script&gt;" in markup.page(EVIL, "").body


def test_no_page_runs_anything() -> None:
    ours, theirs = markup.page("x", ""), markup.foreign(EVIL)
    assert "default-src 'none'" in (ours.header("content-security-policy") or "")
    assert (theirs.header("content-security-policy") or "").startswith("sandbox; default-src 'none'")
    assert markup.nowhere().status == 404
    split = markup.onward("https://a.example/ü?x=1&y=%20#z\r\nset-cookie: a=b")
    assert split.header("location") == "https://a.example/%C3%BC?x=1&y=%20#z%0D%0Aset-cookie:%20a=b"
    assert markup.onward("https://a.example", 303).header("location") == "https://a.example"
