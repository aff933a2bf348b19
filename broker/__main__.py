"""``python -m broker``: the ``broker`` command where its script is not on the path."""

from __future__ import annotations

import sys

from broker import cli

if __name__ == "__main__":
    sys.exit(cli.main())
