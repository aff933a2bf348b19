"""The matrix itself: it has all its cells, and its look at the provider can find what it looks for."""

from __future__ import annotations

from tests.faults.matrix import FAULTS, KILLS, cells, look, some
from tests.faults.victim import CLOSING, CREATING
from tests.standins.faulty import Faulty


def test_every_step_meets_every_fault() -> None:
    found = list(cells())
    steps = len(CREATING) + len(CLOSING) + 2
    assert len(found) == len(set(found)) == steps * len(FAULTS) + 2 * len(KILLS)


def test_the_reduced_matrix_has_every_step_and_every_fault_of_both_phases() -> None:
    for phase, steps in (("create", CREATING), ("close", CLOSING)):
        found = [cell for cell in some() if cell.phase == phase]
        assert {cell.step for cell in found} == {None, *steps, *KILLS}
        assert {cell.fault for cell in found} == set(FAULTS)


def test_the_look_itself_can_find() -> None:
    with Faulty() as provider:
        hand = provider.put("customers")
        marked = {"metadata[preview_broker]": "pb:k3x9qa:pr-1-8f3kd02ma1"}
        left = provider.put("customers", **marked)
        lost = provider.put("customers", email="nobody knows whose")
        provider.put("products")
        assert look(provider, "pr-1", hand, ["cus_gone"]) == ([left, lost], ["cus_gone"])
        assert look(provider, "pr-2", hand, []) == ([lost], [])
        del provider.objects[hand]
        assert look(provider, "pr-2", hand, [])[1] == [hand]
