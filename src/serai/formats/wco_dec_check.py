"""All that is wrong with one WCO DEC message as it stands on the wire."""

import msgspec

from serai.formats.wco_dec import decode_dec
from serai.model.findings import Finding

UNREAD_MAX = 100


def check_message(content: bytes) -> list[Finding]:
    """List every finding on one message; never raises on any bytes.

    That a declaration asks for what is decided elsewhere (`outside-scope`) is no fault of the message, and
    neither is an element that we have no field for (`unread-element`): both are advice.
    """
    message, findings = decode_dec(content)
    told = [
        msgspec.structs.replace(one, severity="advice") if one.code == "outside-scope" else one
        for one in findings
    ]
    unread = message.unread[:UNREAD_MAX] if message else []
    return told + [
        Finding("unread-element", path, "advice", {"element": path.rpartition("/")[2]}) for path in unread
    ]
