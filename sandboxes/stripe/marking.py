"""The marker on what is made, and its removal from what is answered: ``metadata[preview_broker]``.

Added to the form as it was sent, pair by pair, and cut out of the answer's bytes where they stand, so that nothing
else of a request or an answer changes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from contracts import library
from contracts.contract import Operation
from contracts.form import FormError, path_of
from sandboxes.base import Marker, Outgoing

#: The metadata key that carries the marker. Applications neither see it nor can they set it.
KEY = "preview_broker"
#: https://docs.stripe.com/metadata: at most 50 keys an object.
MOST_KEYS = 50
#: https://docs.stripe.com/api/test_clocks: no metadata, but a name, which is the marker's place there.
_NAMED = frozenset({"test_helpers.test_clocks.create"})

#: Objects that a create makes besides its own, by where the request describes them; ``*`` is any position. They are
#: marked where the application describes them at all: an empty description would itself ask for something.
_CARRIERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "checkout.sessions.create": (
        ("invoice_creation", "invoice_data"),
        ("line_items", "*", "price_data", "product_data"),
        ("payment_intent_data",),
        ("setup_intent_data",),
        ("shipping_options", "*", "shipping_rate_data"),
        ("subscription_data",),
    ),
    "invoices.create": (("shipping_cost", "shipping_rate_data"),),
    "payment_links.create": (
        ("invoice_creation", "invoice_data"),
        ("line_items", "*", "price_data", "product_data"),
        ("payment_intent_data",),
        ("subscription_data",),
    ),
    "plans.create": (("product",),),
    "prices.create": (("product_data",),),
    "products.create": (("default_price_data",),),
    "quotes.create": (("subscription_data",),),
    # A phase's metadata becomes the subscription's when it begins
    # (https://docs.stripe.com/api/subscription_schedules/create).
    "subscription_schedules.create": (("phases", "*"),),
}
#: "When using this parameter, you cannot specify any other parameters" (https://docs.stripe.com/api/quotes/create):
#: a copy has the metadata of what it is copied from, and so its marker.
_COPIED = frozenset({("from_quote",)})
#: What a Checkout Session makes by its mode; the other modes refuse the parameter
#: (https://docs.stripe.com/api/checkout/sessions/create).
_BY_MODE: Mapping[str, str] = {
    "payment": "payment_intent_data",
    "setup": "setup_intent_data",
    "subscription": "subscription_data",
}

_VALUE = rb'(?<!\\)"preview_broker"\s*:\s*"pb:[^"\\]*"'
_CUTS = (
    (re.compile(_VALUE + rb"\s*,\s*"), b""),
    (re.compile(rb"\s*,\s*" + _VALUE), b""),
    (re.compile(rb"\{\s*" + _VALUE + rb"\s*\}"), b"{}"),
)
_NAME = re.compile(rb'(?<!\\)("name"\s*:\s*)"\[pb:[^"\\\]]*\]"')
_IN_NAME = re.compile(r"\[(pb:[^\]]*)\]\Z")
_SUFFIX = re.compile(rb' \[pb:[^"\\\]]*\]"')


@functools.cache
def carries_metadata(operation: Operation) -> bool:
    """Whether the operation's body has a place for metadata, as the contract says."""
    body = library.load("stripe").details(operation).get("body") or {}  # type: ignore[attr-defined]  # an OpenApiContract
    return "metadata" in body.get("schema", {}).get("properties", {})


def marked(call: Outgoing, marker: Marker) -> bytes:
    """The form of a call that makes something, with the marker; of any other write, without what would change one.

    A hash of metadata that the application fills to its fifty keys stays as it is: the object is then known by the
    ledger alone. ``metadata=`` in an update clears the marker with everything else; the ledger still knows.
    """
    pieces = [(raw, path) for raw, path in _pieces(call.request.body) if path[-2:] != ("metadata", KEY)]
    if call.rule.effect != "create":
        return b"&".join(raw for raw, _ in pieces)
    added = []
    for carrier in _carriers(call, [path for _, path in pieces]):
        place = (*carrier, "metadata")
        if len({path for _, path in pieces if path[:-1] == place}) < MOST_KEYS:
            pieces = [(raw, path) for raw, path in pieces if path != place]  # `metadata=` means none
            added.append(_pair((*place, KEY), marker.text))
    if call.operation.id in _NAMED:
        name = call.params.get("name")
        pieces = [(raw, path) for raw, path in pieces if path != ("name",)]
        added.append(_pair(("name",), f"{name} [{marker.text}]" if name else f"[{marker.text}]"))
    return b"&".join([*(raw for raw, _ in pieces), *added])


def _pieces(body: bytes) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """Each pair of the form as it was sent, and the path of its key. The contract has read the same form before."""
    for raw in body.split(b"&"):
        if raw:
            try:
                yield raw, path_of(raw.partition(b"=")[0].decode())
            except (FormError, UnicodeDecodeError):
                yield raw, ("",)


def _carriers(call: Outgoing, paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Where a marker belongs, outermost first, with the positions that the form itself uses."""
    found: dict[tuple[str, ...], None] = {}
    if carries_metadata(call.operation) and not any(path[:1] in _COPIED for path in paths):
        found[()] = None
    mode = call.params.get("mode")
    if call.operation.id == "checkout.sessions.create" and mode in _BY_MODE:
        found[(_BY_MODE[mode],)] = None
    for carrier in _CARRIERS.get(call.operation.id, ()):
        for path in paths:
            place = path[: len(carrier)]
            # `a[][b]` has no positions to repeat, and one more pair of it would begin another element.
            if len(path) > len(carrier) and "" not in place and _fits(carrier, place):
                found[place] = None
    return list(found)


def _fits(carrier: tuple[str, ...], place: tuple[str, ...]) -> bool:
    return all(step in ("*", name) for step, name in zip(carrier, place, strict=True))


def _pair(path: tuple[str, ...], value: str) -> bytes:
    key = path[0] + "".join(f"[{step}]" for step in path[1:])
    return f"{quote(key, safe='')}={quote(value, safe='')}".encode()


def unmarked(body: bytes) -> bytes:
    """An answer without markers: as it was where it has none."""
    if b"pb:" not in body:
        return body
    if b'"preview_broker"' in body:
        for pattern, instead in _CUTS:
            body = pattern.sub(instead, body)
    if b"[pb:" in body:
        body = _SUFFIX.sub(b'"', _NAME.sub(rb"\1null", body))
    return body


def own_marker(value: Mapping[str, Any]) -> str | None:
    """The marker that an object carries itself: in its metadata, in the copy of its subscription's that an invoice
    keeps, or in the name of a test clock. Not those of objects inside of it, which may be somebody else's."""
    details = value.get("parent")
    holders = [value, value.get("subscription_details")]
    holders += details.values() if isinstance(details, Mapping) else ()
    for holder in holders:
        metadata = holder.get("metadata") if isinstance(holder, Mapping) else None
        if isinstance(metadata, Mapping) and isinstance(metadata.get(KEY), str):
            return str(metadata[KEY])
    found = _IN_NAME.search(str(value.get("name") or ""))
    return found[1] if found and value.get("object") == "test_helpers.test_clock" else None


def markers(value: Any) -> Iterator[str]:
    """Every marker in a tree of members, outermost first."""
    level = [value]
    while level:
        deeper: list[Any] = []
        for node in level:
            if isinstance(node, Mapping):
                metadata = node.get("metadata")
                if isinstance(metadata, Mapping) and isinstance(metadata.get(KEY), str):
                    yield metadata[KEY]
                deeper += node.values()
            elif isinstance(node, list):
                deeper += node
        level = deeper
