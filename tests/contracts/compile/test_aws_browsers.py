"""Forms and preflights are operations of S3's contract, made from what botocore says of PutObject."""

from __future__ import annotations

from contracts import library
from contracts.compile.aws_browsers import with_browsers
from contracts.exchange import Headers, Request

S3 = library.load("s3")


def test_a_model_without_objects_stays_what_it_is() -> None:
    model = {"operations": {"Other": {}}, "shapes": {}}
    assert with_browsers(model) == model


def test_a_form_is_matched_apart_from_what_else_is_posted_to_a_bucket() -> None:
    for query, name in (("", "PostObject"), ("x=1", "PostObject"), ("delete", "DeleteObjects")):
        match = S3.match(Request(method="POST", path="/bkt", query=query))
        assert match is not None
        assert match.operation.id == name
    assert S3.match(Request(method="POST", path="/bkt/key")) is None
    form = S3.operations()["PostObject"]
    assert (form.streams_request, form.success_status, form.encoding) == (True, 201, "bytes")


def test_fields_of_a_form_are_read_as_the_headers_of_a_put() -> None:
    fields = Headers([("key", "a/b"), ("acl", "private"), ("x-amz-meta-a", "1"), ("x-amz-storage-class", "GLACIER")])
    request = Request(method="POST", path="/bkt", headers=fields)
    match = S3.match(request)
    assert match is not None
    params = S3.read(match, request)
    assert (params["Bucket"], params["Key"], params["ACL"]) == ("bkt", "a/b", "private")
    assert (params["Metadata"], params["StorageClass"]) == ({"a": "1"}, "GLACIER")


def test_preflights_say_who_asks_for_what() -> None:
    asked = Headers([("origin", "https://a.example"), ("access-control-request-method", "PUT")])
    for path, name in (("/bkt", "OptionsBucket"), ("/bkt/a/b", "OptionsObject")):
        request = Request(method="OPTIONS", path=path, headers=asked)
        match = S3.match(request)
        assert match is not None
        assert match.operation.id == name
        params = S3.read(match, request)
        assert (params["Origin"], params["RequestMethod"]) == ("https://a.example", "PUT")
