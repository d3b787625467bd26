"""CUSCAR -> transport documents: one for each consignment, or for each house document of a consignment.

What stands once for the voyage (conveyance, times, carrier) goes into each document.
"""

import datetime as dt
from typing import NamedTuple

from serai.formats.edifact.message_facts import MessageFacts, message_facts
from serai.formats.edifact.read_reports import decode_reports
from serai.formats.edifact.reading import Reading, sum_of
from serai.formats.edifact.report import Reports
from serai.formats.edifact.structure import Node
from serai.formats.edifact.voyage import Leg, read_leg
from serai.formats.found import Found
from serai.formats.placed import PlacedGroup, PlacedText
from serai.model.check_digits import find_check_digit

CHANNEL = "cargo"
_MAIN_CARRIAGE = "20"
_CONTAINER = "CN"
_TOTAL_GROSS_MASS = "7"
_PLACES_OF_FIELDS = {"house_document": "/3/1"}


def decode_cuscar(content: bytes, *, zone: dt.tzinfo = dt.UTC) -> Reports:
    """Read an interchange of cargo reports. zone: the clock of their times, that of the office of arrival."""
    return decode_reports(content, message_facts("cuscar"), _lay_out, zone=zone)


class _Numbered(NamedTuple):
    """A house document, or the one bill of a consignment, with the groups that belong to it."""

    number: PlacedText | None
    groups: list[Node]


class _Consignment(NamedTuple):
    """A consignment. shared: the groups that stand before its first house document, about all of them."""

    master: PlacedText | None
    ucr: PlacedText | None
    shared: list[Node]
    documents: list[_Numbered]


def _lay_out(top: Node, reading: Reading, facts: MessageFacts, found: Found) -> list[PlacedGroup]:
    voyage = _voyage(top, reading)
    _check_containers(top, found)
    documents = []
    for node in top.all("CNI"):
        reading.text(node, 2)
        own = reading.text(node, 3)
        consignment = _consignment(node, own, reading, facts)
        if voyage.is_by_air:
            numbers = (own, consignment.master, *(one.number for one in consignment.documents))
            for number in {one: one for one in numbers if one is not None}.values():
                _add(found, "air-waybill", number)
        shared = {
            **reading.places(_all_of(consignment.shared, "LOC")),
            **reading.people(_all_of(consignment.shared, "NAD")),
        }
        # A total of the consignment is a house document's only where there is one.
        totals = node.all("CNT") if len(consignment.documents) == 1 else []
        for one in consignment.documents:
            group = _document(node, one, totals, reading)
            above = {"master_document": consignment.master, "ucr": consignment.ucr, "detail": voyage.carrier}
            given = {name: value for name, value in above.items() if value is not None}
            group.update({**voyage.fields, **shared, **given, **group})
            documents.append(group)
    return documents


def _voyage(top: Node, reading: Reading) -> Leg:
    main = next((one for one in top.all("TDT") if one.text(2) == _MAIN_CARRIAGE), None)
    return Leg({}, None, is_by_air=False) if main is None else read_leg(main, reading, top.all("LOC"))


def _check_containers(top: Node, found: Found) -> None:
    for services in top.all("EQD"):
        if services.text(2) == _CONTAINER and (number := services.text(3)) is not None:
            _add(found, "container", number)


def _add(found: Found, kind: str, number: PlacedText) -> None:
    fault = find_check_digit(kind, number, number.place)
    if fault is not None:
        found.add(fault)


def _consignment(
    consignment: Node, own: PlacedText | None, reading: Reading, facts: MessageFacts
) -> _Consignment:
    """Tell the numbers of a consignment apart, and what belongs to which.

    Each house document makes a document; without any, the bill does, else the number of the consignment
    itself, else the master.
    """
    known: dict[str, PlacedText] = {}
    houses: dict[str, _Numbered] = {}
    groups: list[Node] = []
    belongs = groups
    for group in consignment.all("RFF"):
        role = facts.references.get(group.text(2) or "")
        number = group.text(2, 2)
        if role is not None and number is not None:
            reading.text(group, 2)
            reading.text(group, 2, 2)
            if role == "house":
                belongs = houses.setdefault(number, _Numbered(number, [])).groups
            known.setdefault(role, number)
        belongs.append(group)
    bill, master, ucr = known.get("bill"), known.get("master"), known.get("ucr")
    if houses:
        above = master or bill or (own if own not in houses else None)
        return _Consignment(above, ucr, groups, list(houses.values()))
    number = bill or own or master
    return _Consignment(master if master != number else None, ucr, [], [_Numbered(number, groups)])


def _all_of(groups: list[Node], tag: str) -> list[Node]:
    return [one for group in groups for one in group.all(tag)]


def _document(consignment: Node, numbered: _Numbered, totals: list[Node], reading: Reading) -> PlacedGroup:
    goods = _all_of(numbered.groups, "GID")
    mass = sum_of([reading.mass(one.all("MEA")) for one in goods])
    containers = _all_of(goods, "SGP")
    place = numbered.number.place.rsplit("/", 2)[0] if numbered.number is not None else consignment.place
    return PlacedGroup(
        place,
        _PLACES_OF_FIELDS,
        {
            "house_document": numbered.number,
            "logistics_channel_code": PlacedText(CHANNEL, place),
            "loading_unit_id": reading.text(containers[0], 2) if containers else None,
            **reading.places(_all_of(numbered.groups, "LOC")),
            "gross_mass_kg": mass
            or reading.total([*_all_of(numbered.groups, "CNT"), *totals], _TOTAL_GROSS_MASS),
            "packages": reading.packages(goods),
            "description": reading.description(goods),
            **reading.people(_all_of(numbered.groups, "NAD")),
        },
    )
