"""CARDIT -> transport documents: one for each receptacle, whose number is also the document's.

The consignment's number stands above it as master document, the last leg as the movement that arrives.
"""

import datetime as dt
from decimal import Decimal

from serai.formats.cardit.receptacle import CHARACTERS, Receptacle, read_receptacle
from serai.formats.edifact.message_facts import MessageFacts, message_facts
from serai.formats.edifact.read_reports import decode_reports
from serai.formats.edifact.reading import Reading
from serai.formats.edifact.report import Reports
from serai.formats.edifact.structure import Node
from serai.formats.edifact.voyage import read_leg
from serai.formats.found import Found
from serai.formats.placed import PlacedGroup, PlacedNumber, PlacedText
from serai.model.code_lists import COUNTRY_CODES
from serai.model.findings import Finding

CHANNEL = "post"
_TOTAL_GROSS_MASS = "7"
_NOT_STATED = "0.0"
_NUMBERS_STAND_IN = (("PCI", (3,)), ("GIN", (3, 4, 5, 6, 7)))


def decode_cardit(content: bytes, *, zone: dt.tzinfo = dt.UTC) -> Reports:
    """Read an interchange of consignments of mail. zone: the clock of their times, which name none."""
    return decode_reports(content, message_facts("cardit"), _lay_out, zone=zone)


def _lay_out(top: Node, reading: Reading, _: MessageFacts, found: Found) -> list[PlacedGroup]:
    begin = next(iter(top.all("BGM")), None)
    carried = _carriage(top, reading)
    documents: list[PlacedGroup] = []
    masses: list[str] = []
    for consignment in top.all("CNI"):
        master = reading.text(consignment, 3) or (begin.text(3) if begin is not None else None)
        for goods in consignment.all("GID"):
            for number in _numbers(goods, reading):
                receptacle = _find_in_number(number, found)
                masses.append(receptacle.gross_mass_kg if receptacle is not None else _NOT_STATED)
                documents.append(_document(number, receptacle, goods, master, reading))
                documents[-1].update({**carried, **documents[-1]})
    _compare_masses(top, reading, masses, found)
    return documents


def _carriage(top: Node, reading: Reading) -> dict[str, object]:
    """Return what the legs render: departure of the first, arrival and movement of the last."""
    legs = [read_leg(node, reading) for node in top.all("TDT")]
    if not legs:
        return {}
    first, last = legs[0].fields, legs[-1].fields
    fields: dict[str, object] = {**last}
    for name in ("loading_place_code", "scheduled_departure_at"):
        if name in first:
            fields[name] = first[name]
    return {**fields, **({"detail": legs[-1].carrier} if legs[-1].carrier else {})}


def _numbers(goods: Node, reading: Reading) -> list[PlacedText]:
    """Return numbers of receptacles: where a message has them is not public, their length is."""
    found: list[PlacedText] = []
    for tag, elements in _NUMBERS_STAND_IN:
        for node in goods.deep(tag):
            for element in elements:
                texts = node.segment.texts(element) if node.segment is not None else []
                if any(len(one) == CHARACTERS for one in texts):
                    found += [one for one in reading.texts(node, element) if len(one) == CHARACTERS]
    return found


def _find_in_number(number: PlacedText, found: Found) -> Receptacle | None:
    receptacle = read_receptacle(number)
    if receptacle is None:
        found.add(Finding("cardit-receptacle-number", number.place))
        return None
    for office in (receptacle.origin, receptacle.destination):
        if office[:2] not in COUNTRY_CODES:
            found.add(Finding("unknown-country", number.place, "advice", {"value": office[:2]}))
    return receptacle


def _document(
    number: PlacedText,
    receptacle: Receptacle | None,
    goods: Node,
    master: PlacedText | None,
    reading: Reading,
) -> PlacedGroup:
    place = number.place.rsplit("/", 2)[0]
    mass = receptacle.gross_mass_kg if receptacle is not None else _NOT_STATED
    units = goods.all("SGP")
    package = {"type_code": reading.text(goods, 3, 2), "count": PlacedNumber(1, place)}
    return PlacedGroup(
        place,
        {},
        {
            "house_document": number,
            "receptacle_id": number,
            "master_document": master,
            "logistics_channel_code": PlacedText(CHANNEL, place),
            "loading_unit_id": reading.text(units[0], 2) if units else None,
            "gross_mass_kg": None if mass == _NOT_STATED else PlacedText(mass, number.place),
            "packages": [PlacedGroup(place, {}, package)],
        },
    )


def _compare_masses(top: Node, reading: Reading, masses: list[str], found: Found) -> None:
    """Say where the message states another mass than its receptacles have."""
    stated = reading.total(top.all("CNT"), _TOTAL_GROSS_MASS)
    if stated is None or _NOT_STATED in masses or not masses:
        return
    total = sum((Decimal(one) for one in masses), Decimal(0))
    if Decimal(stated) != total:
        parameters = {"stated": f"{Decimal(stated):f}"[:30], "total": str(total)}
        found.add(Finding("cardit-mass-differs", stated.place, "advice", parameters))
