"""Bad law: each fault with code, file, line, what is wrong and what to do, all of them at once.

The cases are data in `bad_packs.yaml`; `tests/cli/test_bad_law.py` and
`tests/faults/test_bad_law_over_http.py` send the same through the other ways in.
"""

import pytest

from serai.journey.law_in_force.faults import FAULTS_MAX, ROW_FAULTS_MAX, LawFault, find_law_faults
from serai.law.fault_kinds import FAULT_KINDS
from serai.law.library import load_book
from serai.law.load import PACK_BYTES_MAX, SYNTAX_FAULTS_MAX
from tests.law.bad_packs import BadPack, Expected, bad_packs, sound_files
from tests.law.packs import assessed, consignment, findings_of

CASES = bad_packs()


def test_the_pack_that_all_are_made_from_is_sound() -> None:
    found = find_law_faults(sound_files())

    assert (found.faults, found.packs_count, found.compositions_count) == ([], 1, 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_law_is_told_with_file_and_line(case: BadPack) -> None:
    faults = find_law_faults(case.files).faults

    assert len(faults) == len(case.expected), [fault.message for fault in faults]
    for fault, expected in zip(faults, case.expected, strict=True):
        assert fault.code == expected.code
        assert expected.says in fault.message
        assert len(fault.message) < 1_000
        assert fault.next_step
        assert _line(fault, case, expected)


def _line(fault: LawFault, case: BadPack, expected: Expected) -> bool:
    if not expected.line_holds:
        return fault.line is None
    # Of two laws the later one is named; it may be the one that did not change.
    file = fault.file or ""
    text = case.text if file == case.path else case.files[file].decode()
    assert fault.line is not None
    return expected.line_holds in text.split("\n")[fault.line - 1]


def test_every_kind_of_fault_has_a_case() -> None:
    # The size of files, and how many rules a decision holds, are tested by themselves.
    others = {"pack-too-large", "law-file-unfit", "too-many-rules"}

    assert {fault.code for case in CASES for fault in case.expected} == FAULT_KINDS.keys() - others


def test_the_faults_of_all_packs_are_told_at_once() -> None:
    files = {"tables/territories.csv": sound_files()["tables/territories.csv"]}
    wanted = 0
    for number, case in enumerate(CASES):
        if case.path == "XX-2026/pack.yaml" and {one.code for one in case.expected} == {"pack-shape"}:
            files[f"XX-{number}/pack.yaml"] = case.files[case.path]
            wanted += len(case.expected)

    assert wanted > 5
    assert len(find_law_faults(files).faults) == wanted


def test_a_table_of_nothing_but_faults_is_told_in_part() -> None:
    head = sound_files()["XX-2026/tariff.csv"].splitlines(keepends=True)[0]
    files = {**sound_files(), "XX-2026/tariff.csv": head + b"duty,x,y\n" * 50_000}

    faults = find_law_faults(files).faults

    assert len(faults) == ROW_FAULTS_MAX + 1 <= FAULTS_MAX
    assert f"{50_000 - ROW_FAULTS_MAX} more rows" in faults[-1].message


def test_the_rest_is_looked_at_though_a_pack_cannot_be_read() -> None:
    files = sound_files()
    files["YY-2026/pack.yaml"] = b"format: ["
    files["XX-2026/pack.yaml"] = files["XX-2026/pack.yaml"].replace(b"<= limit_value", b"<= law_date")

    codes = [fault.code for fault in find_law_faults(files).faults]

    assert codes == ["pack-syntax", "wrong-type"]


def test_a_byte_order_mark_is_no_fault() -> None:
    files = {path: b"\xef\xbb\xbf" + content for path, content in sound_files().items()}

    assert find_law_faults(files).faults == []


def test_days_that_are_said_to_have_no_value_are_no_fault_and_stay_unknown() -> None:
    files = sound_files()
    content = files["XX-2026/pack.yaml"]
    files["XX-2026/pack.yaml"] = content.replace(
        b"valid_from: 2024-01-01, valid_to: null, value: 20 %",
        b"valid_from: 2024-01-01, valid_to: null, value: null",
    )
    assert files["XX-2026/pack.yaml"] != content

    assert find_law_faults(files).faults == []
    assert ("parameter-not-known", "vat_rate") in findings_of(
        assessed(load_book(files), consignment(country="XX", postcode=None))
    )


def test_a_pack_of_nothing_but_faults_is_read_no_further_than_needed() -> None:
    files = sound_files()
    files["XX-2026/pack.yaml"] += b"open_questions:\n- &a x\n" + b"- *a\n" * 50_000

    faults = find_law_faults(files).faults

    assert len(faults) == SYNTAX_FAULTS_MAX + 1
    assert "the rest is not looked at" in faults[-1].message


def test_a_pack_larger_than_any_is_told_by_its_size() -> None:
    files = {**sound_files(), "XX-2026/pack.yaml": b"#" * (PACK_BYTES_MAX + 1)}

    assert [fault.code for fault in find_law_faults(files).faults] == ["pack-too-large"]
