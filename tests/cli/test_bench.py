"""`serai bench` measures the real thing, and a wrong cent gives no figures."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import psycopg
import pytest

import serai
from serai.cli.main import run
from serai.model.packed_detail import PackedCharge, pack_detail, unpack_detail
from tests.cli.typing_commands import ROOT

COUNT = 900

Charges = tuple[PackedCharge, ...]


@pytest.fixture
def yardstick() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield importlib.import_module
    sys.path.remove(str(ROOT / "benchmarks"))


def test_without_a_checkout_it_says_what_is_missing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(serai, "__file__", str(tmp_path / "lib" / "serai" / "__init__.py"))

    code = run(["bench", "--quick"])

    assert code == 2
    assert capfd.readouterr().err.startswith("bench-needs-checkout: ")


def test_amounts_are_compared_item_by_item(yardstick: Any) -> None:
    same_figures: ModuleType = yardstick("same_figures")
    stored = ((1, "duty", "border", False, "EUR", 300), (2, "duty", "border", False, "EUR", 300))

    assert same_figures.same_amounts([(2, "duty", "EUR", 300), (1, "duty", "EUR", 300)], stored)
    assert not same_figures.same_amounts([(1, "duty", "EUR", 600)], stored)
    assert not same_figures.same_amounts([(1, "duty", "EUR", 300), (2, "duty", "EUR", 301)], stored)


@pytest.mark.slow
def test_figures_are_of_the_whole_job_and_complete(yardstick: Any) -> None:
    main_job = yardstick("main_job")

    figures = main_job.run(
        main_job.Size(COUNT, 1, 100), is_full=False, growth_count=0, render=lambda _words: None
    )

    assert {"of_floor", "items_per_s", "floor_items_per_s", "p50_ms", "p99_ms"} <= figures.keys()
    assert sum(figures["statuses"].values()) == COUNT
    assert figures["statuses"]["decided"] == figures["stored_and_pure"]["consignments_equal"]
    assert sum(figures["lanes"].values()) == figures["statuses"]["decided"]
    assert figures["complete_share"] >= 0.95
    assert figures["explained"]["consignments"] == 500
    assert len(figures["peak_memory_mib"]) == 2
    assert figures["single"]["codes"][201] > 80


@pytest.mark.slow
def test_a_wrong_cent_and_a_lost_charge_are_seen(yardstick: Any, tmp_path: Path) -> None:
    same_figures, served = yardstick("same_figures"), yardstick("served")
    source, wire = tmp_path / "parcels.ndjson", tmp_path / "wire.ndjson"
    yardstick("parcels").write(str(source), 200)
    yardstick("convert").convert(source, wire, suffix="x")
    with served.served(200) as here:
        sent = yardstick("http_bulk").send_file(here.address, wire, connections=2)
        assert sent["complete"]
        same_figures.compare_with_pure(here.dsn, wire, "x", here.lists)

        for damage in (_one_cent_more, _one_charge_less):
            with psycopg.connect(here.dsn) as connection:
                _damage(connection, damage)
            with pytest.raises(SystemExit, match="differ from the pure pipeline"):
                same_figures.compare_with_pure(here.dsn, wire, "x", here.lists)


def _one_cent_more(charges: Charges) -> Charges:
    first, *others = charges
    return (msgspec.structs.replace(first, amount_minor=first.amount_minor + 1), *others)


def _one_charge_less(charges: Charges) -> Charges:
    return charges[1:]


def _damage(connection: psycopg.Connection[Any], damage: Callable[[Charges], Charges]) -> None:
    """Change the charges of the first consignment that has two."""
    for consignment_id, packed in connection.execute("SELECT consignment_id, detail FROM consignment"):
        detail = unpack_detail(packed)
        if len(detail.charges) > 1:
            worse = pack_detail(msgspec.structs.replace(detail, charges=damage(detail.charges)))
            connection.execute(
                "UPDATE declared_consignment SET detail = %s WHERE consignment_id = %s",
                (worse, consignment_id),
            )
            return
    raise AssertionError("no consignment has charges")
