"""An entry summary declaration as what the carrier knows: a transport document for each house consignment.

It states no price, origin or sale, so it is no declaration of ours (`Consignment`); it meets one by its house
document, reference and party. Goods items under one house document make one transport document.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec

from serai.formats.ics.check import check_message
from serai.formats.ics.condition import find_places
from serai.formats.ics.schema import Edition
from serai.formats.ics.tree import Place, plant
from serai.formats.kept import Kept
from serai.formats.placed import PlacedGroup, PlacedText, number_at, read_document
from serai.formats.xml_document import read_xml
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

Act = Literal["original", "amendment"]
ACTS: dict[str, Act] = {"CC315A": "original", "CC313A": "amendment"}

HOUSE_DOCUMENTS = ("N703", "N714", "N740", "N760")
"""House waybill, house bill of lading, air waybill, multimodal document (EU code list of box 44)."""
MASTER_DOCUMENTS = ("N704", "N741")
"""Master bill of lading, master air waybill."""

MAPPED: dict[str, str] = {
    "/MesIdeMES19": "reference",
    "/HEAHEA/DocNumHEA5": "(registration number of the message)",
    "/HEAHEA/TraModAtBorHEA76": "transport_mode_code",
    "/HEAHEA/ComRefNumHEA": "ucr",
    "/HEAHEA/ConRefNumHEA": "conveyance_reference",
    "/HEAHEA/PlaLoaGOOITE334": "loading_place_code",
    "/HEAHEA/PlaUnlGOOITE334": "unloading_place_code",
    "/GOOITEGDS/IteNumGDS7": "reference",
    "/GOOITEGDS/GooDesGDS23": "description",
    "/GOOITEGDS/GroMasGDS46": "gross_mass_kg",
    "/GOOITEGDS/ComRefNumGIM1": "ucr",
    "/GOOITEGDS/PlaLoaGOOITE333": "loading_place_code",
    "/GOOITEGDS/PlaUnlGOOITE333": "unloading_place_code",
    "/GOOITEGDS/PRODOCDC2/DocTypDC21": "house_document, master_document",
    "/GOOITEGDS/PRODOCDC2/DocRefDC23": "house_document, master_document",
    "/GOOITEGDS/PACGS2/KinOfPacGS23": "packages.type_code",
    "/GOOITEGDS/PACGS2/NumOfPacGS24": "packages.count",
    "/GOOITEGDS/PACGS2/MarNumOfPacGSL21": "packages.marks",
    "/CUSOFFFENT730/ExpDatOfArrFIRENT733": "scheduled_arrival_at",
}
"""Element to field of `TransportDocument`; with `PARTIES` all that is read. What else is sent is unread."""

PARTIES: dict[str, dict[str, str]] = {
    "TRACONCO1": {"NamCO17": "name", "StrAndNumCO122": "street", "PosCodCO123": "postcode"}
    | {"CitCO124": "city", "CouCO125": "country_code", "TINCO159": "party_identifier"},
    "TRACONCE1": {"NamCE17": "name", "StrAndNumCE122": "street", "PosCodCE123": "postcode"}
    | {"CitCE124": "city", "CouCE125": "country_code", "TINCE159": "party_identifier"},
    "GOOITEGDS/TRACONCO2": {"NamCO27": "name", "StrAndNumCO222": "street", "PosCodCO223": "postcode"}
    | {"CitCO224": "city", "CouCO225": "country_code", "TINCO259": "party_identifier"},
    "GOOITEGDS/TRACONCE2": {"NamCE27": "name", "StrAndNumCE222": "street", "PosCodCE223": "postcode"}
    | {"CitCE224": "city", "CouCE225": "country_code", "TINCE259": "party_identifier"},
}


class EntrySummary(msgspec.Struct, frozen=True):
    """One message, read. mrn: MRN that an amendment names. fields: what each document was made of, with its
    place.

    unread: what nothing reads, for each document; what belongs to none stands with the first. Their ways are
    locations in the message.
    """

    act: Act
    mrn: str | None
    documents: list[TransportDocument]
    fields: list[PlacedGroup]
    unread: list[list[Kept]]


def decode_entry_summary(
    content: bytes, *, office_zone: dt.tzinfo, logistics_channel_code: str = "cargo", edition: Edition = "new"
) -> tuple[EntrySummary | None, list[Finding]]:
    """Read one CC313A or CC315A message. Returns it, or None and all its faults. Never raises on any bytes.

    office_zone: the clock of the office of first entry, in which the arrival is stated.
    logistics_channel_code: of the
    model; the message does not say by which channel the goods come.
    """
    faults = check_message(content, edition=edition)
    if faults:
        return None, faults
    root, _ = read_xml(content.removeprefix(b"\xef\xbb\xbf"))
    top = plant(root)
    read: list[TransportDocument] = []
    groups = list(_by_house_document(top).values())
    fields = [_fields(top, items, office_zone, logistics_channel_code) for items in groups]
    for one in fields:
        document, found = read_document(one, TransportDocument)
        faults += found
        read += [document] if document else []
    if faults:
        return None, faults
    number = _text(top, "HEAHEA", "DocNumHEA5")
    return EntrySummary(ACTS[top.name], number and str(number), read, fields, _unread_of(top, groups)), []


def mapped_to(path: str) -> str | None:
    """Say into which field the element at a path is read; None: it is kept unread."""
    above, _, name = path.strip("/").rpartition("/")
    if above in PARTIES:
        role = "consignor" if "TRACONCO" in above else "consignee"
        field = PARTIES[above].get(name)
        return field and f"{role}.{field}"
    return MAPPED.get(path)


def _by_house_document(top: Place) -> dict[str, list[Place]]:
    groups: dict[str, list[Place]] = {}
    for item in top.children["GOOITEGDS"]:
        house = _document(item, HOUSE_DOCUMENTS) or f"item {item.number}"
        groups.setdefault(house, []).append(item)
    return groups


def _fields(top: Place, items: list[Place], zone: dt.tzinfo, logistics_channel_code: str) -> PlacedGroup:
    first = items[0]
    header = "HEAHEA"
    message, number = _text(top, "MesIdeMES19"), _text(first, "IteNumGDS7")
    ucr = _text(first, "ComRefNumGIM1") or _text(top, header, "ComRefNumHEA")
    reference = PlacedText(f"{message}-{number}", f"{top.location()}/MesIdeMES19[1]")
    descriptions = [text for item in items if (text := _text(item, "GooDesGDS23"))]
    fields = {
        "reference": reference,
        "house_document": _document(first, HOUSE_DOCUMENTS) or ucr or reference,
        "master_document": _document(first, MASTER_DOCUMENTS),
        "logistics_channel_code": PlacedText(logistics_channel_code, top.location()),
        "ucr": ucr,
        "conveyance_reference": _text(top, header, "ConRefNumHEA"),
        "transport_mode_code": _text(top, header, "TraModAtBorHEA76"),
        "loading_place_code": _text(first, "PlaLoaGOOITE333") or _text(top, header, "PlaLoaGOOITE334"),
        "unloading_place_code": _text(first, "PlaUnlGOOITE333") or _text(top, header, "PlaUnlGOOITE334"),
        "scheduled_arrival_at": _instant(_text(top, "CUSOFFFENT730", "ExpDatOfArrFIRENT733"), zone),
        "gross_mass_kg": _mass(items),
        "packages": [_package(one) for item in items for one in item.children.get("PACGS2", ())],
        "description": PlacedText("; ".join(descriptions)[:512], descriptions[0].place)
        if descriptions
        else None,
        "consignor": _party(top, first, "TRACONCO1", "TRACONCO2"),
        "consignee": _party(top, first, "TRACONCE1", "TRACONCE2"),
    }
    return PlacedGroup(first.location(), {}, fields)


def _text(place: Place, *path: str) -> PlacedText | None:
    found = find_places(place, path)
    return PlacedText(found[0].collapsed(), found[0].location()) if found else None


def _document(item: Place, types: tuple[str, ...]) -> PlacedText | None:
    documents = item.children.get("PRODOCDC2", ())
    return next((_text(one, "DocRefDC23") for one in documents if _text(one, "DocTypDC21") in types), None)


def _instant(text: PlacedText | None, zone: dt.tzinfo) -> PlacedText | None:
    if text is None:
        return None
    try:
        local = dt.datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=zone)
    except ValueError:
        # The schema lets 30 February pass; left as it is, the model will say so.
        return text
    return PlacedText(local.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), text.place)


def _mass(items: list[Place]) -> PlacedText | None:
    stated = [text for item in items if (text := _text(item, "GroMasGDS46"))]
    total = sum((Decimal(text) for text in stated), Decimal(0))
    return PlacedText(f"{total:f}", stated[0].place) if len(stated) == len(items) else None


def _package(place: Place) -> PlacedGroup:
    count = number_at(_text(place, "NumOfPacGS24"))
    fields = {
        "type_code": _text(place, "KinOfPacGS23"),
        # Zero: the goods lie in packages of another item. Bulk and goods not packed have no number.
        "count": count if count else None,
        "marks": _text(place, "MarNumOfPacGSL21"),
    }
    return PlacedGroup(place.location(), {}, fields)


def _party(top: Place, item: Place, for_all: str, of_item: str) -> PlacedGroup | None:
    way = [(item, of_item, f"GOOITEGDS/{of_item}"), (top, for_all, for_all)]
    for place, name, known in way:
        for party in place.children.get(name, ()):
            fields = {field: _text(party, tag) for tag, field in PARTIES[known].items()}
            number = fields["party_identifier"]
            if fields["country_code"] is None and number is not None:
                # A number (EORI) begins with the country whose register gave it.
                fields["country_code"] = PlacedText(number[:2], number.place)
            return PlacedGroup(party.location(), {}, fields)
    return None


def _unread_of(top: Place, groups: list[list[Place]]) -> list[list[Kept]]:
    """Return what nothing reads by group of goods items."""
    owners = {item.location(): number for number, items in enumerate(groups) for item in items}
    found: list[list[Kept]] = [[] for _ in groups]
    for one in _unread(top):
        item = "/".join(one.way.split("/", 3)[:3])
        found[owners.get(item, 0)].append(one)
    return found


def _unread(top: Place) -> Iterator[Kept]:
    waiting = [(top, "")]
    while waiting:
        place, path = waiting.pop()
        if not place.names and place.text.strip() and mapped_to(path) is None:
            yield Kept(place.location(), place.text.strip())
        for name in reversed(place.children):
            waiting += [(child, f"{path}/{name}") for child in reversed(place.children[name])]
