"""`serai law try` on files and invented parcels: figures worked out by hand, what is left out, bad input."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from serai.laboratory.invented.parcels import consignments
from serai.laboratory.what_if.features import size_of
from serai.laboratory.what_if.laws import LawLists, home_of, law_of_folder, law_of_pack
from serai.laboratory.what_if.report import write_report
from serai.laboratory.what_if.result import Counts, WhatIf
from serai.law.program import LawPackError
from serai.law.tariff import day_number
from serai.model.errors import SeraiError
from tests.cli.typing_commands import ROOT, typed
from tests.journey.cases.world import parcel
from tests.law.packs import shipped_files

pytestmark = pytest.mark.usefixtures("_in_an_empty_folder")
AUGUST = dt.datetime(2026, 8, 10, 12, tzinfo=dt.UTC)
LISTS = "table,home,currency,numerator,denominator,direction,valid_from,valid_to,source\n" + "".join(
    f"{table},EUR,USD,900,1000,home_per_foreign,2000-01-01,,test\n"
    for table in ("eu-customs-monthly", "ecb-daily")
)


@pytest.fixture
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "exchange-rates.csv").write_text(LISTS)
    return folder


@pytest.fixture
def dearer(tmp_path: Path) -> Path:
    """A folder with one pack of the Union in which a line costs five euros instead of three."""
    return changed_pack(
        tmp_path / "dearer",
        "EU-2026",
        "value: 3.00 EUR, source: flat_duty",
        "value: 5.00 EUR, source: flat_duty",
    )


def changed_pack(folder: Path, code: str, before: str, after: str) -> Path:
    shutil.copytree(ROOT / "laws" / code, folder / code)
    pack = folder / code / "pack.yaml"
    text = pack.read_text("utf-8")
    assert before in text
    pack.write_text(text.replace(before, after), "utf-8")
    return folder


def to_ireland(reference: str, invoice: str = "25.00", **changes: Any) -> dict[str, Any]:
    """A shirt to Dublin under the Union's law of July 2026; nothing stands in another currency."""
    document = parcel(reference, accepted_at="2026-08-10T10:00:00Z", **changes)
    document["goods_items"] = [{**document["goods_items"][0], "invoice_amount": invoice}]
    return document


def written(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(documents)))
    return path


def revenue(answer: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (one["currency"], one["kind"]): (one["current_minor"], one["draft_minor"])
        for one in answer["revenue"]
    }


def groups(answer: dict[str, Any], by: str) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in answer["groups"] if one["by"] == by}


def test_two_euros_more_a_line_cost_two_euros_and_their_tax(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, dearer: Path, lists: Path
) -> None:
    two_lines = to_ireland("TWO")
    two_lines["goods_items"] += [
        {
            **two_lines["goods_items"][0],
            "sequence_number": 2,
            "commodity_code": "64029900",
            "description": "Shoes",
        }
    ]
    file = written(
        tmp_path / "parcels.ndjson",
        to_ireland("ONE"),
        two_lines,
        to_ireland("ABOVE", "200.00", logistics_channel_code="express", seller_id="ANOTHER-SHOP"),
    )

    said = typed(capfd, "law", "try", dearer, "--input", file, "--lists", lists, "--output", "json")

    answer = said.json()
    assert said.code == 0, said.err
    # One line: EUR 25 and freight 4 are worth 29; with 3 of duty VAT of 23 % is on 32: 7.36, with 5 7.82.
    # Two lines: 50 and 4 make 27 each; 23 % of 30 is 6.90 each, of 32 it is 7.36.
    # Above EUR 150 the tariff's 12 % hold under both: 24.48 of 204; VAT 23 % of 228.48 is 52.55.
    assert revenue(answer) == {
        ("EUR", "duty"): (300 + 600 + 2448, 500 + 1000 + 2448),
        ("EUR", "tax"): (736 + 1380 + 5255, 782 + 1472 + 5255),
    }
    counts = answer["counts"]
    assert (counts["read"], counts["compared"], counts["more"], counts["less"], counts["same"]) == (
        3,
        3,
        2,
        0,
        1,
    )
    assert groups(answer, "chapter") == {
        "61": {
            "by": "chapter",
            "key": "61",
            "currency": "EUR",
            "parcels": 3,
            "more": 2,
            "less": 0,
            "current_minor": 1036 + 1980 + 7703,
            "draft_minor": 1282 + 2472 + 7703,
        }
    }
    assert {key: one["more"] for key, one in groups(answer, "value").items()} == {
        "20 to 50": 1,
        "50 to 100": 1,
        "200 to 500": 0,
    }
    assert {key: one["parcels"] for key, one in groups(answer, "channel").items()} == {
        "post": 2,
        "express": 1,
    }
    assert {key: one["parcels"] for key, one in groups(answer, "seller size").items()} == {
        "1": 1,
        "2 to 9": 2,
    }
    assert answer["lanes"] == [{"current": "proceed", "draft": "proceed", "parcels": 3}]
    assert [one["kind"] for one in answer["free"]] == ["duty", "tax"]
    assert all((one["current"], one["draft"]) == (0, 0) for one in answer["free"])


def test_what_changes_most_is_told_in_words_with_both_sums(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, dearer: Path, lists: Path
) -> None:
    file = written(tmp_path / "parcels.ndjson", to_ireland("FIRST", "20.00"), to_ireland("SECOND", "149.00"))

    answer = typed(
        capfd, "law", "try", dearer, "--input", file, "--lists", lists, "--examples", "1", "--output", "json"
    ).json()

    (example,) = answer["examples"]
    # Both change by 2.46; the earlier one is told.
    assert (example["name"], example["change_minor"], example["currency"]) == ("1", 246, "EUR")
    assert (example["current"]["total_minor"], example["draft"]["total_minor"]) == (300 + 621, 500 + 667)
    assert "Value added tax: EUR 6.21" in example["current"]["charges"]
    assert "Customs duty, EUR 3 for each tariff subheading: EUR 5.00" in example["draft"]["charges"]
    assert any("EUR 150 or less together" in sentence for sentence in example["draft"]["rules"])
    assert answer["differences"] == [
        "EU-2026. Duty for each tariff subheading of a distance sale up to the limit (`flat_duty`) "
        "rises from EUR 3.00 to EUR 5.00, from 1 July 2026 to 30 June 2028."
    ]


def test_a_fee_in_a_currency_of_its_own_never_meets_another(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path
) -> None:
    draft = changed_pack(tmp_path / "draft", "RO-FEE-2026", "value: 25.00 RON", "value: 30.00 RON")
    person = {"name": "A", "country_code": "RO", "street": "S", "city": "C", "postcode": "010011"}
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"), to_ireland("B", consignee=person))

    answer = typed(capfd, "law", "try", draft, "--input", file, "--lists", lists, "--output", "json").json()

    assert answer["counts"]["untouched"] == 1
    assert answer["counts"]["more"] == 1
    assert revenue(answer)["RON", "fee"] == (2500, 3000)
    assert {one["currency"] for one in answer["groups"]} == {"EUR", "RON"}
    (example,) = answer["examples"]
    assert (example["currency"], example["change_minor"]) == ("RON", 500)


def test_parcels_of_other_places_are_left_out_and_counted(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, dearer: Path, lists: Path
) -> None:
    elsewhere = {"name": "A", "country_code": "AU", "street": "S", "city": "C", "postcode": "2000"}
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"), to_ireland("B", consignee=elsewhere))
    file.write_bytes(file.read_bytes() + b"{no json\n" + b'{"reference": "C"}\n')

    answer = typed(capfd, "law", "try", dearer, "--input", file, "--lists", lists, "--output", "json").json()

    counts = answer["counts"]
    assert (counts["read"], counts["refused"], counts["untouched"], counts["compared"]) == (4, 2, 1, 1)


def test_what_one_law_cannot_decide_is_in_no_sum(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path
) -> None:
    """Up to EUR 150 the flat duty needs no tariff; from 2028 goods of no bucket do, and 7301 has none."""
    odd = to_ireland("ODD")
    odd["goods_items"][0] |= {"commodity_code": "73011000", "description": "Sheet piling of steel"}
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"), odd)

    said = typed(
        capfd, "law", "try", "EU-2028-PLANNED", "--input", file, "--lists", lists, "--output", "json"
    )

    answer = said.json()
    counts = answer["counts"]
    assert (counts["compared"], counts["undecided_draft"], counts["undecided_current"]) == (1, 1, 0)
    assert answer["missing_current"] == {}
    assert sum(answer["missing_draft"].values()) >= 1
    assert revenue(answer)["EUR", "duty"][0] == 300


def test_nothing_that_can_be_compared_is_a_failure(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, dearer: Path
) -> None:
    dollars = to_ireland("A")
    dollars["goods_items"][0]["invoice_currency_code"] = "USD"
    file = written(tmp_path / "parcels.ndjson", dollars)
    empty = tmp_path / "none"
    empty.mkdir()

    said = typed(capfd, "law", "try", dearer, "--input", file, "--lists", empty, "--output", "json")

    assert said.code == 1
    assert said.json()["counts"]["undecided_both"] == 1
    assert said.json()["revenue"] == []


def test_a_pack_is_tried_as_on_its_own_days_and_rates_stay_those_of_the_parcel(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path
) -> None:
    """EU-2021: no duty up to EUR 150, though the parcel is of August 2026; no rate of 2021 is needed."""
    (lists / "exchange-rates.csv").write_text(LISTS.replace("2000-01-01", "2026-08-01"))
    dollars = to_ireland("A", "100.00", freight_amount=None, charges_currency_code=None)
    dollars["goods_items"][0]["invoice_currency_code"] = "USD"
    del dollars["freight_amount"], dollars["charges_currency_code"]
    dollars["paid_at"] = "2026-08-05T10:00:00Z"
    file = written(tmp_path / "parcels.ndjson", dollars)

    answer = typed(
        capfd, "law", "try", "EU-2021", "--input", file, "--lists", lists, "--output", "json"
    ).json()

    assert revenue(answer) == {("EUR", "duty"): (300, 0), ("EUR", "tax"): (2139, 2070)}
    assert answer["counts"]["less"] == 1


def test_the_law_of_a_day_is_held_against_that_of_another(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path
) -> None:
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"))

    answer = typed(
        capfd,
        "law",
        "try",
        "2026-07-01",
        "--against",
        "2026-06-30",
        "--input",
        file,
        "--lists",
        lists,
        "--output",
        "json",
    ).json()

    # 23 % of 29 is 6.67.
    assert revenue(answer) == {("EUR", "duty"): (0, 300), ("EUR", "tax"): (667, 736)}
    assert [name.partition("+")[0] for name in answer["current"]["laws"]] == ["EU-2021"]
    assert any("flat_duty" in sentence for sentence in answer["differences"])


def test_the_same_law_changes_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path) -> None:
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"), to_ireland("B", "170.00"))

    answer = typed(
        capfd,
        "law",
        "try",
        "EU-2026",
        "--against",
        "2026-08-10",
        "--input",
        file,
        "--lists",
        lists,
        "--output",
        "json",
    ).json()

    assert answer["counts"]["same"] == answer["counts"]["compared"] == 2
    assert answer["examples"] == answer["differences"] == []
    assert all(before == after > 0 for before, after in revenue(answer).values())


def test_invented_parcels_are_sent_where_the_draft_is_law(capfd: pytest.CaptureFixture[str]) -> None:
    answer = typed(capfd, "law", "try", "CH-2024", "--invented", "60", "--output", "json").json()

    counts = answer["counts"]
    assert counts["untouched"] == 0
    assert counts["compared"] + counts["refused"] + counts["undecided_both"] == 60
    assert any("sent to CH" in sentence for sentence in answer["assumed"])
    assert answer["invented_tariff"] is not None


def test_sums_of_the_parquet_file_are_those_of_the_answer(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = tmp_path / "parcels.parquet"
    answer = typed(
        capfd, "law", "try", "EU-2028-PLANNED", "--invented", "400", "--parquet", rows, "--output", "json"
    ).json()

    table = pq.read_table(rows).to_pylist()
    compared = [row for row in table if row["is_decided_current"] and row["is_decided_draft"]]
    for (currency, kind), sums in revenue(answer).items():
        mine = [row for row in compared if row["currency"] == currency]
        assert (
            sum(row[f"{kind}_current_minor"] for row in mine),
            sum(row[f"{kind}_draft_minor"] for row in mine),
        ) == sums
    assert len({row["parcel"] for row in compared}) == answer["counts"]["compared"]
    assert len(table) > len(compared)
    # Groups and revenue are cut from the same lines.
    for by in ("origin", "chapter", "value", "channel", "seller size"):
        own = groups(answer, by).values()
        assert sum(one["draft_minor"] for one in own) == sum(after for _, after in revenue(answer).values())


def test_the_table_fits_a_hundred_columns_and_the_report_says_the_same(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    report = tmp_path / "try.md"
    said = typed(
        capfd, "law", "try", "EU-2028-PLANNED", "--invented", "300", "--report", report, "--output", "table"
    )

    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 100
    page = report.read_text("utf-8")
    for title in ("What differs", "Revenue", "Lanes", "By seller size", "Parcels that change most"):
        assert title in said.out
        assert f"## {title}" in page


def test_words_of_a_document_are_no_markdown() -> None:
    answer = msgspec.convert(
        {
            **_EMPTY,
            "groups": [
                {
                    "by": "chapter",
                    "key": "<b>|",
                    "currency": "EUR",
                    "parcels": 1,
                    "more": 0,
                    "less": 0,
                    "current_minor": 0,
                    "draft_minor": 0,
                }
            ],
        },
        WhatIf,
    )

    assert "\\<b>\\|" in write_report(answer)


_EMPTY: dict[str, Any] = {
    "sample": "no parcels",
    "current": {"name": "a", "laws": {}},
    "draft": {"name": "b", "laws": {}},
    **{name: [] for name in ("differences", "assumed", "free", "revenue", "lanes", "groups", "examples")},
    "counts": dict.fromkeys(Counts.__struct_fields__, 0),
    "missing_current": {},
    "missing_draft": {},
    "invented_tariff": None,
    "stored": None,
}


def test_no_output_names_a_person_or_a_seller(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, dearer: Path, lists: Path
) -> None:
    file = written(tmp_path / "parcels.ndjson", to_ireland("REF-OF-A-FILER"), to_ireland("B"))
    rows, report = tmp_path / "rows.parquet", tmp_path / "try.md"

    said = typed(
        capfd,
        "law",
        "try",
        dearer,
        "--input",
        file,
        "--lists",
        lists,
        "--parquet",
        rows,
        "--report",
        report,
        "--output",
        "json",
    )

    everything = "".join(
        (said.out, said.err, report.read_text("utf-8"), json.dumps(pq.read_table(rows).to_pylist()))
    )
    for personal in ("Nightingale", "Long Lane", "D02", "Invented Sender", "INVENTED-SHOP", "REF-OF-A-FILER"):
        assert personal not in everything


def test_a_file_may_be_csv_and_nothing_need_be_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path, dearer: Path
) -> None:
    file = tmp_path / "parcels.csv"
    columns = (
        "reference,logistics_channel_code,sale_nature_code,consignor.name,consignor.country_code,consignee.name,"
        "consignee.country_code,consignee.postcode,accepted_at,sequence_number,commodity_code,description,quantity,"
        "invoice_amount,invoice_currency_code,origin_country_code,gross_mass_kg"
    )
    row = "{},post,B2C,A,CN,B,IE,D02 AF30,2026-08-10T10:00:00Z,1,61091000,Cotton shirt,1,25.00,EUR,CN,0.2"
    file.write_text("\n".join([columns, row.format("A"), row.format("B"), ""]), "utf-8")

    answer = typed(
        capfd, "law", "try", dearer, "--input", file, "--lists", lists, "--examples", "0", "--output", "json"
    ).json()

    assert answer["counts"]["more"] == 2
    assert answer["examples"] == []
    # 23 % of 28, of 30.
    assert revenue(answer) == {("EUR", "duty"): (600, 1000), ("EUR", "tax"): (1288, 1380)}
    assert groups(answer, "seller size").keys() == {"not named"}


@pytest.mark.in_turn
def test_parcels_kept_as_columns_give_what_their_documents_give(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    documents = list(consignments(300, 5, at=AUGUST, first_acceptance=AUGUST))
    file, columns = written(tmp_path / "parcels.ndjson", *documents), tmp_path / "parcels.parquet"
    assert typed(capfd, "law", "columns", columns, file).code == 0
    words = ["law", "try", "EU-2028-PLANNED", "--examples", "0", "--output", "json", "--input"]

    of_documents, of_columns = typed(capfd, *words, file).json(), typed(capfd, *words, columns).json()

    assert of_columns["counts"]["compared"] > 80
    for name in ("revenue", "free", "lanes", "missing_draft", "invented_tariff"):
        assert of_columns[name] == of_documents[name]
    assert of_columns["counts"] == of_documents["counts"] | {
        "refused": 0,
        "read": of_documents["counts"]["read"] - of_documents["counts"]["refused"],
    }


# ---- bad input ----


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["EU-2027", "--invented", "5"], "law-unknown", "Did you mean EU-202"),
        (["2026-02-31", "--invented", "5"], "at-unreadable", "2026-02-31"),
        (["GB-2021", "--against", "EU-2026", "--invented", "5"], "laws-apart", "base law of GB"),
        (["EU-2026", "--invented", "5", "--input", "a.ndjson"], "command-misused", "one place"),
        (["EU-2026", "--input", "absent.ndjson"], "input-unreadable", "absent.ndjson"),
        (["EU-2026", "--input", "a.doc"], "format-unknown", "a.doc"),
        (["laws", "--invented", "5"], "draft-changes-nothing", "laws"),
    ],
)
def test_what_cannot_be_tried_is_said(
    capfd: pytest.CaptureFixture[str], words: list[str], code: str, told: str
) -> None:
    Path("laws").symlink_to(ROOT / "laws")

    said = typed(capfd, "law", "try", *words)

    assert said.code == 2
    assert code in said.err
    assert told in said.err


def test_a_draft_of_another_territory_governs_none_of_the_parcels(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, lists: Path
) -> None:
    file = written(tmp_path / "parcels.ndjson", to_ireland("A"))

    said = typed(capfd, "law", "try", "GB-2029-PLANNED", "--input", file, "--lists", lists)

    assert (said.code, "draft-governs-nothing" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("junk.ndjson", b"\x00\xff{\n[1]\n"),
        ("empty.ndjson", b""),
        ("junk.csv", b"a,b,c\n1,2,3\n"),
        ("empty.csv", b""),
        ("junk.json", b"{"),
    ],
)
def test_a_corrupt_file_gives_no_parcels(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    said = typed(capfd, "law", "try", "EU-2028-PLANNED", "--input", tmp_path / name)

    assert (said.code, "no-parcels" in said.err) == (2, True), said.err


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"{}"])
def test_a_corrupt_parcel_file_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "parcels.parquet").write_bytes(content)

    said = typed(capfd, "law", "try", "EU-2028-PLANNED", "--input", tmp_path / "parcels.parquet")

    assert (said.code, "parcel-file-shape" in said.err) == (2, True), said.err


def test_a_faulty_pack_of_the_folder_is_told_with_its_place(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    draft = changed_pack(tmp_path / "draft", "EU-2026", "kind: money", "kind: gold")

    said = typed(capfd, "law", "try", draft, "--invented", "5")

    assert said.code == 2
    assert "EU-2026/pack.yaml" in said.err


# ---- laws ----


def test_a_draft_in_a_folder_is_tried_on_its_days_without_its_rivals(tmp_path: Path) -> None:
    folder = changed_pack(tmp_path / "draft", "EU-2028-PLANNED", "value: 45.00 EUR", "value: 99.00 EUR")
    changes = {
        f"EU-2028-PLANNED/{path.name}": path.read_bytes() for path in (folder / "EU-2028-PLANNED").iterdir()
    }

    law = law_of_folder("draft", changes, shipped_files())

    assert law.marked == frozenset(("EU-2028-PLANNED",))
    assert law.packs["EU-2028-PLANNED"].status == "in_force"
    assert not {"EU-2018", "EU-2021", "EU-2026"} & law.packs.keys()
    assert law.only_days is not None
    assert law.only_days[0] == day_number(dt.date(2028, 7, 1))


def test_drafts_of_different_days_cannot_be_tried_together() -> None:
    files = shipped_files()
    early = files["EU-HANDLING-FEE/pack.yaml"].replace(b"valid_to: null", b"valid_to: 2027-01-01")
    late = files["EU-2028-PLANNED/pack.yaml"] + b"\n"

    with pytest.raises(SeraiError, match="all hold") as said:
        law_of_folder("x", {"EU-HANDLING-FEE/pack.yaml": early, "EU-2028-PLANNED/pack.yaml": late}, files)

    assert said.value.code == "drafts-apart"


def test_two_drafts_of_one_place_overlap() -> None:
    files = shipped_files()
    other = files["EU-2028-PLANNED/pack.yaml"].replace(b"code: EU-2028-PLANNED", b"code: EU-2028-OTHER")
    changed = files["EU-2028-PLANNED/pack.yaml"] + b"\n"

    law = law_of_folder("x", {"EU-2028-OTHER/pack.yaml": other, "EU-2028-PLANNED/pack.yaml": changed}, files)

    with pytest.raises(LawPackError, match="both are in force in EU, layer base"):
        law.open(LawLists())


def test_a_pack_has_its_home_where_it_is_law() -> None:
    union = home_of(law_of_pack("EU-2028-PLANNED", shipped_files()))
    assert union is not None
    assert {"DE", "IE"} <= union.country_codes
    assert not {"GB", "AU"} & union.country_codes
    assert home_of(law_of_pack("SCREENING", shipped_files())) is None


@pytest.mark.parametrize(
    ("parcels", "band"), [(1, "1"), (2, "2 to 9"), (9, "2 to 9"), (10, "10 to 99"), (1_000, "1,000 or more")]
)
def test_sellers_have_bands_by_their_parcels(parcels: int, band: str) -> None:
    assert size_of(parcels) == band
