"""All that is wrong with one interchange of cargo reports."""

from serai.formats.cuscar.read import decode_cuscar
from serai.formats.decoded import limit_findings
from serai.model.findings import Finding


def check_message(content: bytes) -> list[Finding]:
    """List every finding, those on the interchange first; never raises on any bytes."""
    return limit_findings(decode_cuscar(content).all_findings())
