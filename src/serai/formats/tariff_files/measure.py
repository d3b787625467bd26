"""A measure as TARIC files tell it, in CSV or XML, and the lines it becomes."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from serai.formats.tariff_files.duty_text import Terms, by_condition
from serai.formats.tariff_files.facts import (
    ANY_ORIGIN_AREAS,
    MEASURE_TYPES,
    PREFERENCE_OF_AREA,
    MeasureType,
)
from serai.formats.tariff_files.outcome import Outcome, Refused, refused, set_aside
from serai.law.tariff_line import TariffLine


class Member(NamedTuple):
    """A country in a group of origins, on the days from valid_from to before valid_to."""

    country_code: str
    valid_from: dt.date = dt.date.min
    valid_to: dt.date | None = None


Groups = Mapping[str, Sequence[Member]]
"""Origins by the code of their group."""


class Measure(NamedTuple):
    """One measure. terms: of its duty, or why they could not be read. valid_to: the first day out of force.

    conditions: in the file's words; has_duty_conditions: the amount depends on them. quota: volume and days
    of the definitions of its order number, where the file has them. column: 0 where the line is its own.
    """

    line: int
    commodity_code: str
    type_code: str
    origin: str
    terms: Terms | Refused
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    excluded: tuple[str, ...] = ()
    additional_code: str = ""
    order_number: str = ""
    quota: str = ""
    conditions: str = ""
    has_duty_conditions: bool = False
    footnotes: tuple[str, ...] = ()
    column: int = 0

    @property
    def subject(self) -> str:
        """Name the measure for people."""
        return f"{self.commodity_code} {self.type_code} {self.origin}".strip()


def to_outcome(measure: Measure, groups: Groups) -> Outcome:
    """Turn a measure into lines, or say why not."""
    kind = MEASURE_TYPES.get(measure.type_code)
    try:
        if kind is None:
            raise Refused(
                "measure-type-unknown",
                f"Measure type `{measure.type_code[:20]}` is not known here.",
                "Write the row as plain-csv with the measure it means, or report the type.",
            )
        if kind.status == "none":
            return set_aside(
                measure.line,
                measure.subject,
                "no-charge",
                f"Holds no charge: {kind.title}.",
                column=measure.column,
            )
        lines = _lines(measure, kind, groups)
    except Refused as fault:
        return refused(measure.line, measure.subject, fault, column=measure.column)
    remarks = []
    if measure.conditions:
        remarks.append(f"conditions are not looked at: {measure.conditions[:200]}")
    if _RESIDUAL.fullmatch(measure.additional_code):
        remarks.append(f"additional code {measure.additional_code}, all others, is taken as for everyone")
    return Outcome(
        line=measure.line,
        column=measure.column,
        outcome="taken",
        subject=measure.subject,
        remark="; ".join(remarks),
        has_conditions=bool(measure.conditions),
        lines=lines,
        currency=measure.terms.currency if isinstance(measure.terms, Terms) else "",
    )


_ADDITIONAL_CODE: Final = re.compile(r"[A-Z0-9]{4}")
_RESIDUAL: Final = re.compile(r"[A-Z0-9]999")


def _lines(measure: Measure, kind: MeasureType, groups: Groups) -> tuple[TariffLine, ...]:
    if kind.status == "not-yet" and not measure.order_number:
        raise Refused("measure-not-a-line", f"{kind.title}: {kind.reason}", kind.next_step)
    if measure.order_number:
        quota = MEASURE_TYPES["143"]
        named = f"{quota.title} {measure.order_number[:10]}"
        limit = f" It has {measure.quota}." if measure.quota else ""
        raise Refused("measure-not-a-line", f"{named}: {quota.reason}{limit}", quota.next_step)
    if measure.has_duty_conditions:
        raise by_condition(measure.conditions)
    code = measure.additional_code
    if code and not _ADDITIONAL_CODE.fullmatch(code):
        raise Refused(
            "additional-code-malformed",
            f"`{code[:10]}` is no additional code: a type and three signs.",
            "Correct it; TARIC has codes such as C999, the HTS has none.",
        )
    if isinstance(measure.terms, Refused):
        raise measure.terms
    if measure.valid_to is not None and measure.valid_to <= measure.valid_from:
        raise Refused("validity-empty", "The row ends before it begins.", "Correct its dates.")
    preference = kind.preference_code
    if kind.measure == "duty" and preference == "300":
        preference = PREFERENCE_OF_AREA.get(measure.origin, preference)
    plain = TariffLine(
        measure=kind.measure,
        commodity_prefix=prefix_of(measure.commodity_code),
        valid_from=measure.valid_from,
        valid_to=measure.valid_to,
        source=measure.source,
        preference_code=preference,
        # Who claims no code of a producer is one of all others.
        additional_code="" if _RESIDUAL.fullmatch(code) else code,
        footnotes=measure.footnotes,
        excluded_origin_codes=_excluded(measure, groups),
        **measure.terms.fields(),
    )
    return lines_of_origin(plain, measure.origin, groups)


def lines_of_origin(line: TariffLine, origin: str, groups: Groups) -> tuple[TariffLine, ...]:
    """Give a line its origins: any, one country, or a group. Raises Refused."""
    if not origin or origin in ANY_ORIGIN_AREAS:
        return (line,)
    if re.fullmatch("[A-Z]{2}", origin):
        return (msgspec.structs.replace(line, origin_code=origin),)
    return lines_of_group(line, origin, groups)


def lines_of_group(line: TariffLine, group: str, groups: Groups) -> tuple[TariffLine, ...]:
    """Give a line the members of a group as its origins, cut by their days. Raises Refused."""
    members = groups.get(group)
    if not members:
        raise Refused(
            "origin-group-unknown",
            f"The members of group `{group[:20]}` are not known.",
            "Give them by --origin-groups FILE (columns group, country).",
        )
    whole = []
    cut: list[TariffLine] = []
    for member in members:
        end = min(member.valid_to or dt.date.max, line.valid_to or dt.date.max)
        start = max(member.valid_from, line.valid_from)
        if start >= end:
            continue
        if start == line.valid_from and end == (line.valid_to or dt.date.max):
            whole.append(member.country_code)
        else:
            days = {"valid_from": start, "valid_to": None if end == dt.date.max else end}
            cut.append(msgspec.structs.replace(line, origin_codes=(member.country_code,), **days))
    if not whole and not cut:
        raise Refused(
            "origin-group-empty",
            f"Group `{group[:20]}` has no member on the row's days.",
            "Correct the days of its members in the file of groups.",
        )
    if whole:
        cut.insert(0, msgspec.structs.replace(line, origin_codes=tuple(sorted(set(whole)))))
    return tuple(cut)


def _excluded(measure: Measure, groups: Groups) -> tuple[str, ...]:
    found: set[str] = set()
    for area in measure.excluded:
        if re.fullmatch("[A-Z]{2}", area):
            found.add(area)
        elif area in groups:
            found.update(member.country_code for member in groups[area])
        else:
            raise Refused(
                "origin-group-unknown",
                f"The members of group `{area[:20]}`, which is left out, are not known.",
                "Give them by --origin-groups FILE (columns group, country).",
            )
    return tuple(sorted(found))


def prefix_of(commodity_code: str) -> str:
    """Return the prefix a code stands for: pairs of zeros at its end say all below. Raises Refused."""
    code = re.sub(r"[ .]", "", commodity_code)
    if not re.fullmatch(r"[0-9]{2,14}", code) or len(code) % 2:
        raise Refused(
            "commodity-code-malformed",
            f"`{commodity_code[:20]}` is no commodity code: 2 to 14 digits, in pairs.",
            "Spreadsheets drop leading zeros: export the column as text.",
        )
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def read_day(text: str) -> dt.date:
    """Read 2026-07-01 or, as TARIC exports have it, 01-07-2026 or 01/07/2026. Raises Refused."""
    text = text.strip().partition("T")[0].partition(" ")[0]
    if found := re.fullmatch(r"(\d{2})[-/.](\d{2})[-/.](\d{4})", text, re.ASCII):
        text = f"{found[3]}-{found[2]}-{found[1]}"
    try:
        return dt.date.fromisoformat(text)
    except ValueError as fault:
        raise Refused("date-malformed", f"`{text[:20]}` is no date.", "Write it as 2026-07-01.") from fault


def day_after(text: str) -> dt.date | None:
    """Read the last day in force as the first day out of force; empty: open. Raises Refused."""
    if not text.strip():
        return None
    last = read_day(text)
    return None if last.year >= 9999 else last + dt.timedelta(days=1)
