"""Citing quotes: nothing is asked of the database where none is cited; references are read strictly."""

from typing import Any

import numpy as np
import pytest

from serai.foundation.id_text import format_id
from serai.foundation.settings import QuotesSettings
from serai.journey.consignments.rows import Row
from serai.journey.documents.submission import Sender
from serai.journey.recording.cited_quotes import honour_quotes
from serai.journey.recording.quote_facts import read_reference, write_reference
from serai.model.columns import Frame, encode_words
from serai.model.documents import AdditionalDocument, Consignment, GoodsItem, Person

COMMITMENT = bytes(range(32))


class _NoDatabase:
    """Fails on whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


class _Services(_NoDatabase):
    quote_rules = QuotesSettings()


class _Cleared(_NoDatabase):
    def __init__(self, codes: list[str]) -> None:
        self.items = Frame(len(codes), {"document_type_codes": encode_words(codes)})
        self.first_items = np.arange(len(codes))


def row(*type_codes: str) -> Row:
    item = GoodsItem(1, "61091000", "T-shirt", "1", "25.00", "EUR", "CN", "0.1")
    person = Person(name="A", country_code="CN")
    document = Consignment(
        reference="R",
        goods_items=[item],
        consignor=person,
        consignee=person,
        logistics_channel_code="post",
        additional_documents=[AdditionalDocument(code) for code in type_codes],
    )
    return Row(document, Sender(1, frozenset()), 1, 1, 1, 1)


async def test_a_batch_that_cites_no_quote_asks_nothing_of_the_database() -> None:
    rows = [row(), row("N380"), row("C400")]
    processed: Any = _Cleared(["", "N380", "C400"])
    arguments: Any = (_Services(), _NoDatabase(), rows, processed)

    same = await honour_quotes(*arguments, checked=None, law=_NoDatabase(), at=None)  # type: ignore[arg-type]

    assert same is processed


def test_a_reference_is_read_as_it_was_written() -> None:
    reference = write_reference(format_id(4_711), COMMITMENT)
    citation = read_reference(reference)

    assert citation is not None
    assert (citation.quote_id, citation.commitment) == (4_711, COMMITMENT)
    assert read_reference(f" {reference} ") == citation


@pytest.mark.parametrize(
    "reference",
    ["", ".", format_id(1), format_id(1) + ".", format_id(1) + ".abcd", "X." + COMMITMENT.hex(), "é.ü"],
)
def test_what_is_no_reference_is_none(reference: str) -> None:
    assert read_reference(reference) is None
