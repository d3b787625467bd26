"""The risk model beside officers' rules on invented trade with fraud sown in: new seeds, equal inspections.

Features and settings were committed before this was run for the first time, by somebody who had not read how
the fraud is sown. The model learns from one seed whose parcels were all examined, and looks at others.

    uv run python benchmarks/risk_seeded_fraud.py        one JSON line a seed
"""

import argparse
import json
from datetime import UTC, datetime

import msgspec
import numpy as np
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.pipeline import check_documents
from serai.journey.risk_model.declared import declared_rows, goods_group, of_consignments
from serai.journey.risk_model.training import Examined, Settings, train
from serai.laboratory.decide_file import Block, Decider, Setup
from serai.laboratory.invented.seeded_fraud.parcels import LabelledParcel, labelled_parcels
from serai.laboratory.invented.seeded_fraud.rules import RULE_IDS, rule_files
from serai.law.library import load_book
from serai.model.columns import encode_words
from serai.model.documents import Consignment

FIRST_DAY = datetime(2026, 7, 2, tzinfo=UTC)
AT_MS = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1_000)
TRAINING_SEED, NEW_SEEDS = 1_001, (2_001, 2_002)


def main() -> None:
    """Print, for each new seed, the hits of rules and of the model at as many inspections."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=12_000)
    count = parser.parse_args().count
    files = read_law_files(find_shipped("laws"))
    book = load_book(files)
    training, _ = examined(parcels(count, TRAINING_SEED), book)
    model = train(training, Settings()).model
    decider = Decider(Setup(law_files={**files, **rule_files()}, list_files={}, law=None, at_ms=AT_MS))
    for seed in NEW_SEEDS:
        drawn = parcels(count, seed)
        rows, first_items = examined(drawn, book)
        score = of_consignments(model.probabilities(rows.rows), first_items)
        is_fraud = np.array([one.fraud is not None for one in drawn])
        is_hit = hits_of_rules(drawn, decider)
        inspections = int(is_hit.sum())
        by_model = np.zeros(len(drawn), dtype=np.bool_)
        by_model[np.argsort(-score, kind="stable")[:inspections]] = True
        print(json.dumps(compared(is_fraud, is_hit, by_model, score) | {"seed": seed}), flush=True)


def compared(is_fraud: np.ndarray, is_hit: np.ndarray, by_model: np.ndarray, score: np.ndarray) -> dict:
    """Return figures at equal inspections, and lawful parcels stopped at equal hits, per 1,000 lawful."""
    hits, ours = int((is_fraud & is_hit).sum()), int((is_fraud & by_model).sum())
    ranked = is_fraud[np.argsort(-score, kind="stable")]
    needed = int(np.searchsorted(np.cumsum(ranked), hits)) + 1
    lawful = int((~is_fraud).sum())
    return {
        "parcels": len(is_fraud),
        "frauds": int(is_fraud.sum()),
        "inspections": int(is_hit.sum()),
        "hits_of_rules": hits,
        "hits_of_model": ours,
        "ratio": round(ours / hits, 3),
        "lawful_stopped_per_1000_rules": round(1_000 * (int(is_hit.sum()) - hits) / lawful, 2),
        "lawful_stopped_per_1000_model": round(1_000 * (needed - hits) / lawful, 2),
    }


def parcels(count: int, seed: int) -> list[LabelledParcel]:
    """Draw labelled parcels."""
    return list(labelled_parcels(count, seed, first_day=FIRST_DAY))


def hits_of_rules(drawn: list[LabelledParcel], decider: Decider) -> np.ndarray:
    """Say which parcels an officer's rule speaks of."""
    content = msgspec.json.Encoder().encode_lines([one.declaration for one in drawn])
    lines = decider.decide_block(Block(1, content)).answers.decode().splitlines()
    return np.array([any(f'"{rule}"' in line for rule in RULE_IDS) for line in lines])


def examined(drawn: list[LabelledParcel], book: object) -> tuple[Examined, np.ndarray]:
    """Turn parcels into rows of the model, all of them examined."""
    documents = [msgspec.convert(one.declaration, Consignment) for one in drawn]
    checked = check_documents(documents, ["D"] * len(documents), AT_MS, book)
    assert len(checked.accepted_rows) == len(documents)
    frame, items = checked.columns.consignments, checked.columns.items
    sellers = encode_words([one.seller_id for one in documents])
    rows = declared_rows(frame, items, encode_words(["D"] * len(documents)), sellers)
    owner = items.numbers("owner")
    found = np.array([one.fraud is not None for one in drawn], dtype=np.float64)[owner]
    group = goods_group(rows, items.numbers("gross_mass_g"), items.numbers("invoice_amount_micro"))
    days = (frame.numbers("lodged_at") // 86_400_000)[owner]
    return Examined(rows, found, group, days), checked.columns.first_items


if __name__ == "__main__":
    main()
