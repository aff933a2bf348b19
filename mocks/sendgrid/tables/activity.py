"""Operations on what became of mails, and of addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid import activity, logs, validation

OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET-messages": activity.find,
    "GET-v3-messages-msg_id": activity.retrieve,
    "POST_v3-messages-download": activity.download,
    "GET_v3-messages-download-download_uuid": activity.downloaded,
    "ListMessagesByFilter": logs.search,
    "GetMessageById": logs.retrieve,
    "POST_validations-email": validation.validate,
}
