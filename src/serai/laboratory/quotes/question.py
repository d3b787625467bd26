"""What the desk is asked, and what it worked out."""

import datetime as dt

import msgspec

from serai.laboratory.quotes.answer import QuoteOut
from serai.laboratory.quotes.request import Assumption
from serai.model.documents import Consignment


class Question(msgspec.Struct, frozen=True):
    """A request made whole, in the language of who asked. party_id: to whom the quote is promised; None asks
    for the figures alone.
    """

    document: Consignment
    assumptions: list[Assumption]
    language: str
    party_id: int | None = None


class Answered(msgspec.Struct, frozen=True):
    """A quote with what it was worked out from. stated: by name of `model.quote.STATED`. changes_at: the
    instant from which another law holds, as far as it is known.
    """

    quote: QuoteOut
    question: Question
    stated: dict[str, str]
    generation_id: int
    changes_at: dt.datetime | None
