"""Lists of the US Treasury (OFAC) as XML: SDN.XML, and consolidated lists of the same shape.

Elements as in OFAC's published schema (sdnList, sdnEntry, akaList ...); namespaces are not looked at, since
OFAC has changed them.
"""

from typing import Final

from lxml import etree

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of
from serai.journey.screening.list_formats.xml_list import children, local, read_root, text, texts

_KINDS: Final[dict[str, EntryKind]] = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft"}


def decode_ofac_xml(content: bytes) -> list[ListEntry]:
    """Decode SDN.XML. Raises ListFileError."""
    root = read_root(content)
    if local(root) != "sdnList":
        raise unfit(f"the root element is {local(root)}, not sdnList")
    # The element is misspelt in the schema.
    published_on = _iso(text(root, "publshInformation", "Publish_Date"))
    entries = [_entry(one, published_on) for one in children(root, "sdnEntry")]
    if not entries:
        raise unfit("it has no entries")
    return entries


def _entry(element: etree._Element, published_on: str) -> ListEntry:
    entry_id, listed = text(element, "uid"), _name(element)
    if not entry_id or not listed:
        raise unfit(f"an entry at line {element.sourceline} has no name or no number")
    aliases = [(text(one, "category").lower(), _name(one)) for one in children(element, "akaList", "aka")]
    countries = [
        *texts(element, "nationalityList", "nationality", "country"),
        *texts(element, "citizenshipList", "citizenship", "country"),
        *texts(element, "addressList", "address", "country"),
        *texts(element, "vesselInfo", "vesselFlag"),
    ]
    return ListEntry(
        list_code="OFAC-SDN",
        entry_id=entry_id,
        kind_code=_KINDS.get(text(element, "sdnType").lower(), "organisation"),
        names=distinct([listed, *(said for quality, said in aliases if quality != "weak")]),
        weak_names=distinct(said for quality, said in aliases if quality == "weak"),
        birth_years=years_of(texts(element, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth")),
        country_codes=countries_of(countries),
        identity_numbers=numbers_of(texts(element, "idList", "id", "idNumber")),
        programmes=distinct(texts(element, "programList", "program")),
        published_on=published_on,
    )


def _name(element: etree._Element) -> str:
    return " ".join(part for tag in ("firstName", "lastName") if (part := text(element, tag)))


def _iso(american: str) -> str:
    """Return a day written month, day, year as ISO 8601; empty when it is no such day."""
    parts = american.split("/")
    if [len(part) for part in parts] != [2, 2, 4] or not all(part.isdigit() for part in parts):
        return ""
    return f"{parts[2]}-{parts[0]}-{parts[1]}"
