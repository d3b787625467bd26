"""What the model may not see it does not see: no feature is made of it, and no score moves with it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import msgspec
import numpy as np
import pytest

from serai.journey.pipeline import Context, check_documents, run_checked
from serai.journey.risk_model.declared import declared_rows, of_consignments
from serai.journey.risk_model.forbidden import read_forbidden
from serai.journey.risk_model.model import RiskModel, to_ppm
from serai.journey.risk_model.plan import FEATURES
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.plans.feature import MEASURES, ROLES
from serai.journey.risk_model.training import Settings, train
from serai.journey.screening.lists import build_lists
from serai.journey.selection.compiled import file_hash_of
from serai.journey.selection.risk_file import Budget, RiskFile, empty_file
from serai.journey.selection.rules import NOT_DECIDED, DaySums, SelectionContext
from serai.laboratory.invented.seeded_fraud.parcels import labelled_parcels
from serai.law.book import LawBook
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book
from serai.law.vague_words import no_vague_words
from serai.model.columns import Coded, Int64s, encode_words
from serai.model.documents import Consignment
from tests.law.packs import shipped_files

FIRST_DAY = datetime(2026, 7, 2, tzinfo=UTC)
AT_MS = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)
COUNT = 3_334
"""Each is tried with three changes: ten thousand cases."""
NAMES = ("王小明", "محمد علي", "Олександр Коваль", "Zoë Ångström", "Nguyễn Thị Hoa")


def test_no_feature_is_made_of_what_is_forbidden() -> None:
    used = {one.measure for one in FEATURES} | {role for one in FEATURES for role in one.keys}
    for one in read_forbidden():
        assert not used & {*one.columns, *one.roles, *one.measures}, one.name
        assert not {*ROLES, *MEASURES} & {*one.roles, *one.measures}
        assert one.why
        assert one.proxies


def test_a_mapping_reads_no_forbidden_column() -> None:
    """Taken away, they are not missed: what is not there cannot be looked at."""
    documents = parcels()[:50]
    checked = check_documents(documents, ["D1"] * len(documents), AT_MS, book())
    forbidden = {column for one in read_forbidden() for column in one.columns}
    frame = checked.columns.consignments
    kept = {name: column for name, column in frame.columns.items() if name not in forbidden}
    assert len(kept) < len(frame.columns)

    rows = declared_rows(
        replace(frame, columns=kept), checked.columns.items, *parties(documents, len(documents))
    )

    assert rows.row_count == checked.columns.items.row_count


@pytest.mark.parametrize("change", ["name", "channel", "seller size"])
def test_the_lane_stays_whatever_somebody_is_called_ships_by_or_how_much_he_sells(change: str) -> None:
    """Draw and history held fixed, model on and off; no law in force names what is changed here."""
    documents = parcels()
    changed = [_changed(one, change, number) for number, one in enumerate(documents)]
    model = trained()
    assert changed != documents

    for is_on in (True, False):
        before, scores = lanes_of(documents, model if is_on else None)
        after, changed_scores = lanes_of(changed, model if is_on else None)
        assert (scores == changed_scores).all()
        moved = before != after
        if change != "name" and is_on:
            # A law may name channel and platform; the model moves nothing beyond what the law alone does.
            law_before, law_after = lanes_of(documents, None)[0], lanes_of(changed, None)[0]
            moved &= law_before == law_after
        assert not moved.any() or (change != "name" and not is_on)
        assert is_on == bool((scores > 0).any())


def _changed(document: Consignment, change: str, number: int) -> Consignment:
    if change == "name":
        name = NAMES[number % len(NAMES)]
        return msgspec.structs.replace(
            document, consignee=msgspec.structs.replace(document.consignee, name=name)
        )
    if change == "channel":
        other = "express" if document.logistics_channel_code == "post" else "post"
        return msgspec.structs.replace(document, logistics_channel_code=other)
    # Small sellers sell through platforms, large ones by themselves.
    return msgspec.structs.replace(document, is_platform_sale=not document.is_platform_sale)


@cache
def book() -> LawBook:
    return load_book(shipped_files())


@cache
def parcels() -> list[Consignment]:
    drawn = labelled_parcels(COUNT, 77, first_day=FIRST_DAY)
    return [msgspec.convert(one.declaration, Consignment) for one in drawn]


def parties(documents: list[Consignment], count: int) -> tuple[Coded, Coded]:
    sellers = encode_words([one.seller_id for one in documents])
    return encode_words([f"D{number % 7}" for number in range(count)]), sellers


@cache
def trained() -> RiskModel:
    documents = parcels()
    labels = [one.fraud is not None for one in labelled_parcels(COUNT, 77, first_day=FIRST_DAY)]
    checked = check_documents(documents, ["D1"] * len(documents), AT_MS, book())
    frame, items = checked.columns.consignments, checked.columns.items
    rows = declared_rows(frame, items, *parties(documents, len(documents)))
    found = np.array(labels, dtype=np.float64)[checked.accepted_rows][items.numbers("owner")]
    group = np.arange(1, rows.row_count + 1, dtype=np.uint64)
    days = np.full(rows.row_count, 20_700, dtype=np.int64)
    settings = Settings(rounds=20, min_data_in_leaf=40)
    return train(Examined(rows, found, group, days), settings).model


def lanes_of(documents: list[Consignment], model: RiskModel | None) -> tuple[Int64s, Int64s]:
    """Return the lane of each, and its score (0: not scored)."""
    checked = check_documents(documents, ["D1"] * len(documents), AT_MS, book())
    assert len(checked.accepted_rows) == len(documents)
    scores = None
    if model is not None:
        goods = declared_rows(
            checked.columns.consignments, checked.columns.items, *parties(documents, len(documents))
        )
        scores = to_ppm(of_consignments(model.probabilities(goods), checked.columns.first_items))
    count = len(documents)
    file: RiskFile = msgspec.structs.replace(empty_file(), budget=Budget(model_score_min_ppm=100_000))
    draws = np.random.default_rng(5).integers(0, 1 << 62, count)
    context = replace(
        Context.empty(count),
        selection=SelectionContext(
            file, file_hash_of(file), draws, np.full(count, NOT_DECIDED), DaySums(0, 0, 0)
        ),
        risk_score_ppm=scores,
    )
    done = run_checked(
        checked, AT_MS, book(), build_lists([], no_vague_words(), read_goods_kinds(shipped_files())), context
    )
    return done.consignments.numbers("lane_number"), np.zeros(count, np.int64) if scores is None else scores
