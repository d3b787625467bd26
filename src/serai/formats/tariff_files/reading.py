"""A tariff file of any form into outcomes; what is sound by itself is held against what is already taken."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, get_args

from serai.formats.tariff_files.hts import read_hts_csv, read_hts_json
from serai.formats.tariff_files.measure import Groups, Member, read_day
from serai.formats.tariff_files.outcome import Outcome, Refused, TariffFileError, refused
from serai.formats.tariff_files.plain_csv import read_plain_csv
from serai.formats.tariff_files.tables import read_csv_rows
from serai.formats.tariff_files.taric_csv import read_taric_csv
from serai.formats.tariff_files.taric_xml import read_taric_xml
from serai.law.tariff_line import TariffLine
from serai.law.tariff_overlap import Occupied, Place

Form = Literal["taric-csv", "taric-xml", "hts-csv", "hts-json", "plain-csv"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


class TariffFile(NamedTuple):
    """A file to read. valid_from: of the edition; an HTS export has no days of its own."""

    content: bytes
    name: str
    form: Form
    groups: Groups
    valid_from: dt.date | None = None


def read_tariff(file: TariffFile, currency: str | None, present: Iterable[TariffLine]) -> Iterator[Outcome]:
    """Read row after row, in the order of the file; nothing of a row is kept but what it answers for.

    currency: of the amounts of the pack; None: not known, so that rows with amounts are refused. present:
    lines that stay. Raises TariffFileError: the file as a whole cannot be read.
    """
    return _accept(_read(file), file.name, currency, present)


def _read(file: TariffFile) -> Iterator[Outcome]:
    match file.form:
        case "taric-csv":
            return read_taric_csv(file.content, file.name, file.groups)
        case "taric-xml":
            return read_taric_xml(file.content, file.name, file.groups)
        case "plain-csv":
            return read_plain_csv(file.content, file.name)
    if file.valid_from is None:
        raise TariffFileError(
            "tariff-day-missing",
            f"{file.name}: an export of the HTS does not say from which day it holds.",
            "Say --valid-from, the first day of its edition.",
        )
    read = read_hts_csv if file.form == "hts-csv" else read_hts_json
    return read(file.content, file.name, file.groups, file.valid_from)


def _accept(
    outcomes: Iterable[Outcome], name: str, currency: str | None, present: Iterable[TariffLine]
) -> Iterator[Outcome]:
    occupied = Occupied()
    for number, line in enumerate(present, start=2):
        occupied.add(line, Place("the pack's tariff.csv:", number))
    for outcome in outcomes:
        try:
            _check_currency(outcome.currency, currency)
            for line in outcome.lines:
                _check_overlap(line, occupied)
        except Refused as fault:
            yield refused(outcome.line, outcome.subject, fault, column=outcome.column)
            continue
        for line in outcome.lines:
            place = Place(f"{name}:", outcome.line)
            if outcome.column:
                place = Place(f"{name}:{outcome.line}:", outcome.column)
            occupied.add(line, place)
        yield outcome


def _check_currency(stated: str, expected: str | None) -> None:
    if not stated or stated == expected:
        return
    if expected is None:
        raise Refused(
            "currency-open",
            f"The amounts are in {stated}, and the pack leaves its currency to the country's law.",
            f"Say --currency {stated} if amounts of this tariff are in it.",
        )
    raise Refused(
        "currency-other",
        f"The amounts are in {stated}, those of the pack in {expected}.",
        "Write the row as plain-csv with the amount the law gives in the pack's currency.",
    )


def _check_overlap(line: TariffLine, occupied: Occupied) -> None:
    place = occupied.find_overlap(line)
    if place is not None:
        days = f"{line.valid_from} to {line.valid_to or 'open'}"
        raise Refused(
            "validity-overlaps",
            f"{line.measure} of {line.commodity_prefix}, {days}, is held by {place}.",
            "End the earlier line the day before, or leave one of the two out.",
        )


_GROUP_COLUMNS: Final = {"group": (), "country": (), "valid_from?": (), "valid_to?": ()}


def read_groups(content: bytes, name: str) -> Groups:
    """Read members of origin groups: columns group, country, and where needed valid_from, valid_to.

    valid_to is the first day out. Raises TariffFileError with the line.
    """
    groups: dict[str, list[Member]] = {}
    for row in read_csv_rows(content, name, _GROUP_COLUMNS):
        try:
            if row.fault is not None:
                raise row.fault
            country = row.cells.get("country", "")
            if not (len(country) == 2 and country.isascii() and country.isupper() and row.cells["group"]):
                raise Refused(
                    "group-malformed", "A row names a group and a country of two letters.", "Correct it."
                )
            start, end = row.cells.get("valid_from", ""), row.cells.get("valid_to", "")
            member = Member(
                country, read_day(start) if start else dt.date.min, read_day(end) if end else None
            )
        except Refused as fault:
            raise TariffFileError(
                "origin-groups-malformed", f"{name}:{row.line}: {fault.reason}", fault.next_step
            ) from fault
        groups.setdefault(row.cells["group"], []).append(member)
    return groups
