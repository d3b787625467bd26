"""The mutation check: small changes of a pack, and whether its worked examples notice them."""

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.expression_mutants import changed_comparisons, dropped_limbs
from serai.laboratory.law_bench.mutants import Mutant, mutants_of
from serai.laboratory.law_bench.mutation import score_packs
from serai.laboratory.law_bench.ready_cases import ReadyCases
from serai.law.library import decode_packs
from serai.law.load import decode_pack

_CODE = "CL-2025"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return read_law_files(find_shipped("laws"))


@pytest.fixture(scope="module")
def cases(files: dict[str, bytes]) -> ReadyCases:
    """The worked examples of all packs, which take two seconds to read."""
    return ReadyCases(files)


def test_each_comparison_is_turned_and_each_text_of_a_list_left_out() -> None:
    changes = list(changed_comparisons("(value <= limit OR code = 'gift') AND kind IN ('a', 'b')"))
    assert changes == [
        ("value <= limit -> value < limit", "(value < limit OR code = 'gift') AND kind IN ('a', 'b')"),
        ("code = 'gift' -> code <> 'gift'", "(value <= limit OR code <> 'gift') AND kind IN ('a', 'b')"),
        ("kind IN ('a', 'b') -> kind IN ('b')", "(value <= limit OR code = 'gift') AND kind IN ('b')"),
        ("kind IN ('a', 'b') -> kind IN ('a')", "(value <= limit OR code = 'gift') AND kind IN ('a')"),
    ]


def test_both_edges_of_between_are_moved_and_a_list_of_one_is_turned() -> None:
    assert [whole for _, whole in changed_comparisons("x BETWEEN a AND b")] == [
        "(x > a AND x <= b)",
        "(x >= a AND x < b)",
    ]
    assert [whole for _, whole in changed_comparisons("code IN ('a')")] == ["NOT code IN ('a')"]


def test_every_mutant_differs_from_its_pack_in_one_place(files: dict[str, bytes]) -> None:
    pack = decode_pack(files[f"{_CODE}/pack.yaml"], _CODE)
    mutants = list(mutants_of(pack))
    assert len({(one.place, one.change, one.kind) for one in mutants}) == len(mutants) > 10
    assert all(one.packs[0] != pack for one in mutants)


@pytest.mark.in_turn
def test_a_rate_nobody_checks_survives_and_a_checked_one_does_not(
    files: dict[str, bytes], cases: ReadyCases
) -> None:
    (score,) = score_packs(files, [_CODE], cases=cases)
    assert score.noticed["value"] == score.mutants["value"] > 0
    assert score.noticed_count + len(score.survivors) == score.mutant_count
    # Cases of what is restricted in Brazil rest on the pack too.
    paths = (f"{_CODE}/cases.yaml", "BR-RESTRICTED/cases.yaml")
    without = {**files, **{path: _without_cases(files[path]) for path in paths}}
    (blind,) = score_packs(without, [_CODE])
    assert (blind.cases_count, blind.noticed["value"], blind.noticed["limb"]) == (0, 0, 0)
    assert blind.mutant_count == score.mutant_count


def _without_cases(content: bytes) -> bytes:
    head, _, _ = content.partition(b"\ncases:")
    return head + b"\ncases: []\n"


def test_a_day_is_moved_to_both_sides(files: dict[str, bytes]) -> None:
    pack = decode_pack(files["EU-2026/pack.yaml"], "EU-2026")

    moved = {
        one.change: next(p for p in one.packs[0].parameters if p.name == "product_ids_from").values[0].value
        for one in mutants_of(pack)
        if (one.place, one.kind) == ("parameter product_ids_from", "value")
    }

    assert moved == {"+1 day": "2026-11-02", "-1 day": "2026-10-31"}


def test_each_limb_of_an_and_is_left_out_and_each_not_elsewhere() -> None:
    assert [whole for _, whole in dropped_limbs("a AND NOT b AND c > 1")] == [
        "NOT b AND c > 1",
        "a AND c > 1",
        "a AND NOT b",
    ]
    assert [whole for _, whole in dropped_limbs("a OR NOT (b AND d)")] == [
        "a OR (b AND d)",
        "a OR NOT (d)",
        "a OR NOT (b)",
    ]
    assert [whole for _, whole in dropped_limbs("c IS NOT NULL")] == []


def test_each_exception_beside_a_rule_is_left_out(files: dict[str, bytes]) -> None:
    text = files["US-COMMON/pack.yaml"].count(b"unless:")

    left_out = [
        one for one in _of_kind(files, "US-COMMON", "limb") if one.change.startswith("without unless")
    ]

    assert len(left_out) >= text > 0
    assert all(one.place.endswith("unless") for one in left_out)


def _of_kind(files: dict[str, bytes], code: str, kind: str) -> list[Mutant]:
    packs = decode_packs(files)
    others = [pack for other, pack in packs.items() if other != code]
    return [one for one in mutants_of(packs[code], others) if one.kind == kind]


def test_the_day_on_which_one_version_follows_another_is_moved_for_both(files: dict[str, bytes]) -> None:
    moved = [one for one in _of_kind(files, "EU-2026", "day") if one.place == "valid_from"]

    assert {
        one.change: {pack.code: (str(pack.valid_from), str(pack.valid_to)) for pack in one.packs}
        for one in moved
    } == {
        "+1 day": {"EU-2026": ("2026-07-02", "2028-07-01"), "EU-2021": ("2021-07-01", "2026-07-02")},
        "-1 day": {"EU-2026": ("2026-06-30", "2028-07-01"), "EU-2021": ("2021-07-01", "2026-06-30")},
    }


def test_the_day_on_which_one_value_follows_another_is_moved_for_both(files: dict[str, bytes]) -> None:
    (later, earlier) = (
        one for one in _of_kind(files, "EU-VAT", "day") if one.change.startswith("SK from 2025-01-01")
    )

    for mutant, day in ((later, "2025-01-02"), (earlier, "2024-12-31")):
        (rates,) = (p.values for p in mutant.packs[0].parameters if p.name == "vat_rate")
        slovak = [(str(one.valid_from), str(one.valid_to)) for one in rates if one.key == "SK"]
        assert slovak == [("2021-07-01", day), (day, "None")]


def test_debtors_reliefs_forms_suspensions_and_exclusions_are_changed(files: dict[str, bytes]) -> None:
    assert {
        one.change for one in _of_kind(files, "GB-2021", "debtor") if one.place == "debtor of gb-duty"
    } == {"row 1: importer -> consignee"}
    assert any("(GIFT)" in one.change for one in _of_kind(files, "GB-2021", "relief"))
    assert "dropped" in {one.change for one in _of_kind(files, "IT-FEE-2026", "suspension")}
    assert {"dropped", "without 9304"} <= {one.change for one in _of_kind(files, "IN-IMPORT", "exclusion")}
    assert any("without row 1" in one.change for one in _of_kind(files, "GB-2021", "form"))


def test_a_law_in_whole_dollars_is_moved_by_a_dollar_and_one_in_cents_by_a_cent(
    files: dict[str, bytes],
) -> None:
    def steps(code: str, name: str) -> list[str]:
        pack = decode_pack(files[f"{code}/pack.yaml"], code)
        return [
            one.change for one in mutants_of(pack) if (one.place, one.kind) == (f"parameter {name}", "value")
        ]

    assert steps("TW-2024", "exempt_limit") == ["+100", "-100"]
    assert steps("TW-2024", "exempt_count_limit") == ["+1", "-1"]
    assert steps("AU-2018", "low_value_limit") == ["+1", "-1"]


@pytest.mark.in_turn
def test_two_processes_score_what_one_does(files: dict[str, bytes], cases: ReadyCases) -> None:
    codes = ["CL-2023", "RO-FEE-2026", "SG-OVR-2023"]

    assert [*score_packs(files, codes, workers_count=2)] == [*score_packs(files, codes, cases=cases)]


def test_a_change_of_a_common_layer_is_noticed_by_the_cases_of_the_laws_above_it(
    files: dict[str, bytes],
    cases: ReadyCases,
) -> None:
    assert "CL-IMPORT/cases.yaml" not in files

    (score,) = score_packs(files, ["CL-IMPORT"], cases=cases)

    assert score.noticed["value"] == score.mutants["value"] > 0
    assert score.noticed["comparison"] == score.mutants["comparison"] > 0
    assert score.cases_count >= 17


@pytest.mark.in_turn
def test_a_day_on_which_a_pack_is_suspended_either_way_is_no_other_law(
    files: dict[str, bytes], cases: ReadyCases
) -> None:
    (score,) = score_packs(files, ["FR-TPC-2026"], cases=cases)

    # Its first day, one later and earlier; on its last day it is suspended.
    assert (score.mutants["day"], score.noticed["day"]) == (2, 2)


def test_reliefs_that_exclude_each_other_count_in_one_order_alone(
    files: dict[str, bytes], cases: ReadyCases
) -> None:
    (score,) = score_packs(files, ["EAEU-2022"], cases=cases)

    assert score.same == 1
    assert not [one for one in score.survivors if " before " in one.change]
