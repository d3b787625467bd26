"""`serai bench --law` measures what it says: the parcels are there, the programs agree, the page shows it."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serai.laboratory.compare.parcel_file import open_parcels, write_parcels
from serai.laboratory.compare.parcels import invent, read_parcels
from serai.law.library import load_book
from tests.law.packs import shipped_files

Bench = Callable[[str], Any]
NOON = dt.datetime(2026, 7, 20, 12, tzinfo=dt.UTC)


@pytest.mark.in_turn
def test_parcels_are_drawn_again_whole_and_with_other_prices(bench: Bench, tmp_path: Path) -> None:
    few, many = tmp_path / "few.parquet", tmp_path / "many.parquet"
    write_parcels(few, read_parcels(invent(200, 1, NOON), load_book(shipped_files()), 0).chunks)

    written = bench("law_speed").write_many(few, many, 40_000)

    (source,), chunks = open_parcels(few), list(open_parcels(many))
    assert sum(chunk.items.row_count for chunk in chunks) == written >= 40_000
    prices: set[int] = set()
    for chunk in chunks:
        owner = chunk.items.numbers("owner")
        assert np.unique(owner).tolist() == list(range(chunk.consignments.row_count))
        assert (np.diff(owner) >= 0).all()
        # A line keeps its place in its declaration, so the first line of each parcel comes first.
        assert set(chunk.items.numbers("sequence_number")[chunk.first_items].tolist()) == {1}
        assert (chunk.items.numbers("gross_mass_g") > 0).all()
        prices |= set(chunk.items.numbers("invoice_amount_micro").tolist())
    assert len(prices) > 10 * source.items.row_count


@pytest.mark.slow
def test_every_figure_is_measured_and_told(bench: Bench) -> None:
    law_speed = bench("law_speed")

    figures = law_speed.run(law_speed.Size(30_000, 300, 200, 500, 1), render=lambda _words: None)
    page = bench("law_report").page_of(json.loads(json.dumps(figures)))

    for code, one in figures["regimes"].items():
        assert one["parcels"] > 15_000
        assert one["tax_minor"] > 0
        assert one["undecided_ppm"] < 100_000
        assert f"| {code} | **{one['seconds']}** |" in page
    assert figures["loading"]["packs"] == len([p for p in shipped_files() if p.endswith("/pack.yaml")])
    if "skipped" in figures["peers"]:
        pytest.skip(f"the other programs cannot be had here: {figures['peers']['skipped']}")
    # The programs said the same of every goods item that all could price, or there would be no figures.
    assert figures["peers"]["consignments_equal"] > 150
    assert figures["peers"]["times_faster"]["columns"]["openfisca"] > 0
