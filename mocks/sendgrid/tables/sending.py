"""Operations on mail that is sent, and on the settings that act on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Handler
from mocks.sendgrid import batches, mail, mail_settings, scheduled_sends, tracking_settings

OPERATIONS: Final[Mapping[str, Handler]] = {
    "POST_mail-send": mail.send,
    "POST_mail-batch": batches.create,
    "GET_mail-batch-batch_id": batches.validate,
    **scheduled_sends.OPERATIONS,
    **mail_settings.OPERATIONS,
    **tracking_settings.OPERATIONS,
}
