"""The list of specially designated nationals of the US Treasury (OFAC) as CSV: SDN, with ALT and ADD.

Three files without headings, columns by place, `-0-` for nothing, bytes of Latin-1, ended by a control sign
(data specification of OFAC). They are read together, as a ZIP archive of the three, or SDN alone.
"""

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of
from serai.journey.screening.list_formats.xml_list import LIST_BYTES_MAX

_NOTHING: Final = "-0-"
_FIELDS_COUNT: Final = 12
_ALIAS_FIELDS_COUNT: Final = 4
_ADDRESS_FIELDS_COUNT: Final = 5
_KINDS: Final[dict[str, EntryKind]] = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
_FILES: Final = ("sdn", "alt", "add")
_BORN = re.compile(r"\bDOB ([^;.]*)")
_NATION = re.compile(r"\b(?:nationality|citizen) ([^;.]*)")
_WEAK = re.compile(r"\ba\.k\.a\. '([^']+)'")
_NUMBER = re.compile(
    r"\b(?:Passport|National ID No\.|Identification Number|Tax ID No\.|Registration ID|Vessel Registration"
    r" Identification IMO|SSN|Company Number|Cedula No\.|C\.U\.I\.T\.|R\.F\.C\.|NIT #) ?([\w./ -]*\d[\w./-]*)"
)
_MEMBER_RATIO_MAX: Final = 60


def decode_ofac_csv(content: bytes) -> list[ListEntry]:
    """Decode SDN.CSV, or a ZIP archive of SDN.CSV, ALT.CSV and ADD.CSV. Raises ListFileError with the row."""
    files = _members(content) if content[:2] == b"PK" else {"sdn": content}
    if "sdn" not in files:
        raise unfit("the archive holds no sdn.csv")
    aliases: dict[str, list[str]] = defaultdict(list)
    for row in _rows(files.get("alt", b""), "alt", _ALIAS_FIELDS_COUNT):
        aliases[row[0]].append(row[3])
    countries: dict[str, list[str]] = defaultdict(list)
    for row in _rows(files.get("add", b""), "add", _ADDRESS_FIELDS_COUNT):
        countries[row[0]].append(row[4])
    entries = [
        _entry(row, aliases[row[0]], countries[row[0]]) for row in _rows(files["sdn"], "sdn", _FIELDS_COUNT)
    ]
    if not entries:
        raise unfit("it has no entries")
    return entries


def join_ofac_files(files: Mapping[str, bytes]) -> bytes:
    """Return one archive of sdn.csv with alt.csv and add.csv, the same bytes for the same files. files: by
    name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=str.lower):
            archive.writestr(
                zipfile.ZipInfo(name.lower(), (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


def _entry(row: list[str], aliases: list[str], countries: list[str]) -> ListEntry:
    remarks = row[11]
    return ListEntry(
        list_code="OFAC-SDN",
        entry_id=row[0],
        kind_code=_KINDS.get(row[2].lower(), "organisation"),
        names=distinct([row[1], *aliases]),
        weak_names=distinct(_WEAK.findall(remarks)),
        birth_years=years_of(_BORN.findall(remarks)),
        country_codes=countries_of([*_NATION.findall(remarks), *countries, row[9]]),
        identity_numbers=numbers_of(_NUMBER.findall(remarks)),
        programmes=distinct(re.split(r"[\[\];]", row[3])),
    )


def _rows(content: bytes, what: str, count: int) -> list[list[str]]:
    rows: list[list[str]] = []
    # Latin-1 takes any byte; newer files are UTF-8, which is tried first.
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            if not row or row == ["\x1a"]:
                continue
            fields = ["" if field.strip() == _NOTHING else field.strip() for field in row]
            # Free text at the end of a row may hold commas that nobody quoted, so that it has more fields.
            if len(fields) < count or not fields[0].isdigit() or (what == "sdn" and not fields[1]):
                raise unfit(
                    f"row {number} of {what}.csv has no number, no name, or fewer than {count} fields"
                )
            rows.append(fields)
    except csv.Error as fault:
        raise unfit(f"{what}.csv is not CSV ({fault})") from fault
    return rows


def _members(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = {}
            for member in archive.infolist():
                key = member.filename.rpartition("/")[2].lower().removesuffix(".csv")
                is_bomb = member.file_size > _MEMBER_RATIO_MAX * max(member.compress_size, 1)
                if member.file_size > LIST_BYTES_MAX or is_bomb:
                    raise unfit(f"{member.filename} in the archive grows too much when it is unpacked")
                if key in _FILES:
                    found[key] = archive.read(member)
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        raise unfit(f"it is no sound ZIP archive ({fault})") from fault
