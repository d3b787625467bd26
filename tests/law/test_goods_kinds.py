"""Descriptions name restricted goods by their words; what only sounds like them names nothing."""

import pytest

from serai.law.goods_kinds import GOODS_KINDS, GoodsKind, read_goods_kinds
from serai.model.columns import encode_words
from serai.model.errors import SeraiError
from tests.law.packs import shipped_files

KINDS = read_goods_kinds(shipped_files())


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("amoxicillin capsules 500 mg", "medicine"),
        ("mini drone with camera and carrying case", "drone"),
        ("samurai sword (steel)", "sword"),
        ("katanas, 2 pieces", "sword"),
        ("carved ivory figurine", "ivory"),
        ("ivory", "ivory"),
        ("象牙雕刻", "ivory"),
        ("12 packets of vegetable seeds", "seed"),
        ("seeds", "seed"),
        ("power-bank 20000mah", "power-bank"),
        ("butterfly knife/steel", "banned-knife"),
        ("fromage de chèvre", "milk-product"),
        ("médicaments", "medicine"),
    ],
)
def test_words_name_their_kind(description: str, kind: str) -> None:
    assert KINDS.name(description) == (kind,)


@pytest.mark.parametrize(
    "description",
    [
        "ivory coloured dress",
        "dress, ivory coloured, with lace",
        "toy sword",
        "seed beads",
        "glass seed beads 2 mm",
        "drone toy case",
        "medicine ball",
        "medicine balls, set of 2",
        "swordfish steak knife",
        "power bank case",
        "cheese board",
        "sword stand of oak",
        "bayonet cap light bulb b22",
        "cordless sabre saw",
        "hose with pistol grip nozzle",
        "shotgun microphone for cameras",
        "aa battery pack",
        "sausage dog brooch",
        "semi transparent flower vase",
        "sesame seeds 1 kg",
        "pill organizer, 7 days",
        "insulin cooler",
        "fossil leather wallet",
        "crocodile pattern handbag",
        "automatic knife sharpener",
        "grass seed spreader",
        "象牙白连衣裙",
        "",
    ],
)
def test_what_only_sounds_like_restricted_goods_names_no_kind(description: str) -> None:
    assert KINDS.name(description) == ()


@pytest.mark.parametrize("one", KINDS.kinds, ids=lambda one: one.kind)
def test_each_word_of_the_table_names_its_kind(one: GoodsKind) -> None:
    silent = [word for word in one.words if one.kind not in KINDS.name(word)]
    alone = [word for word in one.wide if one.kind not in KINDS.name(word)]
    beside = [(word, other) for word in one.wide for other in one.beside if not KINDS.name(f"{word} {other}")]

    assert (silent, alone, beside) == ([], [], [])


def test_a_wide_word_names_its_kind_only_beside_another_or_alone() -> None:
    assert KINDS.name("ivory sofa") == ()
    assert KINDS.name("ivory 2") == ("ivory",)
    assert KINDS.name("antique ivory piece") == ("ivory",)


def test_a_code_of_other_goods_outweighs_the_words() -> None:
    said = encode_words(["ivory", "ivory", "steel katana", None, "ivory"])
    codes = encode_words(["620443", "960110", "821192", "960110", None])

    assert KINDS.name_all(said, codes).texts() == ["", "ivory", "sword", "", "ivory"]


def test_a_faulty_table_is_refused_by_name() -> None:
    with pytest.raises(SeraiError, match=r"goods_kinds\.yaml") as refused:
        read_goods_kinds({GOODS_KINDS: b"- {kind: sword, meaning: X, word: [katana]}"})

    assert refused.value.code == "goods-kinds-table"
