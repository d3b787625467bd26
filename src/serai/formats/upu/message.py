"""What a message between post and customs is once read: its items, each by itself, or the answers to them."""

import msgspec

from serai.formats.kept import Kept
from serai.formats.upu.codes import Act
from serai.formats.upu.facts import MessageName
from serai.model.documents import Consignment, TransportDocument
from serai.model.findings import Finding


class Header(msgspec.Struct, frozen=True):
    """Who sent an ITMATT to whom. prepared_at: as sent."""

    message_id: str
    prepared_at: str
    recipient_code: str
    sender_code: str


class UpuItem(msgspec.Struct, frozen=True, kw_only=True):
    """One postal item of a message. pointer: where it stands. item_id: normally an S10 number.

    reference: what its declaration is called here; empty where number or posting date cannot be read.
    consignment, transport_document: None where findings has a fault, and of an item that is cancelled.
    """

    pointer: str
    item_id: str
    reference: str
    posted_at: str = ""
    act: Act = "declare"
    consignment: Consignment | None = None
    transport_document: TransportDocument | None = None
    kept: list[Kept] = []
    findings: list[Finding] = []

    @property
    def is_faulty(self) -> bool:
        """Say whether a finding keeps it out."""
        return any(one.severity == "fault" for one in self.findings)


class UpuMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An ITMATT or a CUSITM. header: of an ITMATT. kept: beside the items."""

    name: MessageName
    items: list[UpuItem]
    header: Header | None = None
    kept: list[Kept] = []


class ItemTax(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A charge of an answer. amount: decimal in currency_code. rate_percent: decimal. unit_count: of the
    goods it is charged on.
    """

    type_code: str
    amount: str
    currency_code: str
    description: str | None = None
    commodity_code: str | None = None
    rate_percent: str | None = None
    unit_count: int | None = None


class ItemAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What customs says of one item. decision_code: of `codes.yaml`. extra_fields: what else there is,
    by name.

    total_amount: decimal in currency_code, what is to be paid at the border.
    """

    item_id: str
    decision_code: str
    posted_at: str | None = None
    customs_code: str | None = None
    post_code: str | None = None
    reason_code: str | None = None
    reason: str | None = None
    cleared_at: str | None = None
    is_dutiable: bool | None = None
    taxes: list[ItemTax] = []
    total_amount: str | None = None
    currency_code: str | None = None
    extra_fields: dict[str, str] = {}
