"""Bank messages read: bytes of one message to what it says, and all findings on it."""

from serai.formats.found import Found
from serai.formats.iso20022.message import BankMessage, StatusReport, TransferOrder
from serai.formats.iso20022.read_order import read_order
from serai.formats.iso20022.read_statement import read_statements, take_entries
from serai.formats.iso20022.read_status import read_status
from serai.formats.iso20022.shape_check import DOCUMENT, check_shape, find_shape
from serai.formats.xml_document import Reader, local_name, read_xml
from serai.model.findings import Finding

Message = BankMessage | TransferOrder | StatusReport


def read_bank_message(content: bytes) -> tuple[Message | None, list[Finding]]:
    """Read one message: camt.053, camt.054, pain.001 or pain.002. Never raises on any bytes.

    Returns what it says, and the findings, faults first. None: it cannot be read at all, it is another
    message, or what it says as a whole is unknown. A statement stays readable when an entry of it is not:
    the entry's place stands in `unread_entries`, and its fault among the findings.
    """
    root, faults = read_xml(content)
    if root is None:
        return None, faults
    shape, faults = find_shape(root)
    if shape is None:
        return None, faults
    found = Found()
    check_shape(root, shape, found)
    is_of_account = shape.message in {"camt.053", "camt.054"}
    element = next(child for child in root if local_name(child) == shape.root)
    entries = take_entries(element, shape) if is_of_account else []
    document = Reader.of_root(root)
    top = document.at(shape.root)
    assert document.path == f"/{DOCUMENT}"
    message: Message | None
    if shape.message == "pain.001":
        message = read_order(top, shape, found)
    elif shape.message == "pain.002":
        message = read_status(top, shape, found)
    else:
        message = read_statements(top, entries, shape, found)
    document.release()
    return message, found.findings()


def check_message(content: bytes) -> list[Finding]:
    """Check one message. Returns all findings, faults first; never raises on any bytes."""
    return read_bank_message(content)[1]
