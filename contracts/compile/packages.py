"""A contract from an unpacked release of a provider's package, which is read and never installed or imported."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import orjson

from contracts.compile.document import CompileError
from contracts.contract import Contract

#: The packages that are sources of a contract -> the service that they describe.
PACKAGES: Mapping[str, str] = {"stripe": "stripe", "botocore": "s3"}


def contract_of(package: str, folder: Path) -> Contract:
    """The contract that a release holds; ``folder`` is where its wheel was unpacked. Raises CompileError."""
    if package not in PACKAGES:
        raise CompileError(f"{package} is no source of a contract; these are: {', '.join(sorted(PACKAGES))}")
    if package == "stripe":
        return _of_stripe(folder / "stripe")
    return _of_botocore(folder / "botocore")


def _of_stripe(folder: Path) -> Contract:
    from contracts import openapi
    from contracts.compile import stripe_sdk

    try:
        compiled, _ = stripe_sdk.compile_sdk(folder)
    except (FileNotFoundError, KeyError, AttributeError) as other:
        raise CompileError(f"this release is built in another way than its reader knows ({other})") from other
    return openapi.from_files(compiled.files())


def _of_botocore(folder: Path) -> Contract:
    from contracts.aws import AwsContract
    from contracts.compile import aws

    plain = folder / aws.MODEL
    packed = folder / f"{aws.MODEL}.gz"
    if not plain.is_file() and not packed.is_file():
        raise CompileError(f"this release has no {aws.MODEL}")
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())
    # A release of another day has not every operation of today.
    return AwsContract(orjson.loads(aws.document(orjson.loads(content), of_today=False)))
