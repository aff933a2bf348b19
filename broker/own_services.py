"""Services that only one environment's policy knows: mocks made from OpenAPI documents that the policy names.

A document is an uploaded file, a file in the folder that the server was given, or an https address that is fetched when
the policy is applied. Its compiled form is kept by its content, and is all that a call needs: what changes at the
document's place changes nothing until a policy is applied again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from broker.errors import InvalidInput
from broker.policy import Policy
from broker.upstream import ForbiddenTarget, Timeouts, Unanswered, Upstream
from contracts import documents, openapi
from contracts.compile.document import CompileError
from contracts.compile.unseen import compile_unseen
from contracts.exchange import Headers, Request
from mocks.base import MockService
from mocks.generic import document as mocked
from mocks.generic import seeds

log = logging.getLogger("broker.own_services")

#: Of what this version of the compiler makes: with another one the same document is compiled anew.
_FORM: Final = "1"
#: Mocks kept in memory beside those of environments that are called.
_KEPT: Final = 64
#: The last of them is written last: where it is, the others are whole.
_FILES: Final = ("contract.json", "operations.jsonl", "schemas.jsonl", "resources.jsonl", "extras.json")


class OwnServices:
    """See the module. ``folders`` hold the documents, the first one wins; ``compiled`` keeps what was made of them."""

    def __init__(
        self, folders: Sequence[Path], compiled: Path, upstream: Upstream, known: Collection[str] = ()
    ) -> None:
        self._folders = folders
        self._compiled = compiled
        self._upstream = upstream
        self._known = known
        self._services: dict[tuple[str, str], MockService] = {}
        #: Compiling takes the processor: one document at a time leaves calls their share.
        self._one = asyncio.Lock()

    def of(self, policy: Policy) -> Mapping[str, MockService]:
        """The services that the policy was applied with, by name."""
        found = {}
        for name, digest in policy.documents().items():
            try:
                found[name] = self._service(name, digest)
            except (OSError, ValueError) as gone:
                # The other services of the environment are answered nevertheless.
                log.error("service %s is left out: %s; applying the policy again makes it anew", name, gone)
        return found

    async def apply(self, policy: Policy, present: Policy | None) -> Policy:
        """The policy with the documents that its services have now. Where an address that ``present`` names too does
        not answer, the document that it had stays. Raises InvalidInput, which says what is wrong, and where."""
        found: dict[str, str] = {}
        for name, source in policy.contracts().items():
            if name in self._known:
                continue
            before = present.documents().get(name) if present and present.contracts().get(name) == source else None
            try:
                found[name] = await self._digest(name, source, before)
            except (CompileError, ForbiddenTarget) as wrong:
                raise InvalidInput(f"services.{name}.contract: {source[:200]}: {wrong}") from wrong
            planted = policy.options(name).get(seeds.OPTION)
            contract = self._service(name, found[name]).contract()
            if planted is not None and isinstance(contract, openapi.OpenApiContract):
                wrong_seeds = seeds.fault(contract, planted)
                if wrong_seeds is not None:
                    raise InvalidInput(f"services.{name}.{wrong_seeds}")
        return policy.with_documents(found)

    async def _digest(self, name: str, source: str, before: str | None) -> str:
        """The compiled form's name. Raises CompileError, ForbiddenTarget."""
        beside = documents.nothing_beside
        if "://" in source:
            try:
                content = await self._fetched(source)
            except Unanswered as silent:
                if before is not None:
                    return before
                raise CompileError(str(silent)) from silent
        else:
            root, content = await asyncio.to_thread(self._file, source)
            beside = _Folder(root).read
        async with self._one:
            return await asyncio.to_thread(self._compile, name, source, content, beside)

    async def _fetched(self, address: str) -> bytes:
        if not address.startswith("https://") and not self._upstream.allowance.private:
            raise CompileError("a document is fetched by https only")
        request = Request(method="GET", path="/", headers=Headers([("accept", "application/json, application/yaml")]))
        answer = await self._upstream.send(
            request, address, timeouts=Timeouts(total=60.0), max_body=documents.MAX_BYTES + 1
        )
        if answer.status >= 500:
            raise Unanswered("broken", f"the address answered {answer.status}")
        if answer.status != 200:
            raise CompileError(f"the address answered {answer.status}")
        return answer.body

    def _file(self, name: str) -> tuple[Path, bytes]:
        """The folder that has the file, and its content."""
        for root in self._folders:
            content = _Folder(root).read(name)
            if content is not None:
                return root, content
        raise CompileError("the server has no such document")

    def _compile(self, name: str, source: str, content: bytes, beside: documents.Beside) -> str:
        """The name of the compiled form, which is made when it is not there."""
        document = documents.read(content, beside=beside, name="" if "://" in source else source)
        whole = content if documents.FILES not in document else orjson.dumps(document)
        digest = hashlib.sha256(f"{_FORM}:{name}:".encode() + whole).hexdigest()
        folder = self._compiled / digest
        if not (folder / _FILES[-1]).is_file():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            files = compile_unseen(name, document).files()
            for file in _FILES:
                part = folder / f"{file}.part"
                part.write_bytes(files[file])
                part.replace(folder / file)
        return digest

    def _service(self, name: str, digest: str) -> MockService:
        found = self._services.get((name, digest))
        if found is None:
            folder = self._compiled / digest
            found = mocked.service(name, openapi.load(folder), orjson.loads((folder / _FILES[-1]).read_bytes()))
            if len(self._services) >= _KEPT:
                del self._services[next(iter(self._services))]
            self._services[(name, digest)] = found
        return found


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
