"""Lists of the US Treasury (OFAC) in the advanced form: SDN_ADVANCED.XML, the UN's model of sanctions data.

Everything is said by number: kinds, scripts, kinds of name parts and features stand in ReferenceValueSets at
the top of the file, and are read from there, never assumed. Programmes are comments of measures in
SanctionsEntries, numbers of documents stand in IDRegDocuments.
"""

from collections import defaultdict
from typing import Final

from lxml import etree

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import (
    Years,
    countries_of,
    distinct,
    numbers_of,
    years_of,
)
from serai.journey.screening.list_formats.xml_list import children, local, read_root, text, texts

_FAMILY_LAST: Final = ("First Name", "Middle Name", "Patronymic", "Matronymic", "Maiden Name", "Last Name")
_PEOPLE_KINDS: Final[dict[str, EntryKind]] = {
    "individual": "person",
    "entity": "organisation",
    "vessel": "vessel",
    "aircraft": "aircraft",
}
_COUNTRY_FEATURES: Final = (
    "Nationality Country",
    "Citizenship Country",
    "Location",
    "Nationality of Registration",
)


class _References:
    """What numbers stand for in one file."""

    def __init__(self, root: etree._Element) -> None:
        self._words: dict[tuple[str, str], str] = {}
        self._parents: dict[tuple[str, str], str] = {}
        for one in children(root, "ReferenceValueSets"):
            for values in one.iterchildren(tag=etree.Element):
                for value in values.iterchildren(tag=etree.Element):
                    key = local(value), value.get("ID") or ""
                    self._words[key] = " ".join((value.text or "").split())
                    self._parents[key] = value.get("PartyTypeID") or value.get("ISO2") or ""

    def word(self, kind: str, number: str | None) -> str:
        """Return what a number of a set stands for; empty when it is not in the file."""
        return self._words.get((kind, number or ""), "")

    def kind_of(self, number: str | None) -> EntryKind:
        """Return the kind of a party by its sub-type, whose word or type's word says it."""
        said = self.word("PartySubType", number).lower()
        if said in _PEOPLE_KINDS:
            return _PEOPLE_KINDS[said]
        above = self.word("PartyType", self._parents.get(("PartySubType", number or ""), "")).lower()
        return _PEOPLE_KINDS.get(above, "organisation")


def decode_ofac_advanced(content: bytes) -> list[ListEntry]:
    """Decode SDN_ADVANCED.XML. Raises ListFileError."""
    root = read_root(content)
    if local(root) != "Sanctions":
        raise unfit(f"the root element is {local(root)}, not Sanctions")
    references = _References(root)
    issued = next(children(root, "DateOfIssue"), None)
    parts = [text(issued, part) for part in ("Year", "Month", "Day")]
    published_on = f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}" if all(parts) else ""
    numbers = _numbers_of_documents(root)
    programmes = _programmes_of(root, references)
    entries = [
        _entry(profile, references, numbers, programmes, published_on)
        for profile in children(root, "DistinctParties", "DistinctParty", "Profile")
    ]
    if not entries:
        raise unfit("it has no entries")
    return entries


def _entry(
    profile: etree._Element,
    references: _References,
    numbers: dict[str, list[str]],
    programmes: dict[str, list[str]],
    published_on: str,
) -> ListEntry:
    entry_id = profile.get("ID") or ""
    strong: list[str] = []
    weak: list[str] = []
    found: list[str] = []
    for identity in children(profile, "Identity"):
        found += numbers.get(identity.get("ID") or "", [])
        for is_weak, said in _names_of(identity, references):
            (weak if is_weak else strong).append(said)
    if not entry_id or not (strong or weak):
        raise unfit(f"a profile at line {profile.sourceline} has no name or no number")
    births, countries = _features_of(profile, references)
    return ListEntry(
        list_code="OFAC-SDN",
        entry_id=entry_id,
        kind_code=references.kind_of(profile.get("PartySubTypeID")),
        names=distinct(strong or weak),
        weak_names=distinct(weak if strong else ()),
        birth_years=births,
        country_codes=countries,
        identity_numbers=numbers_of(found),
        programmes=distinct(programmes.get(entry_id, [])),
        published_on=published_on,
    )


def _names_of(identity: etree._Element, references: _References) -> list[tuple[bool, str]]:
    kinds = {
        group.get("ID") or "": references.word("NamePartType", group.get("NamePartTypeID"))
        for group in children(identity, "NamePartGroups", "MasterNamePartGroup", "NamePartGroup")
    }
    # The listed name first.
    aliases = sorted(children(identity, "Alias"), key=lambda one: one.get("Primary") != "true")
    found = []
    for alias in aliases:
        is_weak = alias.get("LowQuality") == "true"
        for documented in children(alias, "DocumentedName"):
            parts = []
            for value in children(documented, "DocumentedNamePart", "NamePartValue"):
                kind = kinds.get(value.get("NamePartGroupID") or "", "")
                place = _FAMILY_LAST.index(kind) if kind in _FAMILY_LAST else len(_FAMILY_LAST)
                parts.append((place, " ".join((value.text or "").split())))
            said = " ".join(part for _, part in sorted(parts, key=lambda one: one[0]) if part)
            if said:
                found.append((is_weak, said))
    return found


def _features_of(profile: etree._Element, references: _References) -> tuple[Years, tuple[str, ...]]:
    births: list[str] = []
    countries: list[str] = []
    for feature in children(profile, "Feature"):
        kind = references.word("FeatureType", feature.get("FeatureTypeID"))
        for version in children(feature, "FeatureVersion"):
            if kind == "Birthdate":
                for period in children(version, "DatePeriod"):
                    first = texts(period, "Start", "From", "Year")
                    births.append(" to ".join([*first, *texts(period, "End", "To", "Year")]))
            elif kind in _COUNTRY_FEATURES:
                for detail in children(version, "VersionDetail"):
                    said = references.word("DetailReference", detail.get("DetailReferenceID"))
                    countries.append(said or " ".join((detail.text or "").split()))
    return years_of(births), countries_of(countries)


def _numbers_of_documents(root: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for document in children(root, "IDRegDocuments", "IDRegDocument"):
        found[document.get("IdentityID") or ""] += texts(document, "IDRegistrationNo")
    return found


def _programmes_of(root: etree._Element, references: _References) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for entry in children(root, "SanctionsEntries", "SanctionsEntry"):
        for measure in children(entry, "SanctionsMeasure"):
            if references.word("SanctionsType", measure.get("SanctionsTypeID")) == "Program":
                found[entry.get("ProfileID") or ""] += texts(measure, "Comment")
    return found
