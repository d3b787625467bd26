"""Which scenarios lie within import duty, VAT and excise, and why the others do not."""

import re
from collections.abc import Iterable

from serai.laboratory.oracle.codes import CDS
from serai.laboratory.oracle.scenarios import Scenario, StatedLine

DUTY = CDS.duty_types
"""Customs duty: of Great Britain, and of the Union, as Northern Ireland charges it."""
TAX, TAX_ON_DUTY = CDS.tax_type, CDS.tax_on_duty_type
"""VAT on import; Northern Ireland states that on the duty apart."""
REMEDIES = {one.tax_type: one.measure for one in CDS.remedies}
"""Measure of the tariff by tax type."""
_EXCISE = re.compile(CDS.excise_pattern)

_AS_FREE_CIRCULATION = {one.code.encode(): one for one in CDS.like_free_circulation}
"""Procedures charged like free circulation at the rates stated."""
_CURRENT_CODE = re.compile(rb"(<(?:\w+:)?CurrentCode>)\s*(\d\d)\s*(</)")


def is_excise(line: StatedLine) -> bool:
    """Say whether a line is one of excise: three digits."""
    return _EXCISE.fullmatch(line.tax_type) is not None


def why_out_of_scope(scenario: Scenario) -> list[str]:
    """Say why a scenario lies beyond import duties, VAT and excise at given rates; empty: it does not."""
    reasons = []
    others = sorted({line.tax_type for line in scenario.lines if _is_other(line) and line.assessed_minor})
    if others:
        reasons.append(f"other charges ({', '.join(others)}): no rule of the law of Great Britain here")
    return reasons


def stated_and_known(lines: Iterable[StatedLine]) -> list[StatedLine]:
    """Return the lines to compare: no securities, and nothing beside duty, VAT and excise of nothing."""
    compared = [line for line in lines if not line.is_security and not _is_other(line)]
    return [line for line in compared if line.tax_type not in REMEDIES or line.assessed_minor]


def _is_other(line: StatedLine) -> bool:
    """Say whether a line is of a kind that we do not compute."""
    known = (*DUTY, *REMEDIES, TAX, TAX_ON_DUTY)
    return not line.is_security and line.tax_type not in known and not is_excise(line)


def as_free_circulation(request: bytes) -> tuple[bytes, list[str]]:
    """Return a request as one into free circulation where that is charged alike; say what was changed."""
    notes = []
    codes = {match[2] for match in _CURRENT_CODE.finditer(request)}
    for code in sorted(codes & _AS_FREE_CIRCULATION.keys()):
        other = _AS_FREE_CIRCULATION[code]
        notes.append(other.note)
        request = re.sub(
            rb"(<(?:\w+:)?CurrentCode>)\s*" + code + rb"\s*(</)",
            rb"\g<1>" + other.computed_as.encode() + rb"\g<2>",
            request,
        )
    for kind in CDS.declaration_types:
        stated = rb"(<(?:\w+:)?TypeCode>)" + kind.code.encode() + rb"([A-Z]</)"
        changed = re.sub(stated, rb"\g<1>" + kind.computed_as.encode() + rb"\g<2>", request)
        if changed != request:
            notes.append(kind.note)
            request = changed
    return request, notes
