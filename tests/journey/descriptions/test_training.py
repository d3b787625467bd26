"""Weights come from examples alone: few are enough to see it, and all of them give the shipped file again."""

import csv
import hashlib
import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
import zstandard

from serai.journey.descriptions.weights import Weights, write_weights
from serai.law.vague_words import no_vague_words
from tests.beside import SHARED, needs
from tools.describing.__main__ import ROOT, train_all
from tools.describing.evaluation import (
    choose_settings,
    count_doubts,
    count_hits,
    exchange_codes,
    find_nearest,
    suggest,
)
from tools.describing.references import Example, References, is_for_trying, is_held_out
from tools.describing.training import train

REFERENCE = SHARED / "reference"
PARCEL_WORDS = ROOT / "tools" / "describing" / "parcel_words.csv"
SEEN = [
    Example(text, code, "extra_references")
    for code, texts in {
        "610910": ("cotton t-shirt", "tee shirt of cotton", "graphic tee cotton"),
        "950300": ("plush bear", "toy bear", "wooden toy blocks"),
        "330499": ("face cream", "cream for hands", "sun cream"),
        "851713": ("smartphone 128 gb", "mobile phone", "phone android"),
    }.items()
    for text in texts
]
VAGUE = ["size xl", "black xxl", "sku 4711", "sku 4712", "mixed lot 9"]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return train(SEEN, VAGUE, "of a test")


def test_few_examples_teach_headings_and_vagueness(weights: Weights) -> None:
    asked = [Example("bear of plush", "950300", ""), Example("hand cream", "330499", "")]
    found = suggest([one.text for one in asked], weights)

    hits = count_hits(
        asked,
        [[code.code for code in one.headings] for one in found],
        [[code.code for code in one.subheadings] for one in found],
    )

    assert hits[1:] == (1.0, 1.0, 1.0, 1.0)
    assert found[0].words == ("plush", "bear")


def test_settings_are_chosen_on_texts_that_training_never_saw() -> None:
    texts = [f"goods number {number}" for number in range(400)]
    examples = [Example(text, ("610910", "950300")[place % 2], "brands") for place, text in enumerate(texts)]
    vague = [f"lot {number}" for number in range(100)]

    chosen = choose_settings(References([*SEEN, *examples], vague), no_vague_words())

    assert chosen.temperature > 0
    assert chosen.vague_scale > 0
    assert 0 < chosen.vague_threshold < 1
    assert choose_settings(References([*SEEN, *examples], vague), no_vague_words()) == chosen


def test_what_parcels_say_is_known_by_its_subheading_each_once() -> None:
    rows = list(csv.DictReader(PARCEL_WORDS.read_text(encoding="utf-8").splitlines()))

    assert [row["code"] for row in rows] == sorted({row["code"] for row in rows})
    for row in rows:
        words = row["words"].split(";")
        assert len(row["code"]) == 6
        assert len(set(words)) == len(words)
        assert all(one.strip() == one and one for one in words)


def test_training_twice_gives_the_same_bytes(weights: Weights) -> None:
    assert write_weights(train(SEEN, VAGUE, "of a test")) == write_weights(weights)


def test_equal_texts_stay_on_one_side_of_the_split() -> None:
    texts = [f"goods number {number}" for number in range(2000)]

    assert all(is_held_out(text) == is_held_out(f" {text}  ") for text in texts)
    assert not any(is_held_out(text) and is_for_trying(text) for text in texts)
    assert 0.16 < np.mean([is_held_out(text) for text in texts]) < 0.24


def test_exchanged_codes_are_wrong_and_are_doubted(weights: Weights) -> None:
    codes = exchange_codes(SEEN)

    assert all(code[:2] != one.code[:2] for code, one in zip(codes, SEEN, strict=True))
    assert count_doubts(SEEN, codes, weights).right > 0.5
    assert count_doubts(SEEN, [one.code for one in SEEN], weights).doubted == 0


def test_the_nearest_text_gives_its_code() -> None:
    def rank(_texts: object) -> list[list[int]]:
        return [[3, 4, 0], [6]]

    headings, subheadings = find_nearest(["a", "b"], SEEN, rank)

    assert headings == [["9503", "6109"], ["3304"]]
    assert subheadings == [["950300", "610910"], ["330499"]]


@pytest.mark.slow
@needs(REFERENCE)
def test_the_shipped_weights_are_those_the_reference_texts_give() -> None:
    shipped = (files("serai.journey.descriptions") / "weights.bin").read_bytes()

    # Unpacked: how well a library packs changes with its version.
    assert unpacked_hash(train_all(REFERENCE)) == unpacked_hash(shipped)


def unpacked_hash(file: bytes) -> str:
    return hashlib.sha256(zstandard.ZstdDecompressor().decompress(file)).hexdigest()


def test_the_last_bits_of_a_sum_do_not_change_the_file(weights: Weights) -> None:
    other = replace(
        weights,
        vague_doubt=math.nextafter(weights.vague_doubt, 1),
        vague_bias=math.nextafter(weights.vague_bias, 1),
    )

    assert write_weights(other) == write_weights(weights)
