"""How well split orders are found in invented trade with fraud sown in, and how many lawful parcels with
them: `python -m tools.split_shipments --seeds 71 72 73`. Prints Markdown."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from serai.foundation.keys import Secret
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.split_shipments.keys import Consignees, make_keys, may_be_parts
from serai.journey.split_shipments.marks import mark_on, shipped_marks
from serai.journey.split_shipments.rules import Candidate, find_groups
from serai.laboratory.invented.seeded_fraud.frauds import LIMIT_MINOR
from serai.laboratory.invented.seeded_fraud.parcels import labelled_parcels

_PERSON = ("name", "street", "postcode", "city", "country_code")
_FIRST_DAY = datetime(2026, 7, 2, tzinfo=UTC)


class Found(NamedTuple):
    """Of one seed. splits: parcels sown as parts of orders, of which `reached` were grouped. groups: all;
    false_groups: those without a part of a split order. lawful_parcels: grouped that are no part of one."""

    seed: int
    parcels: int
    splits: int
    reached: int
    groups: int
    false_groups: int
    lawful_parcels: int
    of_other_frauds: int


def evaluate(count: int, seed: int) -> Found:
    """Group the invented trade of a seed, as the running node does."""
    parcels = list(labelled_parcels(count, seed, first_day=_FIRST_DAY))
    key = Secret("invented", 1, bytes(range(32)))
    pseudonymiser = Pseudonymiser(dict.fromkeys(Purpose, key), administration_id=1)
    mark = mark_on(shipped_marks(), _FIRST_DAY.date())
    assert mark is not None
    values = np.array([_value(one.declaration) for one in parcels])
    is_asked = may_be_parts(values, np.full(len(values), LIMIT_MINOR), mark.value_min_percent)
    below = [parcels[place] for place in np.flatnonzero(is_asked).tolist()]
    declarations = [one.declaration for one in below]
    people = [one["consignee"] for one in declarations]
    keys = make_keys(
        pseudonymiser,
        Consignees(
            rows=np.arange(len(below)),
            names=[one["name"] for one in people],
            streets=[one["street"] for one in people],
            postcodes=[one["postcode"] for one in people],
            cities=[one["city"] for one in people],
            countries=[one["country_code"] for one in people],
            sellers=[f"{one['platform_id']}:{one['seller_id']}" for one in declarations],
            headings=[one["goods_items"][0]["commodity_code"][:4] for one in declarations],
            currencies=["EUR"] * len(below),
        ),
    )
    candidates = [
        Candidate(
            int(key_hash),
            row,
            person,
            _value(declarations[row]),
            LIMIT_MINOR,
            int(datetime.fromisoformat(declarations[row]["accepted_at"]).timestamp() * 1000),
        )
        for row, key_hash, person in zip(
            keys.rows.tolist(), keys.key_hashes.tolist(), keys.people, strict=True
        )
    ]
    groups = find_groups(candidates, window_days=mark.window_days, parcels_min=mark.parcels_min)
    labels = [[below[one.consignment_id].fraud for one in group.parcels] for group in groups]
    every = [label for its in labels for label in its]
    return Found(
        seed,
        len(parcels),
        sum(one.fraud == "splitting" for one in parcels),
        every.count("splitting"),
        len(groups),
        sum("splitting" not in its for its in labels),
        every.count(None),
        sum(label not in ("splitting", None) for label in every),
    )


def _value(declaration: dict[str, Any]) -> int:
    return round(float(declaration["goods_items"][0]["invoice_amount"]) * 100)


def main(arguments: Sequence[str]) -> int:
    """Print a table, a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[71, 72, 73])
    parser.add_argument("--parcels", type=int, default=20_000)
    options = parser.parse_args(arguments)
    sys.stdout.write(
        "| seed | parcels | parts of split orders | of these grouped | groups | groups without any "
        "| lawful parcels grouped | parcels of other frauds |\n|---|---|---|---|---|---|---|---|\n"
    )
    for seed in options.seeds:
        one = evaluate(options.parcels, seed)
        share = one.reached / max(one.splits, 1)
        sys.stdout.write(
            f"| {one.seed} | {one.parcels:,} | {one.splits} | {one.reached} ({share:.1%}) | {one.groups} "
            f"| {one.false_groups} | {one.lawful_parcels} | {one.of_other_frauds} |\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
