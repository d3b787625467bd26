"""Features: unknown is unknown, a small group leans on its parent, no row tells its outcome to itself."""

from collections.abc import Sequence

import numpy as np

from serai.journey.risk_model.feature_columns.folds import FOLDS, folds_of, out_of_fold
from serai.journey.risk_model.feature_columns.learning import learn
from serai.journey.risk_model.feature_columns.matrix import PRIOR_ROWS, matrix_of
from serai.journey.risk_model.history.tables import Past, learn_history
from serai.journey.risk_model.plan import FEATURES, HISTORY_SOURCES, NAMES
from serai.journey.risk_model.plans.feature import PARTY_SUPPORT_MIN
from serai.journey.risk_model.rows import (
    NOT_STATED,
    Float64s,
    RiskRows,
    hash_column,
    hash_prefixes,
    join_keys,
)
from serai.journey.risk_model.tables import KeyTable, Learned, RowGroups, with_shared_keys
from serai.model.columns import encode_words
from tests.journey.risk_model.examined_goods import examined_goods


def some_rows(codes: Sequence[str | None], sellers: Sequence[str | None], masses: list[float]) -> RiskRows:
    code = encode_words(codes)
    keys = {
        role: hash_prefixes("goods", code, digits)
        for role, digits in (("chapter", 2), ("heading", 4), ("subheading", 6))
    }
    keys["currency"] = hash_column("currency", encode_words(["EUR"] * len(codes)))
    keys["seller"] = hash_column("seller", encode_words(sellers))
    return RiskRows(len(codes), keys, {"log_mass": np.log(np.array(masses))})


def column(matrix: Float64s, name: str) -> Float64s:
    return matrix[:, NAMES.index(name)]


def test_a_parent_comes_before_whoever_leans_on_it() -> None:
    for place, feature in enumerate(FEATURES):
        assert feature.parent is None or NAMES.index(feature.parent) < place


def test_what_is_not_stated_is_unknown_and_what_is_new_has_the_parents_share() -> None:
    known = some_rows(["610910"] * 6 + ["850440"] * 4, ["S1"] * 10, [0.2] * 10)
    found = np.array([1.0] * 6 + [0.0] * 4)
    learned = learn(known, found, np.ones(10))

    matrix = matrix_of(some_rows(["610990", None, "610910"], [None, None, "S1"], [0.2, 0.2, 0.2]), learned)

    shares = column(matrix, "outcomes_heading")
    chapter = (6 + PRIOR_ROWS * 0.6) / (6 + PRIOR_ROWS)
    assert shares[0] == (6 + PRIOR_ROWS * chapter) / (6 + PRIOR_ROWS) - 0.6
    assert column(matrix, "outcomes_subheading")[0] == shares[0]
    assert np.isnan(shares[1])
    assert np.isnan(column(matrix, "outcomes_seller")[:2]).all()
    assert np.isnan(column(matrix, "outcomes_origin")).all()


def test_a_distance_is_held_against_goods_of_the_same_heading() -> None:
    known = some_rows(["610910"] * 50, ["S1"] * 50, [0.2] * 50)
    learned = learn(known, np.zeros(50), np.ones(50))

    matrix = matrix_of(some_rows(["610910", "610910"], ["S1", "S1"], [0.2, 200.0]), learned)

    near, far = column(matrix, "distance_mass_heading")
    assert abs(near) < 0.1
    assert far > 10


def test_a_party_with_few_examinations_is_not_in_the_model() -> None:
    few, enough = ["S1"] * (PARTY_SUPPORT_MIN - 1), ["S2"] * PARTY_SUPPORT_MIN
    rows = some_rows(["610910"] * len(few + enough), [*few, *enough], [0.2] * len(few + enough))

    every = np.ones(rows.row_count)
    past = Past(
        rows,
        dict.fromkeys(HISTORY_SOURCES, every),
        every,
        every > 0,
        every,
        np.zeros(rows.row_count, np.int64),
    )
    kept = learn_history(past)["outcomes_seller"].keys
    assert kept.tolist() == hash_column("seller", encode_words(["S2"])).tolist()


def test_rows_together_have_the_features_that_each_has_alone() -> None:
    """What is looked up once for rows that state the same must not lend them another's, stated or not."""
    known = examined_goods(1_500, seed=3)
    past = Past(
        known.rows,
        dict.fromkeys(HISTORY_SOURCES, np.linspace(-1.0, 1.0, 1_500)),
        known.is_found,
        known.flags,
        np.ones(1_500),
        known.day // 7,
    )
    learned = learn(known.rows, known.is_found, np.ones(1_500))
    learned = Learned(learned.base_rate, {**learned.tables, **learn_history(past)})
    asked = examined_goods(80, seed=4).rows
    random = np.random.default_rng(6)
    keys = {role: np.where(random.random(80) < 0.2, NOT_STATED, one) for role, one in asked.keys.items()}
    rows = RiskRows(80, keys, {**asked.measures, "log_mass": np.full(80, np.nan)})

    together = matrix_of(rows, learned)

    alone = np.concatenate([matrix_of(rows.take(np.array([row])), learned) for row in range(80)])
    assert np.array_equal(together, alone, equal_nan=True)
    assert np.isfinite(together).any(axis=0).sum() > 20
    shuffled = random.permutation(80)
    assert np.array_equal(matrix_of(rows.take(shuffled), learned), together[shuffled], equal_nan=True)


def test_no_row_tells_its_outcome_to_itself_nor_to_its_likes() -> None:
    """Every group has one outcome of its own: by its key alone nothing can be foretold out of fold."""
    codes = [f"{number:06d}" for number in range(100_000, 100_060) for _ in range(5)]
    rows = some_rows(list(codes), [None] * 300, [0.2] * 300)
    group = hash_column("group", encode_words(codes))
    found = (np.arange(300) // 5 % 2).astype(np.float64)

    matrix = out_of_fold(rows, found, np.ones(300), folds_of(group, FOLDS, salt=1))

    inside = matrix_of(rows, learn(rows, found, np.ones(300)))
    by_memory = column(inside, "outcomes_subheading")
    by_others = column(matrix, "outcomes_subheading")
    assert by_memory[found == 1].mean() > by_memory[found == 0].mean() + 0.05
    assert abs(by_others[found == 1].mean() - by_others[found == 0].mean()) < 0.005


def test_likes_are_in_one_fold_in_any_order() -> None:
    group = hash_column("group", encode_words([f"G{number % 40}" for number in range(400)]))
    order = np.random.default_rng(5).permutation(400)

    folds = folds_of(group, FOLDS, salt=3)

    assert (folds_of(group[order], FOLDS, salt=3) == folds[order]).all()
    assert len(set(zip(group.tolist(), folds.tolist(), strict=True))) == 40
    assert set(folds.tolist()) <= set(range(FOLDS))


def test_a_joined_key_needs_all_its_parts_and_keeps_their_order() -> None:
    one, other = (hash_column("country", encode_words(words)) for words in (["CN", "DE"], ["DE", "CN"]))

    assert (join_keys([one, other]) != join_keys([other, one])).all()
    assert join_keys([one, np.array([NOT_STATED, NOT_STATED])]).tolist() == [0, 0]


def test_groups_found_once_are_those_of_each_table_by_itself() -> None:
    rows = some_rows(["851830", "851830", "420221", None], ["A", "B", None, "A"], [1.0] * 4)
    codes = np.unique(rows.keys["subheading"])
    other = codes[codes != rows.keys["subheading"][0]]
    tables = with_shared_keys(
        {
            name: KeyTable(keys, np.full((len(keys), 2), float(number)))
            for number, (name, keys) in enumerate({"a": codes, "b": codes.copy(), "c": other}.items())
        }
    )
    groups = RowGroups(rows)

    assert tables["a"].keys is tables["b"].keys
    for name, keys in (("a", codes), ("c", other), ("b", codes)):
        places, is_known = groups.find(("subheading",), tables[name])
        assert (is_known == np.isin(rows.keys["subheading"], keys)).all()
        assert (keys[places[is_known]] == rows.keys["subheading"][is_known]).all()
        assert tables[name].figures[0, 0] == "abc".index(name)
    joined = groups.key(("seller", "subheading"))
    assert joined.tolist() == join_keys([rows.keys["seller"], rows.keys["subheading"]]).tolist()
    assert groups.key(("seller",)).tolist() == rows.keys["seller"].tolist()
