"""Between two old releases of a package the diff lists what their makers announced.

Stripe's changes are those that stripe-node's CHANGELOG.md tells of 22.2.0 to 23.1.0: the same API versions,
2026-04-22.dahlia to 2026-10-28.endive, as stripe-python 15.1.0 and 16.1.0. Those of S3 are told by day at
https://awsapichanges.com, which is made from botocore's own changes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.compile.packages import contract_of
from contracts.diff import Diff, diff

LOCK = Path(__file__).parent / "releases.lock"
FOLDER = Path(__file__).parents[3] / "build" / "releases"

#: severity, rule, operation (None for a component), place, and what stands in the message.
Announced = tuple[str, str, str | None, str, str]

STRIPE: list[Announced] = [
    # 23.0.0: type of AccountRejectParams.reason from string to enum
    ("breaking", "request-property-became-enum", "accounts.reject", "request.body.reason", "list of values"),
    # 23.0.0: support for countries removed on FinancialConnections.Session.filters and its parameters
    ("breaking", "request-property-removed", "financial_connections.sessions.create",
     "request.body.filters.countries", "cannot be sent"),
    ("risky", "response-optional-property-removed", None,
     "response.#financial_connections.session.filters.countries", "is gone"),
    # 23.0.0: support for payment_method_types removed on Checkout.SessionCreateParams, PaymentIntentCreateParams, ...
    ("breaking", "request-property-removed", "checkout.sessions.create",
     "request.body.payment_method_types", "cannot be sent"),
    # 23.0.0: create, list, retrieve, uninstall, update on Apps.Install; its events
    ("safe", "endpoint-added", "apps.installs.uninstall", "operation", "/v1/apps/installs/{id}/uninstall"),
    ("risky", "response-property-enum-value-added", None, "response.#event.type", "'apps.install.created'"),
    # 23.0.0: pause on Subscription
    ("safe", "endpoint-added", "subscriptions.pause", "operation", "/v1/subscriptions/{subscription}/pause"),
    # 23.0.0: type of Charge.payment_method_details.card.mandate from string to expandable(Mandate)
    ("risky", "response-property-any-of-added", None,
     "response.#charge.payment_method_details.card.mandate", "mandate"),
    # 23.0.0: electronic_commerce_indicator on Charge.payment_method_details.card
    ("safe", "response-optional-property-added", None,
     "response.#charge.payment_method_details.card.electronic_commerce_indicator", "is new"),
    # 23.1.0: create, retrieve, ... on V2.MoneyManagement.RecipientVerification
    ("safe", "endpoint-added", "v2.money_management.recipient_verifications.create", "operation", "POST"),
    # 23.1.0: wero_payments on Account.capabilities and AccountCreateParams.capabilities
    ("safe", "response-optional-property-added", None, "response.#account.capabilities.wero_payments", "is new"),
    ("safe", "new-optional-request-property", "accounts.create", "request.body.capabilities.wero_payments", "is new"),
    # 23.1.0: hi-IN on Checkout.Session.locale and Checkout.SessionCreateParams.locale
    ("risky", "response-property-enum-value-added", None, "response.#checkout.session.locale", "'hi-IN'"),
    ("safe", "request-property-enum-value-added", "checkout.sessions.create", "request.body.locale", "'hi-IN'"),
    # 23.1.0: intended_submission_method on DisputeUpdateParams; new values on Dispute.status
    ("safe", "new-optional-request-property", "disputes.update",
     "request.body.intended_submission_method", "is new"),
    ("risky", "response-property-enum-value-added", None, "response.#dispute.status", "'appeal_needs_response'"),
    # 23.1.0: SubscriptionSchedule.pause_schedules is required
    ("safe", "response-required-property-added", None, "response.#subscription_schedule.pause_schedules", "is new"),
]  # fmt: skip

S3: list[Announced] = [
    # 2024-08-20: conditional writes for PutObject and CompleteMultipartUpload
    ("safe", "new-optional-request-parameter", "PutObject", "request.header.If-None-Match", "is new"),
    ("safe", "new-optional-request-parameter", "CompleteMultipartUpload", "request.header.If-None-Match", "is new"),
    # 2024-11-22: conditional deletes for DeleteObject and DeleteObjects; appending with PutObject
    ("safe", "new-optional-request-parameter", "DeleteObject", "request.header.If-Match", "is new"),
    ("safe", "new-optional-request-property", None, "request.#ObjectIdentifier.ETag", "is new"),
    ("safe", "new-optional-request-parameter", "PutObject", "request.header.x-amz-write-offset-bytes", "is new"),
    ("safe", "new-optional-request-parameter", "AbortMultipartUpload",
     "request.header.x-amz-if-match-initiated-time", "is new"),
    # 2024-11-25: writes that depend on an ETag
    ("safe", "new-optional-request-parameter", "PutObject", "request.header.If-Match", "is new"),
    ("safe", "new-optional-request-parameter", "CompleteMultipartUpload", "request.header.If-Match", "is new"),
    # 2025-01-15: CRC64NVME, and checksums of whole objects
    ("safe", "request-property-enum-value-added", None, "request.#ChecksumAlgorithm", "'CRC64NVME'"),
    ("risky", "response-property-enum-value-added", None, "response.#ChecksumAlgorithm", "'CRC64NVME'"),
    ("safe", "new-optional-request-parameter", "CompleteMultipartUpload",
     "request.header.x-amz-checksum-type", "is new"),
    ("safe", "new-optional-request-parameter", "CompleteMultipartUpload",
     "request.header.x-amz-mp-object-size", "is new"),
    # 2025-06-18: RenameObject
    ("safe", "endpoint-added", "RenameObject", "operation", "renameObject"),
]  # fmt: skip


@pytest.fixture(scope="session")
def release() -> Callable[[str, str], Path]:
    """The folder of an unpacked release; all of the lock file are fetched once."""
    wanted = LOCK.read_bytes()
    mark = FOLDER / ".fetched.lock"
    if not mark.is_file() or mark.read_bytes() != wanted:
        _fetch()
        mark.write_bytes(wanted)
    return lambda package, version: FOLDER / f"{package}-{version}"


def _fetch() -> None:
    """Each release by itself: pip takes one version of a package at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [line for line in LOCK.read_text().splitlines() if not line.startswith("#")]
    for line in lines:
        name = line.partition(" ")[0]
        one = FOLDER / f"{name}.lock"
        one.write_text(line)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(FOLDER), "--requirement", str(one)]
        # pip runs with the variables of the person who runs the tests: the index and its proxy are theirs to choose.
        done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True)  # noqa: TID251 (see above)
        assert done.returncode == 0, f"pip download failed:\n{done.stdout}{done.stderr}"
        package, _, version = name.partition("==")
        wheel = next(FOLDER.glob(f"{package}-{version}-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(FOLDER / f"{package}-{version}")
        wheel.unlink()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "before", "after", "announced"),
    [("stripe", "15.1.0", "16.1.0", STRIPE), ("botocore", "1.35.0", "1.40.6", S3)],
)
def test_announced_changes_are_listed(
    release: Callable[[str, str], Path], package: str, before: str, after: str, announced: list[Announced]
) -> None:
    found = diff(contract_of(package, release(package, before)), contract_of(package, release(package, after)))
    assert len(announced) >= 10
    missing = [one for one in announced if not listed(found, one)]
    assert missing == []


def listed(found: Diff, announced: Announced) -> bool:
    """Whether exactly this change is there."""
    severity, rule, operation, place, words = announced
    return any(
        (one.severity, one.rule, one.operation, one.place) == (severity, rule, operation, place)
        and words in one.message
        for one in found.findings
    )
