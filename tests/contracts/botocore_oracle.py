"""botocore's own serializer and parser as the referee of S3's contract, and values of any of its shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal
from urllib.parse import urlencode

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from contracts.exchange import Headers, Request, Response

#: How much of an input is filled in: what is required, or everything, plainly or with awkward text.
Variant = Literal["least", "full", "awkward"]
VARIANTS: tuple[Variant, ...] = ("least", "full", "awkward")

_MOMENT = datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)


@cache
def model() -> ServiceModel:
    """The installed botocore's S3, without what botocore alone adds to it (Expires as a time)."""
    return ServiceModel(Loader(include_default_extras=False).load_service_model("s3", "service-2"), "s3")


def names() -> list[str]:
    """Every operation."""
    return list(model().operation_names)


def operation(name: str) -> OperationModel:
    """One operation of botocore's model."""
    return model().operation_model(name)


def value_of(shape: Shape | None, variant: Variant, depth: int = 0, *, text: str = "text") -> Any:
    """A value that ``shape`` allows; nothing for no shape."""
    if shape is None:
        return {}
    if isinstance(shape, StructureShape):
        held = {}
        for name, member in shape.members.items():
            if member.serialization.get("streaming") or member.serialization.get("eventstream"):
                continue
            alone = getattr(shape, "is_tagged_union", False) and not held
            if alone or name in shape.required_members or (variant != "least" and depth < 5):
                held[name] = value_of(member, variant, depth + 1, text=_placed(member, variant))
        return held
    if isinstance(shape, ListShape):
        return [value_of(shape.member, variant, depth + 1, text=text)] * (1 if variant == "least" else 2)
    if isinstance(shape, MapShape):
        return {"one": "1", "two-words": "a b"}
    return _scalar(shape, text)


def _placed(member: Shape, variant: Variant) -> str:
    """Text that may stand where the member travels."""
    where = member.serialization.get("location")
    if member.name == "BucketName" or (where == "uri" and member.serialization["name"] == "Bucket"):
        return "a-bucket"
    if variant != "awkward" or where in ("header", "headers"):
        return "some-text"
    return "a b/../ü+&<>\"'%20=?#\t\U0001f600"


def _scalar(shape: Any, text: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return 7
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "timestamp":
        return _MOMENT
    if shape.type_name == "blob":
        return b"\x00bytes\xff"
    if shape.enum:
        return shape.enum[-1]
    if shape.name == "CopySource" or shape.name == "RenameSource":
        return "source/key"
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    return text.ljust(least, "x")[:most]


def request(name: str, given: dict[str, Any]) -> Request:
    """The request that botocore makes of ``given``."""
    described = operation(name)
    payload = getattr(described.input_shape, "serialization", {}).get("payload")
    opaque = {payload: b"opaque"} if payload and payload not in given else {}
    serializer = create_serializer("rest-xml", include_validation=True)
    made = serializer.serialize_to_request({**given, **opaque} if described.has_streaming_input else given, described)
    body = made["body"] or b""
    path, _, inner = made["url_path"].partition("?")
    query = "&".join(part for part in (inner, urlencode(made["query_string"], doseq=True)) if part)
    headers = [
        (field.lower(), value.decode() if isinstance(value, bytes) else str(value))
        for field, value in made["headers"].items()
    ]
    return Request(
        method=made["method"],
        path=path,
        query=query,
        headers=Headers(headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def parse(name: str, response: Response) -> dict[str, Any]:
    """What botocore makes of an answer."""
    answer = {
        "status_code": response.status,
        "headers": CaseInsensitive(response.headers),
        "body": response.body,
        "context": {},
    }
    parsed = create_parser("rest-xml").parse(answer, operation(name).output_shape)
    parsed.pop("ResponseMetadata", None)
    return dict(parsed)


class CaseInsensitive(dict[str, str]):
    """Headers as botocore's HTTP session gives them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__((name.lower(), value) for name, value in pairs)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)
