"""UN/CEFACT SPS certificates (eCert, ePhyto), version 17: what of one a permit is made of.

Shape as the published schema has it: SPSExchangedDocument with ID, TypeCode, StatusCode and IssueDateTime;
SPSConsignment with ImportSPSCountry and goods lines, each with NetWeightMeasure and
ApplicableSPSClassification.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from serai.formats.xml_document import read_xml

_RSM: Final = "urn:un:unece:uncefact:data:standard:SPSCertificate:17"
_RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:21"
_UDT: Final = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:21"
_NAMES: Final = {"rsm": _RSM, "ram": _RAM, "udt": _UDT}
_ISSUED: Final = "70"
"""Status of UN/EDIFACT 1373 by which an ePhyto is issued; 39 is approved, 40 withdrawn, 41 rejected."""
_DOCUMENT_CODES: Final = {"851": "N851", "853": "N853", "657": "N853"}
"""By UN/EDIFACT 1001 what customs call it: phytosanitary, and sanitary or veterinary certificates."""
_KILOGRAMS: Final = {"KGM": Decimal(1), "GRM": Decimal("0.001"), "TNE": Decimal(1000)}
_HARMONISED: Final = frozenset({"HS", "CN", "HS CODE", "CN CODE"})


class SpsCertificateError(ValueError):
    """What is not a certificate that can be written off; its text says why."""


class SpsCertificate(NamedTuple):
    """What a certificate says. document_code: as declarations name it. net_mass_kg: decimal, of all lines;
    commodity_codes: of lines that state some. issued_at: UTC where no zone is stated."""

    number: str
    document_code: str
    import_country_code: str | None
    net_mass_kg: str
    commodity_codes: list[str]
    issued_at: dt.datetime


def read_sps_certificate(content: bytes) -> SpsCertificate:
    """Read a certificate. Raises SpsCertificateError: no certificate, not issued, another kind, no mass."""
    root, faults = read_xml(content)
    if root is None:
        raise SpsCertificateError(f"it is not sound XML ({faults[0].code})")
    if root.tag != f"{{{_RSM}}}SPSCertificate":
        raise SpsCertificateError("its root is not SPSCertificate of version 17")
    status = _text(root, "rsm:SPSExchangedDocument/ram:StatusCode")
    if status != _ISSUED:
        raise SpsCertificateError(f"its status is {status or 'not stated'}, not {_ISSUED} (issued)")
    type_code = _text(root, "rsm:SPSExchangedDocument/ram:TypeCode")
    if type_code not in _DOCUMENT_CODES:
        raise SpsCertificateError("its type is neither phytosanitary (851) nor sanitary (853, 657)")
    number = _text(root, "rsm:SPSExchangedDocument/ram:ID")
    if not number:
        raise SpsCertificateError("it has no number")
    lines = [*root.iterfind(".//ram:IncludedSPSTradeLineItem", _NAMES)]
    if not lines:
        raise SpsCertificateError("it names no goods")
    return SpsCertificate(
        number=number,
        document_code=_DOCUMENT_CODES[type_code],
        import_country_code=_text(root, "rsm:SPSConsignment/ram:ImportSPSCountry/ram:ID") or None,
        net_mass_kg=_plain(sum((_mass(one) for one in lines), Decimal(0))),
        commodity_codes=[*dict.fromkeys(code for one in lines for code in _codes(one))],
        issued_at=_instant(_text(root, "rsm:SPSExchangedDocument/ram:IssueDateTime/udt:DateTimeString")),
    )


def _text(element: Any, path: str) -> str:
    return (element.findtext(path, "", _NAMES) or "").strip()


def _mass(line: Any) -> Decimal:
    found = line.find("ram:NetWeightMeasure", _NAMES)
    if found is None:
        raise SpsCertificateError("a line has no net weight, so nothing can be written off")
    unit = found.get("unitCode", "KGM")
    try:
        mass = Decimal((found.text or "").strip())
    except InvalidOperation:
        mass = Decimal("NaN")
    if unit not in _KILOGRAMS or not mass.is_finite() or not 0 < mass < 10**9:
        raise SpsCertificateError("a net weight is no number of kilograms, grams or tonnes")
    return mass * _KILOGRAMS[unit]


def _codes(line: Any) -> Iterator[str]:
    """Yield the codes of the Harmonised System that a line states."""
    for one in line.iterfind("ram:ApplicableSPSClassification", _NAMES):
        system = (_text(one, "ram:SystemName") or _text(one, "ram:SystemID")).upper()
        code = _text(one, "ram:ClassCode").replace(".", "").replace(" ", "")
        if system in _HARMONISED and code.isdigit() and 2 <= len(code) <= 10:
            yield code


def _plain(mass: Decimal) -> str:
    return f"{mass:.6f}".rstrip("0").rstrip(".")


def _instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as fault:
        raise SpsCertificateError("its day of issue is no date") from fault
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
