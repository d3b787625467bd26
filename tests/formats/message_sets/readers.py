"""The readers under judgement: bytes to what is found, and to documents as plain values."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from serai.formats.convertible import Circumstances
from serai.formats.ics.check import check_message as check_ics
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.schema import Edition
from serai.formats.standards import CHECKS, CONVERSIONS
from serai.formats.tariff_files.measure import Member
from serai.formats.tariff_files.outcome import Outcome
from serai.formats.tariff_files.reading import Form, TariffFile, read_tariff
from serai.formats.upu.read import decode_answers
from serai.formats.wco_res_read import decode_res
from serai.journey.screening.list_entry import ListFileError
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.model.findings import Finding

Found = list[tuple[str, str, str]]
"""Code, pointer, severity."""
EDITION = dt.date(2026, 1, 1)
GROUPS = {"2020": [Member("BD"), Member("KH")]}
TOLD = Circumstances(dt.datetime(2026, 7, 1, tzinfo=dt.UTC))


class Reader(msgspec.Struct, frozen=True):
    """check: all that is found. read: the documents."""

    check: Callable[[bytes], Found]
    read: Callable[[bytes], list[Any]]


def _found(findings: list[Finding], place: str = "") -> Found:
    return [(one.code, place + one.pointer, one.severity) for one in findings]


def _check(name: str) -> Callable[[bytes], Found]:
    return lambda content: _found(CHECKS[name].find(content))


def _read(name: str) -> Callable[[bytes], list[Any]]:
    return lambda content: [
        msgspec.to_builtins(part.document)
        for part in CONVERSIONS[name].read(content, TOLD)
        if part.document is not None
    ]


def _check_own(name: str, written: Callable[[str], str]) -> Callable[[bytes], Found]:
    """Return a check of a form of our own. written: how a document's place stands before a pointer."""
    return lambda content: [
        found
        for part in CONVERSIONS[name].read(content, TOLD)
        for found in _found(part.findings, written(part.place))
    ]


def _check_ics(edition: Edition) -> Callable[[bytes], Found]:
    """Return a check that says of a breach of the schema of what kind it is: all have one number."""

    def check(content: bytes) -> Found:
        return [
            (f"{one.code} {one.parameters.get('kind', '')}".strip(), one.pointer, one.severity)
            for one in check_ics(content, edition=edition)
        ]

    return check


def _read_ics(edition: Edition) -> Callable[[bytes], list[Any]]:
    def read(content: bytes) -> list[Any]:
        summary, _ = decode_entry_summary(content, office_zone=dt.UTC, edition=edition)
        return [] if summary is None else [msgspec.to_builtins(one) for one in summary.documents]

    return read


def _tariff(form: Form, currency: str) -> Reader:
    """Return the reader of a tariff file. Found is what was refused, as a fault, and set aside, as advice;
    read are the lines that rows became."""

    def outcomes(content: bytes) -> list[Outcome]:
        return list(read_tariff(TariffFile(content, "file", form, GROUPS, EDITION), currency, []))

    def check(content: bytes) -> Found:
        return [
            (one.code, f"row {one.line}", "fault" if one.outcome == "refused" else "advice")
            for one in outcomes(content)
            if one.outcome != "taken"
        ]

    def read(content: bytes) -> list[Any]:
        return [msgspec.to_builtins(line) for one in outcomes(content) for line in one.lines]

    return Reader(check, read)


def _check_list(content: bytes) -> Found:
    try:
        decode_un_list(content)
    except ListFileError as fault:
        return [(fault.code, "", "fault")]
    return []


READERS: dict[str, Reader] = {
    "un-list": Reader(_check_list, lambda content: msgspec.to_builtins(decode_un_list(content))),
    "taric-csv": _tariff("taric-csv", "EUR"),
    "taric-xml": _tariff("taric-xml", "EUR"),
    "hts-csv": _tariff("hts-csv", "USD"),
    "hts-json": _tariff("hts-json", "USD"),
    "cardit": Reader(_check("cardit"), _read("cardit")),
    "cuscar": Reader(_check("cuscar"), _read("cuscar")),
    "itmatt": Reader(_check("itmatt"), _read("itmatt")),
    "cusitm": Reader(_check("cusitm"), _read("cusitm")),
    "h7": Reader(_check("h7"), _read("wco-dec")),
    "h7-uk": Reader(_check("h7"), _read("wco-dec")),
    "ics": Reader(_check_ics("new"), _read_ics("new")),
    "ics-old": Reader(_check_ics("old"), _read_ics("old")),
    "ceb": Reader(_check("ceb"), _read("ceb")),
    "cds": Reader(_check("cds"), _read("wco-dec")),
    "wco-res": Reader(_check("cds"), lambda content: [msgspec.to_builtins(decode_res(content)[0])]),
    "json": Reader(_check_own("json", lambda _: ""), _read("json")),
    "ndjson": Reader(_check_own("ndjson", lambda place: f"{place.removeprefix('line ')}:"), _read("ndjson")),
    "csv": Reader(_check_own("csv", lambda _: ""), _read("csv")),
    "wco-dec": Reader(_check_own("wco-dec", lambda _: ""), _read("wco-dec")),
    "epcis": Reader(_check("epcis"), _read("epcis-json")),
    "epcis-xml": Reader(_check("epcis"), _read("epcis-xml")),
    "cusrsp": Reader(_check("cusrsp"), lambda content: msgspec.to_builtins(decode_answers(content)[0])),
}
