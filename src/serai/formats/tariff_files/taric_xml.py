"""TARIC measures as XML: an envelope of records, in any order.

Measures, their components, footnotes and left out areas, and the groups of areas. Read as a stream; no
DOCTYPE, no entities, bounded depth.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, NoReturn
from xml.parsers import expat

from serai.formats.tariff_files.duty_text import Part, Terms, build_terms
from serai.formats.tariff_files.facts import SIGN_OF_EXPRESSION, TITLE_OF_EXPRESSION
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
        "quota.definition",
    }
)
_ABOUT_MEASURES: Final[dict[str, tuple[str, ...]]] = {
    "measure.component": ("measure.sid", "duty.expression.id"),
    "measure.condition": ("measure.condition.sid",),
    "measure.condition.component": ("measure.condition.sid", "duty.expression.id"),
    "measure.excluded.geographical.area": (
        "measure.sid",
        "excluded.geographical.area",
        "geographical.area.id",
    ),
    "footnote.association.measure": ("measure.sid", "footnote.type.id", "footnote.id"),
}
"""What belongs to a measure, and by what a later record means the same one."""
_DELETED: Final = "2"
_AMOUNT: Final = re.compile(r"\+?(\d{1,12}(\.\d{0,18})?|\.\d{1,18})", re.ASCII)
"""An xs:decimal that is not negative."""


class _Record(NamedTuple):
    """One record. cells: its leaves by name. update: 1 changed, 2 deleted, 3 inserted. column: from 1."""

    line: int
    cells: dict[str, str]
    update: str
    column: int

    def get(self, *names: str) -> str:
        """Return the first leaf that is there."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


def read_taric_xml(content: bytes, file: str, groups: Groups) -> Iterator[Outcome]:
    """Read measures; groups of the file go before those given. Raises TariffFileError."""
    check_bytes(content, file)
    records = _Reader(file).read(content)
    known = {**groups, **_groups_of(records, file)}
    by_sid = _by_measure(records)
    alone = _lines_of_one(records)
    quotas = _quotas_of(records)
    latest = {record.get("measure.sid", "sid"): record for record in records["measure"]}
    for record in records["measure"]:
        sid = record.get("measure.sid", "sid")
        column = 0 if record.line in alone else record.column
        subject = (
            f"{record.get('goods.nomenclature.item.id')} {record.get('measure.type', 'measure.type.id')}"
        )
        if latest[sid] is not record:
            later = latest[sid]
            place = f"Line {later.line}" + ("" if later.line in alone else f", column {later.column}")
            yield set_aside(
                record.line, subject, "replaced", f"{place} says measure {sid} anew.", column=column
            )
        elif record.update == _DELETED:
            taken_back = f"The file takes measure {sid} back."
            yield set_aside(record.line, subject, "deleted", taken_back, column=column)
        else:
            try:
                measure = _measure(record, by_sid[sid], quotas, file)
            except Refused as fault:
                yield refused(record.line, subject, fault, column=column)
            else:
                yield to_outcome(measure._replace(column=column), known)
    for sid in sorted(by_sid.keys() - latest.keys()):
        orphans = [one for found in by_sid[sid].values() for one in found]
        # A component of a condition that is missing belongs to a measure that nobody can name.
        owner = sid if sid.startswith(_CONDITION) else f"measure {sid[:20]}"
        missing = Refused(
            "measure-missing",
            f"The record belongs to {owner[:40]}, which is not in the file.",
            "Import a full file, not the changes of a day.",
        )
        for one in orphans:
            yield refused(one.line, owner[:40], missing, column=0 if one.line in alone else one.column)


_CONDITION: Final = "condition "


def _by_measure(records: dict[str, list[_Record]]) -> dict[str, dict[str, list[_Record]]]:
    """Give what is in force about each measure, by its number and the name of the record.

    A condition's components name the condition alone (taric3.xsd), and the condition its measure.
    """
    current = {name: _current(records[name], keys) for name, keys in _ABOUT_MEASURES.items()}
    owners = {
        one.get("measure.condition.sid"): one.get("measure.sid") for one in current["measure.condition"]
    }
    found: dict[str, dict[str, list[_Record]]] = defaultdict(lambda: defaultdict(list))
    for name, present in current.items():
        for one in present:
            condition = one.get("measure.condition.sid")
            sid = one.get("measure.sid") or owners.get(condition) or f"{_CONDITION}{condition}"
            found[sid][name].append(one)
    return found


def _current(records: list[_Record], keys: tuple[str, ...]) -> list[_Record]:
    """Give the last record of each key, without what is deleted."""
    latest = {tuple(one.get(key) for key in keys): one for one in records}
    return [one for one in latest.values() if one.update != _DELETED]


def _lines_of_one(records: dict[str, list[_Record]]) -> frozenset[int]:
    """Give the lines in which one record begins: there the line tells the place."""
    counts = Counter(one.line for found in records.values() for one in found)
    return frozenset(line for line, count in counts.items() if count == 1)


def _quotas_of(records: dict[str, list[_Record]]) -> dict[str, str]:
    """Say how much each quota holds and until when, by its order number."""
    told: dict[str, list[str]] = defaultdict(list)
    for one in _current(records["quota.definition"], ("quota.definition.sid",)):
        volume = one.get("initial.volume", "volume")
        unit = f"{one.get('measurement.unit.code')} {one.get('measurement.unit.qualifier.code')}".strip()
        days = f"{one.get('validity.start.date')[:10]} to {one.get('validity.end.date')[:10] or 'open'}"
        told[one.get("quota.order.number.id")].append(f"{volume[:30]} {unit[:10]} from {days}")
    return {number: " and ".join(volumes[:3]) for number, volumes in told.items()}


def _told(conditions: list[_Record], components: list[_Record]) -> str:
    """Write conditions with their rates: `A D008 (01): 12.3 %; A (01): 48.5 %`."""
    rates: dict[str, list[_Record]] = defaultdict(list)
    for one in components:
        rates[one.get("measure.condition.sid")].append(one)
    ordered = sorted(
        conditions, key=lambda one: (one.get("condition.code"), one.get("component.sequence.number").zfill(5))
    )
    return "; ".join(_one_told(one, rates[one.get("measure.condition.sid")]) for one in ordered)


def _one_told(condition: _Record, components: list[_Record]) -> str:
    certificate = condition.get("certificate.type.code") + condition.get("certificate.code")
    action = condition.get("action.code")
    threshold = _amount(condition, "condition.duty.amount", "condition.")
    words = [condition.get("condition.code"), certificate, threshold, f"({action})" if action else ""]
    rates = [_rate(one) for one in sorted(components, key=lambda one: one.get("duty.expression.id"))]
    return " ".join(filter(None, words)) + (f": {' '.join(rates)}" if rates else "")


def _rate(component: _Record) -> str:
    sign = SIGN_OF_EXPRESSION.get(component.get("duty.expression.id"), "")
    return f"{sign} {_amount(component, 'duty.amount', '')}".strip()


def _amount(record: _Record, name: str, prefix: str) -> str:
    amount = record.get(name)
    units = [record.get(f"{prefix}{part}") for part in _UNIT_PARTS]
    return "" if not amount else f"{amount} {' '.join(filter(None, units)) or '%'}"


_UNIT_PARTS: Final = ("monetary.unit.code", "measurement.unit.code", "measurement.unit.qualifier.code")


def _measure(record: _Record, about: dict[str, list[_Record]], quotas: dict[str, str], file: str) -> Measure:
    conditions, components = about["measure.condition"], about["measure.condition.component"]
    order_number = record.get("ordernumber", "quota.order.number.id")
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
        order_number=order_number,
        quota=quotas.get(order_number, ""),
        conditions=_told(conditions, components),
        has_duty_conditions=bool(components) or any(one.get("condition.duty.amount") for one in conditions),
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
            f"Line {component.line}, column {component.column}: duty expression {expression[:10]} is "
            f"{TITLE_OF_EXPRESSION.get(expression, 'not known here')}.",
            "Write the row as plain-csv, or the duty into the pack as a charge of its own.",
        )
    if sign in ("NIHIL", "unit"):
        return None
    amount = component.get("duty.amount").strip()
    if not amount:
        raise Refused(
            "duty-missing",
            f"Line {component.line}, column {component.column}: the component has no amount.",
            "Correct the component.",
        )
    if not _AMOUNT.fullmatch(amount):
        reason = f"Line {component.line}, column {component.column}: `{amount[:40]}` is no duty."
        raise Refused("duty-not-understood", reason, "Correct the component.")
    if component.get("measurement.unit.code") and not component.get("monetary.unit.code"):
        reason = (
            f"Line {component.line}, column {component.column}: {amount[:40]} per cent by unit is no duty."
        )
        raise Refused("duty-not-understood", reason, "Write the duty into the pack as a charge of its own.")
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
            column = self._parser.CurrentColumnNumber + 1
            self._entity = _Record(self._parser.CurrentLineNumber, {}, self._update, column)
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
