"""Which WCO declarations are standard e-commerce imports, and which code puts another one outside.

Codes: data elements 1/1 (direction), 1/2 (additional declaration type) and 1/10 (procedure) of annex B of
Delegated Regulation (EU) 2015/2446, as the United Kingdom's customs declaration service extends them.
"""

from serai.formats.placed import PlacedText
from serai.formats.xml_document import Reader
from serai.model.findings import Finding

IMPORT = "IM"
FREE_CIRCULATION = "40"

OTHER_DIRECTIONS = {
    "EX": "export",
    "CO": "trade with a special fiscal territory of the same union",
    "TR": "transit",
}
OTHER_DECLARATION_TYPES = {
    "J": "customs clearance request without declaration of value (C21)",
    "K": "pre-lodged customs clearance request (C21)",
    "Q": "final supplementary declaration (a count, no goods)",
    "U": "bulk declaration of an authorised consignee",
    "V": "bulk declaration of entries in records",
}
OTHER_PROCEDURES = {
    "00": "no procedure (clearance request)",
    "07": "free circulation with entry into a tax warehouse",
    "42": "free circulation with exempt onward supply to another member state",
    "44": "end-use",
    "51": "inward processing",
    "53": "temporary admission",
    "61": "re-import",
    "63": "re-import with exempt onward supply",
    "71": "customs warehousing",
    "78": "free zone",
    "91": "processing under customs control",
}


UNIT_PRICES = {
    "E01": "customs value by unit price, which is published and not declared",
    "E02": "customs value by standard import value, which is published and not declared",
}
"""Additional procedures under which an item needs no amount (data elements 1/11 and 4/14; Regulation (EU)
2015/2447, art. 142)."""
SIMPLIFIED = {
    "B": "simplified declaration, occasional",
    "C": "simplified declaration, regular",
    "E": "simplified declaration, occasional, before the goods arrive",
    "F": "simplified declaration, regular, before the goods arrive",
}
"""Types whose items need neither gross mass nor amount: the supplementary declaration says them."""
_AMOUNTS = ("Commodity/InvoiceLine/ItemChargeAmount", "CustomsValueAmount")
_GROSS_MASS = "Commodity/GoodsMeasure/GrossMassMeasure"


def find_outside_scope(declaration: Reader) -> list[Finding]:
    """Name each code that makes a declaration other than an import into free circulation."""
    kind = declaration.text("TypeCode")
    findings = []
    if kind is not None and kind[:2] != IMPORT:
        findings.append(_outside(kind, kind[:2], OTHER_DIRECTIONS))
    elif kind is not None and kind[2:] in OTHER_DECLARATION_TYPES:
        findings.append(_outside(kind, kind[2:], OTHER_DECLARATION_TYPES))
    for item in declaration.at("GoodsShipment").all("GovernmentAgencyGoodsItem"):
        procedure = item.text("GovernmentProcedure/CurrentCode")
        if procedure is not None and procedure != FREE_CIRCULATION:
            findings.append(_outside(procedure, str(procedure), OTHER_PROCEDURES))
        findings += _left_to_others(item, kind)
    return findings


def _left_to_others(item: Reader, kind: PlacedText | None) -> list[Finding]:
    """Name why an item may leave out what is needed here: its amount, or in a simplified type its mass."""
    has_amount = any(item.text(name) is not None for name in _AMOUNTS)
    simplified = SIMPLIFIED.get(kind[2:], "") if kind is not None and kind[:2] == IMPORT else ""
    if kind is not None and simplified and not (has_amount and item.text(_GROSS_MASS) is not None):
        meaning = {kind[2:]: f"{simplified}, completed by a supplementary declaration"}
        return [_outside(kind, kind[2:], meaning)]
    if has_amount:
        return []
    codes = [procedure.text("CurrentCode") for procedure in item.all("GovernmentProcedure")]
    return [_outside(code, str(code), UNIT_PRICES) for code in codes if code and code in UNIT_PRICES]


def _outside(place: PlacedText, code: str, meanings: dict[str, str]) -> Finding:
    parameters = {"code": code, "meaning": meanings.get(code, "no import into free circulation")}
    return Finding("procedure-not-here", place.place, parameters=parameters)
