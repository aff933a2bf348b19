"""What browsers ask of S3 and no SDK does: operations that botocore's model lacks, in the form of that model.

A form's fields are what PutObject takes as headers, so its input is PutObject's, as
docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and RESTOPTIONSobject.html describe the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Members of PutObject that a form has under another name.
_RENAMED = {"Key": "key", "ACL": "acl", "Tagging": "tagging", "ChecksumAlgorithm": "x-amz-checksum-algorithm"}
#: What only a form says: member -> (field, shape).
_OF_FORMS = {
    "SuccessActionRedirect": ("success_action_redirect", "WebsiteRedirectLocation"),
    "SuccessActionStatus": ("success_action_status", "Policy"),
}
#: Members of PutObject that no form has.
_NOT_OF_FORMS = frozenset({"ContentLength", "WriteOffsetBytes", "ExpectedBucketOwner", "IfMatch", "IfNoneMatch"})
#: A preflight's answer: member -> field.
_ALLOWED = {
    "AllowOrigin": "Access-Control-Allow-Origin",
    "AllowMethods": "Access-Control-Allow-Methods",
    "AllowHeaders": "Access-Control-Allow-Headers",
    "ExposeHeaders": "Access-Control-Expose-Headers",
    "MaxAge": "Access-Control-Max-Age",
    "AllowCredentials": "Access-Control-Allow-Credentials",
}
_ASKED = {
    "Origin": "Origin",
    "RequestMethod": "Access-Control-Request-Method",
    "RequestHeaders": "Access-Control-Request-Headers",
}


def with_browsers(model: Mapping[str, Any]) -> dict[str, Any]:
    """The model with these operations; without them where it has no PutObject."""
    if "PutObject" not in model["operations"]:
        return dict(model)
    put, answer = model["shapes"]["PutObjectRequest"], model["shapes"]["PutObjectOutput"]
    operations = {
        "PostObject": _operation("PostObject", "POST", "/{Bucket}", 201, locationName="PostResponse"),
        "OptionsBucket": _operation("OptionsBucket", "OPTIONS", "/{Bucket}", 200),
        "OptionsObject": _operation("OptionsObject", "OPTIONS", "/{Bucket}/{Key+}", 200),
    }
    bucket, key = put["members"]["Bucket"], put["members"]["Key"]
    shapes = {
        "PostObjectRequest": {**put, "required": ["Bucket"], "members": _form_members(put["members"])},
        "PostObjectOutput": {"type": "structure", "members": _post_members(answer["members"], put["members"])},
        "OptionsBucketRequest": {
            "type": "structure",
            "required": ["Bucket"],
            "members": {"Bucket": bucket, **_asked()},
        },
        "OptionsObjectRequest": {
            "type": "structure",
            "required": ["Bucket", "Key"],
            "members": {"Bucket": bucket, "Key": key, **_asked()},
        },
        "OptionsBucketOutput": {"type": "structure", "members": _fields(_ALLOWED)},
        "OptionsObjectOutput": {"type": "structure", "members": _fields(_ALLOWED)},
    }
    return {
        **model,
        "operations": {**model["operations"], **operations},
        "shapes": {**model["shapes"], **shapes},
    }


def _operation(name: str, method: str, path: str, status: int, **of_output: str) -> dict[str, Any]:
    return {
        "name": name,
        "http": {"method": method, "requestUri": path, "responseCode": status},
        "input": {"shape": f"{name}Request"},
        "output": {"shape": f"{name}Output", **of_output},
    }


def _form_members(members: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: {**member, "location": "header", "locationName": _RENAMED[name]} if name in _RENAMED else member
        for name, member in members.items()
        if name not in _NOT_OF_FORMS
    }
    own = {
        name: {"shape": shape, "location": "header", "locationName": field}
        for name, (field, shape) in _OF_FORMS.items()
    }
    return {**found, **own}


def _post_members(answered: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The headers of PutObject's answer, and the document that a form can ask for, which repeats the ETag."""
    body = {
        "Location": {"shape": "Location"},
        "Bucket": {"shape": given["Bucket"]["shape"]},
        "Key": {"shape": given["Key"]["shape"]},
        "EntityTag": {"shape": answered["ETag"]["shape"], "locationName": "ETag"},
    }
    return {**answered, **body}


def _asked() -> dict[str, Any]:
    return _fields(_ASKED)


def _fields(names: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"shape": "WebsiteRedirectLocation", "location": "header", "locationName": field}
        for name, field in names.items()
    }
