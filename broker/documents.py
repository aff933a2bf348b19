"""OpenAPI documents on this server's disk: those that were uploaded, and those in the folder that it was given.

Knows files and names, and nothing of what the documents say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from broker.errors import InvalidInput, NotFound
from contracts import documents
from contracts.compile.document import CompileError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One document that was uploaded."""

    name: str
    size: int
    at: datetime


class Documents:
    """See the module. The first folder takes the uploads, and its documents win over those of the others."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._uploads = folders[0]
        self._folders = folders

    def find(self, name: str) -> tuple[documents.Beside, bytes]:
        """What reads the files beside a document, and its content. Raises CompileError."""
        for root in self._folders:
            folder = _Folder(root)
            content = folder.read(name)
            if content is not None:
                return folder.read, content
        raise CompileError("the server has no such document; `broker services add` uploads one")

    def put(self, name: str, content: bytes) -> None:
        """Keep an uploaded document, in place of an earlier one of that name. Raises InvalidInput."""
        path = self._path(name)
        self._uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Not below its name until it is whole; a name with a comma can be none of an upload.
        part = self._uploads / f"{name},part"
        part.write_bytes(content)
        part.replace(path)

    def uploaded(self) -> list[Uploaded]:
        """Those that were uploaded, by name."""
        found = []
        for path in sorted(self._uploads.glob("*")):
            if _NAME.fullmatch(path.name) and path.is_file():
                told = path.stat()
                found.append(Uploaded(path.name, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC)))
        return found

    def remove(self, name: str) -> None:
        """Forget an uploaded document. Raises InvalidInput, NotFound."""
        try:
            self._path(name).unlink()
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            raise NotFound(f"no document is called {name}; `broker services list` shows those that there are") from None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{name[:100]!r} cannot name a document: use 1 to 100 of letters, digits, dots, _ and -, with a letter "
                "or digit first"
            )
        return self._uploads / name


class _Folder:
    """Files below one folder; links are followed and looked at."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none below the folder. Raises CompileError for one too large."""
        try:
            path = (self._root / name).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                return None
            if path.stat().st_size > documents.MAX_BYTES:
                raise CompileError(f"{name[:200]}: a document has at most {documents.MAX_BYTES >> 20} MiB")
            return path.read_bytes()
        except (OSError, ValueError):
            return None
