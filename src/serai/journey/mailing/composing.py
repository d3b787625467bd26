"""A notice as a message (RFC 5322): plain text to one recipient."""

import datetime as dt
from collections.abc import Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.mailing.numbers import write_number
from serai.journey.mailing.store import HeldNotice
from serai.journey.mailing.templates import write_text


class Sealed(msgspec.Struct, frozen=True):
    """What is sealed of a notice: to whom it goes, and what stands in its text."""

    to: str
    parameters: dict[str, str] = {}


class From(NamedTuple):
    """Who writes. office: as the reader knows it; sender: its address; address: of the pages."""

    office: str
    sender: str
    address: str


def compose(notice: HeldNotice, sealed: Sealed, of: From) -> bytes:
    """Return the message's bytes. The same notice gives the same text at every try."""
    common: Mapping[str, str] = {
        "number": write_number(notice.notice_id, notice.check_text),
        "office": of.office,
        "address": of.address,
    }
    text = write_text(notice.kind, notice.language, {**sealed.parameters, **common})
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(of.office, addr_spec=of.sender)
    message["To"] = Address(addr_spec=sealed.to)
    if notice.means == "email":
        message["Subject"] = text.subject
    message["Date"] = format_datetime(notice.queued_at.astimezone(dt.UTC))
    message["Message-ID"] = f"<{format_id(notice.notice_id)}@{of.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body if notice.means == "email" else text.short)
    # After the content, which brings headers of its own in the place of all that speak of content.
    message["Content-Language"] = notice.language
    return bytes(message)
