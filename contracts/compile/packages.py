"""A contract from an unpacked release of a provider's package, which is read and never installed or imported."""

from __future__ import annotations

import datetime
import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from contracts import library
from contracts.compile.document import CompiledLibrary, CompileError, Source, digest
from contracts.contract import Contract

#: The packages that are sources of a contract -> the service that they describe.
PACKAGES: Mapping[str, str] = {"stripe": "stripe", "botocore": "s3"}


def contract_of(package: str, folder: Path) -> Contract:
    """The contract that a release holds, as its makers wrote it; ``folder`` is where its wheel was unpacked. Raises
    CompileError."""
    return library.open_files(compile_release(package, folder, "0", datetime.date.min, corrected=False).files)


def compile_release(
    package: str, folder: Path, version: str, date: datetime.date, *, corrected: bool = True
) -> CompiledLibrary:
    """The files of a release's contract, with the corrections of the installed one where they fit if ``corrected``;
    ``folder`` is where its wheel was unpacked. Raises CompileError."""
    if package not in PACKAGES:
        raise CompileError(f"{package} is no source of a contract; these are: {', '.join(sorted(PACKAGES))}")
    command = f"broker contracts pull {PACKAGES[package]} --from {package}=={version}"
    if package == "stripe":
        return _of_stripe(folder / "stripe", version, date, command, corrected=corrected)
    return _of_botocore(folder / "botocore", version, date, command)


def _of_stripe(folder: Path, version: str, date: datetime.date, command: str, *, corrected: bool) -> CompiledLibrary:
    from contracts.compile import corrections, stripe_sdk

    try:
        compiled, package = stripe_sdk.compile_sdk(folder)
    except (FileNotFoundError, KeyError, AttributeError) as other:
        raise CompileError(f"this release is built in another way than its reader knows ({other})") from other
    # What a release of another day does not have needs no correction.
    extra = corrections.correct(compiled, library.folder("stripe"), of_today=False) if corrected else {}
    source = Source(
        kind="stripe-sdk",
        origin="stripe (the provider's Python SDK, https://github.com/stripe/stripe-python)",
        version=version,
        licence="MIT",
        sha256=digest(package.read.items()),
        date=date,
        command=command,
    )
    return CompiledLibrary("stripe", {**compiled.files(), **extra, "source.toml": source.toml()})


def _of_botocore(folder: Path, version: str, date: datetime.date, command: str) -> CompiledLibrary:
    from contracts.compile import aws

    plain = folder / aws.MODEL
    packed = folder / f"{aws.MODEL}.gz"
    if not plain.is_file() and not packed.is_file():
        raise CompileError(f"this release has no {aws.MODEL}")
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())
    source = Source(
        kind="aws",
        origin=f"botocore ({aws.MODEL})",
        version=version,
        licence="Apache-2.0",
        sha256=hashlib.sha256(content).hexdigest(),
        date=date,
        command=command,
    )
    # A release of another day has not every operation of today.
    model = aws.document(orjson.loads(content), of_today=False)
    return CompiledLibrary("s3", {"model.json": model, "source.toml": source.toml()})
