"""Messages of items for the tests, made of the published samples and of parts."""

from pathlib import Path

from serai.formats.upu.facts import facts
from serai.formats.upu.message import UpuItem, UpuMessage
from serai.formats.upu.read import decode_upu
from serai.model.findings import Finding

SAMPLES = Path(__file__).parents[3] / "examples" / "standards"
NAMES = ("itmatt", "cusitm")
CUSITM = (SAMPLES / "cusitm.xml").read_bytes()
ITMATT = (SAMPLES / "itmatt.xml").read_bytes()
CUSRSP = (SAMPLES / "cusrsp.xml").read_bytes()
CDS = facts().namespaces["cds"]


def read(content: bytes, name: str = "cusitm") -> UpuMessage:
    """Read a message that can be read."""
    message, findings = decode_upu(content, name)  # type: ignore[arg-type]
    assert message is not None, findings
    return message


def first_item(*changes: tuple[str, str]) -> UpuItem:
    """Read the first item of the sample after changes of its text."""
    return read(changed(*changes)).items[0]


def changed(*changes: tuple[str, str]) -> bytes:
    """Change the first place of each text in the sample."""
    text = CUSITM.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def codes(findings: list[Finding]) -> list[str]:
    """Return the codes of findings, in order."""
    return [one.code for one in findings]
