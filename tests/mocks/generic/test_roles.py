"""Which part each operation of the small API plays."""

from __future__ import annotations

from contracts.contract import Params
from contracts.openapi import OpenApiContract
from mocks.generic.roles import item_path, path_values, roles


def test_every_operation_on_something_kept_has_its_role(books: OpenApiContract) -> None:
    told = {operation.id: (role.shape.name, role.deed) for operation, role in roles(books).items()}
    assert told == {
        "listBooks": ("book", "list"),
        "makeBook": ("book", "create"),
        "getBook": ("book", "retrieve"),
        "changeBook": ("book", "update"),
        "replaceBook": ("book", "update"),
        "burnBook": ("book", "delete"),
        "publishBook": ("book", "act"),
        "reviews": ("book", "act"),
        "listNotes": ("book.note", "list"),
        "makeNote": ("book.note", "create"),
        "getNote": ("book.note", "retrieve"),
        "dropNote": ("book.note", "delete"),
        "getSettings": ("setting", "retrieve"),
        "putSettings": ("setting", "update"),
        "makeShelf": ("shelve", "create"),
        "getShelf": ("shelve", "retrieve"),
    }


def test_children_know_their_parent(books: OpenApiContract) -> None:
    role = roles(books)[books.operations()["getNote"]]
    assert role.parent is not None
    assert role.parent.name == "book"
    assert item_path(role.shape) == "/books/{book_id}/notes/{id}"


def test_path_values_come_in_the_order_of_the_path(books: OpenApiContract) -> None:
    operation = books.operations()["getNote"]
    assert path_values(operation, Params(path={"id": 7, "book_id": "b"})) == ["b", "7"]
