"""Mails as the control API tells them are what its document says."""

from __future__ import annotations

import jsonschema_rs

from broker.control import mail_shapes as forms
from broker.control.openapi import COMPONENTS
from tests.broker.inbox.samples import file, found


def test_the_forms_are_as_documented() -> None:
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": {"schemas": COMPONENTS}}
    stored = found(attachments=[file()], raw={"id": "r", "size": 1}, bodies={"html": {"id": "b", "size": 300_000}})
    for name, form in (("MailSummary", forms.summary(stored)), ("Mail", forms.mail(stored, [("Subject", "x")]))):
        jsonschema_rs.Draft202012Validator({**root, "$ref": f"#/components/schemas/{name}"}).validate(form)
    assert forms.summary(stored)["html_size"] == 300_000
