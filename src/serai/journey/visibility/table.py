"""Who sees what of a shared case: one table of document kind x field x role, for the API and the pages alike.

What has no row is seen by nobody. The sender of a document sees all of it but what is for officers alone;
another party sees of it what its role may, if the document itself names that party or its sender has given it
a mandate: being in one case is not enough. Names and addresses are in no answer but that of `people`, whoever
asks.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from serai.foundation.access.actor import ADMINISTRATION, Actor, Role
from serai.model.documents import PERSON_ROLES

OFFICERS: Final = frozenset({Role.OFFICER, Role.AUDITOR})
STAFF: Final = ADMINISTRATION
SALE: Final = frozenset({Role.PLATFORM, Role.SELLER})
MOVERS: Final = frozenset({Role.CARRIER, Role.POST})
BROKERS: Final = frozenset({Role.DECLARANT})
PAYERS: Final = frozenset({Role.PAYMENT_PROVIDER})
BUYERS: Final = frozenset({Role.BUYER})
"""Who has shown by a one-time code to be the person whose parcel it is: no party of a case."""
NOBODY: Final[frozenset[Role]] = frozenset()
COMMERCIAL: Final = STAFF | SALE | BROKERS
GOODS: Final = COMMERCIAL | MOVERS
EVERY_PARTY: Final = GOODS | PAYERS
"""A role that no case admits yet (agency, rights holder, partner customs) stands in no row."""


class Sight(StrEnum):
    """How a field is seen."""

    FULL = "full"
    MASKED = "masked"


class Row(msgspec.Struct, frozen=True):
    """A field of a kind of document. full, masked: roles that see it so. is_for_officers: not even its
    sender sees it.
    """

    kind: str
    field: str
    full: frozenset[Role]
    masked: frozenset[Role]
    is_for_officers: bool
    meaning: str


class Viewer(msgspec.Struct, frozen=True):
    """Somebody who looks at a case. party_id: None for the public."""

    party_id: int | None
    roles: frozenset[Role]

    @property
    def is_administration(self) -> bool:
        """Say whether the viewer belongs to the administration."""
        return bool(self.roles & STAFF)

    @property
    def own_party_id(self) -> int | None:
        """Return the party whose cases alone the viewer sees; None for the administration, which sees all.
        Whoever has no party sees those of a party that does not exist."""
        return None if self.is_administration else self.party_id or 0

    @property
    def is_officer(self) -> bool:
        """Say whether the viewer reads what is for officers alone."""
        return bool(self.roles & OFFICERS)


def viewer_of(actor: Actor) -> Viewer:
    """Return the viewer an actor is."""
    return Viewer(actor.party_id, actor.roles)


def _rows(
    kind: str,
    names: str,
    full: frozenset[Role],
    meaning: str,
    *,
    masked: frozenset[Role] = NOBODY,
    is_for_officers: bool = False,
) -> tuple[Row, ...]:
    return tuple(Row(kind, name, full, masked, is_for_officers, meaning) for name in names.split())


_CONSIGNMENT = "declaration"
_ORDER = "order"
_PAYMENT = "payment"
_TRANSPORT = "transport-document"
_ARRIVAL = "arrival"
_RETURN = "return"
_DECISION = "decision"
_CASE = "case"
_EVENT = "visibility-event"
_DOCUMENTS: Final = frozenset({_CONSIGNMENT, _ORDER, _PAYMENT, _TRANSPORT, _ARRIVAL, _RETURN})
"""What parties send: seen by those whom it names."""

TABLE: Final[tuple[Row, ...]] = (
    *_rows(_CASE, "state owed next_step documents history receipt", EVERY_PARTY, "how the case stands"),
    *_rows(_CASE, "charges", GOODS, "what is owed, line by line, with reversals"),
    *_rows(
        _CASE, "explanation", COMMERCIAL, "the whole calculation: it shows prices and the status of a scheme"
    ),
    *_rows(
        _CASE,
        "cumulative_allowances",
        OFFICERS,
        "sums in the calculation to which other parties' parcels may have added: what a buyer has drawn",
        is_for_officers=True,
    ),
    *_rows(_CASE, "match", GOODS, "whether its documents agree, and what they say against each other"),
    *_rows(_CASE, "possible_matches", OFFICERS, "other cases that may be the same", is_for_officers=True),
    *_rows(_CASE, "senders", STAFF, "which party sent which document"),
    *_rows(_CASE, "unconfirmed_documents", STAFF, "documents that were sent but do not count"),
    *_rows(_CASE, "people", OFFICERS, "names and addresses, for a purpose, each reading recorded"),
    *_rows(
        _DECISION,
        "decision_id mrn version kind lane status decided_at law law_on law_not_confirmed_since basis"
        " is_provisional supersedes"
        " currency_code totals reasons",
        EVERY_PARTY | BUYERS,
        "what was decided, why, and what comes to pay",
    ),
    *_rows(
        _DECISION,
        "form_code findings goods_items.relief_code",
        GOODS,
        "what the decision says of the declaration",
    ),
    *_rows(
        _DECISION,
        "goods_items goods_items.sequence_number goods_items.lane goods_items.reasons goods_items.charges"
        " charges",
        GOODS | BUYERS,
        "the decision by goods item and charge",
    ),
    *_rows(
        _DECISION,
        "charges.rule_id charges.kind charges.tax_type_code charges.amount charges.currency_code"
        " charges.due charges.debtor"
        " charges.is_waived",
        GOODS | BUYERS,
        "one charge",
    ),
    *_rows(
        _DECISION,
        "goods_items.customs_value_amount charges.base_amount charges.rate_percent",
        COMMERCIAL | BUYERS,
        "values, from which prices can be read",
    ),
    *_rows(
        _DECISION,
        "officer_reasons",
        OFFICERS,
        "rules for officers alone, with the ground for withholding them",
        is_for_officers=True,
    ),
    *_rows(_CONSIGNMENT, "reference ucr", EVERY_PARTY, "numbers the consignment is known by"),
    *_rows(
        _CONSIGNMENT,
        "house_document master_document receptacle_id conveyance_reference logistics_channel_code"
        " transport_mode_code dispatch_country_code exported_at"
        " accepted_at expected_arrival_at packages goods_items goods_items.sequence_number"
        " goods_items.commodity_code"
        " goods_items.description goods_items.quantity goods_items.quantity_unit_code"
        " goods_items.gross_mass_kg"
        " goods_items.net_mass_kg goods_items.origin_country_code amends_version amendment_reason",
        GOODS,
        "what moves and how",
    ),
    *_rows(
        _CONSIGNMENT, "order_references paid_at", COMMERCIAL | PAYERS, "which orders, and when they were paid"
    ),
    *_rows(
        _CONSIGNMENT,
        "platform_id seller_id sale_nature_code is_platform_sale is_duty_charged_to_buyer"
        " is_preference_claimed freight_amount"
        " insurance_amount discount_amount charges_currency_code invoice_total_amount purchased_at"
        " scheme_kind_code"
        " goods_items.invoice_amount goods_items.invoice_currency_code goods_items.merchant_product_id"
        " goods_items.manufacturer_product_id goods_items.standard_product_id goods_items.order_reference"
        " goods_items.lot_number goods_items.serial_number goods_items.model goods_items.listing"
        " goods_items.retail_price_amount goods_items.excise_amount goods_items.preference_code",
        COMMERCIAL,
        "the sale and its prices",
    ),
    *_rows(
        _CONSIGNMENT,
        "additional_fiscal_references additional_fiscal_references.role",
        COMMERCIAL | OFFICERS,
        "who is registered for tax",
    ),
    *_rows(
        _CONSIGNMENT,
        "additional_fiscal_references.identification_number",
        OFFICERS,
        "confidential: a scheme's number can be misused",
        masked=COMMERCIAL - OFFICERS,
    ),
    *_rows(
        _CONSIGNMENT, "tax_paid_token", OFFICERS, "whoever reads it can send it as his own, until it is used"
    ),
    *_rows(
        _CONSIGNMENT,
        "procedure representation_code payment_method_code previous_documents additional_documents detail"
        " goods_items.supplementary_quantity goods_items.supplementary_unit_code"
        " goods_items.declaration_line_number"
        " goods_items.additional_procedure_codes goods_items.additional_documents goods_items.detail",
        STAFF | BROKERS,
        "what a full customs declaration says in addition",
    ),
    *_rows(
        _ORDER,
        "reference ucr purchased_at platform_id seller_id declarant_id",
        COMMERCIAL | PAYERS,
        "numbers and time of the sale",
    ),
    *_rows(
        _ORDER,
        "currency_code lines lines.* freight_amount insurance_amount discount_amount tax_amount"
        " amends_version amendment_reason detail",
        COMMERCIAL,
        "prices of the sale",
    ),
    *_rows(_ORDER, "tax_paid_token", OFFICERS, "whoever reads it can send it as his own, until it is used"),
    *_rows(
        _PAYMENT,
        "reference ucr order_references paid_at declarant_id",
        COMMERCIAL | PAYERS,
        "which orders were paid, and when",
    ),
    *_rows(
        _PAYMENT,
        "amount currency_code amends_version amendment_reason detail",
        STAFF | PAYERS | SALE,
        "how much was paid",
    ),
    *_rows(
        _TRANSPORT,
        "reference ucr declarant_id house_document logistics_channel_code master_document loading_unit_id"
        " receptacle_id"
        " conveyance_reference transport_mode_code"
        " loading_place_code unloading_place_code scheduled_departure_at scheduled_arrival_at"
        " gross_mass_kg packages description"
        " amends_version amendment_reason",
        GOODS,
        "the carriage",
    ),
    *_rows(_TRANSPORT, "detail", GOODS, "for which orders, and what the carrier charges"),
    *_rows(
        _ARRIVAL,
        "reference arrived_at conveyance_reference master_document receptacle_id house_document place_code"
        " amends_version amendment_reason",
        GOODS,
        "what landed, where and when",
    ),
    *_rows(
        _RETURN,
        "reference mrn reason goods_items goods_items.sequence_number"
        " goods_items.commodity_code goods_items.description goods_items.quantity"
        " goods_items.quantity_unit_code house_document amends_version amendment_reason",
        GOODS,
        "what comes back",
    ),
    *_rows(_RETURN, "tax_paid_token", OFFICERS, "whoever reads it could send it as his own"),
    *_rows(
        _RETURN,
        "order_reference platform_id seller_id declarant_id detail",
        COMMERCIAL,
        "the sale that is undone",
    ),
    *_rows(
        _EVENT,
        "type eventTime eventTimeZoneOffset recordTime eventID errorDeclaration action bizStep disposition"
        " persistentDisposition readPoint bizLocation parentID epcList childEPCs inputEPCList outputEPCList",
        EVERY_PARTY,
        "what was seen of the viewer's own parcels, where and when",
    ),
    *_rows(
        _EVENT,
        "sensorElementList certificationInfo transformationID",
        GOODS,
        "how the goods fared: temperature, shocks, opening",
    ),
    *_rows(
        _EVENT,
        "bizTransactionList sourceList destinationList quantityList childQuantityList inputQuantityList"
        " outputQuantityList",
        COMMERCIAL,
        "under which order, between whom, and how much",
    ),
    *_rows(_EVENT, "extensions ilmd", STAFF, "fields of the sender's own, which may name people"),
)

_BY_NAME: Final[dict[tuple[str, str], Row]] = {(row.kind, row.field): row for row in TABLE}
assert len(_BY_NAME) == len(TABLE), "a field has one row"


def may_read(viewer: Viewer, *, is_sender: bool, names_viewer: bool) -> bool:
    """Say whether a viewer may read a document or an event that somebody sent at all.

    names_viewer: it names the viewer's party, or its sender has given that party a mandate; of an event also:
    a document of its sender that counts in the case names that party.
    """
    return is_sender or names_viewer or viewer.is_administration


def sight_of(
    viewer: Viewer, kind: str, field: str, *, is_sender: bool = False, names_viewer: bool = False
) -> Sight | None:
    """Say how a viewer sees a field of a document; None: not at all. is_sender: the viewer's party sent
    it. names_viewer: as for `may_read`.
    """
    if kind in _DOCUMENTS and not may_read(viewer, is_sender=is_sender, names_viewer=names_viewer):
        return None
    row = _BY_NAME.get((kind, field))
    if row is None:
        # A group of like fields has one row: `lines.*`.
        row = _BY_NAME.get((kind, f"{field.rpartition('.')[0]}.*"))
    if row is None:
        return None
    if (is_sender and not row.is_for_officers) or viewer.roles & row.full:
        return Sight.FULL
    return Sight.MASKED if viewer.roles & row.masked else None


def may_see(
    viewer: Viewer, kind: str, field: str, *, is_sender: bool = False, names_viewer: bool = False
) -> bool:
    """Say whether a viewer sees a field in full."""
    sight = sight_of(viewer, kind, field, is_sender=is_sender, names_viewer=names_viewer)
    return sight is Sight.FULL


def show(
    viewer: Viewer,
    kind: str,
    values: Mapping[str, Any],
    *,
    is_sender: bool = False,
    names_viewer: bool = False,
) -> dict[str, Any]:
    """Return what a viewer sees of a document: masked where the table says so, without what it does not
    let through, and without people. names_viewer: as for `may_read`.
    """
    return _show(_Looking(viewer, kind, is_sender, names_viewer), values, "")


class _Looking(NamedTuple):
    """Who looks at what, and how they stand to it."""

    viewer: Viewer
    kind: str
    is_sender: bool
    names_viewer: bool


def _show(looking: _Looking, values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in values.items():
        if name in PERSON_ROLES:
            continue
        sight = sight_of(
            looking.viewer,
            looking.kind,
            prefix + name,
            is_sender=looking.is_sender,
            names_viewer=looking.names_viewer,
        )
        if sight is Sight.MASKED:
            shown[name] = mask(value) if isinstance(value, str) else None
        elif sight is Sight.FULL:
            shown[name] = _show_value(looking, value, name)
    return shown


def _show_value(looking: _Looking, value: Any, name: str) -> Any:
    """Look into lists whose members have rows of their own: goods items, charges, lines. A detail is shown
    whole, but for its people."""
    if isinstance(value, Mapping):
        return {part: content for part, content in value.items() if part not in PERSON_ROLES}
    if not isinstance(value, list) or not _has_members(looking.kind, name):
        return value
    return [_show(looking, one, f"{name}.") for one in value]


def _has_members(kind: str, name: str) -> bool:
    return any(row.kind == kind and row.field.startswith(f"{name}.") for row in TABLE)


def mask(number: str) -> str:
    """Return a number of which only kind and end can be read: IM*******890. A short one shows nothing."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:2] + "*" * (len(number) - 5) + number[-3:]


def render_table(rows: Iterable[Row] = TABLE) -> str:
    """Return the table as Markdown rows, for the reference."""
    roles = [role for role in Role if any(role in row.full | row.masked for row in TABLE)]
    names = " | ".join(role.value.replace("_", " ") for role in roles)
    lines = [
        f"| document | field | {names} | sender | meaning |",
        f"|---|---|{'---|' * (len(roles) + 2)}",
    ]
    for row in rows:
        cells = ["yes" if role in row.full else "masked" if role in row.masked else "" for role in roles]
        sender = "" if row.is_for_officers or row.kind == _CASE else "yes"
        lines.append(f"| {row.kind} | `{row.field}` | {' | '.join(cells)} | {sender} | {row.meaning} |")
    return "\n".join(lines) + "\n"
