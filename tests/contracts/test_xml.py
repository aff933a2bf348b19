"""Reading refuses every way in for an attack; writing escapes."""

from __future__ import annotations

import pytest
from lxml import etree

from contracts.xml import MalformedXML, escape, local_name, parse

BOMB = b"""<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a b="&y;">&y;</a>"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>\x00</a>",
        b"<a>\x01</a>",
        b"<a>&undefined;</a>",
        b"<a>\xff</a>",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
        b"<a>" * 5000 + b"</a>" * 5000,
    ],
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedXML):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<a>text</a>",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<a xmlns="urn:x"><!-- c --><?pi d?>text</a>',
        "<a>text</a>".encode("utf-16"),
    ],
)
def test_what_is_read(data: bytes) -> None:
    root = parse(data)
    assert local_name(root) == "a"
    assert "".join(root.itertext()) == "text"


def test_nothing_outside_is_included() -> None:
    root = parse(b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></a>')
    assert [local_name(child) for child in root] == ["include"]
    assert not "".join(root.itertext())


def test_escaping() -> None:
    assert escape("plain ü") == "plain ü"
    assert escape("a<b>&\"c'\t\n") == "a&lt;b&gt;&amp;&quot;c'\t\n"
    assert escape("\r\x00\x1f") == "&#xd;&#x0;&#x1f;"
    text = '<&>"\r\n\tü'
    assert etree.fromstring(f"<a>{escape(text)}</a>").text == text
