"""What a carrier answers before loading in the words of ICS2: the result of a screening (IE3R03), an arrival
(IE3N06). After public descriptions, unverified; name spaces do not count."""

import datetime as dt
from typing import Literal

import msgspec

from serai.formats.xml_document import Reader, read_xml
from serai.model.findings import Finding

Kind = Literal["screening", "arrival"]
KINDS: dict[str, Kind] = {"IE3R03": "screening", "IE3N06": "arrival"}
RESULTS = {"1": "clear", "2": "alarm"}
"""Of a screening, as IE3R03 codes it."""


class Reply(msgspec.Struct, frozen=True):
    """One message. mrn: MRN of the entry summary. house_document: whose goods.

    method_code, result: of a screening. at: screened or arrived. conveyance_reference: of an arrival, where
    no house
    document is named.
    """

    kind: Kind
    mrn: str | None
    house_document: str | None
    at: dt.datetime
    method_code: str = ""
    result: str = ""
    conveyance_reference: str | None = None


def root_of(content: bytes) -> str | None:
    """Return the local name of the root; None where there is none to be read."""
    root, _ = read_xml(content.removeprefix(b"\xef\xbb\xbf"))
    return None if root is None else str(root.tag).rpartition("}")[2]


def read_reply(content: bytes) -> tuple[Reply | None, list[Finding]]:
    """Read one IE3R03 or IE3N06. Returns it, or None and all its faults. Never raises on any bytes."""
    root, faults = read_xml(content.removeprefix(b"\xef\xbb\xbf"))
    if root is None:
        return None, faults
    top = Reader.of_root(root)
    name = top.path[1:]
    kind = KINDS.get(name)
    if kind is None:
        return None, [
            Finding("other-root", top.path[:65], parameters={"root": name[:64], "known": ", ".join(KINDS)})
        ]
    mrn, house = top.text("MRN"), top.text("TransportDocumentHouseLevel/documentNumber")
    movement = top.text("conveyanceReferenceNumber")
    way = "HRCMScreening/dateTime" if kind == "screening" else "actualDateAndTimeOfArrival"
    method, result = top.text("HRCMScreening/methodCode"), top.text("HRCMScreening/resultCode")
    at = _instant(top.text(way))
    needed = {"MRN": mrn, "TransportDocumentHouseLevel/documentNumber": house}
    if kind == "screening":
        needed |= {"HRCMScreening/methodCode": method, "HRCMScreening/resultCode": result}
    elif house or movement:
        needed = {}
    missing = [path for path, value in needed.items() if value is None]
    missing += [way] if top.text(way) is None else []
    faults = [
        Finding("missing-field", f"{top.path}/{path}", parameters={"field": path.rpartition("/")[2]})
        for path in missing
    ]
    if at is None and way not in missing:
        faults.append(Finding("not-an-instant", f"{top.path}/{way}"))
    if faults or at is None:
        return None, faults
    reply = Reply(
        kind,
        str(mrn) if mrn else None,
        str(house) if house else None,
        at,
        str(method or ""),
        RESULTS.get(str(result or ""), str(result or "")),
        str(movement) if movement else None,
    )
    unread = [Finding("unread-element", path, "advice", {"element": path[-64:]}) for path in top.unread()]
    return reply, unread


def _instant(text: str | None) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
