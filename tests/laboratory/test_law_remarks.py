"""Remarks on packs that are law: what nobody cites, nobody reads, and what can never act."""

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.remarks import Remark, find_remarks
from serai.law.load import decode_pack
from serai.law.pack_lines import find_place

_CODE = "IL-IMPORT"
_PATH = f"{_CODE}/pack.yaml"


@pytest.fixture(scope="module")
def text() -> str:
    return (find_shipped("laws") / _CODE / "pack.yaml").read_text("utf-8")


def remarks_on(text: str) -> list[Remark]:
    """Return the remarks on the pack with this text, beside the version of the limit that reads it."""
    files = read_law_files(find_shipped("laws"))
    files[_PATH] = text.encode()
    packs = {code: decode_pack(files[f"{code}/pack.yaml"], code) for code in (_CODE, "IL-2012")}
    return find_remarks(packs, files, [_CODE])


def added(text: str, old: str, new: str) -> Remark:
    """Return the one remark that a change of the text brings."""
    assert text.count(old) >= 1
    before = [(one.code, one.message) for one in remarks_on(text)]
    changed = text.replace(old, new, 1)
    (remark,) = [one for one in remarks_on(changed) if (one.code, one.message) not in before]
    assert remark.line is not None
    return remark


@pytest.mark.parametrize(
    ("old", "new", "code", "on_line"),
    [
        ("  bands:\n", "  nobody: {title: X}\n  bands:\n", "source-not-cited", "nobody:"),
        (
            "- name: duty_free_limit\n",
            "- {name: lost, kind: rate, meaning: X, values: []}\n- name: duty_free_limit\n",
            "parameter-without-source",
            "name: lost",
        ),
        (
            "- {code: PREFERENCE, when: is_preference_claimed,",
            "- {code: PREFERENCE, when: 'is_preference_claimed AND FALSE',",
            "row-unreachable",
            "code: PREFERENCE",
        ),
        (
            "charges:\n",
            "exclusions:\n- {rule_id: x, kinds: [unicorn], lane: await, law_ref: X, sentence: X, remedy: X}\n"
            "charges:\n",
            "goods-kind-unknown",
            "kinds: [unicorn]",
        ),
        (
            "charges:\n",
            "exclusions:\n- {rule_id: x, lane: await, law_ref: X, sentence: X, remedy: X}\ncharges:\n",
            "rule-unreachable",
            "rule_id: x",
        ),
        (
            "when: excise <> 0",
            "when: 1 = 2",
            "rule-unreachable",
            "when: 1 = 2",
        ),
        (
            "valid_from: 2012-01-01, valid_to: null, value: 500.00 USD",
            "valid_from: 2001-01-01, valid_to: 2002-01-01, value: 1.00 USD, source: bands},\n"
            "    {valid_from: 2012-01-01, valid_to: null, value: 500.00 USD",
            "value-never-in-force",
            "2001-01-01",
        ),
        (
            'law_ref: "Israel Tax Authority, personal import"',
            'law_ref: "Israel Tax Authority, personal import; Globes, 5 May 2026"',
            "law-ref-no-law",
            "Globes",
        ),
        (
            'address: "https://www.newsbeep.com/332713"\n    confidence: partly',
            'address: "https://www.newsbeep.com/332713"',
            "source-rated-too-high",
            "vat:",
        ),
        ("https://www.newsbeep.com/", "https://nobody.example/", "publisher-unknown", "vat:"),
        ("  appeal: ", "  pointer: /goods_items # ", "appeal-missing", "rule_id"),
        ("  remedy: ", "  pointer: /goods_items # ", "remedy-missing", "rule_id"),
        ("jurisdiction: IL", "jurisdiction: QQ", "pack-not-reached", "jurisdiction: QQ"),
    ],
)
def test_each_flaw_is_remarked_upon_at_its_line(
    text: str, old: str, new: str, code: str, on_line: str
) -> None:
    changed = text.replace(old, new, 1).splitlines()
    found = [one for one in remarks_on("\n".join(changed)) if one.code == code]
    known = [one.message for one in remarks_on(text)]

    (remark,) = [one for one in found if one.message not in known]

    assert remark.line is not None
    assert on_line in changed[remark.line - 1]


def test_a_source_of_the_packs_days_is_cited_under_grounds(text: str) -> None:
    with_source = text.replace("  bands:\n", "  end: {title: X}\n  bands:\n", 1)
    with_ground = with_source.replace(
        "parameters:\n", "grounds: [{of: valid_to, source: end}]\nparameters:\n", 1
    )

    def sources(text: str) -> list[Remark]:
        return [one for one in remarks_on(text) if one.code == "source-not-cited"]

    assert len(sources(with_source)) == len(sources(with_ground)) + 1


def test_a_parameter_nobody_knows_is_told_in_an_open_question(text: str) -> None:
    unknown = text.replace(
        "- name: duty_free_limit\n",
        "- {name: lost, kind: rate, meaning: X, values: []}\n- name: duty_free_limit\n",
        1,
    )
    told = unknown.replace(
        "open_questions:\n", 'open_questions:\n- "`lost` was not found: no tax of it."\n', 1
    )

    def lacking(text: str) -> list[Remark]:
        return [one for one in remarks_on(text) if one.code == "parameter-without-source"]

    assert told != unknown
    assert (len(lacking(unknown)), len(lacking(told))) == (1, 0)


def test_a_row_below_one_that_always_holds_is_unreachable(text: str) -> None:
    remark = added(text, "- {code: none}\n", "- {code: none}\n- {code: late, when: is_free}\n")

    assert (remark.code, "row `none` above it" in remark.message) == ("row-unreachable", True)


def test_a_row_with_the_condition_of_one_above_is_unreachable(text: str) -> None:
    remark = added(text, "- {code: none}\n", "- {code: again, when: is_free}\n- {code: none}\n")

    assert "row `duty_and_tax` above it has the same condition" in remark.message


def test_a_name_that_only_another_pack_reads_is_read(text: str) -> None:
    said = [one.message for one in remarks_on(text)]

    # `free_limit` stands in IL-2012 and is read in IL-IMPORT; nobody complains of either.
    assert not any("read by no expression" in message for message in said)
    files = read_law_files(find_shipped("laws"))
    alone = {"IL-2012": decode_pack(files["IL-2012/pack.yaml"], "IL-2012")}
    assert [one.code for one in find_remarks(alone, files, ["IL-2012"])] == ["name-not-read"]


@pytest.mark.parametrize(
    ("place", "line_holds"),
    [
        ("IL-IMPORT, parameter vat_rate", "name: vat_rate"),
        ("IL-IMPORT, definition is_free", "name: is_free"),
        ("IL-IMPORT, charge il-vat", "rule_id: il-vat"),
        ("IL-IMPORT, charge il-vat, buyer-via-courier", "rule_id: il-vat"),
        ("IL-IMPORT, charge il-vat-rounding", "rule_id: il-vat"),
        ("IL-IMPORT, reason il-vat-only", "rule_id: il-vat-only"),
        ("IL-IMPORT, relief, none", "relief:"),
        ("IL-IMPORT", "format: serai-pack/1"),
        ("IL-2012, IL-IMPORT", "valid_from: 2012-01-01"),
    ],
)
def test_the_place_of_a_fault_is_found_in_its_file(place: str, line_holds: str) -> None:
    files = read_law_files(find_shipped("laws"))
    packs = {code: decode_pack(files[f"{code}/pack.yaml"], code) for code in (_CODE, "IL-2012")}

    path, line = find_place(place, packs, files)

    assert path == _PATH
    assert line is not None
    assert line_holds in files[path].decode().splitlines()[line - 1]
