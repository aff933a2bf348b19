"""SMTP submission (RFC 6409) on a port of its own: the protocol is aiosmtpd's, here are its bounds and its answers.

A message is answered 250 once it is committed. Slow and many peers are bounded: so many connections, so many messages
on their way at once, and a time for each.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from broker.inbox.submission import Refused, Sender, Submitting
from broker.settings import InvalidSetting, Settings, is_loopback

log = logging.getLogger("broker.inbox")

#: Bytes of a message, as its header and body come: 30 MiB, what mail APIs take.
MOST_BYTES = 31_457_280
MOST_RECIPIENTS = 1000
_CONNECTIONS = 200
#: Messages that are received and carried out at once: each takes up to ten times its size in memory.
_MESSAGES = 4
#: Seconds between two commands, and those that a message may take.
_SILENCE, _LONGEST = 300.0, 300.0
#: Wrong passwords on one connection.
_TRIES = 3
#: Seconds that messages on their way get when the server ends.
_LAST = 5.0


class Relay:
    """Listens while it is started; nothing at all where no port is set."""

    def __init__(self, settings: Settings, submitting: Submitting) -> None:
        self._settings = settings
        self.submitting = submitting
        self.tls = _certificate(settings)
        host = settings.smtp_host or settings.host
        self._host = host
        #: Whether keys are taken without TLS.
        self.plain = is_loopback(host) or settings.smtp_plain
        if settings.smtp_port is not None and self.tls is None and not self.plain:
            raise InvalidSetting(
                "BROKER_SMTP_CERTIFICATE: needed to take mail on an address that other machines can reach; "
                "or set BROKER_SMTP_PLAIN=yes where the network is trusted"
            )
        self.messages = asyncio.Semaphore(_MESSAGES)
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Raises InvalidSetting where the port cannot be listened on."""
        if self._settings.smtp_port is None:
            return
        # It tells every command of every client, and warns of its own names.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Connection(self, loop), self._host, self._settings.smtp_port, reuse_address=True
            )
        except OSError as failed:
            raise InvalidSetting(
                f"BROKER_SMTP_PORT: {self._host}:{self._settings.smtp_port} cannot be listened on: {failed.strerror}"
            ) from failed
        log.info("mail is taken by SMTP on %s:%s", self._host, self._settings.smtp_port)

    async def stop(self) -> None:
        """What is on its way gets a moment, then the connections are closed."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        try:
            async with asyncio.timeout(_LAST):
                for _ in range(_MESSAGES):
                    await self.messages.acquire()
        except TimeoutError:
            log.warning("messages that came by SMTP were cut off")
        for connection in list(self.connections):
            connection.end()

    def full(self) -> bool:
        """Whether no more may connect."""
        return len(self.connections) >= _CONNECTIONS

    # -- what aiosmtpd asks -----------------------------------------------------------------------------

    async def recipient(
        self, server: Connection, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """One more, or one too many."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def message(self, server: Connection, session: Session, envelope: Envelope) -> str:
        """It came whole."""
        assert server.sender is not None  # noqa: S101 - without one there was no MAIL
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            queued = await self.submitting.submit(
                server.sender, envelope.mail_from or "", list(envelope.rcpt_tos), content
            )
        except Refused as refused:
            if refused.final:
                server.sender = None
            return refused.reply
        return f"250 Ok: queued as {queued}"

    async def broken(self, error: Exception) -> str:
        """On our side."""
        log.error("an SMTP session failed", exc_info=error)
        return "451 4.3.0 The server failed; its log tells more"


class Connection(SMTP):
    """One client. Nobody sends without having logged in."""

    line_length_limit = 65536
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(self, relay: Relay, loop: asyncio.AbstractEventLoop) -> None:
        self._relay = relay
        self._turned_away = False
        self._tries = 0
        self.sender: Sender | None = None
        super().__init__(
            # Found by these names.
            SimpleNamespace(handle_RCPT=relay.recipient, handle_DATA=relay.message, handle_exception=relay.broken),
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="ESMTP preview-broker",
            tls_context=relay.tls,
            timeout=_SILENCE,
            auth_require_tls=not relay.plain,
            authenticator=_taken,
            loop=loop,
        )

    def end(self) -> None:
        """Close it."""
        if self.transport is not None:
            self.transport.close()

    # -- the connection --------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        if self not in self._relay.connections:
            if self._relay.full():
                self._turned_away = True
                transport.write(b"421 4.7.0 Too many connections\r\n")
                transport.close()
                return
            self._relay.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._relay.connections.discard(self)
        if not self._turned_away and self.transport is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._turned_away:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._turned_away else super().eof_received()

    def _create_session(self) -> Session:
        # After STARTTLS nothing is known of the client any more: RFC 3207, section 4.2.
        self.sender = None
        return super()._create_session()

    # -- who it is -------------------------------------------------------------------------------------

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd finds verbs by these names
        mechanism, blank, rest = (arg or "").partition(" ")
        if self._tries >= _TRIES:
            await self.push("421 4.7.0 Too many wrong passwords")
            self.end()
            return
        await super().smtp_AUTH(f"{mechanism.upper()}{blank}{rest}" or None)

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802 - as above
        return await self._checked(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802 - as above
        return await self._checked(await super().auth_LOGIN(_, args))

    async def _checked(self, result: AuthResult) -> AuthResult:
        if not result.success or not isinstance(result.auth_data, LoginPassword):
            return result
        user, password = (text.decode("utf-8", "replace") for text in result.auth_data)
        peer = self.session.peer if self.session is not None else None
        try:
            self.sender = await self._relay.submitting.log_in(user, password, peer[0] if peer else "")
        except Refused as refused:
            self._tries += 1
            return AuthResult(success=False, handled=False, message=refused.reply)
        return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Every verb that does something asks."""
        if self.sender is not None:
            return False
        await self.push("550 Unauthenticated senders not allowed")
        return True

    # -- a message -------------------------------------------------------------------------------------

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds verbs by these names
        self._reset_timeout(2 * _LONGEST)
        try:
            async with self._relay.messages, asyncio.timeout(_LONGEST):
                await super().smtp_DATA(arg)
        except TimeoutError:
            self.end()
            return
        self._reset_timeout()


def _taken(server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any) -> AuthResult:
    """Read for now; whose it is is asked afterwards, since that has to wait."""
    return AuthResult(success=True, auth_data=auth_data)


def _certificate(settings: Settings) -> ssl.SSLContext | None:
    """Raises InvalidSetting."""
    if settings.smtp_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.smtp_certificate, settings.smtp_key)
    except (OSError, ssl.SSLError) as failed:
        raise InvalidSetting(
            f"BROKER_SMTP_CERTIFICATE: {settings.smtp_certificate} and its key cannot be used: {failed.strerror}"
        ) from failed
    return context
