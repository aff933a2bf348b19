"""What a recording presupposes, made before it is asked for: as its answers show it, through the service's own API.

Ids that are made so count as known; the calls that stand on them are scored, and told apart.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from broker.cassettes.likeness import leaves
from broker.cassettes.recorded import Recorded
from broker.cassettes.retelling import Retelling, texts
from contracts.exchange import Headers, Request, Response
from mocks.base import MockService, Record

#: How far one thing may presuppose another.
_DEPTH = 4
#: Members of what is only the stub of a thing.
_STUB = 3
_ID = re.compile(r"(?:[a-z]{2,12}_)+(?=[A-Za-z0-9]*[0-9A-Z])[A-Za-z0-9]{6,}\Z")

Answering = Callable[[Request], Awaitable[Response]]


class Remaking:
    """Of one cassette."""

    def __init__(
        self, exchanges: Sequence[Recorded], service: MockService, retelling: Retelling, answer: Answering
    ) -> None:
        self._service = service
        self._retelling = retelling
        self._answer = answer
        #: The first whole object with each id.
        self._shown: dict[str, Mapping[str, Any]] = {}
        self._tried: set[str] = set()
        #: Ids of the mock's own, of what was made on the way.
        self._own: set[str] = set()
        #: Recorded ids that were made so.
        self.made: set[str] = set()
        for each in exchanges:
            if each.response.form == "json" and each.status < 400:
                for found in _objects(each.response.value):
                    known = self._shown.get(found["id"])
                    if known is None or len(known) <= _STUB < len(found):
                        written = each.method != "GET" and found["id"] in each.path
                        self._shown[found["id"]] = _before(found) if written else found

    async def supply(self, one: Recorded) -> bool:
        """Make what a call names and nobody heard of; whether all of it is there now."""
        return await self._all(self._retelling.unheard(one), beside=texts(one))

    async def missing(self, one: Recorded, keys: Sequence[str]) -> bool:
        """As ``supply``, of what a call looked for and did not find."""
        return await self._all(keys, beside=texts(one))

    def rests_on_it(self, one: Recorded) -> bool:
        """Whether a call names anything that was made so."""
        return any(key in text for text in texts(one) for key in self.made)

    async def _all(self, keys: Sequence[str], depth: int = 0, beside: Sequence[str] = ()) -> bool:
        done = [await self._one(key, depth, beside) for key in keys]
        return bool(done) and all(done)

    async def _one(self, key: str, depth: int, beside: Sequence[str]) -> bool:
        if key in self._tried or depth > _DEPTH:
            return key in self.made
        self._tried.add(key)
        shown = self._shown.get(key)

        async def send(method: str, path: str, params: Mapping[str, Any]) -> Any:
            said = [each for each in path.split("/") if _ID.match(each)]
            said += [value for _, value in leaves(params) if isinstance(value, str) and value != key]
            named = [each for each in said if _ID.match(each)]
            wanted = dict.fromkeys((*self._retelling.unknown(said), *named))
            await self._all([each for each in wanted if not self._known(each)], depth + 1, said)
            told = "/".join(self._retelling.retold(path.split("/")))
            return await self._sent(method, told, self._retelling.retold(params))

        made: Record | None = await self._service.remake(key, shown, [each for each in beside if each != key], send)
        if made is None or not isinstance(made.get("id"), str):
            return False
        self._retelling.teach({**(shown or {}), "id": key}, made)
        self.made.add(key)
        return True

    def _known(self, key: str) -> bool:
        return key in self._own or self._retelling.knows(key)

    async def _sent(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        probe = self._service.contract().match(Request(method=method, path=path))
        if probe is None:
            return None
        encoding = probe.operation.encoding
        body = orjson.dumps(params) if encoding == "json" else urlencode(list(_pairs(params))).encode()
        media = "application/json" if encoding == "json" else "application/x-www-form-urlencoded"
        headers = Headers([("content-type", media), ("content-length", str(len(body)))])
        posted = method != "GET"
        response = await self._answer(
            Request(
                method=method,
                path=path,
                query="" if posted else body.decode(),
                headers=headers,
                body=body if posted else b"",
                sent_path=path,
                host="127.0.0.1",
            )
        )
        if response.status >= 400 or not response.body:
            return None
        value = orjson.loads(response.body)
        self._own |= {each["id"] for each in _objects(value)}
        return value


def _before(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a thing before a call that changed it, by what the call answered."""
    return {name: value for name, value in found.items() if name != "status"}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Everything that has an id and more, outermost first."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and len(value) > 2:
            yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member)


def _pairs(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """``a[b]``, ``a[0]``."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _pairs(member, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for place, member in enumerate(value):
            yield from _pairs(member, f"{name}[{place}]")
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
