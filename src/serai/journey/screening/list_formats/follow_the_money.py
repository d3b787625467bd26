"""Entities of FollowTheMoney, one JSON object a line, as OpenSanctions publishes them."""

from collections import defaultdict
from typing import Final

import msgspec

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of

KINDS: Final[dict[str, EntryKind]] = {
    "Person": "person",
    "Organization": "organisation",
    "Company": "organisation",
    "LegalEntity": "organisation",
    "PublicBody": "organisation",
    "Vessel": "vessel",
    "Airplane": "aircraft",
}
_NUMBERS: Final = (
    "idNumber", "passportNumber", "registrationNumber", "taxNumber", "innCode", "ogrnCode", "imoNumber",
    "leiCode", "mmsi", "socialSecurityNumber",
)  # fmt: skip


class _Entity(msgspec.Struct, frozen=True):
    id: str
    schema: str
    properties: dict[str, list[object]]
    target: bool | None = None
    datasets: list[str] = []
    last_change: str | None = None


_DECODER = msgspec.json.Decoder(_Entity)


def decode_follow_the_money(content: bytes, name: str = "") -> list[ListEntry]:
    """Decode the entities that are targets: persons, organisations, vessels, aircraft.

    Where the file says which entities are targets, the others (relatives, owners) are left out. name: of the
    file; its stem is the list's code. Raises ListFileError with the line.
    """
    entities: list[_Entity] = []
    programmes: dict[str, list[str]] = defaultdict(list)
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = _DECODER.decode(line)
        except msgspec.MsgspecError as fault:
            raise unfit(f"line {number} is no entity ({fault})") from fault
        if one.schema == "Sanction":
            for owner in _said(one, "entity"):
                programmes[owner] += [*_said(one, "program"), *_said(one, "programId")]
        elif one.schema in KINDS and one.target is not False and _said(one, "name"):
            entities.append(one)
    if not entities:
        raise unfit("it has no entries")
    list_code = name.rpartition("/")[2].partition(".")[0] or "FTM"
    return [_entry(one, programmes[one.id], list_code) for one in entities]


def _entry(one: _Entity, programmes: list[str], list_code: str) -> ListEntry:
    return ListEntry(
        list_code=list_code,
        entry_id=one.id,
        kind_code=KINDS[one.schema],
        names=distinct([*_said(one, "name"), *_said(one, "alias"), *_said(one, "previousName")]),
        weak_names=distinct(_said(one, "weakAlias")),
        birth_years=years_of(_said(one, "birthDate")),
        country_codes=countries_of(
            [
                *_said(one, "nationality"),
                *_said(one, "citizenship"),
                *_said(one, "country"),
                *_said(one, "flag"),
            ]
        ),
        identity_numbers=numbers_of(number for kind in _NUMBERS for number in _said(one, kind)),
        programmes=distinct([*programmes, *_said(one, "programId"), *_said(one, "program")])
        or distinct(one.datasets),
        published_on=(one.last_change or "")[:10],
    )


def _said(one: _Entity, what: str) -> list[str]:
    """Return what an entity says of something in words; entities nested in it are left out."""
    return [value for value in one.properties.get(what, []) if isinstance(value, str)]
