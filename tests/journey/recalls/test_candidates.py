"""Whom a look at columns leaves out, no recall means: held against reading every declaration whole."""

import json
import random
from typing import Any

import msgspec
import pytest

from serai.formats.json_columns import read_json_columns
from serai.journey.recall_rules.candidates import CandidateIndex, index_candidates
from serai.journey.recall_rules.rules import RecallRule, Searched, prepare_rule
from serai.journey.validation.fields import fields_of_columns, fields_of_documents
from serai.model.documents import Consignment
from tests.journey.recalls.test_suspending import toy

_GTINS = ["4006381333931", "04006381333948", "96385074", "00000096385074"]
_TEXTS = ["Magic Magnet Balls", "magnet-balls", "MAGNET  balls, steel", "Ball", "STRASSE straße"]
_TEXTS += ["ﬁsh", "图书 Magnet"]
_HASHES = ["00000000000003ff", "ffffffffffffffff"]


def drawn(draw: random.Random, count: int) -> list[dict[str, Any]]:
    made = []
    for number in range(count):
        item: dict[str, Any] = {"description": " ".join(draw.sample(_TEXTS, draw.randint(1, 3)))}
        if draw.random() < 0.3:
            item["standard_product_id"] = draw.choice(_GTINS)
        else:
            item["standard_product_id"] = "4006381333999"
        if draw.random() < 0.3:
            item["model"] = draw.choice(["MB 200", "mb-200", "magnet", "X"])
        if draw.random() < 0.3:
            item["lot_number"] = draw.choice(["L1", "L2"])
        if draw.random() < 0.3:
            item["listing"] = draw.choice(
                [{"title": draw.choice(_TEXTS)}, {"picture_hash": "0" * 16}, {"price_amount": "4.00"}]
            )
        made.append(toy(f"C-{number}", **item))
    return made


def rule(draw: random.Random) -> Searched:
    stated: dict[str, Any] = {"gtins": draw.sample(_GTINS, 1)}
    for name, values in (
        ("names", ["magnet balls", "strasse", "FISH", "图书 magnet"]),
        ("models", ["MB-200"]),
        ("picture_hashes", _HASHES),
        ("lots", ["L1"]),
        ("words", ["balls"]),
        ("origin_country_codes", ["CN", "VN"]),
    ):
        if draw.random() < 0.4:
            stated[name] = draw.sample(values, 1)
    return prepare_rule(msgspec.convert(stated, RecallRule))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_recall_means_is_a_candidate_whichever_reader_read_it(seed: int) -> None:
    draw = random.Random(seed)
    bodies = drawn(draw, 100)
    documents = msgspec.convert(bodies, list[Consignment])
    read = read_json_columns([json.dumps(one, ensure_ascii=False).encode() for one in bodies], Consignment)
    assert read is not None
    assert len(read.places) == len(documents)
    rules = [rule(draw) for _ in range(draw.randint(1, 3))]
    meant = {
        place for place, one in enumerate(documents) if any(each.find(one) is not None for each in rules)
    }

    index = index_candidates(rules)

    found = index.find(fields_of_documents(documents))
    assert meant <= found
    assert index.find(fields_of_columns(read)) == found
    assert len(found) < len(documents)


def test_nothing_is_a_candidate_where_no_recall_is_in_force() -> None:
    documents = [msgspec.convert(toy("NONE"), Consignment)]

    assert CandidateIndex().find(fields_of_documents(documents)) == frozenset()


def test_of_a_name_its_longest_word_makes_candidates_and_the_others_none() -> None:
    index = index_candidates([prepare_rule(RecallRule(gtins=["96385074"], names=["the magnet set"]))])
    documents = [
        msgspec.convert(toy("SAID", description=said), Consignment) for said in ("The set", "One MAGNET")
    ]

    assert index.find(fields_of_documents(documents)) == {1}
