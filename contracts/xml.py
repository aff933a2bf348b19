"""XML in and out, safely: no document type, no entities, no network, bounded depth.

Reading gives lxml elements with their namespaces still on; writing is text, because a document written
here may hold characters that XML 1.0 forbids but S3 sends (keys with control characters).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

#: The declaration that every document of AWS begins with.
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

#: What cannot stand as it is.
SPECIAL = re.compile('[&<>"\x00-\x1f\x7f]')
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class MalformedXML(ValueError):
    """Not a document that we are willing to read; the text says why."""


def parse(data: bytes) -> etree._Element:
    """The root element of ``data``. Raises MalformedXML, also for every document type declaration:
    they are how entity bombs and external entities come in."""
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise MalformedXML("the document holds null bytes")
    # Looked for before parsing as well, so that no entity is ever expanded (an attribute's would be).
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise MalformedXML("a document type declaration is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise MalformedXML(f"the document is not well-formed: {type(error).__name__}") from error
    information: Any = root.getroottree().docinfo  # the stubs do not know its members
    if information.doctype:
        raise MalformedXML("a document type declaration is not allowed")
    return root


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag: Any = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def escape(text: str) -> str:
    """``text`` as character data or attribute value. Control characters become references, as S3 writes them."""
    if SPECIAL.search(text) is None:
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text if _CONTROL.search(text) is None else _CONTROL.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    return f"&#x{ord(match.group()):x};"
