"""What of a declaration a quote speaks of: how it is cited, what holds of the consignment, what it owes."""

from collections import Counter
from typing import NamedTuple

from serai.foundation.id_text import parse_id
from serai.journey.pipeline import Processed
from serai.journey.revenue.quote_agreement import Surroundings
from serai.journey.revenue.quote_difference import Sums
from serai.model.columns import Coded, Frame
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.quote import STATED


class Citation(NamedTuple):
    """A quote as a declaration cites it. commitment: what shows that the citing party was shown the quote."""

    quote_id: int
    commitment: bytes


def quote_references(document: Consignment, type_code: str) -> list[str]:
    """Return the references of the quotes a declaration cites, each once."""
    cited = [*document.additional_documents]
    for item in document.goods_items:
        cited += item.additional_documents
    return list(dict.fromkeys(one.reference or "" for one in cited if one.type_code == type_code))


def write_reference(quote_id: str, commitment: bytes) -> str:
    """Return how a quote is cited: its id, and what only who was shown the quote can know."""
    return f"{quote_id}.{commitment.hex()}"


def read_reference(reference: str) -> Citation | None:
    """Read a citation; None where it is none."""
    number, point, digest = reference.strip().partition(".")
    try:
        quote_id, commitment = parse_id(number), bytes.fromhex(digest)
    except (SeraiError, ValueError):
        return None
    return Citation(quote_id, commitment) if point and len(commitment) == 32 else None


def surroundings_of(processed: Processed, place: int, document: Consignment) -> Surroundings:
    """Return what was found of a consignment beside its document."""
    frame = processed.consignments
    # Goods come from where their sender is, unless it says otherwise: so does a quote assume.
    sender_country = {"dispatch_country_code": document.consignor.country_code}
    return Surroundings(
        sender_country | read_stated(frame, place),
        has_drawn=bool(frame.numbers("allowance_used")[place] > 0),
        has_company=bool(frame.numbers("same_day_value")[place] > 0),
    )


def read_stated(frame: Frame, place: int) -> dict[str, str]:
    """Return what holds of a consignment as a whole, by name of STATED; what is not stated is left out."""
    stated = {}
    for name in STATED:
        column = frame[name]
        if isinstance(column, Coded):
            code = int(column.codes[place])
            word = column.words[code] if code >= 0 else None
        else:
            word = "yes" if column[place] else None
        if word:
            stated[name] = word
    return stated


def assessed_sums(processed: Processed, place: int) -> Sums:
    """Return what a consignment owes by where it is due, currency and who owes it, minor units."""
    charges, sums = processed.charges, Counter[tuple[str, str, str]]()
    due, kind = charges.words("due_code"), charges.words("kind_code")
    currency, amounts = charges.words("currency_code"), charges.numbers("amount_minor")
    debtor = charges.words("debtor_code")
    is_waived = charges.flags("is_waived")
    for row in (charges.numbers("consignment") == place).nonzero()[0].tolist():
        if is_waived[row] or kind.words[kind.codes[row]] == "claim":
            continue
        where = due.words[due.codes[row]] if due.codes[row] >= 0 else "none"
        owing = debtor.words[debtor.codes[row]] if debtor.codes[row] >= 0 else ""
        sums[where, currency.words[currency.codes[row]], owing] += int(amounts[row])
    return sums
