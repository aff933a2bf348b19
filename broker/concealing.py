"""Real credentials, hidden in what others say: a provider may quote the one that it was sent, in an error or an echo.

Neither an application nor a log, a ledger or a journal may read it there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from contracts.exchange import Response
from sandboxes.base import Secret

#: Stands where a credential stood.
HIDDEN = "[hidden]"
#: Shorter texts are part of too many words to be looked for; in an answer, of too many objects (``minioadmin`` is a
#: stand-in's default, and no secret).
_SHORTEST, _SHORTEST_IN_ANSWER = 6, 12


def without(text: str, *secrets: Secret | None) -> str:
    """The text without any part of the credentials: what providers and drivers say may quote them."""
    for secret in secrets:
        for form in () if secret is None else _forms(secret, _SHORTEST):
            text = text.replace(form.decode(), HIDDEN)
    return text


def concealed(response: Response, secret: Secret) -> Response:
    """The answer without any part of the credential: the same object where it has none. The stream of a success passes
    unread: it is what the environment itself stored, whose length and checksum are promised."""
    forms = _forms(secret, _SHORTEST_IN_ANSWER)
    said = "\n".join([value for _, value in response.headers]).encode("utf-8", "surrogateescape")
    quoted = any(form in said for form in forms)
    headers = [(name, without(value, secret)) for name, value in response.headers] if quoted else response.headers
    if response.stream is not None:
        if response.status < 400:
            return Response(response.status, headers, stream=response.stream) if quoted else response
        return Response(response.status, headers, stream=_starred(response.stream, forms))
    body = response.body
    for form in forms:
        if form in body:
            body = body.replace(form, HIDDEN.encode())
    if body is response.body and not quoted:
        return response
    if body is not response.body:
        headers = [(name, str(len(body)) if name == "content-length" else value) for name, value in headers]
    return Response(response.status, headers, body)


@lru_cache(maxsize=256)
def _forms(secret: Secret, shortest: int) -> tuple[bytes, ...]:
    """The parts as they may stand in a text, the longest first."""
    parts = [part for part in (secret.token, secret.secret, secret.key) if part and len(part) >= shortest]
    forms = {form.encode() for part in parts for form in (part, quote(part, safe=""))}
    return tuple(sorted(forms, key=len, reverse=True))


async def _starred(stream: AsyncIterator[bytes], forms: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    """With as many stars as the credential is long: the length was announced. What may be the begin of one waits for
    the next piece."""
    longest = max(map(len, forms), default=1)
    held = b""
    try:
        async for piece in stream:
            held += piece
            for form in forms:
                held = held.replace(form, b"*" * len(form))
            ready = len(held) - longest + 1
            if ready > 0:
                yield held[:ready]
                held = held[ready:]
        yield held
    finally:
        close: Any = getattr(stream, "aclose", None)
        if close is not None:
            await close()
