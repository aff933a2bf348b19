"""``broker serve``: reads three options with the standard library alone and becomes the server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

ABOUT = """Run the broker: the gateway, the control API and the durable work, in this process.

Every option has a setting: BROKER_HOST, BROKER_PORT, BROKER_DATA; `broker doctor` shows more of them.
On the first start a control token is made and stored in DATA/token; BROKER_TOKEN sets one instead,
and must be set when the host is not a loopback address."""

EXAMPLES = """examples:
  broker serve
  broker serve --port 4700 --data /var/lib/preview-broker
  BROKER_TOKEN=$(openssl rand -hex 32) broker serve --host 0.0.0.0"""


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535; 0 picks a free one)")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The options of ``serve``."""
    made = argparse.ArgumentParser(
        prog="broker serve",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--host", metavar="HOST", help="address to listen on (127.0.0.1)")
    made.add_argument("--port", metavar="PORT", type=_port, help="port to listen on (4600)")
    made.add_argument("--data", metavar="FOLDER", type=Path, help="folder of all state (./data)")
    return made


def serve(arguments: Sequence[str]) -> int:
    """Serve until told to stop; answers the exit code."""
    given = vars(parser().parse_args(arguments))
    from broker import app

    return app.main(given)
