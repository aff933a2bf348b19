"""Services that only one environment's policy knows: mocks made from OpenAPI documents that the policy names, and those
of the server in the version of their contract that it names.

A document is an uploaded file, a file in the folder that the server was given, or an https address that is fetched when
the policy is applied. Its compiled form is kept by its content, and is all that a call needs: what changes at the
document's place changes nothing until a policy is applied again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from broker.contract_versions import Damaged, Pins, UnknownVersion
from broker.documents import Documents
from broker.errors import InvalidInput
from broker.policy import Policy
from broker.settings import Settings
from broker.storage.base import Registry
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
_FORM: Final = "4"
#: Mocks kept in memory beside those of environments that are called.
_KEPT: Final = 64
#: The last of them is written last: where it is, the others are whole.
_FILES: Final = ("contract.json", "operations.jsonl", "schemas.jsonl", "resources.jsonl", "extras.json")


class OwnServices:
    """See the module. ``compiled`` keeps what was made of documents; ``known`` are the server's own services."""

    def __init__(self, stored: Documents, compiled: Path, upstream: Upstream, known: Pins) -> None:
        self.documents = stored
        self._compiled = compiled
        self._upstream = upstream
        self._known = known
        self._services: dict[tuple[str, str], MockService] = {}
        #: Compiling takes the processor: one document at a time leaves calls their share.
        self._one = asyncio.Lock()

    @classmethod
    def at(cls, settings: Settings, upstream: Upstream, known: Pins) -> OwnServices:
        """With the folders of a server's settings."""
        return cls(Documents(settings.document_folders), settings.data / "compiled", upstream, known)

    def of(self, policy: Policy) -> Mapping[str, MockService]:
        """The services that the policy was applied with, by name."""
        found = {}
        for name, digest in policy.documents().items():
            if name in self._known:
                found[name] = self._known.service(name, digest)
                continue
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
                found[name] = self._version(name, source)
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

    def _version(self, name: str, wanted: str) -> str:
        try:
            return self._known.name(name, wanted)
        except (UnknownVersion, Damaged) as wrong:
            raise InvalidInput(f"services.{name}.contract: {wrong}") from wrong

    async def _digest(self, name: str, source: str, before: str | None) -> str:
        """The compiled form's name. Raises CompileError, ForbiddenTarget."""
        beside: documents.Beside = documents.nothing_beside
        if "://" in source:
            try:
                content = await self._fetched(source)
            except Unanswered as silent:
                if before is not None:
                    return before
                raise CompileError(str(silent)) from silent
        else:
            beside, content = await asyncio.to_thread(self.documents.find, source)
        async with self._one:
            return await asyncio.to_thread(self._compile, name, source, content, beside)

    async def add(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep a document that was uploaded, when a service can be made of it; answers what that would be. Raises
        InvalidInput."""

        def look() -> dict[str, Any]:
            document = documents.read(content)
            unseen = compile_unseen(name, document)
            files = unseen.files()
            self.documents.put(name, content)
            # A service that is called like its document, as most are, finds it made.
            self._write(_digest_of(name, content, document), files)
            return {
                "name": name,
                "title": unseen.extras["title"],
                "version": unseen.contract.version,
                "operations": len(unseen.contract.operations),
                "resources": sorted(unseen.contract.kept()),
                "notes": unseen.notes,
            }

        async with self._one:
            try:
                return await asyncio.to_thread(look)
            except CompileError as wrong:
                raise InvalidInput(f"{name[:100]}: {wrong}") from wrong

    async def tidy(self, registry: Registry) -> None:
        """Forget what was made of documents that no environment's policy names any more."""
        used: set[str] = set()
        after: str | None = None
        while page := await registry.environments(after=after):
            after = page[-1].name
            for environment in page:
                if environment.status != "closed":
                    used |= set(Policy.from_normalised(environment.policy).documents().values())
        await asyncio.to_thread(self._keep, used)

    def _keep(self, used: Collection[str]) -> None:
        for folder in self._compiled.glob("*"):
            if folder.name not in used:
                shutil.rmtree(folder, ignore_errors=True)

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

    def _compile(self, name: str, source: str, content: bytes, beside: documents.Beside) -> str:
        """The name of the compiled form, which is made when it is not there."""
        document = documents.read(content, beside=beside, name="" if "://" in source else source)
        digest = _digest_of(name, content, document)
        if not (self._compiled / digest / _FILES[-1]).is_file():
            self._write(digest, compile_unseen(name, document).files())
        return digest

    def _write(self, digest: str, files: Mapping[str, bytes]) -> None:
        folder = self._compiled / digest
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in _FILES:
            part = folder / f"{file}.part"
            part.write_bytes(files[file])
            part.replace(folder / file)

    def _service(self, name: str, digest: str) -> MockService:
        found = self._services.get((name, digest))
        if found is None:
            folder = self._compiled / digest
            found = mocked.service(name, openapi.load(folder), orjson.loads((folder / _FILES[-1]).read_bytes()))
            if len(self._services) >= _KEPT:
                del self._services[next(iter(self._services))]
            self._services[(name, digest)] = found
        return found


def _digest_of(name: str, content: bytes, document: Mapping[str, Any]) -> str:
    """Of what a compiled form is made of: the compiler, the service's name, and the document with all its files."""
    whole = content if documents.FILES not in document else orjson.dumps(document)
    return hashlib.sha256(f"{_FORM}:{name}:".encode() + whole).hexdigest()
