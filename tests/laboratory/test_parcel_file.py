"""Parcels as columns on disk: what is read is what was written, under every law, and nobody is in it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serai.laboratory.compare import parcel_file
from serai.laboratory.compare.measuring import measure, sum_up
from serai.laboratory.compare.parcel_file import ITEMS, SCHEMA, open_parcels, read_parcel_file, write_parcels
from serai.laboratory.compare.parcels import Parcels, invent, read_parcels
from serai.laboratory.compare.regimes import book_of_regime, find_regimes
from serai.law.library import load_book
from serai.model.columns import Coded, Frame
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from tests.cli.typing_commands import typed
from tests.law.packs import shipped_files

NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def documents() -> list[Consignment]:
    return [one for one in invent(300, 1, NOON) if one is not None]


@pytest.fixture(scope="module")
def parcels(documents: list[Consignment]) -> Parcels:
    return read_parcels(documents, load_book(shipped_files()), int(NOON.timestamp() * 1000))


@pytest.fixture
def path(parcels: Parcels, tmp_path: Path) -> Path:
    write_parcels(tmp_path / "parcels.parquet", parcels.chunks)
    return tmp_path / "parcels.parquet"


def same(left: Frame, right: Frame) -> bool:
    return left.columns.keys() == right.columns.keys() and all(
        column.texts() == right.words(name).texts()
        if isinstance(column, Coded)
        else column.tolist() == right[name].tolist()  # type: ignore[union-attr]
        for name, column in left.columns.items()
    )


def test_what_is_read_is_what_was_written(parcels: Parcels, path: Path) -> None:
    (read,) = open_parcels(path)

    (written,) = parcels.chunks
    assert read.consignments.row_count == parcels.count
    assert same(read.consignments, written.consignments)
    assert same(read.items, written.items)
    assert read.first_items.tolist() == written.first_items.tolist()


@pytest.mark.parametrize("code", ["EU-2026", "GB-2021", "BR-PRC-2024"])
def test_parcels_from_a_file_pay_what_they_pay_from_documents(
    code: str, parcels: Parcels, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (regime,) = find_regimes(shipped_files(), NOON.date(), with_drafts=True, codes=[code])
    book = book_of_regime(regime, shipped_files())
    wanted, outcome = measure(regime, book, parcels)
    # In small batches, which cut row groups where no writer would.
    monkeypatch.setattr(parcel_file, "CHUNK_CONSIGNMENTS", 37)
    monkeypatch.setattr(parcel_file, "IN_MEMORY_MOST", 10)

    streamed = read_parcel_file(path)
    figures, same_outcome = measure(regime, book, streamed)

    assert not isinstance(streamed.chunks, list)
    assert figures == wanted == sum_up(regime, book, streamed)
    assert same_outcome.total_minor.tolist() == outcome.total_minor.tolist()
    assert outcome.total_minor.sum() > 0


def test_nobody_is_in_the_file(documents: list[Consignment], path: Path) -> None:
    table = pq.read_table(path)

    texts = {text for column in table.to_pylist() for text in _texts(column)}
    for document in documents:
        for person in (document.consignor, document.consignee):
            assert person.name not in texts
            assert person.street not in texts
        assert document.reference not in texts


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for part in value.values() for text in _texts(part)}
    if isinstance(value, list):
        return {text for part in value for text in _texts(part)}
    return {value} if isinstance(value, str) else set()


def changed(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
    """The file with its first parcel changed, as another program would write it."""
    first, *others = pq.read_table(path).to_pylist()
    table = pa.Table.from_pylist([change(first), *others], schema=SCHEMA)
    pq.write_table(table, path)
    return path


def test_a_file_that_is_none_says_what_is_wrong(path: Path, tmp_path: Path) -> None:
    nothing, no_parquet, cut = tmp_path / "no.parquet", tmp_path / "text.parquet", tmp_path / "cut.parquet"
    no_parquet.write_text("reference,amount\n")
    cut.write_bytes(path.read_bytes()[:-500])
    table = pq.read_table(path)
    short, wrong = tmp_path / "short.parquet", tmp_path / "wrong.parquet"
    pq.write_table(table.drop_columns(["logistics_channel_code"]), short)
    place = table.schema.get_field_index("accepted_at")
    pq.write_table(table.set_column(place, "accepted_at", table["accepted_at"].cast(pa.string())), wrong)

    for one, code, words in (
        (nothing, "input-unreadable", "no.parquet"),
        (no_parquet, "parcel-file-shape", "no Parquet"),
        (cut, "parcel-file-shape", "no Parquet"),
        (short, "parcel-file-shape", "`logistics_channel_code`"),
        (wrong, "parcel-file-shape", "`accepted_at` is string where int64 is needed"),
    ):
        with pytest.raises(SeraiError) as caught:
            open_parcels(one)
        assert caught.value.code == code
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: {**one, ITEMS: []}, "no goods item"),
        (lambda one: {**one, ITEMS: None}, "no goods item"),
        (lambda one: {**one, "is_platform_sale": None}, "`is_platform_sale` is empty"),
        (
            lambda one: {**one, ITEMS: [{**one[ITEMS][0], "invoice_amount_micro": -1}]},
            "`invoice_amount_micro` is less than nothing",
        ),
    ],
    ids=["no items", "items unknown", "flag unknown", "negative price"],
)
def test_a_row_that_no_law_can_read_is_refused(
    path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], words: str
) -> None:
    file = open_parcels(changed(path, change))

    with pytest.raises(SeraiError) as caught:
        list(file)

    assert caught.value.code == "parcel-file-shape"
    assert words in str(caught.value)


def test_damage_inside_a_file_is_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[200:2_000] = bytes(1_800)
    path.write_bytes(content)

    with pytest.raises(SeraiError) as caught:
        list(open_parcels(path))

    assert caught.value.code == "parcel-file-shape"


def test_columns_are_kept_once_and_compared(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "parcels.parquet"

    kept = typed(capfd, "law", "columns", file, "--invented", "120")
    compared = typed(capfd, "law", "compare", file, "--codes", "EU-2026", "--on", "2026-11-25")
    unwritable = typed(capfd, "law", "columns", tmp_path / "no" / "where.parquet", "--invented", "20")

    assert kept.code == 0
    assert compared.json()["parcels"] == open_parcels(file).count > 100
    assert unwritable.code == 2
    assert "output-unwritable" in unwritable.err
