"""Trade with fraud sown into it: it can be found, but by no single look; the label never travels with it."""

from collections import Counter
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from serai.laboratory.decide_file import Block, Decider, Setup
from serai.laboratory.invented.seeded_fraud.frauds import FRAUDS
from serai.laboratory.invented.seeded_fraud.parcels import LabelledParcel, labelled_parcels, labelled_trade
from serai.laboratory.invented.seeded_fraud.rules import RULE_IDS, rule_files
from serai.laboratory.invented.seeded_fraud.trade import LAWFUL
from tests.law.packs import shipped_files

FIRST_DAY = datetime(2026, 7, 2, tzinfo=UTC)


def some(seed: int, count: int = 3_000) -> list[LabelledParcel]:
    return list(labelled_parcels(count, seed, first_day=FIRST_DAY))


def test_the_same_seed_gives_the_same_trade_and_another_one_another() -> None:
    assert some(3, 200) == some(3, 200)
    assert [one.declaration for one in some(3, 200)] != [one.declaration for one in some(4, 200)]


def test_no_declaration_says_what_it_is() -> None:
    labels = [*FRAUDS, "honest", "bargains", "fraud"]
    for one in some(5, 400):
        text = msgspec.json.encode(one.declaration).decode()
        assert not any(label in text for label in labels)


@pytest.mark.in_turn
def test_every_fraud_is_in_every_seed_and_most_parcels_are_lawful() -> None:
    for seed in range(20, 26):
        kinds = Counter(one.fraud for one in some(seed))
        assert set(kinds) == {None, *FRAUDS}
        assert 0.85 < kinds[None] / kinds.total() < 0.97


def test_lawful_parcels_look_like_fraud_too() -> None:
    """A price of a third of the usual, ten people at one address, three parcels a week to one household."""
    market, trade = labelled_trade(20_000, 9)
    per_kg = np.array([one.price_eur_cents_per_kg for one in market.headings])[trade.heading]
    is_cheap = trade.value_minor < per_kg * trade.mass_g / 1_000 * 0.35
    is_lawful = trade.fraud == LAWFUL
    assert (is_cheap & is_lawful).sum() > (is_cheap & ~is_lawful).sum()
    people = {(a, p) for a, p in zip(trade.address[is_lawful], trade.person[is_lawful], strict=True)}
    assert max(Counter(address for address, _ in people).values()) >= 10


@pytest.mark.in_turn
def test_the_officers_rules_find_some_of_it_and_not_all() -> None:
    """Run by the one calculation, as a law beside the laws: rules that do nothing would be no comparison."""
    parcels = some(8, 6_000)
    content = msgspec.json.Encoder().encode_lines([one.declaration for one in parcels])
    at_ms = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1_000)
    setup = Setup(law_files={**shipped_files(), **rule_files()}, list_files={}, law=None, at_ms=at_ms)
    decided = Decider(setup).decide_block(Block(1, content))
    assert (decided.decided_count, decided.rejected_count) == (len(parcels), 0)
    is_hit = [any(f'"{rule}"' in line for rule in RULE_IDS) for line in decided.answers.decode().splitlines()]
    found = [one.fraud for one, hit in zip(parcels, is_hit, strict=True) if hit]
    frauds = sum(one.fraud is not None for one in parcels)
    precision, recall = (
        sum(f is not None for f in found) / len(found),
        sum(f is not None for f in found) / frauds,
    )
    assert 3 * frauds / len(parcels) < precision < 0.7
    assert 0.25 < recall < 0.75
