"""Made-up answers: true to their shape (test_aws), repeatable, and about what was asked."""

from __future__ import annotations

from contracts.aws_example import example
from contracts.aws_model import Model
from contracts.contract import Params
from tests.contracts.test_aws_model import DOCUMENT


def test_what_was_named_is_repeated() -> None:
    document = {
        **DOCUMENT,
        "shapes": {
            **DOCUMENT["shapes"],  # type: ignore[dict-item]  # the literal's values have no common type
            "LookOutput": {
                "type": "structure",
                "members": {"Name": {"shape": "Text"}, "Count": {"shape": "Number"}, "Tree": {"shape": "Tree"}},
            },
        },
    }
    side = Model(document).output("Look")
    made = example(side, Params(path={"Name": "ada"}), 1)
    assert (made["Name"], made["Count"]) == ("ada", 1)
    assert made["Tree"]["Kind"] == "elm"
    other = example(side, Params(), 1)["Name"]
    assert 1 <= len(other) <= 5
    assert other == example(side, Params(), 1)["Name"]


def test_nothing_for_no_answer() -> None:
    assert example(None, Params(), 1) == {}
