"""``python -m contracts.compile stripe --out contracts/library``: the same as ``broker contracts compile``, without a
broker."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contracts.compile import CompileError, compile_service


def main() -> int:
    """Compile one service into a folder below ``--out``; exits 1 with a sentence when the source is not understood."""
    parser = argparse.ArgumentParser(prog="python -m contracts.compile", description="Compile a contract.")
    parser.add_argument("service", help="stripe, s3, or the name of what --document describes")
    parser.add_argument("--document", type=Path, help="an OpenAPI 3 document, JSON or YAML")
    parser.add_argument("--out", type=Path, default=Path("contracts/library"), help="where its folder is made")
    given = parser.parse_args()
    try:
        library = compile_service(given.service, given.document)
    except CompileError as error:
        sys.stderr.write(f"{given.service}: {error}\n")
        return 1
    library.write(given.out / given.service)
    for name, content in library.files.items():
        sys.stdout.write(f"{given.out / given.service / name}  {len(content):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
