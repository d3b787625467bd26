"""Quotes from law packs and lists as files, without a database: for commands."""

import datetime as dt
from collections.abc import Mapping, Sequence

from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from serai.journey.assess.store import make_component
from serai.journey.clearance.law_state import build_state
from serai.journey.clearance.list_files import list_kind_of
from serai.laboratory.quotes.answer import QuoteOut
from serai.laboratory.quotes.desk import QuoteDesk
from serai.laboratory.quotes.question import Answered, Question
from serai.model.errors import SeraiError


def answer_from_files(
    law_files: Mapping[str, bytes],
    list_files: Mapping[str, bytes],
    questions: Sequence[Question],
    at: dt.datetime,
) -> list[QuoteOut | SeraiError]:
    """Answer questions by packs and lists. list_files: by name, which begins with its kind. Raises
    `list-file-unknown`, LawPackError.
    """
    components = [make_component("law-file", name, content) for name, content in law_files.items()]
    components += [make_component(list_kind_of(name), name, content) for name, content in list_files.items()]
    law = build_state(0, components)
    desk = QuoteDesk(lambda: law, FixedClock(at), Metrics())
    return [one.quote if isinstance(one, Answered) else one for one in desk.answer_all(questions, at)]
