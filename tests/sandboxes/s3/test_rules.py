"""Every operation of the contract is allowed or refused, on purpose."""

from __future__ import annotations

from contracts import library
from sandboxes.s3.provider import PROVIDER
from sandboxes.s3.rules import BUCKET, REFUSED, RULES


def test_every_operation_is_in_one_of_the_tables() -> None:
    assert set(RULES) | set(REFUSED) == set(library.load("s3").operations())
    assert not set(RULES) & set(REFUSED)
    assert all(reason.endswith(".") for reason in REFUSED.values())


def test_what_is_made_can_be_found_and_taken_back() -> None:
    made = {rule.kind for rule in RULES.values() if rule.effect == "create"}
    assert made == {BUCKET} == set(PROVIDER.order) == set(PROVIDER.aliased)


def test_ids_are_in_the_path() -> None:
    operations = library.load("s3").operations()
    for name, rule in RULES.items():
        assert rule.kind == BUCKET
        assert not rule.id_param or f"{{{rule.id_param}}}" in operations[name].path
        # Only a list that is not inside an own bucket has to be narrowed.
        assert (rule.effect == "list") == (not rule.id_param)


def test_reads_only_read_and_writes_only_write() -> None:
    operations = library.load("s3").operations()
    for name, rule in RULES.items():
        assert (operations[name].method in ("GET", "HEAD")) == (rule.effect in ("read", "list")), name
