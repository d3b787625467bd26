"""A WCO RES message (WCO Data Model 3.6, DMS profile): what it says, and how it is written.

Shapes and codes after the notifications of the United Kingdom's customs declaration service.
"""

import msgspec
from lxml import etree

from serai.formats.wco_dec_write import DEC_NAMESPACE, META_NAMESPACE, Writer, write_tax
from serai.model.documents import DeclaredTax

RES_NAMESPACE = "urn:wco:datamodel:WCO:RES-DMS:2"

DESCRIPTION_CHARACTERS_MAX = 512

FUNCTIONS: dict[str, str] = {
    "accepted": "01",
    "received": "02",
    "rejected": "03",
    "control": "05",
    "documents-wanted": "06",
    "amended": "07",
    "released": "08",
    "cleared": "09",
    "invalidated": "10",
    "request-decided": "11",
    "tax": "13",
    "payment-insufficient": "14",
    "payment-reminder": "15",
    "exited": "16",
    "handled-elsewhere": "17",
    "exit-awaited": "18",
    "query": "51",
}
"""What a response says -> its function code: seen in published notifications but for 05, 10, 14 to 18 and
51, which hmrc/customs-declare-exports gives."""

NOTIFICATIONS: dict[str, str] = {
    "01": "DMSACC",
    "02": "DMSRCV",
    "03": "DMSREJ",
    "05": "DMSCTL",
    "06": "DMSDOC",
    "07": "DMSRES",
    "08": "DMSROG",
    "09": "DMSCLE",
    "10": "DMSINV",
    "11": "DMSREQ",
    "13": "DMSTAX",
    "14": "DMSCPI",
    "15": "DMSCPR",
    "16": "DMSEOG",
    "17": "DMSEXT",
    "18": "DMSGER",
    "51": "DMSQRY",
}
"""Function code -> the name by which traders know the notification."""

REQUEST_GRANTED, REQUEST_DENIED = "39", "41"
"""Status in the answer to an amendment or a cancellation."""


class PointerStep(msgspec.Struct, frozen=True):
    """One step to a place in a declaration: class by number, which of its siblings, attribute by number."""

    section_code: str | None = None
    sequence_number: int | None = None
    tag_id: str | None = None


class Remark(msgspec.Struct, frozen=True):
    """A statement in a response. limit_at: RFC 3339, until when what it asks can be done."""

    code: str | None = None
    text: str | None = None
    type_code: str | None = None
    limit_at: str | None = None
    pointers: list[PointerStep] = []


class TaxLine(msgspec.Struct, frozen=True):
    """A charge of one goods item. deducted_amount: decimal, in the currency of the tax."""

    goods_item_sequence_number: int
    tax: DeclaredTax
    deducted_amount: str | None = None


class ResponseFault(msgspec.Struct, frozen=True):
    """A fault in a rejected message. code: at most eight characters. text: what it is, up to 512 of them."""

    code: str
    text: str | None = None
    pointers: list[PointerStep] = []


class AmendedPart(msgspec.Struct, frozen=True):
    """What was amended, and why. reason_code: list of the office."""

    reason_code: str | None = None
    pointers: list[PointerStep] = []


class ResponseStatus(msgspec.Struct, frozen=True):
    """Where the declaration stands. code: list of the office. Instants RFC 3339."""

    code: str | None = None
    effective_at: str | None = None
    released_at: str | None = None


class BankAccount(msgspec.Struct, frozen=True):
    """Where to pay, and under which reference."""

    reference: str | None = None
    account_number: str | None = None


class ChangedValue(msgspec.Struct, frozen=True):
    """A value as it stands after an amendment. path: XPath below the declaration. unit: currency or unit."""

    path: str
    value: str
    unit: str | None = None


class DecResponse(msgspec.Struct, frozen=True):
    """One response. function: a key of FUNCTIONS. Instants are RFC 3339.

    reference: of the response. declaration_reference: the declarant's own. unread: XPaths of elements that
    carry text and have no field here.
    """

    function: str
    reference: str
    issued_at: str
    declaration_reference: str
    mrn: str | None = None
    version: int | None = None
    accepted_at: str | None = None
    rejected_at: str | None = None
    cancelled_at: str | None = None
    statuses: list[ResponseStatus] = []
    account: BankAccount | None = None
    tax_lines: list[TaxLine] = []
    remarks: list[Remark] = []
    faults: list[ResponseFault] = []
    amended: list[AmendedPart] = []
    changed_values: list[ChangedValue] = []
    unread: list[str] = []


def encode_res(response: DecResponse) -> bytes:
    """Write a response. Raises KeyError on an unknown function and SeraiError `bad-instant`.

    changed_values are not written: they are told in the answer to somebody else's system.
    """
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
    for remark in response.remarks:
        _write_remark(out.below("AdditionalInformation"), remark)
    for part in response.amended:
        element = out.below("Amendment")
        element.text("ChangeReasonCode", part.reason_code)
        _write_pointers(element, part.pointers)
    if response.account is not None:
        out.group("Bank", ReferenceID=response.account.reference, ID=response.account.account_number)
    for fault in response.faults:
        element = out.below("Error")
        element.text("Description", fault.text[:DESCRIPTION_CHARACTERS_MAX] if fault.text else None)
        element.text("ValidationCode", fault.code)
        _write_pointers(element, fault.pointers)
    for status in response.statuses:
        element = out.below("Status")
        element.instant("EffectiveDateTime", status.effective_at)
        element.text("NameCode", status.code)
        element.instant("ReleaseDateTime", status.released_at)
    _write_declaration(out.below("Declaration"), response)


def _write_remark(out: Writer, remark: Remark) -> None:
    out.text("StatementCode", remark.code)
    out.text("StatementDescription", remark.text)
    out.instant("LimitDateTime", remark.limit_at)
    out.text("StatementTypeCode", remark.type_code)
    _write_pointers(out, remark.pointers)


def _write_pointers(out: Writer, steps: list[PointerStep]) -> None:
    for step in steps:
        out.group(
            "Pointer",
            SequenceNumeric=step.sequence_number,
            DocumentSectionCode=step.section_code,
            TagID=step.tag_id,
        )


def _write_declaration(out: Writer, response: DecResponse) -> None:
    out.instant("AcceptanceDateTime", response.accepted_at)
    out.instant("CancellationDateTime", response.cancelled_at)
    out.text("FunctionalReferenceID", response.declaration_reference)
    out.text("ID", response.mrn)
    out.instant("RejectionDateTime", response.rejected_at)
    out.text("VersionID", response.version)
    if not response.tax_lines:
        return
    shipment = out.below("GoodsShipment")
    lines_of: dict[int, list[TaxLine]] = {}
    for line in response.tax_lines:
        lines_of.setdefault(line.goods_item_sequence_number, []).append(line)
    for number, lines in lines_of.items():
        item = shipment.below("GovernmentAgencyGoodsItem")
        item.text("SequenceNumeric", number)
        commodity = item.below("Commodity")
        for line in lines:
            write_tax(commodity, line.tax, deducted_amount=line.deducted_amount)
