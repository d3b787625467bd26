"""What is restricted is held in every market by code and by words, and goes on with its document."""

import pytest

from serai.law.library import decode_packs
from serai.law.pack import Pack
from tests.docs.test_house_pages import DOCS
from tests.law.packs import shipped_files
from tools.restricted_goods import ALIKE, GOODS, LAYER, MARKETS, build_page, documents_for, rules_of

PACKS = {pack.jurisdiction: pack for pack in decode_packs(shipped_files()).values() if pack.layer == LAYER}
STATED = {
    "EU": "eu-medicines eu-radio-equipment eu-swords eu-cites eu-seeds eu-lithium-batteries",
    "XI": "xi-medicines xi-radio-equipment xi-offensive-weapons xi-ivory xi-plants-and-seeds "
    "xi-lithium-batteries",
    "GB": "gb-medicines gb-radio-equipment gb-offensive-weapons gb-ivory gb-seeds gb-lithium-batteries",
    "US": "us-medicines us-radio-equipment free us-ivory us-seeds us-lithium-batteries",
    "CN": "cn-medicines cn-radio-transmitters cn-arms cn-ivory cn-seeds cn-lithium-batteries",
    "JP": "jp-medicines jp-radio-equipment jp-arms jp-ivory jp-seeds jp-lithium-batteries",
    "KR": "kr-medicines kr-certified-goods kr-arms kr-ivory kr-seeds kr-certified-goods,kr-lithium-batteries",
    "AU": "au-medicines au-radio-equipment au-weapons au-ivory au-seeds au-lithium-batteries",
    "BR": "br-medicines br-approved-equipment br-swords br-ivory br-seeds "
    "br-approved-equipment,br-lithium-batteries",
}
"""Rules by market, in the order of the six goods; a sword needs no federal permit in the United States."""


def stated() -> list[list[tuple[str, ...]]]:
    return [
        [() if one == "free" else tuple(one.split(",")) for one in STATED[market.jurisdiction].split()]
        for market in MARKETS
    ]


def test_six_goods_are_held_in_every_market_by_their_code_alone() -> None:
    found = rules_of(shipped_files(), [(one.code, one.other_words, ()) for one in GOODS])

    assert found.tolist() == stated()


def test_six_goods_are_held_in_every_market_by_words_alone() -> None:
    found = rules_of(shipped_files(), [(one.other_code, one.words, ()) for one in GOODS])

    assert found.tolist() == stated()


def test_neither_code_nor_words_hold_nothing_and_documents_open_each_rule() -> None:
    neither = [(one.other_code, one.other_words, ()) for one in GOODS]
    columns = zip(*stated(), strict=True)
    opened = [
        (one.code, one.words, tuple(documents_for(rules, PACKS)))
        for one, rules in zip(GOODS, columns, strict=True)
    ]

    assert not any(rules_of(shipped_files(), [*neither, *opened]).ravel())


def test_what_only_sounds_like_restricted_goods_is_held_nowhere() -> None:
    by_words = [("392690", words, ()) for _, words in ALIKE]

    assert not any(
        rules_of(shipped_files(), [*((code, words, ()) for code, words in ALIKE), *by_words]).ravel()
    )


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_each_rule_says_who_decides_what_to_do_and_where_to_appeal(pack: Pack) -> None:
    assert pack.exclusions
    for one in pack.exclusions:
        assert one.agency
        assert one.appeal
        for code in next(iter(one.document_sets), ()):
            assert code in one.remedy, (one.rule_id, code)


def test_the_page_is_of_the_packs_as_they_are() -> None:
    assert (DOCS / "reference" / "restricted-goods.md").read_text("utf-8") == build_page(shipped_files())
