"""Exceptions beside a rule: they take it away where they hold, and are told as exceptions."""

import numpy as np
import pytest

from serai.explanation.consignment import explain_consignment
from serai.explanation.steps import Step
from serai.journey.assessment.rules import assess
from serai.journey.validation.columns import read_columns
from serai.law.book import LawBook
from serai.law.load import decode_pack
from serai.law.program import LawPackError
from serai.model.documents import Consignment
from serai.model.frames import ABSENT
from tests.law.packs import charges_of, compile_pack, item, pack_text
from tests.law.test_words_for_all_regimes import assessed, book_of, parcel

DEFINITIONS = """definitions:
- {name: is_gift, level: consignment, value: "sale_nature_code = 'gift'", meaning: "A gift", law_ref: l}
- name: is_charged
  level: item
  value: line_value > 0
  unless: [{when: origin_country_code = 'NO', meaning: "goods of Norway", law_ref: "Act s. 4"}]
  meaning: "The goods are charged"
  law_ref: "Act s. 2"
charges:
"""
FEE = """- rule_id: xx-fee
  tax_type_code: T
  kind: fee
  level: item
  title: "Fee"
  amount: line_value
  due: border
  debtor: [{code: importer}]
  law_ref: "Act s. 1"
"""
EXCEPTED = (
    FEE
    + """  when: is_charged
  unless:
  - {when: is_gift, law_ref: "Act s. 3"}
  - {when: "HAS_ANY_CODE(document_type_codes, free_documents)", meaning: "with a paper", law_ref: "Act s. 5"}
"""
)
PAPERS = """parameters:
- name: free_documents
  kind: code
  is_list: true
  meaning: "Papers that make free"
  values: [{valid_from: 2020-01-01, valid_to: null, value: ["X1"], source: act}]
"""


@pytest.fixture(scope="module")
def book() -> LawBook:
    return book_of(pack_text(PAPERS + DEFINITIONS + EXCEPTED))


def steps_of(step: Step) -> list[Step]:
    return [step, *(one for child in step.children for one in steps_of(child))]


def explained(book: LawBook, document: Consignment) -> dict[str, str]:
    no, absent = np.zeros(1, dtype=np.bool_), np.full(1, ABSENT, dtype=np.int64)
    columns = read_columns([document], ["filer"], 0, book)
    consignments = columns.consignments.with_columns(
        has_order=no, has_payment=no, has_transport_document=no, allowance_used=absent, same_day_value=absent
    )
    explanation = explain_consignment(assess(consignments, columns.items, columns.first_items, book), 0)
    (shown,) = explanation.items
    roots = [one.step for one in shown.charges] + list(shown.not_charged)
    return {one.meaning: one.result for root in roots for one in steps_of(root) if one.name == "unless"}


@pytest.mark.parametrize(
    ("document", "is_charged"),
    [
        (parcel(), True),
        (parcel(sale_nature_code="gift"), False),
        (parcel(item(origin_country_code="NO")), False),
    ],
)
def test_a_rule_holds_unless_an_exception_does(
    book: LawBook, document: Consignment, is_charged: bool
) -> None:
    assert bool(charges_of(assessed(book, document))) == is_charged


def test_a_rule_without_a_condition_holds_unless_an_exception_does() -> None:
    pack = decode_pack(
        pack_text(PAPERS + DEFINITIONS + FEE + "  unless: [{when: is_gift, law_ref: l}]\n").encode(), "x"
    )

    assert pack.charges[0].condition == "NOT (is_gift)"


def test_each_exception_is_explained_in_words(book: LawBook) -> None:
    of_a_gift = explained(book, parcel(sale_nature_code="gift"))

    assert of_a_gift["Unless: A gift"] == "yes"
    assert of_a_gift["Unless: with a paper"] == "no"
    assert of_a_gift["Unless: goods of Norway"] == "no"


def test_an_exception_that_is_no_condition_is_a_fault_of_its_rule() -> None:
    with pytest.raises(LawPackError) as fault:
        compile_pack("charges:\n" + FEE + "  unless: [{when: line_valu > 0, law_ref: l}]\n")

    assert (fault.value.code, fault.value.place) == ("unknown-name", "XX-TEST, charge xx-fee")
