"""What a CEB message is once read: its documents, how each was filed, and everything nothing reads."""

from typing import Annotated

import msgspec
from msgspec import Meta

from serai.formats.kept import Kept
from serai.model.documents import (
    Code,
    Consignment,
    Instant,
    Order,
    Payment,
    Person,
    Reference,
    Return,
    Text,
    TransportDocument,
)
from serai.model.findings import Finding

Reason = Annotated[str, Meta(min_length=1, max_length=1_000)]


class CebSubmission(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the declarant's system sent a document. act_code: 1 add, 2 change, 3 delete. status_code: 1 held
    back, 2 lodged.
    """

    guid: Code | None = None
    act_code: Code | None = None
    sent_at: Instant | None = None
    status_code: Code | None = None


class Withdrawal(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A declaration is to be withdrawn (CEB623, CEB605). mrn: of the declaration."""

    mrn: Code
    reason: Reason
    order_reference: Reference | None = None
    house_document: Reference | None = None
    customs_office_code: Code | None = None
    platform_id: Reference | None = None
    platform_name: Text | None = None
    seller_id: Reference | None = None
    seller: Person | None = None
    carrier_id: Reference | None = None
    carrier_name: Text | None = None
    filer_document_number: Code | None = None
    preliminary_number: Code | None = None
    buyer: Person | None = None
    declarant: Person | None = None


Content = Order | Payment | TransportDocument | Consignment | Withdrawal | Return
KINDS: dict[str, type[Content]] = {
    "order": Order,
    "payment": Payment,
    "transport-document": TransportDocument,
    "declaration": Consignment,
    "withdrawal": Withdrawal,
    "return": Return,
}
"""Kind of `mapping.yaml` -> what is made of it."""


class CebDocument(msgspec.Struct, frozen=True):
    """One document of a message. content: None where findings has a fault. pointer: where it stands.

    subject: elements that an answer to the document repeats, by name, as they stand in it.
    """

    pointer: str
    kind: str
    submission: CebSubmission
    content: Content | None
    kept: list[Kept] = []
    findings: list[Finding] = []
    subject: dict[str, str] = {}


class Transfer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who sent the message through the data exchange of China E-port."""

    sender_id: str | None = None
    sender_name: str | None = None
    exchange_mode_code: str | None = None
    exchange_id: str | None = None
    remark: str | None = None


class CebMessage(msgspec.Struct, frozen=True):
    """A message. name: such as CEB311Message. signature: the element as it stands in it, not verified."""

    name: str
    guid: str
    documents: list[CebDocument]
    transfer: Transfer | None = None
    version: str = "1.0"
    signature: str | None = None
    kept: list[Kept] = []


class Receipt(msgspec.Struct, frozen=True):
    """One answer of a message such as CEB312. status_code: 2 being lodged, 3 sent, 100 refused, 120 stored,
    399 decided, 800 released and others; below zero: not processed. issued_at: YYYYMMDDhhmmssSSS of Beijing.
    subject: elements that say what is answered, by name.
    """

    guid: str
    status_code: str
    issued_at: str
    text: str
    subject: dict[str, str]
