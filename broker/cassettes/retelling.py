"""Tells a recording to somebody else: the recorded requests with the listener's ids in place of the recorded ones.

What the listener never heard of, because it was made before the recording began, is found before it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode

import orjson

from broker.cassettes.likeness import Expected, ids, leaves, named_ids
from broker.cassettes.recorded import Body, Recorded, pairs
from broker.redact import HIDDEN
from contracts.comparison import Answer
from contracts.exchange import Headers, Request

_PIECE = re.compile(r"[A-Za-z0-9_.-]{6,255}")
_VERSION = re.compile(r"[0-9v][A-Za-z0-9._-]{0,60}\Z")
#: ``cus_9s6XKzkNRiz8i3`` -> ``cus_…``
_KIND_OF_ID = re.compile(r"((?:[a-z]{2,12}_)+)(?=[A-Za-z0-9]*[0-9A-Z])[A-Za-z0-9]{6,}\Z")
LONG = "its {side} was too long to be kept in the recording"
DAMAGED = "its recorded answer says that it is JSON, and is none"
MASKED = "its request holds a value that the recording hides"
EARLIER = "it lists what was made before the recording began"


class Retelling:
    """Of one cassette, in order."""

    def __init__(self, exchanges: Sequence[Recorded]) -> None:
        #: Recorded id -> ours; and those of which no place was sure.
        self._ids: dict[str, str] = {}
        self._guessed: set[str] = set()
        #: Recorded ids of answers that were scored, which ours did not give.
        self._lost: set[str] = set()
        self._named: set[str] = set()
        for each in exchanges:
            if each.response.form == "json":
                self._named |= named_ids(each.response.value)

    def unfair(self, one: Recorded) -> str | None:
        """Why nobody could answer it who was not there before; None where it is fair."""
        for side, body in (("request", one.request), ("answer", one.response)):
            if body.form == "digest":
                return LONG.format(side=side)
        if one.response.form == "text" and "json" in str(one.response_headers.get("content-type", "")):
            return DAMAGED
        said = list(texts(one))
        if any(HIDDEN in each for each in said):
            return MASKED
        unknown = self.unheard(one)
        if unknown:
            return needs(unknown[0])
        return EARLIER if self._lists_earlier(one, said) else None

    def unknown(self, said: Sequence[str], chosen: str | None = None) -> Sequence[str]:
        """Ids in them that answers of the recording name, and that the listener never heard of."""
        found = (piece for each in said for piece in (each, *_PIECE.findall(each)))
        return [
            piece
            for piece in dict.fromkeys(found)
            if piece != chosen and piece in self._named and piece not in self._ids and piece not in self._lost
        ]

    def unheard(self, one: Recorded) -> Sequence[str]:
        """``unknown`` of a call."""
        return self.unknown(texts(one), _chosen(one))

    def knows(self, key: str) -> bool:
        """Whether it is an id that both know, or the listener's own."""
        return key in self._ids or key in self._ids.values()

    def teach(self, recorded: Any, own: Any) -> None:
        """An object that the listener was given in the place of a recorded one."""
        self._ids[recorded["id"]] = own["id"]
        for theirs, ours, sure in ids(recorded, own):
            if theirs not in self._ids and sure:
                self._ids[theirs] = ours

    def retold(self, value: Any) -> Any:
        """A value with the listener's ids."""
        return _each(value, self._mapped)

    def missed(self, one: Recorded, keys: Sequence[str]) -> Sequence[str]:
        """Of the keys that ours looked for and did not find, those that the call names: what was made before."""
        ours = set(self._ids.values())
        about = [value for name, value in (*pairs(one.request_headers), *_echoed(one)) if name.endswith("-account")]
        said = {piece for each in (*texts(one), *about) for piece in (each, *_PIECE.findall(each))}
        return [each for each in keys if each in said and each not in ours and each not in self._lost]

    def _lists_earlier(self, one: Recorded, said: Sequence[str]) -> bool:
        """A whole account's list with strangers in it. Of a list that is filtered by something made here, all of it
        was made here."""
        if one.method != "GET" or one.response.form != "json" or any(each in self._ids for each in said):
            return False
        value = one.response.value
        lists = [each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, list)]
        listed = {each["id"] for found in lists for each in found if isinstance(each, dict) and "id" in each}
        return any(each not in self._ids and each not in self._lost for each in listed if isinstance(each, str))

    def learn(self, recorded: Answer, ours: Answer) -> None:
        """From an exchange that was scored."""
        if recorded.status >= 400:
            return
        if ours.status < 400:
            for theirs, own, sure in ids(recorded.value, ours.value):
                if theirs not in self._ids or (sure and theirs in self._guessed):
                    self._ids[theirs] = own
                    self._guessed.discard(theirs)
                    if not sure:
                        self._guessed.add(theirs)
        self._lost |= named_ids(recorded.value) - self._ids.keys()

    def expected(self, one: Recorded) -> Expected:
        """What ours must say where the recorded answer says a text of the caller's, or an id that both know."""
        said = {each for each in texts(one) if len(each) > 1}

        def wanted(text: str) -> str | None:
            if text in self._ids and text not in self._guessed:
                return self._ids[text]
            return self._mapped(text) if text in said else None

        return wanted

    def request(self, one: Recorded) -> Request:
        """The recorded request with our ids in it."""
        raw = _with(one.request, self._mapped)
        headers = [(name, self._mapped(value)) for name, value in pairs(one.request_headers)]
        # The API's version and whose account it is about: as it was asked for, or else as the answer names it; masked
        # versions say nothing.
        named = {name for name, _ in headers}
        headers += [(name, self._mapped(value)) for name, value in _echoed(one) if name not in named]
        headers = [pair for pair in headers if not pair[0].endswith("-version") or _VERSION.match(pair[1])]
        headers.append(("content-length", str(len(raw))))
        return Request(
            method=one.method,
            path="/".join(quote(self._mapped(unquote(each)), safe="") for each in one.path.split("/")),
            query=urlencode([(name, self._mapped(value)) for name, value in pairs(one.query)]),
            headers=Headers(headers),
            body=raw,
            sent_path=one.path,
            host="127.0.0.1",
        )

    def _mapped(self, text: str) -> str:
        if text in self._ids:
            return self._ids[text]
        if not self._ids or len(text) < 6:
            return text
        return _PIECE.sub(lambda found: self._ids.get(found.group(), found.group()), text)


def needs(key: str) -> str:
    """The reason, without the id itself."""
    kind = _KIND_OF_ID.match(key)
    return f"it needs {kind[1] + '…' if kind else 'something'} that no scored exchange of its cassette made"


def _chosen(one: Recorded) -> str | None:
    """The id that the caller gave to what it made: it needs nothing."""
    value = one.response.value if one.response.form == "json" else None
    key = value.get("id") if isinstance(value, dict) and one.method in ("POST", "PUT") else None
    return key if isinstance(key, str) and key not in unquote(one.path) else None


def _echoed(one: Recorded) -> Sequence[tuple[str, str]]:
    """The headers of an answer that only repeat the request's, which recorders often leave out."""
    return [pair for pair in pairs(one.response_headers) if pair[0].endswith(("-version", "-account"))]


def texts(one: Recorded) -> Sequence[str]:
    """Every text of a request that may be an id or be echoed."""
    found = [unquote(each) for each in one.path.split("/") if each]
    found += [value for _, value in pairs(one.query)]
    if one.request.form == "form":
        found += [value for _, value in pairs(one.request.value)]
    elif one.request.form == "json":
        found += [str(value) for _, value in leaves(one.request.value) if value is not None]
    elif one.request.form in ("xml", "text"):
        found.append(str(one.request.value))
    return found


def _with(body: Body, mapped: Callable[[str], str]) -> bytes:
    """The body's bytes with every text of it mapped."""
    if body.form == "form":
        return urlencode([(name, mapped(value)) for name, value in pairs(body.value)]).encode()
    if body.form == "json":
        return orjson.dumps(_each(body.value, mapped))
    if body.form in ("xml", "text"):
        return mapped(str(body.value)).encode()
    return body.raw()


def _each(value: Any, mapped: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _each(member, mapped) for name, member in value.items()}
    if isinstance(value, list):
        return [_each(member, mapped) for member in value]
    return mapped(value) if isinstance(value, str) else value
