"""What the demo sends, in which order, and which invented party sends it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from serai.laboratory.demo.sending import CSV, JSON, NDJSON, XML
from serai.laboratory.invented.draws import PLATFORM_IDS
from serai.laboratory.invented.named_parcels import named_parcels
from serai.laboratory.invented.parcels import parcels

CONSIGNMENTS, ORDERS, PAYMENTS = "/v1/declarations", "/v1/orders", "/v1/payments"
TRANSPORT_DOCUMENTS, ARRIVALS = "/v1/transport-documents", "/v1/arrivals"
PARTIES: Final = {
    "carrier": "Invented Express",
    "post": "Invented Post",
    "platform": "Invented Marketplace",
    "payment_provider": "Invented Pay",
    "declarant": "Invented Brokers",
    "agency": "Invented Safety Agency",
}
"""The invented parties: role and name."""
IDENTIFIERS: Final = {
    "carrier": ["INVENTED-EXPRESS"],
    "post": ["INVENTED-POST"],
    "platform": ["INVENTED-PLATFORM", *PLATFORM_IDS],
    "payment_provider": ["INVENTED-PAY"],
    "declarant": ["INVENTED-BROKERS"],
    "agency": [],
}
"""Under what others' documents name them, by role: one marketplace stands for all platforms."""
MANDATES: Final = (
    ("platform", "payment_provider", "payment"),
    ("declarant", "post", "transport-document"),
)
"""Who lets whom send which kind of document in its name, by role."""
SENT_TOGETHER_COUNT: Final = 2_000
_ACCEPTED_WITHIN = timedelta(days=2)
_ROUTES: Final = {
    "declaration": (CONSIGNMENTS, "carrier"),
    "order": (ORDERS, "platform"),
    "payment": (PAYMENTS, "payment_provider"),
}
_EXAMPLES: Final = (
    ("order.json", ORDERS, "platform", JSON),
    ("payment.json", PAYMENTS, "payment_provider", JSON),
    ("transport-document.json", TRANSPORT_DOCUMENTS, "post", JSON),
    ("declaration.json", CONSIGNMENTS, "declarant", JSON),
    ("declaration-wco-dec.xml", CONSIGNMENTS, "declarant", XML),
    ("declarations.csv", CONSIGNMENTS, "carrier", CSV),
    ("declarations.ndjson", CONSIGNMENTS, "post", NDJSON),
    ("arrival.json", ARRIVALS, "post", JSON),
)


class Message(NamedTuple):
    """One body to be sent. role: of the party that sends it, as in PARTIES."""

    title: str
    route: str
    role: str
    media_type: str
    content: bytes


class NamedStory(NamedTuple):
    """One of the eight parcels worth a look."""

    title: str
    what_to_see: str
    messages: tuple[Message, ...]


class Lot(NamedTuple):
    """Consignments of one declarant, and what other parties say of them before.

    before: route, role, lines. items_count: goods items in the consignments.
    """

    role: str
    lines: list[bytes]
    before: list[tuple[str, str, list[bytes]]]
    items_count: int


def examples(folder: Path) -> list[Message]:
    """Read the example messages, in the order in which trade sends them."""
    return [
        Message(name, route, role, media_type, (folder / name).read_bytes())
        for name, route, role, media_type in _EXAMPLES
    ]


def named_stories(at: datetime) -> list[NamedStory]:
    """Return the eight parcels worth a look, as of an instant."""
    return [
        NamedStory(
            one.title,
            one.what_to_see,
            tuple(
                Message(one.title, *_ROUTES[document.kind], JSON, msgspec.json.encode(document.content))
                for document in one.documents
            ),
        )
        for one in named_parcels(at)
    ]


def lots(count: int, seed: int, *, at: datetime) -> Iterator[Lot]:
    """Give `count` invented parcels in lots of one declarant: post and carrier each file their own.

    They were accepted in the two days before `at` and land in the twelve hours after it.
    """
    encode = msgspec.json.Encoder().encode
    gathered = {role: _Gathered() for role in ("post", "carrier")}
    for parcel in parcels(count, seed, at=at, first_acceptance=at - _ACCEPTED_WITHIN, last_acceptance=at):
        role = "post" if parcel.consignment["logistics_channel_code"] == "post" else "carrier"
        mine = gathered[role]
        mine.lines.append(encode(parcel.consignment))
        mine.items_count += len(parcel.consignment["goods_items"])
        if parcel.order is not None:
            mine.orders.append(encode(parcel.order))
        if parcel.payment is not None:
            mine.payments.append(encode(parcel.payment))
        if len(mine.lines) == SENT_TOGETHER_COUNT:
            yield mine.lot(role)
            gathered[role] = _Gathered()
    yield from (mine.lot(role) for role, mine in gathered.items() if mine.lines)


class _Gathered:
    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.orders: list[bytes] = []
        self.payments: list[bytes] = []
        self.items_count = 0

    def lot(self, role: str) -> Lot:
        before = [(ORDERS, "platform", self.orders), (PAYMENTS, "payment_provider", self.payments)]
        return Lot(role, self.lines, [part for part in before if part[2]], self.items_count)
