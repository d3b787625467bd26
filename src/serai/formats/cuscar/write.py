"""Transport documents -> CUSCAR: a message for each report and voyage, a consignment for each document."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from serai.formats.edifact.segment import Segment
from serai.formats.edifact.write import segment, write_interchange
from serai.model.documents import Person, TransportDocument

IDENTIFIER = ("CUSCAR", "D", "97B", "UN")
_STREET_LINES_MAX = 4
_PLACES = (("9", "loading_place_code"), ("11", "unloading_place_code"))
_PARTIES = (("CZ", "consignor"), ("CN", "consignee"))


class _Voyage(NamedTuple):
    """What stands once in a message. number: of the report."""

    number: str
    conveyance_reference: str | None
    mode_code: str | None
    arrival_at: str | None
    departure_at: str | None
    carrier_id: str | None
    carrier_name: str | None


def encode_documents(documents: Sequence[TransportDocument], header: Segment, *, zone: dt.tzinfo) -> bytes:
    """Write an interchange of original reports. header: UNB. zone: the clock in which its times are written.

    What the message has no place for is left out.
    """
    voyages: dict[_Voyage, list[TransportDocument]] = {}
    for document in documents:
        voyages.setdefault(_voyage(document), []).append(document)
    messages = [
        (IDENTIFIER, [*_head(voyage, zone), *_consignments(carried)]) for voyage, carried in voyages.items()
    ]
    return write_interchange(header, messages)


def _voyage(document: TransportDocument) -> _Voyage:
    detail = document.detail
    return _Voyage(
        document.reference.removesuffix(f"-{document.house_document}"),
        document.conveyance_reference,
        document.transport_mode_code,
        document.scheduled_arrival_at,
        document.scheduled_departure_at,
        detail.carrier_id if detail is not None else None,
        detail.carrier_name if detail is not None else None,
    )


def _head(voyage: _Voyage, zone: dt.tzinfo) -> Iterator[Segment]:
    yield segment("BGM", "85", voyage.number, "9")
    if not any(voyage[1:]):
        return
    local = {
        code: _local(instant, zone)
        for code, instant in (("132", voyage.arrival_at), ("189", voyage.departure_at))
    }
    day = next((one.date().isoformat() for one in local.values() if one is not None), "")
    # Reading puts the day behind the journey's number.
    journey = (voyage.conveyance_reference or "").removesuffix(f"-{day}")
    carrier = [voyage.carrier_id or "", "", "", voyage.carrier_name or ""]
    yield segment("TDT", "20", journey, voyage.mode_code or "", "", carrier)
    for code, one in local.items():
        if one is not None:
            yield segment("DTM", [code, one.strftime("%Y%m%d%H%M%S"), "204"])


def _local(instant: str | None, zone: dt.tzinfo) -> dt.datetime | None:
    if instant is None:
        return None
    try:
        at = dt.datetime.fromisoformat(instant)
        return at.astimezone(zone) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        # A document whose time is none was refused; here it is left out.
        return None


def _consignments(documents: Sequence[TransportDocument]) -> Iterator[Segment]:
    for number, document in enumerate(documents, start=1):
        yield segment("CNI", str(number))
        for code, reference in (("MWB", document.master_document), ("UCN", document.ucr)):
            if reference:
                yield segment("RFF", [code, reference])
        yield segment("RFF", ["HWB", document.house_document])
        if document.gross_mass_kg:
            yield segment("CNT", ["7", document.gross_mass_kg, "KGM"])
        for code, field in _PLACES:
            if place := getattr(document, field):
                yield segment("LOC", code, place)
        for code, field in _PARTIES:
            if person := getattr(document, field):
                yield _party(code, person)
        yield from _goods(document)


def _party(code: str, person: Person) -> Segment:
    *lines, rest = (person.street or "").split("\n", _STREET_LINES_MAX - 1)
    return segment(
        "NAD",
        code,
        person.party_identifier or "",
        "",
        person.name or "",
        [*lines, rest.replace("\n", ", ")],
        person.city or "",
        person.region_code or "",
        person.postcode or "",
        person.country_code,
    )


def _goods(document: TransportDocument) -> Iterator[Segment]:
    """Write packages; what is said of all goods stands with the first."""
    packages = [(str(one.count), one.type_code, one.marks) for one in document.packages]
    if not packages and (document.description or document.loading_unit_id):
        packages = [("", "", None)]
    for number, (count, type_code, marks) in enumerate(packages, start=1):
        yield segment("GID", str(number), [count, type_code])
        if number == 1:
            if document.description:
                yield segment("FTX", "AAA", "", "", document.description)
            if document.loading_unit_id:
                yield segment("SGP", document.loading_unit_id)
        if marks:
            yield segment("PCI", "", marks)
