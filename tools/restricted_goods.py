"""The page of restricted goods: six goods sent to each market, and what the law says of them.

`python -m tools.restricted_goods > docs/reference/restricted-goods.md`
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.assessment.rules import Assessment, assess
from serai.journey.screening.lists import build_lists
from serai.journey.screening.rules import screen
from serai.journey.validation.columns import read_columns
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import PackFiles, decode_packs, load_book
from serai.law.pack import Exclusion, Pack
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.documents import AdditionalDocument, Consignment, GoodsItem, Person

ON: Final = "2026-09-01"
LAYER: Final = "restricted"


class Market(NamedTuple):
    """Where goods go. jurisdiction: of the pack that restricts them there."""

    jurisdiction: str
    name: str
    country_code: str
    postcode: str


class Goods(NamedTuple):
    """One of the six. code, words: each tells them; other_code, other_words: neither does."""

    name: str
    code: str
    words: str
    other_code: str
    other_words: str


MARKETS: Final = (
    Market("EU", "Union", "DE", "10115"),
    Market("XI", "Northern Ireland", "GB", "BT1 5GS"),
    Market("GB", "Great Britain", "GB", "SW1A 1AA"),
    Market("US", "United States", "US", "10001"),
    Market("CN", "China", "CN", "100000"),
    Market("JP", "Japan", "JP", "100-0001"),
    Market("KR", "Korea", "KR", "03000"),
    Market("AU", "Australia", "AU", "2000"),
    Market("BR", "Brazil", "BR", "01000-000"),
)
GOODS: Final = (
    Goods("medicine", "300490", "amoxicillin capsules 500 mg", "210690", "blister packs for a friend"),
    Goods("drone", "880621", "quadcopter drone with 4k camera", "852589", "flying camera"),
    Goods("sword", "930700", "samurai sword, steel blade", "821192", "collector piece of steel"),
    Goods("ivory carving", "960110", "carved ivory figurine", "392640", "small white figurine"),
    Goods("seed packet", "120991", "tomato seeds for planting", "121190", "garden hobby set"),
    Goods("power bank", "850760", "power bank 20000 mah", "850440", "portable charging device"),
)
ALIKE: Final = (
    ("620443", "ivory coloured dress"),
    ("392690", "toy sword"),
    ("701810", "glass seed beads"),
    ("392690", "drone toy case"),
    ("950669", "medicine ball"),
    ("420292", "power bank pouch"),
)
"""What only sounds like restricted goods, with its code."""

TEXT = """# Restricted goods in every market

Written by `tools/restricted_goods.py`, which sends parcels through the law of {on}: two pieces of each of
six goods, sold to a consumer, by express and air from China. A cell names what happens without the document,
and the documents of which one opens it; *free*: nothing is asked for. Codes are of the Union (C400, N851,
Y900 ...) and of UN/EDIFACT 1001 (2 certificate of conformity, 4 test report, 890 dangerous goods declaration,
911 import licence); PRESCRIPTION, WEAPON-EXEMPTION and IMPORTER-STATEMENT are our own. A document is one of
the `additional_documents` of the goods item or of the consignment, and its code the `type_code`.

| goods | {markets} |
|---|{lines}
{rows}

Each cell was asked for by the commodity code under a description that does not tell the goods, and by the
words under the code of other goods. {differences} With code and words, and one document of each rule, {held}
of {cells} parcels {is_held} held. To each market went also what only sounds like such goods, and {caught} of
these parcels {is_caught} held: {alike}.

How words are judged stands in `laws/tables/goods_kinds.yaml`: the words of a kind, what must stand beside an
ambiguous one, what says that something else is meant, and the codes under which the words mean nothing.
Words are believed: of who writes *toy* before a sword these rules ask nothing, and rules of risk are another
matter.

{packs}"""
PACK = """## {title}

`{code}`, {confidence}. Until when and by which sources it is confirmed: [sources of law](law-sources.md).

| rule | without the document | opened by | who decides | law |
|---|---|---|---|---|
{rows}

{questions}"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(read_law_files(find_shipped("laws"))))


def build_page(files: PackFiles) -> str:
    """Write the page of the packs of a folder."""
    packs = {pack.jurisdiction: pack for pack in decode_packs(files).values() if pack.layer == LAYER}
    by_code = rules_of(files, [(one.code, one.other_words, ()) for one in GOODS])
    by_words = rules_of(files, [(one.other_code, one.words, ()) for one in GOODS])
    opened = [
        (one.code, one.words, tuple(documents_for(by_code[:, number].tolist(), packs)))
        for number, one in enumerate(GOODS)
    ]
    held = rules_of(files, opened)
    caught = rules_of(files, [(code, words, ()) for code, words in ALIKE])
    differ = [
        f"{goods.name} in {market.name}"
        for row, market in enumerate(MARKETS)
        for column, goods in enumerate(GOODS)
        if by_code[row, column] != by_words[row, column]
    ]
    held_count, caught_count = _count(held), _count(caught)
    return TEXT.format(
        on=ON,
        markets=" | ".join(market.name for market in MARKETS),
        lines="---|" * len(MARKETS),
        rows="\n".join(
            f"| {goods.name} | "
            + " | ".join(_cell(by_code[row, column], packs) for row in range(len(MARKETS)))
            + " |"
            for column, goods in enumerate(GOODS)
        ),
        differences=f"They differ for: {', '.join(differ)}." if differ else "They nowhere differ.",
        held=held_count,
        cells=held.size,
        is_held="is" if held_count == 1 else "are",
        alike=", ".join(words for _, words in ALIKE),
        caught=caught_count,
        is_caught="is" if caught_count == 1 else "are",
        packs="\n".join(_pack(packs[market.jurisdiction]) for market in MARKETS),
    )


def rules_of(
    files: PackFiles, goods: Sequence[tuple[str, str, tuple[str, ...]]]
) -> "np.ndarray[tuple[int, int], np.dtype[np.object_]]":
    """Return the exclusions that speak of goods in each market: a row a market, a column a good.

    goods: commodity code, description and types of the documents that are there.
    """
    book = load_book(files)
    documents = [
        _parcel(market, f"{place}-{number}", one)
        for place, market in enumerate(MARKETS)
        for number, one in enumerate(goods)
    ]
    columns = read_columns(documents, ["restricted-goods"] * len(documents), 0, book)
    lists = build_lists((), read_vague_words(files[VAGUE_WORDS]), read_goods_kinds(files))
    screened = screen(columns.consignments, columns.items, (), lists)
    unmatched = {
        name: np.zeros(len(documents), dtype=np.bool_)
        for name in ("has_order", "has_payment", "has_transport_document")
    }
    consignments = screened.consignments.with_columns(**unmatched)
    assessed = assess(consignments, screened.items, columns.first_items, book)
    found = np.empty(len(documents), dtype=np.object_)
    found[:] = [tuple(sorted(rules)) for rules in _exclusions_on(assessed, len(documents))]
    return found.reshape(len(MARKETS), len(goods))


def documents_for(rules_by_market: Sequence[tuple[str, ...]], packs: Mapping[str, Pack]) -> Iterator[str]:
    """Yield documents that open each rule of all markets: a parcel may bear more than one country asks."""
    for rules in rules_by_market:
        for rule_id in rules:
            yield from next(iter(_exclusion(rule_id, packs).document_sets), ())


def _parcel(market: Market, reference: str, goods: tuple[str, str, tuple[str, ...]]) -> Consignment:
    code, words, documents = goods
    item = GoodsItem(
        sequence_number=1,
        commodity_code=code,
        description=words,
        quantity="2",
        quantity_unit_code="C62",
        invoice_amount="20.00",
        invoice_currency_code="EUR",
        origin_country_code="CN",
        gross_mass_kg="0.500",
        additional_documents=[AdditionalDocument(one) for one in documents],
    )
    return Consignment(
        reference=reference,
        goods_items=[item],
        consignor=Person(name="Invented Sender", country_code="CN"),
        consignee=Person(
            name="Invented Recipient", country_code=market.country_code, postcode=market.postcode
        ),
        logistics_channel_code="express",
        sale_nature_code="B2C",
        transport_mode_code="4",
        dispatch_country_code="CN",
        accepted_at=f"{ON}T04:00:00Z",
        amends_version=None,
    )


def _exclusions_on(assessed: Assessment, count: int) -> list[list[str]]:
    """Return the exclusions that speak on each item."""
    found: list[list[str]] = [[] for _ in range(count)]
    for governed in assessed.runs:
        for number, applies in governed.run.applying:
            rule = governed.run.program.rules[number]
            if isinstance(rule.rule, Exclusion):
                for row in governed.item_rows[applies].tolist():
                    found[row].append(rule.rule_id)
    return found


def _count(found: "np.ndarray[tuple[int, int], np.dtype[np.object_]]") -> int:
    return sum(bool(rules) for rules in found.ravel())


def _exclusion(rule_id: str, packs: Mapping[str, Pack]) -> Exclusion:
    return next(one for pack in packs.values() for one in pack.exclusions if one.rule_id == rule_id)


def _cell(rules: tuple[str, ...], packs: Mapping[str, Pack]) -> str:
    exclusions = [_exclusion(rule_id, packs) for rule_id in rules]
    return "; ".join(f"{one.lane}: {_codes(one)}" for one in exclusions) or "free"


def _codes(one: Exclusion) -> str:
    ways = (" with ".join(f"`{code}`" for code in codes) for codes in one.document_sets)
    return " or ".join(ways) or "nothing opens it"


def _pack(pack: Pack) -> str:
    rows = "\n".join(
        f"| `{one.rule_id}`: {one.sentence} | {one.lane} | {_codes(one)} | {one.agency} | {one.law_ref} |"
        for one in pack.exclusions
    )
    questions = "\n".join(f"- {question}" for question in pack.open_questions)
    return PACK.format(
        title=pack.title, code=pack.code, confidence=pack.confidence, rows=rows, questions=f"{questions}\n"
    )


if __name__ == "__main__":
    main()
