"""A model's file is untrusted input: what is not exactly what was trained is refused, with a next step."""

import hashlib
from functools import cache

import msgspec
import numpy as np
import pytest
import zstandard

from serai.journey.risk_model.checking import check_model
from serai.journey.risk_model.model_file import (
    HEADING,
    UNSIGNED,
    read_model,
    split_model_file,
    with_signature,
    write_model,
)
from serai.journey.risk_model.training import Settings, train
from serai.model.errors import SeraiError
from tests.journey.risk_model.examined_goods import examined_goods


@cache
def sound_file() -> bytes:
    examined = examined_goods(600, seed=11)
    trained = train(examined, Settings(rounds=10, min_data_in_leaf=20))
    return write_model(trained.model, trained.cross_validated, examined.rows)


def with_content(**changes: object) -> bytes:
    """Return the file with other content, and a manifest that agrees with it."""
    parts = split_model_file(sound_file())
    content = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(parts.content))
    packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode({**content, **changes}))
    return with_packed(packed)


def with_packed(packed: bytes) -> bytes:
    manifest = split_model_file(sound_file()).manifest
    changed = msgspec.structs.replace(manifest, content_hash=hashlib.sha256(packed).hexdigest())
    return b"\n".join([HEADING, msgspec.json.encode(changed), UNSIGNED, packed])


def refusal_of(file: bytes) -> SeraiError:
    with pytest.raises(SeraiError) as refused:
        check_model(file)
    assert refused.value.next_step
    return refused.value


def test_a_model_comes_back_as_it_was_written() -> None:
    examined = examined_goods(600, seed=11)
    trained = train(examined, Settings(rounds=10, min_data_in_leaf=20))

    model, golden = read_model(split_model_file(sound_file()))

    assert (model.probabilities(examined.rows) == trained.model.probabilities(examined.rows)).all()
    assert (model.probabilities(golden.rows) == golden.expected).all()
    signed = split_model_file(with_signature(sound_file(), "a.b.c"))
    assert (signed.signature, signed.manifest) == ("a.b.c", check_model(sound_file()))


def test_no_row_of_the_training_is_in_the_file() -> None:
    examined = examined_goods(600, seed=11)
    _, golden = read_model(split_model_file(sound_file()))

    prices = np.column_stack([examined.rows.measures[name] for name in ("log_mass", "log_price")])
    mixed = np.column_stack([golden.rows.measures[name] for name in ("log_mass", "log_price")])

    assert not set(map(tuple, prices.tolist())) & set(map(tuple, mixed.tolist()))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"MZ\x90\x00" * 100,
        HEADING + b"\n{}\n-\n",
        b"\n".join([HEADING, b"[" * 15_000, UNSIGNED, b""]),
    ],
)
def test_what_is_no_model_is_refused_before_anything_is_read_of_it(file: bytes) -> None:
    assert refusal_of(file).code == "risk-model-unreadable"


def test_changed_content_is_told_by_its_hash() -> None:
    assert refusal_of(sound_file()[:-1] + b"x").code == "risk-model-unreadable"


def test_a_model_of_other_features_asks_to_be_trained_anew() -> None:
    plan = split_model_file(sound_file()).manifest.plan_hash.encode()

    assert refusal_of(sound_file().replace(plan, b"0" * 64)).code == "risk-model-other-features"


@pytest.mark.parametrize(
    "changes",
    [
        {"trees": "tree\nversion=v4\nnum_class=99999999\nmax_feature_idx=2147483647\nTree=0\n"},
        {"trees": ""},
        {"base_rate": float("nan")},
        {"tables": {"__class__": {"keys": b"", "figures": b""}}},
        {"spreads": {}},
        {"trees": "tree\n" + "Tree=0\n" * 100_000},
    ],
)
def test_poisoned_content_ends_the_child_and_nothing_else(changes: dict[str, object]) -> None:
    assert refusal_of(with_content(**changes)).code == "risk-model-refused"


def test_a_model_that_scores_otherwise_than_it_says_is_refused() -> None:
    refused = refusal_of(with_content(calibration={"slope": -1.0, "intercept": 0.0}))

    assert refused.code == "risk-model-refused"
    assert "golden rows" in refused.message


def test_a_file_that_unpacks_without_end_is_refused() -> None:
    assert refusal_of(with_packed(zstandard.compress(bytes(200_000_000)))).code == "risk-model-refused"
