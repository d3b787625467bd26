"""The consolidated list of the UN Security Council (XML, sanctions.xsd)."""

from lxml import etree

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of
from serai.journey.screening.list_formats.xml_list import children, read_root, text, texts

_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_KINDS: tuple[tuple[EntryKind, tuple[str, str]], ...] = (
    ("person", ("INDIVIDUALS", "INDIVIDUAL")),
    ("organisation", ("ENTITIES", "ENTITY")),
)


def decode_un_list(content: bytes) -> list[ListEntry]:
    """Decode the list.

    Names: the parts of the listed name in order, the name in its own script, and aliases; those that the
    Council itself marks as of low quality are weak names. Raises ListFileError.
    """
    root = read_root(content)
    if root.tag != "CONSOLIDATED_LIST":
        raise unfit(f"the root element is {root.tag}, not CONSOLIDATED_LIST")
    published_on = (root.get("dateGenerated") or "")[:10]
    entries = [
        _entry(element, kind, published_on) for kind, path in _KINDS for element in children(root, *path)
    ]
    if not entries:
        raise unfit("it has no entries")
    return entries


def _entry(element: etree._Element, kind: EntryKind, published_on: str) -> ListEntry:
    prefix = "INDIVIDUAL" if kind == "person" else "ENTITY"
    entry_id = text(element, "REFERENCE_NUMBER") or text(element, "DATAID")
    aliases = [
        (text(one, "QUALITY").lower(), text(one, "ALIAS_NAME"))
        for one in children(element, f"{prefix}_ALIAS")
    ]
    listed = " ".join(part for tag in _NAMES if (part := text(element, tag)))
    names = distinct(
        [
            listed,
            *texts(element, "NAME_ORIGINAL_SCRIPT"),
            *(said for quality, said in aliases if quality != "low"),
        ]
    )
    if not entry_id or not names:
        raise unfit(f"an entry at line {element.sourceline} has no name or no number")
    births = [
        " to ".join(
            [*texts(one, "YEAR"), *texts(one, "DATE"), *texts(one, "FROM_YEAR"), *texts(one, "TO_YEAR")]
        )
        for one in children(element, "INDIVIDUAL_DATE_OF_BIRTH")
    ]
    return ListEntry(
        list_code="UN",
        entry_id=entry_id,
        kind_code=kind,
        names=names,
        weak_names=distinct(said for quality, said in aliases if quality == "low"),
        birth_years=years_of(births),
        country_codes=countries_of(
            [*texts(element, "NATIONALITY", "VALUE"), *texts(element, f"{prefix}_ADDRESS", "COUNTRY")]
        ),
        identity_numbers=numbers_of(texts(element, "INDIVIDUAL_DOCUMENT", "NUMBER")),
        programmes=distinct(texts(element, "UN_LIST_TYPE")),
        published_on=published_on,
    )
