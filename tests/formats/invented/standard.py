"""A standard that nobody has: the cargo report of one invented port, told by a message type of its own."""

import datetime as dt
from pathlib import Path

import msgspec

from serai.formats.cuscar.read import decode_cuscar
from serai.formats.edifact.report import Reports
from serai.formats.edifact.report_standard import report_standard
from serai.formats.standard import Described

_SAMPLE = Path(__file__).parents[3] / "examples/standards/cuscar.edi"
_WIRE_NAME, _LIKE = b"BORDRO", b"CUSCAR"


def decode(content: bytes, *, zone: dt.tzinfo = dt.UTC) -> Reports:
    """Read it as what it is but for its name."""
    if _LIKE in content:
        return msgspec.structs.replace(decode_cuscar(b"", zone=zone), findings=decode_cuscar(b"x").findings)
    return decode_cuscar(content.replace(_WIRE_NAME, _LIKE), zone=zone)


def sample() -> bytes:
    """Return a sound message."""
    return _SAMPLE.read_bytes().replace(_LIKE, _WIRE_NAME)


STANDARD = report_standard(
    name="bordereau",
    title="BORDRO: the cargo report of an invented port",
    interchanges=(_WIRE_NAME.decode(),),
    decode=decode,
    described=Described(page="bordereau.md", carries="cargo reports of one port"),
)
