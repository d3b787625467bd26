"""What the desk is asked, and what it worked out."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.request import Assumption
from serai.model.documents import Consignment
from serai.model.errors import SeraiError


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


def figures_of(answers: Sequence[Answered | SeraiError]) -> list[QuoteOut | SeraiError]:
    """Return the figures alone, which promise nothing."""
    return [one.quote if isinstance(one, Answered) else one for one in answers]
