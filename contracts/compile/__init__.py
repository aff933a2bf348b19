"""From a provider's own source of facts to the files of ``contracts/library/<service>/``.

Needed only by ``broker contracts compile``: nothing that serves requests imports this package.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from contracts.compile.align import align
from contracts.compile.document import CompiledLibrary, CompileError, Source, digest
from contracts.contract import Contract

__all__ = ["CompileError", "CompiledLibrary", "Source", "compile_content", "compile_service"]

#: Where corrections of a provider's own document are kept, beside what was compiled from it.
LIBRARY = Path(__file__).parent.parent / "library"

#: Documents that are known by name: their public address and licence.
_DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "sendgrid": ("https://github.com/sendgrid/sendgrid-oai (oai.json)", "MIT"),
}


def compile_service(name: str, document: Path | None = None, *, date: datetime.date | None = None) -> CompiledLibrary:
    """Compile the contract of the service ``name``: from the installed SDK for ``stripe`` and ``s3``, else from an
    OpenAPI 3 ``document`` (JSON or YAML).

    Answers the files (name -> content, ``source.toml`` among them) without writing any; ``CompiledLibrary.write``
    does. The same source and ``date`` (of today by default) give the same bytes. Raises CompileError, with a
    sentence for people, when the source is absent or not understood.
    """
    if date is None:
        date = datetime.date.today()  # noqa: DTZ011 - the day of a person's command, no moment that an environment holds
    if document is not None:
        return _from_document(name, document, date)
    if name == "stripe":
        return _from_stripe_sdk(date)
    if name == "s3":
        from contracts.compile import aws  # needs botocore, which only this source does

        return aws.compile_model(date, "broker contracts compile s3")
    raise CompileError("compiled from an OpenAPI document: say which one with --document FILE")


def _from_stripe_sdk(date: datetime.date) -> CompiledLibrary:
    from contracts.compile import corrections, stripe_sdk

    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise CompileError("the stripe SDK is not installed: pip install 'preview-broker[sources]'")
    compiled, package = stripe_sdk.compile_sdk(Path(spec.origin).parent)
    extra = corrections.correct(compiled, LIBRARY / "stripe")
    source = Source(
        kind="stripe-sdk",
        origin="stripe (the provider's Python SDK, https://github.com/stripe/stripe-python)",
        version=metadata.version("stripe"),
        licence="MIT",
        sha256=digest(package.read.items()),
        date=date,
        command="broker contracts compile stripe",
    )
    return CompiledLibrary("stripe", {**compiled.files(), **extra, "source.toml": source.toml()})


def _from_document(name: str, document: Path, date: datetime.date) -> CompiledLibrary:
    try:
        content = document.read_bytes()
    except OSError as error:
        raise CompileError(f"{document.name} cannot be read: {error.strerror}") from error
    origin, licence = _DOCUMENTS.get(name, (document.name, None))
    command = f"broker contracts compile {name} --document {document.name}"
    return compile_content(name, content, date, origin=origin, licence=licence, command=command)


def compile_content(
    name: str,
    content: bytes,
    date: datetime.date,
    *,
    origin: str,
    command: str,
    licence: str | None = None,
    beside: Contract | None = None,
) -> CompiledLibrary:
    """Compile an OpenAPI 3 document. With ``beside``, the contract that is in use, operations that it has take their
    names from it, and corrections that fit nothing are left out. Raises CompileError."""
    from contracts.compile import corrections, openapi

    parsed = openapi.parse(content)
    compiled = openapi.compile_document(name, parsed)
    if beside is not None:
        align(compiled, beside)
    extra = corrections.correct(compiled, LIBRARY / name, of_today=beside is None)
    source = Source(
        kind="openapi",
        origin=origin,
        version=compiled.version,
        licence=licence or str(parsed.get("info", {}).get("license", {}).get("name", "unknown")),
        sha256=hashlib.sha256(content).hexdigest(),
        date=date,
        command=command,
    )
    return CompiledLibrary(name, {**compiled.files(), **extra, "source.toml": source.toml()})
