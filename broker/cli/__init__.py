"""The ``broker`` command: ``serve``, and a client of the control API for everything else.

``serve`` is told apart before anything is imported, so that the server's process holds no terminal library.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point; answers the exit code (broker/cli/codes.py)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["serve"]:
        from broker.cli.serving import serve

        return serve(given[1:])
    from broker.cli.root import run

    return run(given)
