"""CUSCAR as `converters` wants it."""

from serai.formats.convertible import Circumstances, Part
from serai.formats.cuscar.read import decode_cuscar
from serai.formats.edifact.convert import parts_of


def read_cuscar(content: bytes, told: Circumstances) -> list[Part]:
    """Read a transport document for each consignment; the zone told is that of the office of arrival."""
    return parts_of(decode_cuscar(content, zone=told.zone))
