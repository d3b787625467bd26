"""What is answered to a question: the quote as it stands on the wire."""

import datetime as dt

import msgspec

from serai.journey.decision.answer import ChargeOut, LawPackOut, ReasonOut, Totals
from serai.journey.quotes.request import Assumption
from serai.model.findings import FindingOut


class QuotedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A goods item's charges. customs_value_amount, charges: in currency_code of the quote, decimal."""

    sequence_number: int
    charges: list[ChargeOut]
    customs_value_amount: str | None = None
    relief_code: str | None = None


class LawChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the next known change of law does to this quote. totals: None where it cannot be told yet."""

    on: dt.date
    sentence: str
    law: list[LawPackOut] = []
    currency_code: str | None = None
    totals: Totals | None = None


class RateUsed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A published rate of exchange the quote rests on: numerator / denominator, as printed, by direction.

    on: the local day it was looked up for; valid_from: since when it is published.
    """

    table: str
    home: str
    currency: str
    numerator: int
    denominator: int
    direction: str
    on: dt.date
    valid_from: dt.date


class CiteAs(msgspec.Struct, frozen=True):
    """How a declaration cites the quote: an additional document of this type and reference."""

    type_code: str
    reference: str


class Offer(msgspec.Struct, frozen=True):
    """The quote as a promise. signed: JWS in compact form (RFC 7515, Ed25519 of RFC 9864), checked with the
    keys under /.well-known/jwks.json. It binds where items, quantities, value, destination and
    assumptions agree, within the tolerances (parts per million), once for each unit, until expires_at.
    """

    quote_id: str
    expires_at: dt.datetime
    cite_as: CiteAs
    value_tolerance_ppm: int
    mass_tolerance_ppm: int
    signed: str


class NotOffered(msgspec.Struct, frozen=True):
    """Why the figures stand without a promise."""

    code: str
    sentence: str
    remedy: str


class QuoteOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a parcel will cost at sale and at the border.

    is_complete: every charge could be worked out; else `missing` says why not. reasons: public rules of
    law that speak of such a parcel. law, rates: what exactly it was worked out with.
    valid_until: the end of the local day whose law and rates were used; the answer holds for the
    assumptions beside it. offer: the signed promise; not_offered: why there is none. Neither where none was
    asked for.
    """

    reference: str
    at: dt.datetime
    valid_until: dt.datetime
    law_on: dt.date
    is_complete: bool
    goods_items: list[QuotedItem]
    assumptions: list[Assumption]
    law: list[LawPackOut] = []
    basis: str | None = None
    rates: list[RateUsed] = []
    currency_code: str | None = None
    totals: Totals | None = None
    charges: list[ChargeOut] = []
    reasons: list[ReasonOut] = []
    missing: list[FindingOut] = []
    next_change: LawChange | None = None
    offer: Offer | None = None
    not_offered: NotOffered | None = None
