"""Shapes of a service model, resolved when they are needed."""

from __future__ import annotations

from contracts.aws_model import Model

DOCUMENT = {
    "namespace": "urn:x",
    "roots": {"Look": "LookResult"},
    "operations": {
        "Look": {"input": {"shape": "LookRequest"}, "output": {"shape": "LookOutput"}},
        "Put": {"input": {"shape": "PutRequest"}},
    },
    "shapes": {
        "LookRequest": {
            "type": "structure",
            "required": ["Name"],
            "members": {
                "Name": {"shape": "Text", "location": "uri", "locationName": "Name"},
                "Limit": {"shape": "Number", "location": "querystring", "locationName": "max"},
                "Match": {"shape": "Text", "location": "header", "locationName": "If-Match"},
                "Extra": {"shape": "Extras", "location": "headers", "locationName": "x-meta-"},
            },
        },
        "LookOutput": {"type": "structure", "members": {"Tree": {"shape": "Tree"}}},
        "PutRequest": {
            "type": "structure",
            "payload": "Tree",
            "members": {"Tree": {"shape": "Tree", "locationName": "T"}},
        },
        "Tree": {"type": "structure", "members": {"Leaves": {"shape": "Trees"}, "Kind": {"shape": "Kind"}}},
        "Trees": {"type": "list", "flattened": True, "member": {"shape": "Tree", "locationName": "Leaf"}},
        "Extras": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "Kind": {"type": "string", "enum": ["oak", "elm"]},
        "Text": {"type": "string", "min": 1, "max": 5},
        "Number": {"type": "integer"},
    },
}


def test_members_by_where_they_travel() -> None:
    side = Model(DOCUMENT).input("Look")
    assert side is not None
    assert (set(side.uri), set(side.query), set(side.headers)) == ({"Name"}, {"max"}, {"if-match"})
    assert [member.wire for member in side.prefixed] == ["x-meta-"]
    assert [member.name for member in side.required] == ["Name"]
    assert (side.payload, side.body) == (None, {})
    assert (side.uri["Name"].shape.minimum, side.uri["Name"].shape.maximum) == (1, 5)


def test_a_shape_that_contains_itself() -> None:
    tree = Model(DOCUMENT).shape("Tree")
    leaves = tree.by_wire["Leaf"]
    assert leaves.flattened
    assert leaves.shape.element is not None
    assert leaves.shape.element.shape is tree
    assert tree.by_wire["Kind"].shape.enum == {"oak", "elm"}


def test_the_outermost_element() -> None:
    model = Model(DOCUMENT)
    sides = [model.output("Look"), model.input("Look"), model.input("Put")]
    assert [side.root for side in sides if side] == ["LookResult", "LookRequest", "T"]
    assert model.output("Put") is None
