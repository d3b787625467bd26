"""The message by which the post of origin tells that of destination of an item: ITMATT, from the filing."""

import datetime as dt

import msgspec

from serai.formats.convertible import Circumstances
from serai.formats.upu.check import check_itmatt
from serai.formats.upu.convert import write_itmatt
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

POST_CHANNEL = "post"


def write_export_message(document: Consignment, posted_on: str, at: dt.datetime) -> bytes:
    """Write the ITMATT of one declaration, and read it again before it is given out.

    posted_on: year-month-day; at: when the message is written. Raises SeraiError `postal-form-incomplete`
    naming what the declaration has not and the message needs.
    """
    posted = msgspec.structs.replace(document, exported_at=f"{posted_on}T12:00:00Z")
    try:
        content = write_itmatt([posted], Circumstances(at))
    except SeraiError as fault:
        raise _incomplete(fault.texts[0]) from fault
    faults = [one for one in check_itmatt(content) if one.severity == "fault"]
    if faults:
        raise _incomplete(
            MessageText(
                "The post would not read it: {pointer}: {code}.",
                pointer=faults[0].pointer,
                code=faults[0].code,
            )
        )
    return content


def _incomplete(why: str) -> SeraiError:
    return SeraiError(
        "postal-form-incomplete", why, "Correct the declaration there, and make the message again."
    )
