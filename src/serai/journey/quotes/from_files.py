"""Quotes from law packs and lists as files, without a database: for commands."""

import datetime as dt
from collections.abc import Mapping, Sequence

from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import list_kind_of
from serai.journey.law_in_force.state import build_state
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.question import Answered, Question
from serai.journey.quotes.service import QuoteService
from serai.model.errors import SeraiError


def answer_from_files(
    law_files: Mapping[str, bytes],
    list_files: Mapping[str, bytes],
    questions: Sequence[Question],
    at: dt.datetime,
) -> list[QuoteOut | SeraiError]:
    """Answer questions by packs and lists. list_files: by name. Raises `list-file-unknown`,
    LawPackError.
    """
    components = [make_component("law-file", name, content) for name, content in law_files.items()]
    components += [
        make_component(list_kind_of(name, content), name, content) for name, content in list_files.items()
    ]
    law = build_state(0, components)
    service = QuoteService(lambda: law, FixedClock(at), Metrics())
    return [one.quote if isinstance(one, Answered) else one for one in service.answer_all(questions, at)]
