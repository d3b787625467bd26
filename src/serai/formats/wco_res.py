"""What we answer to a WCO declaration -> a WCO RES message (WCO Data Model 3.6, DMS profile).

Shapes after the notifications of the United Kingdom's customs declaration service: accepted (DMSACC), tax
lines (DMSTAX), cleared (DMSCLE), rejected (DMSREJ).
"""

import msgspec
from lxml import etree

from serai.formats.wco_dec_write import DEC_NAMESPACE, META_NAMESPACE, Writer, write_tax
from serai.model.documents import DeclaredTax, Statement

RES_NAMESPACE = "urn:wco:datamodel:WCO:RES-DMS:2"

VALIDATION_CODE = "SERAI"
"""The schema allows eight characters, our codes are longer: they stand at the head of the description."""

DESCRIPTION_CHARACTERS_MAX = 512

FUNCTIONS: dict[str, str] = {
    "accepted": "01",
    "received": "02",
    "rejected": "03",
    "control": "05",
    "amended": "07",
    "invalidated": "08",
    "cleared": "09",
    "tax": "13",
}
"""What a response says -> its function code."""


class TaxLine(msgspec.Struct, frozen=True):
    """A charge of one goods item."""

    goods_item_sequence_number: int
    tax: DeclaredTax


class ResponseFault(msgspec.Struct, frozen=True):
    """A fault in a rejected message. code: our finding code. pointer: XPath. sentence: from `messages/`."""

    code: str
    pointer: str
    sentence: str


class DecResponse(msgspec.Struct, frozen=True):
    """One response. function: a key of FUNCTIONS. issued_at: RFC 3339. status_code: list of the office."""

    function: str
    reference: str
    issued_at: str
    declaration_reference: str
    registration_number: str | None = None
    version: int | None = None
    status_code: str | None = None
    tax_lines: list[TaxLine] = []
    statements: list[Statement] = []
    faults: list[ResponseFault] = []


def encode_res(response: DecResponse) -> bytes:
    """Write a response. Raises KeyError on an unknown function and SeraiError `bad-instant`."""
    names = {"md": META_NAMESPACE, "dec": DEC_NAMESPACE, None: RES_NAMESPACE}
    root = etree.Element(f"{{{META_NAMESPACE}}}MetaData", nsmap=names)
    head = Writer(root, META_NAMESPACE)
    head.text("WCODataModelVersionCode", "3.6")
    head.text("WCOTypeName", "RES")
    _write_response(Writer(root, RES_NAMESPACE).below("Response"), response)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _write_response(out: Writer, response: DecResponse) -> None:
    out.text("FunctionCode", FUNCTIONS[response.function])
    out.text("FunctionalReferenceID", response.reference)
    out.instant("IssueDateTime", response.issued_at)
    for remark in response.statements:
        out.group(
            "AdditionalInformation",
            StatementCode=remark.code,
            StatementDescription=remark.text,
            StatementTypeCode=remark.type_code,
        )
    for fault in response.faults:
        described = f"{fault.code} at {fault.pointer}: {fault.sentence}"[:DESCRIPTION_CHARACTERS_MAX]
        out.group("Error", Description=described, ValidationCode=VALIDATION_CODE)
    out.group("Status", NameCode=response.status_code)
    declaration = out.below("Declaration")
    declaration.text("FunctionalReferenceID", response.declaration_reference)
    declaration.text("ID", response.registration_number)
    declaration.text("VersionID", response.version)
    if response.tax_lines:
        shipment = declaration.below("GoodsShipment")
        for number in dict.fromkeys(line.goods_item_sequence_number for line in response.tax_lines):
            item = shipment.below("GovernmentAgencyGoodsItem")
            item.text("SequenceNumeric", number)
            commodity = item.below("Commodity")
            for line in response.tax_lines:
                if line.goods_item_sequence_number == number:
                    write_tax(commodity, line.tax)
