"""Which scenarios lie within import duty, VAT and excise, and why the others do not."""

import re
from collections.abc import Iterable

from serai.laboratory.oracle.codes import CDS
from serai.laboratory.oracle.scenarios import Scenario, StatedLine

DUTY = CDS.duty_types
"""Customs duty: of Great Britain, and of the Union, as Northern Ireland charges it."""
TAX, TAX_ON_DUTY = CDS.tax_type, CDS.tax_on_duty_type
"""VAT on import; Northern Ireland states that on the duty apart."""
_EXCISE = re.compile(CDS.excise_pattern)

_SUSPENDED = {one.code: one.reason for one in CDS.suspended_procedures}
_RELIEVED = {one.code: one.reason for one in CDS.relieved_additional_procedures}
_AS_FREE_CIRCULATION = {one.code.encode(): one for one in CDS.like_free_circulation}
"""Procedures charged like free circulation at the rates stated."""
_CURRENT_CODE = re.compile(rb"(<(?:\w+:)?CurrentCode>)\s*(\d\d)\s*(</)")


def is_excise(line: StatedLine) -> bool:
    """Say whether a line is one of excise: three digits."""
    return _EXCISE.fullmatch(line.tax_type) is not None


def why_out_of_scope(scenario: Scenario) -> list[str]:
    """Say why a scenario lies beyond import duty, VAT and excise at given rates; empty: it does not."""
    reasons = []
    procedure = scenario.procedure_code[:2]
    if procedure in _SUSPENDED:
        reasons.append(_SUSPENDED[procedure])
    reasons += [_RELIEVED[code] for code in scenario.additional_codes if code in _RELIEVED]
    remedies = sorted({line.tax_type for line in scenario.lines if _is_remedy(line) and line.assessed_minor})
    if remedies:
        reasons.append(f"trade remedy ({', '.join(remedies)}): no rule of the law of Great Britain here")
    return reasons


def stated_and_known(lines: Iterable[StatedLine]) -> list[StatedLine]:
    """Return the lines to compare: no securities, and no trade remedy of nothing."""
    return [line for line in lines if not line.is_security and not _is_remedy(line)]


def _is_remedy(line: StatedLine) -> bool:
    """Say whether a line is anti-dumping, countervailing or another additional duty."""
    return not line.is_security and line.tax_type not in (*DUTY, TAX, TAX_ON_DUTY) and not is_excise(line)


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
