"""All that is wrong with one ITMATT, CUSITM or CUSRSP as it stands on the wire."""

from functools import partial

from serai.formats.decoded import limit_findings
from serai.formats.upu.facts import MessageName
from serai.formats.upu.read import decode_answers, decode_upu
from serai.model.findings import Finding


def check_message(content: bytes, name: MessageName) -> list[Finding]:
    """List every finding on one message, those on the message as such first; never raises on any bytes."""
    if name == "cusrsp":
        return limit_findings(decode_answers(content)[1])
    message, findings = decode_upu(content, name)
    items = message.items if message is not None else []
    return limit_findings([*findings, *(finding for item in items for finding in item.findings)])


check_itmatt = partial(check_message, name="itmatt")
check_cusitm = partial(check_message, name="cusitm")
check_cusrsp = partial(check_message, name="cusrsp")
