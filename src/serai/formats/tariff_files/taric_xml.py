"""TARIC measures as XML: an envelope of records, in any order.

Measures, their components, footnotes and left out areas, and the groups of areas. Read as a stream; no
DOCTYPE, no entities, bounded depth.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, NoReturn
from xml.parsers import expat

from serai.formats.tariff_files.duty_text import Part, Terms, build_terms
from serai.formats.tariff_files.facts import SIGN_OF_EXPRESSION
from serai.formats.tariff_files.measure import Groups, Measure, Member, day_after, read_day, to_outcome
from serai.formats.tariff_files.outcome import Outcome, Refused, TariffFileError, refused, set_aside
from serai.formats.tariff_files.tables import check_bytes

DEPTH_MAX: Final = 40
TEXT_CHARACTERS_MAX: Final = 100_000
_ENTITIES: Final = frozenset(
    {
        "measure",
        "measure.component",
        "measure.condition",
        "measure.condition.component",
        "measure.excluded.geographical.area",
        "footnote.association.measure",
        "geographical.area",
        "geographical.area.membership",
    }
)
_DELETED: Final = "2"
_AMOUNT: Final = re.compile(r"\+?(\d{1,12}(\.\d{0,18})?|\.\d{1,18})", re.ASCII)
"""An xs:decimal that is not negative."""


class _Record(NamedTuple):
    """One record. cells: its leaves by name. update: 1 changed, 2 deleted, 3 inserted."""

    line: int
    cells: dict[str, str]
    update: str

    def get(self, *names: str) -> str:
        """Return the first leaf that is there."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


def read_taric_xml(content: bytes, file: str, groups: Groups) -> Iterator[Outcome]:
    """Read measures; groups of the file go before those given. Raises TariffFileError."""
    check_bytes(content, file)
    records = _Reader(file).read(content)
    known = {**groups, **_groups_of(records, file)}
    by_sid: dict[str, dict[str, list[_Record]]] = defaultdict(lambda: defaultdict(list))
    for name in _ENTITIES - {"measure", "geographical.area", "geographical.area.membership"}:
        for record in records[name]:
            if record.update != _DELETED:
                by_sid[record.get("measure.sid")][name].append(record)
    latest = {record.get("measure.sid", "sid"): record for record in records["measure"]}
    for record in records["measure"]:
        sid = record.get("measure.sid", "sid")
        subject = (
            f"{record.get('goods.nomenclature.item.id')} {record.get('measure.type', 'measure.type.id')}"
        )
        if latest[sid] is not record:
            yield set_aside(
                record.line, subject, "replaced", f"Line {latest[sid].line} says measure {sid} anew."
            )
        elif record.update == _DELETED:
            yield set_aside(record.line, subject, "deleted", f"The file takes measure {sid} back.")
        else:
            try:
                measure = _measure(record, by_sid[sid], file)
            except Refused as fault:
                yield refused(record.line, subject, fault)
            else:
                yield to_outcome(measure, known)
    for sid in sorted(by_sid.keys() - latest.keys()):
        orphans = [one for found in by_sid[sid].values() for one in found]
        missing = Refused(
            "measure-missing",
            f"The record belongs to measure {sid[:20]}, which is not in the file.",
            "Import a full file, not the changes of a day.",
        )
        yield from (refused(one.line, f"measure {sid[:20]}", missing) for one in orphans)


def _measure(record: _Record, about: dict[str, list[_Record]], file: str) -> Measure:
    conditions = about["measure.condition"]
    return Measure(
        line=record.line,
        commodity_code=record.get("goods.nomenclature.item.id"),
        type_code=record.get("measure.type", "measure.type.id"),
        origin=record.get("geographical.area", "geographical.area.id"),
        terms=_terms(about["measure.component"]),
        valid_from=read_day(record.get("validity.start.date")),
        valid_to=day_after(record.get("validity.end.date")),
        source=record.get("measure.generating.regulation.id") or f"{file}, line {record.line}",
        excluded=tuple(
            one.get("excluded.geographical.area", "geographical.area.id")
            for one in about["measure.excluded.geographical.area"]
        ),
        additional_code=record.get("additional.code.type") + record.get("additional.code"),
        order_number=record.get("ordernumber"),
        conditions=" ".join(
            one.get("condition.code") + one.get("certificate.type.code") + one.get("certificate.code")
            for one in conditions
        ),
        has_duty_conditions=bool(about["measure.condition.component"])
        or any(one.get("condition.duty.amount") for one in conditions),
        footnotes=tuple(
            one.get("footnote.type.id") + one.get("footnote.id")
            for one in about["footnote.association.measure"]
        ),
    )


def _terms(components: list[_Record]) -> Terms | Refused:
    try:
        ordered = sorted(components, key=lambda one: one.get("duty.expression.id"))
        parts = [part for one in ordered if (part := _part(one)) is not None]
        if not components:
            raise Refused("duty-missing", "The measure has no component.", "Import a full file.")
        return build_terms(parts)
    except Refused as fault:
        return fault


def _part(component: _Record) -> Part | None:
    """Read a component; None: it says free, or a unit to be counted."""
    expression = component.get("duty.expression.id")
    sign = SIGN_OF_EXPRESSION.get(expression)
    if sign is None:
        raise Refused(
            "duty-not-understood",
            f"Line {component.line}: duty expression {expression[:10]} is not known here.",
            "Write the row as plain-csv, or the duty into the pack as a charge of its own.",
        )
    if sign in ("NIHIL", "unit"):
        return None
    amount = component.get("duty.amount").strip()
    if not amount:
        raise Refused(
            "duty-missing", f"Line {component.line}: the component has no amount.", "Correct the component."
        )
    if not _AMOUNT.fullmatch(amount):
        reason = f"Line {component.line}: `{amount[:40]}` is no duty."
        raise Refused("duty-not-understood", reason, "Correct the component.")
    number = Decimal(amount)
    unit = f"{component.get('measurement.unit.code')} {component.get('measurement.unit.qualifier.code')}"
    return Part(sign, number, component.get("monetary.unit.code"), unit.strip())


def _groups_of(records: dict[str, list[_Record]], file: str) -> dict[str, list[Member]]:
    areas = {
        one.get("geographical.area.sid"): one.get("geographical.area.id")
        for one in records["geographical.area"]
    }
    groups: dict[str, list[Member]] = defaultdict(list)
    for one in records["geographical.area.membership"]:
        group = areas.get(one.get("geographical.area.group.sid"), "")
        country = areas.get(one.get("geographical.area.sid"), "")
        if group and country and one.update != _DELETED:
            groups[group].append(_member(one, country, file))
    return groups


def _member(record: _Record, country: str, file: str) -> Member:
    try:
        start = read_day(record.get("validity.start.date"))
        return Member(country, start, day_after(record.get("validity.end.date")))
    except Refused as fault:
        # Whom a group's rates are for decides on rows all over the file.
        raise TariffFileError(
            "origin-groups-malformed", f"{file}:{record.line}: {fault.reason}", fault.next_step
        ) from fault


class _Reader:
    """Collects the records that are of use, with the lines where they begin."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._records: dict[str, list[_Record]] = defaultdict(list)
        self._names: list[str] = []
        self._update = ""
        self._entity: _Record | None = None
        self._entity_depth = 0
        self._text: list[str] = []
        self._text_length = 0
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, content: bytes) -> dict[str, list[_Record]]:
        """Return the records by name. Raises TariffFileError with the line."""
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as fault:
            is_encoding = fault.code == expat.errors.codes[
                expat.errors.XML_ERROR_INVALID_TOKEN
            ] and not _is_utf_8(content)
            code = "tariff-file-not-utf-8" if is_encoding else "tariff-file-malformed"
            self._fail(code, fault.lineno, expat.ErrorString(fault.code), "Export the file again as UTF-8.")
        if not self._records["measure"]:
            self._fail("tariff-file-empty", 1, "no measure is in it", "Name a file of measures in TARIC XML.")
        return self._records

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._names.append(local)
        if len(self._names) > DEPTH_MAX:
            self._fail_here("nested too deep")
        self._text, self._text_length = [], 0
        if local == "record":
            self._update = ""
        if self._entity is None and local in _ENTITIES:
            self._entity = _Record(self._parser.CurrentLineNumber, {}, self._update)
            self._entity_depth = len(self._names)

    def _end(self, _name: str) -> None:
        local = self._names.pop()
        text = "".join(self._text).strip()
        self._text, self._text_length = [], 0
        depth = len(self._names) + 1
        if self._entity is None:
            if local == "update.type":
                self._update = text
        elif depth == self._entity_depth:
            self._records[local].append(self._entity)
            self._entity = None
        elif depth == self._entity_depth + 1:
            self._entity.cells[local] = text

    def _data(self, text: str) -> None:
        self._text_length += len(text)
        if self._text_length > TEXT_CHARACTERS_MAX:
            self._fail_here("a text without end")
        self._text.append(text)

    def _refuse_doctype(self, *_about: Any) -> None:
        self._fail_here("a DOCTYPE is not read, for entities in it may grow without end")

    def _fail_here(self, what: str) -> NoReturn:
        self._fail(
            "tariff-file-unsafe",
            self._parser.CurrentLineNumber,
            what,
            "Name a file of measures in TARIC XML.",
        )

    def _fail(self, code: str, line: int, what: str, next_step: str) -> NoReturn:
        raise TariffFileError(code, f"{self._file}:{line}: {what}.", next_step)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
