"""The consolidated list of persons and groups under financial sanctions of the European Union (XML 1.1)."""

from typing import Final

from lxml import etree

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of
from serai.journey.screening.list_formats.xml_list import children, local, read_root

_KINDS: Final[dict[str, EntryKind]] = {
    "person": "person",
    "enterprise": "organisation",
    "P": "person",
    "E": "organisation",
}


def decode_eu_xml(content: bytes) -> list[ListEntry]:
    """Decode the list. An alias that is not strong is a weak name. Raises ListFileError."""
    root = read_root(content)
    if local(root) != "export":
        raise unfit(f"the root element is {local(root)}, not export")
    published_on = (root.get("generationDate") or "")[:10]
    entries = [_entry(one, published_on) for one in children(root, "sanctionEntity")]
    if not entries:
        raise unfit("it has no entries")
    return entries


def _entry(element: etree._Element, published_on: str) -> ListEntry:
    entry_id = element.get("euReferenceNumber") or element.get("logicalId") or ""
    aliases = [(_said(one), one.get("strong") != "false") for one in children(element, "nameAlias")]
    strong, weak = (
        [said for said, is_strong in aliases if is_strong],
        [said for said, is_strong in aliases if not is_strong],
    )
    names = distinct(strong or weak)
    if not entry_id or not names:
        raise unfit(f"an entry at line {element.sourceline} has no name or no number")
    kinds = [
        one.get("code") or one.get("classificationCode") or "" for one in children(element, "subjectType")
    ]
    births = [
        " to ".join(one.get(part) or "" for part in ("yearRangeFrom", "yearRangeTo"))
        if one.get("yearRangeFrom")
        else one.get("year") or one.get("birthdate") or ""
        for one in children(element, "birthdate")
    ]
    countries = [
        one.get("countryIso2Code") or ""
        for kind in ("citizenship", "address")
        for one in children(element, kind)
    ]
    numbers = [
        one.get("latinNumber") or one.get("number") or "" for one in children(element, "identification")
    ]
    return ListEntry(
        list_code="EU",
        entry_id=entry_id,
        kind_code=_KINDS.get(kinds[0] if kinds else "", "organisation"),
        names=names,
        weak_names=distinct(weak if strong else ()),
        birth_years=years_of(births),
        country_codes=countries_of(countries),
        identity_numbers=numbers_of(numbers),
        programmes=distinct(one.get("programme") or "" for one in children(element, "regulation")),
        published_on=published_on,
    )


def _said(alias: etree._Element) -> str:
    parts = [alias.get(part) or "" for part in ("firstName", "middleName", "lastName")]
    return alias.get("wholeName") or " ".join(part for part in parts if part)
