"""All that is wrong with one interchange of consignments of mail."""

from serai.formats.cardit.read import decode_cardit
from serai.formats.decoded import limit_findings
from serai.model.findings import Finding


def check_message(content: bytes) -> list[Finding]:
    """List every finding, those on the interchange first; never raises on any bytes."""
    return limit_findings(decode_cardit(content).all_findings())
