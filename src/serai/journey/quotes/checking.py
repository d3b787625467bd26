"""Checking a signed quote: whose it is, whether a letter was changed, whether it holds, what is left."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import msgspec

from serai.evidence.notes import name_key
from serai.foundation.id_text import parse_id
from serai.foundation.jws import read_compact
from serai.journey.quotes.promises import SIGNED_KIND, SignedQuote
from serai.journey.quotes.remarks import QuoteRemark, remark
from serai.journey.revenue import quote_store
from serai.journey.revenue.quote_store import QuoteRow, Use
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.money import MICRO

SIGNED_CHARACTERS_MAX: Final = 1 << 20
_DECODER: Final = msgspec.json.Decoder(SignedQuote)


class CheckQuote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quote to be checked. signed: the JWS as it was issued."""

    signed: str


class UnitsLeft(msgspec.Struct, frozen=True):
    """Units of a line that no declaration has used. quoted, left: decimal."""

    sequence_number: int
    quoted: str
    left: str


class QuoteVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a check showed. is_genuine: signed and kept here, not a letter changed. can_be_cited: genuine, not
    ended, with units left; faults say why not.
    """

    is_genuine: bool
    can_be_cited: bool
    faults: list[QuoteRemark]
    quote_id: str | None = None
    administration: str | None = None
    expires_at: dt.datetime | None = None
    units: list[UnitsLeft] = []


async def check_signed(
    services: Services, administration_code: str, signed: str, at: dt.datetime
) -> QuoteVerdict:
    """Check a signed quote, as of an instant. Tells nobody whose it is."""
    payload, fault = _open(services, administration_code, signed)
    if payload is None:
        return QuoteVerdict(False, False, [remark(fault)])
    content = _DECODER.decode(payload)
    try:
        quote_id = parse_id(content.jti)
    except SeraiError:
        return QuoteVerdict(False, False, [remark("quote-unreadable")])
    async with services.database.read(services.administration_id) as connection:
        kept = (await quote_store.select_quotes(connection, [quote_id])).get(quote_id)
        uses = await quote_store.select_uses(connection, [quote_id])
    known = QuoteVerdict(
        False,
        False,
        [],
        content.jti,
        content.administration,
        dt.datetime.fromtimestamp(content.exp, dt.UTC),
    )
    if kept is None:
        return msgspec.structs.replace(known, faults=[remark("quote-unknown")])
    if kept.commitment != hashlib.sha256(payload).digest():
        return msgspec.structs.replace(known, faults=[remark("quote-forged")])
    left = _units_left(kept, uses)
    faults = _find_faults(kept, content.jti, left, at)
    return msgspec.structs.replace(known, is_genuine=True, can_be_cited=not faults, faults=faults, units=left)


def _open(services: Services, administration_code: str, signed: str) -> tuple[bytes | None, str]:
    """Return the signed content, or the code that says why it is none of ours."""
    taken = read_compact(signed) if len(signed) <= SIGNED_CHARACTERS_MAX else None
    if taken is None or taken.typ != SIGNED_KIND:
        return None, "quote-unreadable"
    if taken.kid != name_key(services.log_origin, services.signer):
        return None, "quote-foreign"
    if not taken.is_signed_by(services.signer.public_key):
        return None, "quote-signature-false"
    try:
        content = _DECODER.decode(taken.payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None, "quote-unreadable"
    if content.administration != administration_code:
        return None, "quote-foreign"
    return taken.payload, ""


def _find_faults(
    kept: QuoteRow, quote_id: str, left: Sequence[UnitsLeft], at: dt.datetime
) -> list[QuoteRemark]:
    faults = []
    if at > kept.expires_at:
        ended = kept.expires_at.astimezone(dt.UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
        faults.append(remark("quote-expired", ended))
    if not any(Fraction(one.left) for one in left):
        faults.append(remark("quote-used-up", quote_id))
    return faults


def _units_left(kept: QuoteRow, uses: Sequence[Use]) -> list[UnitsLeft]:
    used: Counter[int] = Counter()
    for one in uses:
        used[one.line] += one.quantity_micro
    return [
        UnitsLeft(
            line.sequence_number,
            line.quantity,
            _decimal(int(Fraction(line.quantity) * MICRO) - used[line.sequence_number]),
        )
        for line in kept.terms.lines
    ]


def _decimal(micro: int) -> str:
    return f"{micro // MICRO}.{micro % MICRO:06d}".rstrip("0").rstrip(".")
