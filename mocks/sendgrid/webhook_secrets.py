"""What signs and admits the deliveries of one event webhook, as a single text: its key, and where a token comes from.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
(2026-11): signing and OAuth 2.0 are independent of each other, and each may be off.
"""

from __future__ import annotations

import base64
from dataclasses import astuple, dataclass, replace
from typing import Final
from urllib.parse import urlencode, urlsplit

import orjson

from contracts.exchange import Headers, Request, Response
from mocks.base import Target
from mocks.posting import Granting, NotGranted

#: What a text that holds more than a key begins with; no key does.
_MORE: Final = "{"


@dataclass(frozen=True, slots=True)
class Credentials:
    """``key`` is the private key, "" where signing is off; the rest is OAuth's, all "" where that is."""

    key: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_url: str = ""
    #: Of the token, with blanks between.
    scopes: str = ""

    def written(self) -> str:
        """The text: the key alone where there is nothing else."""
        if not self.token_url:
            return self.key
        return orjson.dumps(astuple(self)).decode().join("{}")


def read(text: str) -> Credentials:
    """From their text."""
    return Credentials(*orjson.loads(text[1:-1])) if text.startswith(_MORE) else Credentials(text)


def _ask(target: Target) -> tuple[str, Request] | None:
    """The request for a token: the client credentials grant of RFC 6749 (4.4), the client named by HTTP Basic (2.3.1),
    since no page of SendGrid's says how it names it."""
    found = read(target.secret)
    if not found.token_url:
        return None
    basic = base64.b64encode(f"{found.client_id}:{found.client_secret}".encode()).decode()
    headers = [
        ("authorization", f"Basic {basic}"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("user-agent", "SendGrid Event API"),
    ]
    form = {"grant_type": "client_credentials", **({"scope": found.scopes} if found.scopes else {})}
    body = urlencode(form).encode()
    url = urlsplit(found.token_url)
    request = Request(method="POST", path=url.path or "/", query=url.query, headers=Headers(headers), body=body)
    return found.token_url, request


def _admit(request: Request, answer: Response) -> Request:
    """The delivery with the token that was answered."""
    if answer.status != 200:
        raise NotGranted(f"the token's server answered {answer.status}")
    try:
        token = orjson.loads(answer.body)["access_token"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token.isprintable():
        raise NotGranted("the token's server answered no access_token")
    return replace(request, headers=Headers([*request.headers, ("authorization", f"Bearer {token}")]))


GRANTING: Final = Granting(_ask, _admit)
