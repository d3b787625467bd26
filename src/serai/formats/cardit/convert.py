"""CARDIT as `converters` wants it."""

from serai.formats.cardit.read import decode_cardit
from serai.formats.convertible import Circumstances, Part
from serai.formats.edifact.convert import parts_of


def read_cardit(content: bytes, told: Circumstances) -> list[Part]:
    """Read a transport document for each receptacle; the zone told is the clock of the message's times."""
    return parts_of(decode_cardit(content, zone=told.zone))
