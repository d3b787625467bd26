"""WCO DEC messages (WCO Data Model 3.6, DMS profile) -> what they ask for.

A message is an act: an original declaration, an amendment, an invalidation, or a notice of presentation.
"""

from typing import Literal

import msgspec

from serai.formats.placed import PlacedGroup, PlacedText, place_of, read_document
from serai.formats.wco_dec_consignment import consignment_fields
from serai.formats.wco_dec_pointers import AmendedPlace, read_amended_places
from serai.formats.wco_dec_scope import find_outside_scope
from serai.formats.wco_dec_write import DEC_NAMESPACE
from serai.formats.xml_document import Reader, read_xml
from serai.model.documents import Consignment
from serai.model.findings import Finding

Act = Literal["original", "amendment", "cancellation", "presentation"]

ACTS: dict[tuple[str, str], Act] = {
    ("13", "COR"): "amendment",
    ("13", "INV"): "cancellation",
    ("13", "GPR"): "presentation",
}
"""Function code and type code -> act. Function code 9 is an original declaration whatever its type."""

ORIGINAL = "9"
GOODS_ITEMS_MAX = 999
REASON_CHARACTERS_MAX = 512
UNREAD_FINDINGS_MAX = 100


class DecMessage(msgspec.Struct, frozen=True):
    """One message, read.

    reference: the declarant's own (FunctionalReferenceID). mrn: MRN, in acts after the original.
    consignment: of an original. amended_places: of an amendment, in order.
    reason: why it is amended or cancelled, in the declarant's words. reason_code: of a cancellation.
    submitter_identifier: who sends a later act.
    unread: XPaths of elements that carry text and have no field here.
    """

    act: Act
    function_code: str
    type_code: str
    reference: str
    mrn: str | None = None
    consignment: Consignment | None = None
    amended_places: list[AmendedPlace] = []
    reason: str | None = None
    reason_code: str | None = None
    submitter_identifier: str | None = None
    unread: list[str] = []

    def find_unread(self) -> list[Finding]:
        """Tell of the elements that no field holds; of many, how many more there are."""
        told = [
            Finding("unread-element", path, "advice", {"element": path[-64:]})
            for path in self.unread[:UNREAD_FINDINGS_MAX]
        ]
        left_out = len(self.unread) - len(told)
        return [*told, Finding("more-faults", "", "advice", {"count": str(left_out)})] if left_out else told


def decode_dec(content: bytes) -> tuple[DecMessage | None, list[Finding]]:
    """Read one WCO DEC message, bare, in its MetaData or in a submit wrapper.

    Returns the message, or None and all its faults with XPaths (local names). A declaration that is no import
    into free circulation gives `procedure-not-here` for each code that says so. Never raises on any bytes.
    """
    root, faults = read_xml(content)
    if root is None:
        return None, faults
    top = Reader.of_root(root)
    try:
        return _decode(top)
    finally:
        top.release()


def _decode(top: Reader) -> tuple[DecMessage | None, list[Finding]]:
    declaration = find_declaration(top)
    if declaration is None:
        return None, [Finding("other-message", top.path, parameters={"root": top.path[1:65]})]
    namespace = declaration.namespace()
    if namespace not in {DEC_NAMESPACE, None}:
        parameters = {"namespace": str(namespace)[:100], "expected": DEC_NAMESPACE}
        return None, [Finding("other-namespace", declaration.path, parameters=parameters)]
    return decode_declaration(declaration)


def decode_declaration(declaration: Reader) -> tuple[DecMessage | None, list[Finding]]:
    """Read the Declaration element."""
    function_code, type_code = declaration.text("FunctionCode"), declaration.text("TypeCode")
    missing = [
        Finding("missing-field", f"{declaration.path}/{name}", parameters={"field": name})
        for name in ("FunctionCode", "FunctionalReferenceID", "TypeCode")
        if declaration.text(name) is None
    ]
    if function_code is None or type_code is None or missing:
        return None, missing
    if function_code == ORIGINAL:
        return _read_original(declaration)
    act = ACTS.get((function_code, type_code))
    if act is None:
        parameters = {"function_code": function_code[:35], "type_code": type_code[:35]}
        return None, [Finding("unknown-act", function_code.place, parameters=parameters)]
    return _read_later_act(declaration, act)


def place_in_message(content: bytes, pointer: str) -> str:
    """Return the XPath of what a JSON pointer into the consignment means; what is no such pointer stays.

    content: an original that could be read.
    """
    root, _ = read_xml(content)
    declaration = None if root is None else find_declaration(Reader.of_root(root))
    if declaration is None or pointer.startswith(declaration.path):
        return pointer
    return place_of(consignment_fields(declaration), pointer)


def reference_in_message(content: bytes) -> str | None:
    """Return the declarant's own reference, also of a message that could not be read in full; None: none."""
    root, _ = read_xml(content)
    declaration = None if root is None else find_declaration(Reader.of_root(root))
    return None if declaration is None else declaration.text("FunctionalReferenceID")


def find_declaration(root: Reader) -> Reader | None:
    """Return the declaration of a bare, a wrapped or a doubly wrapped message; None: it holds none."""
    ways = ["", "MetaData/Declaration", "requestDetail/MetaData/Declaration"]
    if root.path == "/MetaData":
        ways.append("Declaration")
    for way in ways:
        reader = root.at(way) if way else root
        if reader and reader.path.rpartition("/")[2] == "Declaration":
            return reader
    return None


def _read_original(declaration: Reader) -> tuple[DecMessage | None, list[Finding]]:
    items = declaration.at("GoodsShipment").count("GovernmentAgencyGoodsItem")
    if items > GOODS_ITEMS_MAX:
        # Not read any further: a million of them would take minutes.
        place = f"{declaration.path}/GoodsShipment/GovernmentAgencyGoodsItem"
        return None, [Finding("too-many", place, parameters={"count_max": str(GOODS_ITEMS_MAX)})]
    outside = find_outside_scope(declaration)
    if outside:
        return None, outside
    fields: PlacedGroup = consignment_fields(declaration)
    consignment, faults = read_document(fields, Consignment)
    if consignment is None:
        return None, faults
    message = DecMessage(
        act="original",
        function_code=ORIGINAL,
        type_code=str(declaration.text("TypeCode")),
        reference=consignment.reference,
        consignment=consignment,
        unread=declaration.unread(),
    )
    return message, []


def _read_later_act(declaration: Reader, act: Act) -> tuple[DecMessage | None, list[Finding]]:
    number = declaration.text("ID")
    if number is None:
        return None, [Finding("missing-field", f"{declaration.path}/ID", parameters={"field": "ID"})]
    places, faults = read_amended_places(declaration)
    if faults:
        return None, faults
    remarks = [_remark(remark) for remark in declaration.all("AdditionalInformation")]
    reasons = [remark for remark in remarks if remark]
    submitter = declaration.text("Submitter/ID")
    reason_code = declaration.text("Amendment/ChangeReasonCode")
    message = DecMessage(
        act=act,
        function_code=str(declaration.text("FunctionCode")),
        type_code=str(declaration.text("TypeCode")),
        reference=str(declaration.text("FunctionalReferenceID")),
        mrn=str(number),
        amended_places=places if act == "amendment" else [],
        reason=_joined_reasons(reasons),
        reason_code=str(reason_code) if reason_code and act == "cancellation" else None,
        submitter_identifier=str(submitter) if submitter else None,
        unread=declaration.unread(),
    )
    return message, []


def _joined_reasons(reasons: list[PlacedText]) -> str | None:
    """Join reasons up to the length that a document holds; the message keeps them all."""
    joined = "; ".join(reasons)
    if len(joined) <= REASON_CHARACTERS_MAX:
        return joined or None
    return joined[: REASON_CHARACTERS_MAX - 1] + "…"


def _remark(remark: Reader) -> PlacedText | None:
    remark.text("StatementTypeCode")  # Always AES: a reason in free words.
    return remark.text("StatementDescription")
