"""Lists of the United Kingdom: OFSI's consolidated list (CSV, XML) and the UK Sanctions List (CSV, XML).

All four say one name a row or element, and a group's number joins them; OFSI's list ended in January 2026 and
is still read, since decisions rest on it.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of
from serai.journey.screening.list_formats.xml_list import children, local, read_root, text, texts

_KINDS: Final[dict[str, EntryKind]] = {
    "individual": "person", "entity": "organisation", "ship": "vessel", "aircraft": "aircraft",
}  # fmt: skip
_PARTS: Final = ("name1", "name2", "name3", "name4", "name5", "name6")
_GROUP: Final = ("uniqueid", "groupid", "ofsigroupid")
_KIND: Final = ("grouptype", "grouptypedescription", "designationtype", "individualentityship")
_BORN: Final = ("dob", "individualdateofbirth")
_NATION: Final = (
    "nationality",
    "individualnationality",
    "nationalityies",
    "country",
    "shipflag",
    "addresscountry",
)
_NUMBER: Final = (
    "passportnumber", "individualpassportnumber", "nationalidentificationnumber", "individualninumber",
    "nationalidentifiernumber", "entitybusinessregnumber", "businessregistrationnumbers", "shipimonumber",
    "imonumber",
)  # fmt: skip
_REGIME: Final = ("regime", "regimename")
_WEAK: Final = ("aliasquality", "aliasstrength", "qualityofalias")
_ROWS_BEFORE_HEADINGS_MAX: Final = 3


@dataclass(slots=True)
class _Group:
    """All rows of one entry. kind: of the last row that says it."""

    kind: str = ""
    names: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    born: list[str] = field(default_factory=list)
    nations: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    regimes: list[str] = field(default_factory=list)


def decode_uk_csv(content: bytes) -> list[ListEntry]:
    """Decode a list as CSV. A line before the headings says its day. Raises ListFileError with the row."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise unfit(f"it is not CSV in UTF-8 ({fault})") from fault
    place, headings = next(
        (
            (place, headings)
            for place, row in enumerate(rows[: _ROWS_BEFORE_HEADINGS_MAX + 1])
            if "name6" in (headings := [_plain(one) for one in row])
            and any(one in headings for one in _GROUP)
        ),
        (-1, []),
    )
    if place < 0:
        raise unfit("it has no row of headings with Name 6 and a group's number")
    said = [
        (number, dict(zip(headings, row, strict=False)))
        for number, row in enumerate(rows[place + 1 :], place + 2)
        if row
    ]
    return _entries(said, _day_of(" ".join(cell for row in rows[:place] for cell in row)))


def decode_uk_xml(content: bytes) -> list[ListEntry]:
    """Decode a list as XML, in OFSI's form or that of the UK Sanctions List. Raises ListFileError."""
    root = read_root(content)
    if local(root) == "ArrayOfFinancialSanctionsTarget":
        rows = [
            (
                one.sourceline or 0,
                {
                    _plain(local(part)): " ".join((part.text or "").split())
                    for part in one.iterchildren(tag=etree.Element)
                },
            )
            for one in children(root, "FinancialSanctionsTarget")
        ]
        return _entries(rows, "")
    if local(root) != "Designations":
        raise unfit(
            f"the root element is {local(root)}, neither Designations nor ArrayOfFinancialSanctionsTarget"
        )
    return _entries(
        (row for one in children(root, "Designation") for row in _rows_of(one)),
        _day_of(text(root, "DateGenerated")),
    )


def _rows_of(designation: etree._Element) -> Iterable[tuple[int, Mapping[str, str]]]:
    """Yield a row for each name of a designation; what is said of all of it stands on the first."""
    line = designation.sourceline or 0
    common = {
        "uniqueid": text(designation, "UniqueID"),
        "individualentityship": text(designation, "IndividualEntityShip"),
    }
    details = ("IndividualDetails", "Individual")
    ship = ("ShipDetails", "Ship")
    once = {
        "regimename": text(designation, "RegimeName"),
        "dob": "; ".join(texts(designation, *details, "DOBs", "DOB")),
        "nationality": "; ".join(texts(designation, *details, "Nationalities", "Nationality")),
        "addresscountry": "; ".join(texts(designation, "Addresses", "Address", "AddressCountry")),
        "passportnumber": "; ".join(
            texts(designation, *details, "PassportDetails", "Passport", "PassportNumber")
        ),
        "nationalidentifiernumber": "; ".join(
            texts(
                designation,
                *details,
                "NationalIdentifierDetails",
                "NationalIdentifier",
                "NationalIdentifierNumber",
            )
        ),
        "imonumber": "; ".join(texts(designation, *ship, "IMONumbers", "IMONumber")),
    }
    for one in children(designation, "Names", "Name"):
        parts = {part: text(one, part.capitalize()) for part in _PARTS}
        yield line, {**common, **once, **parts, "aliasstrength": text(one, "AliasStrength")}
        once = {}
    for said in texts(designation, "NonLatinNames", "NonLatinName", "NameNonLatinScript"):
        yield line, {**common, "name6": said}


def _entries(rows: Iterable[tuple[int, Mapping[str, str]]], published_on: str) -> list[ListEntry]:
    groups: dict[str, _Group] = {}
    for number, row in rows:
        group_id = _first(row, _GROUP)
        if not group_id:
            raise unfit(f"row {number} has no group's number")
        _add(groups.setdefault(group_id, _Group()), row)
    entries = []
    for group_id, group in groups.items():
        names = distinct(group.names or group.weak)
        if not names:
            raise unfit(f"the group {group_id} has no name")
        entries.append(
            ListEntry(
                list_code="UK",
                entry_id=group_id,
                kind_code=_KINDS.get(group.kind.lower(), "organisation"),
                names=names,
                weak_names=distinct(group.weak if group.names else ()),
                birth_years=years_of(group.born),
                country_codes=countries_of(group.nations),
                identity_numbers=numbers_of(group.numbers),
                programmes=distinct(group.regimes),
                published_on=published_on,
            )
        )
    if not entries:
        raise unfit("it has no entries")
    return entries


def _add(group: _Group, row: Mapping[str, str]) -> None:
    said = " ".join(part for one in _PARTS if (part := row.get(one, "").strip()))
    is_weak = "low" in _first(row, _WEAK).lower() or "weak" in _first(row, _WEAK).lower()
    if said:
        (group.weak if is_weak else group.names).append(said)
    if other := row.get("namenonlatinscript", "").strip():
        group.names.append(other)
    group.kind = _first(row, _KIND) or group.kind
    group.regimes.append(_first(row, _REGIME))
    group.born += [row[one] for one in _BORN if row.get(one)]
    group.nations += [part for one in _NATION for part in _split(row.get(one, ""))]
    group.numbers += [part for one in _NUMBER for part in _split(row.get(one, ""))]


def _first(row: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((said for key in keys if (said := row.get(key, "").strip())), "")


def _split(text_of_many: str) -> list[str]:
    """Cut a cell that says several: `(1) Iran (2) Iraq`, or with semicolons."""
    for number in range(1, 10):
        text_of_many = text_of_many.replace(f"({number})", ";")
    return [one.strip(" .") for one in text_of_many.split(";") if one.strip(" .")]


def _plain(heading: str) -> str:
    return "".join(sign for sign in heading.lower() if sign.isalnum())


def _day_of(said: str) -> str:
    """Return a day written day, month, year as ISO 8601; empty when there is none."""
    for word in said.replace(",", " ").split():
        parts = word.split("/")
        if [len(part) for part in parts] == [2, 2, 4] and all(part.isdigit() for part in parts):
            return f"{parts[2]}-{parts[1]}-{parts[0]}"
    return ""
