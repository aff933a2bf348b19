"""Every kind is deleted and listed where the contract says that there is such a call."""

from __future__ import annotations

import pytest

from contracts.exchange import Request
from sandboxes.sendgrid.kinds import KINDS
from sandboxes.sendgrid.provider import PROVIDER


@pytest.mark.parametrize("name", KINDS)
def test_paths_are_operations(name: str) -> None:
    contract = PROVIDER.contract()
    some = "4c1b9a0e-6d6b-4f0a-9a53-0a7c3d1f2e11"
    deleted = contract.match(Request(method="DELETE", path=KINDS[name].item.format(some)))
    listed = contract.match(Request(method="GET", path=KINDS[name].listing))
    assert deleted is not None
    assert listed is not None
    assert deleted.operation.method == "DELETE"
    assert some in deleted.path.values()
