"""Every fault of a pack names where it stands: file and line, or pack and rule."""

import pytest
import yaml

from serai.law.fast_yaml import FastYamlError, read_fast
from serai.law.load import PACK_BYTES_MAX, decode_pack, decode_table
from serai.law.program import LawPackError
from serai.law.tariff import TariffLine
from tests.law.packs import compile_pack, load, pack_text, shipped_files

LIMIT = """parameters:
- name: limit
  kind: money
  meaning: "A limit"
  values: [{valid_from: 2020-01-01, valid_to: null, value: 1.00 EUR, source: act}]
"""


def _definition(value: str, level: str = "item", name: str = "test_value") -> str:
    return f"- {{name: {name}, level: {level}, value: {value!r}, meaning: m, law_ref: l}}\n"


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("line_valu <= limit", "unknown-name", "Did you mean `line_value`?"),
        ("line_value + law_date", "wrong-type", "brings money and date together"),
        ("line_value * 1.5", "wrong-type", "stands bare"),
        ("line_value <= IN_CURRENCY(limit, 'USD')", "mixed-currency", "EUR and USD"),
        ("pg_sleep(10)", "forbidden-function", "pg_sleep"),
        ("(SELECT 1)", "forbidden-function", "may not stand in a law"),
        ("line_value <=", "expression-syntax", "is not an expression"),
        ("SUM(freight)", "wrong-level", "of a goods item"),
        ("commodity_code < 'x'", "wrong-type", "codes are compared with"),
        ("'text'", "wrong-type", "no result"),
        ("NOT limit", "wrong-type", "A flag is needed"),
        ("NOT " * 60 + "TRUE", "expression-syntax", "nested more than"),
        ("(" * 400 + "TRUE" + ")" * 400, "expression-syntax", "is not an expression"),
        ("SUM(SUM(line_value))", "wrong-level", "of a goods item"),
    ],
)
def test_expression_fault_names_pack_and_rule(value: str, code: str, said: str) -> None:
    body = LIMIT + "definitions:\n" + _definition(value)

    with pytest.raises(LawPackError) as fault:
        compile_pack(body)

    assert fault.value.code == code
    assert fault.value.place == "XX-TEST, definition test_value"
    assert said in fault.value.message


def test_very_long_sum_is_refused_before_it_can_wrap() -> None:
    group = "(" + " + ".join(["SUM(line_value * duty_rate)"] * 30) + ")"
    body = LIMIT + "definitions:\n" + _definition(f"{group} + {group}", "consignment")

    with pytest.raises(LawPackError) as fault:
        compile_pack(body)

    assert fault.value.code == "out-of-range"
    assert fault.value.place == "XX-TEST, definition test_value"


def test_expression_longer_than_two_thousand_characters_names_its_line() -> None:
    text = pack_text("definitions:\n" + _definition("line_value + " * 200 + "line_value"))

    with pytest.raises(LawPackError) as fault:
        decode_pack(text.encode(), "XX-TEST/pack.yaml")

    assert fault.value.code == "pack-shape"
    assert fault.value.place == "XX-TEST/pack.yaml:19"


def test_item_speaking_where_the_consignment_must_answer() -> None:
    with pytest.raises(LawPackError) as fault:
        compile_pack("definitions:\n" + _definition("line_value", "consignment"))

    assert (fault.value.code, fault.value.place) == ("wrong-level", "XX-TEST, definition test_value")


def test_cycle_names_its_way() -> None:
    body = "definitions:\n" + _definition("second", name="first") + _definition("first", name="second")

    with pytest.raises(LawPackError) as fault:
        compile_pack(body)

    assert fault.value.code == "cyclic-definition"
    assert "first -> second -> first" in fault.value.message


@pytest.mark.parametrize("name", ["line_value", "limit"])
def test_name_used_twice(name: str) -> None:
    with pytest.raises(LawPackError) as fault:
        compile_pack(LIMIT + "definitions:\n" + _definition("TRUE", name=name))

    assert fault.value.code == "duplicate-name"
    assert name in fault.value.message


def test_two_rules_of_one_name() -> None:
    reason = '- {rule_id: same, level: item, when: "TRUE", law_ref: l, sentence: s}\n'

    with pytest.raises(LawPackError) as fault:
        compile_pack("reasons:\n" + reason + reason)

    assert fault.value.code == "duplicate-name"


@pytest.mark.parametrize(
    ("values", "kind", "code"),
    [
        ("[{valid_from: 2020-01-01, valid_to: null, value: -1 %, source: act}]", "rate", "out-of-range"),
        (
            "[{valid_from: 2020-01-01, valid_to: null, value: 1000.0001 %, source: act}]",
            "rate",
            "out-of-range",
        ),
        (
            "[{valid_from: 2020-01-01, valid_to: null, value: 0.01 EUR, source: rumour}]",
            "money",
            "unknown-source",
        ),
        ("[{valid_from: 2020-01-01, valid_to: null, value: 'much', source: act}]", "flag", "wrong-type"),
        (
            "[{valid_from: 2020-01-01, valid_to: null, value: '2020-13-01', source: act}]",
            "date",
            "wrong-type",
        ),
        (
            "[{valid_from: 2020-01-01, valid_to: 2019-01-01, value: 0.01 EUR, source: act}]",
            "money",
            "wrong-dates",
        ),
        (
            "[{valid_from: 2020-01-01, valid_to: null, value: 0.01 EUR, source: act},"
            " {valid_from: 2021-01-01, valid_to: null, value: 0.02 EUR, source: act}]",
            "money",
            "overlap",
        ),
    ],
)
def test_parameter_fault_names_the_parameter(values: str, kind: str, code: str) -> None:
    with pytest.raises(LawPackError) as fault:
        compile_pack(f"parameters:\n- {{name: test_limit, kind: {kind}, meaning: m, values: {values}}}\n")

    assert (fault.value.code, fault.value.place) == (code, "XX-TEST, parameter test_limit")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("a: &x [1, 1]\nb: *x", "pack-syntax", "aliases"),
        ("title: again", "pack-syntax", "stands twice"),
        ("nonsense: 1", "pack-shape", "nonsense"),
        ("reasons: [", "pack-syntax", "expected"),
        (
            "parameters: [{name: test_p, kind: rate, meaning: m, values: "
            "[{valid_from: 2020-01-01, valid_to: null, value: 12.5, source: act}]}]",
            "value-notation",
            "Did you mean `12.5 %`?",
        ),
    ],
)
def test_yaml_fault_names_file_and_line(line: str, code: str, said: str) -> None:
    with pytest.raises(LawPackError) as fault:
        decode_pack(pack_text(line).encode(), "XX-TEST/pack.yaml")

    file, _, number = fault.value.place.partition(":")
    assert (fault.value.code, file) == (code, "XX-TEST/pack.yaml")
    assert number.isdigit()
    assert said in fault.value.message


def test_yaml_bomb_is_refused_at_its_first_alias() -> None:
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(9))

    with pytest.raises(LawPackError, match="aliases") as fault:
        decode_pack(bomb.encode(), "XX-TEST/pack.yaml")

    assert fault.value.place == "XX-TEST/pack.yaml:2"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a: &x 5\nb: *x", "aliases"),
        ("a: &x key\nb: {*x : 1}", "aliases"),
        ("a: " + "[" * 2_000 + "]" * 2_000, "nested too deep"),
        ("- " * 3_000, "nested too deep"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: 2020-13-41", "none that YAML knows"),
        ("--- {a: 1}\n--- {b: 1}", "found another document"),
        ("a: {b: 1, 'b': 2}", "stands twice"),
        ("? [a]\n: 1", "a key is one word"),
        ("a: \x01", "the character 0x1 may not stand"),
        ("", "empty"),
        ("# nothing\n", "empty"),
    ],
)
def test_rare_yaml_is_refused_with_a_reason(body: str, said: str) -> None:
    with pytest.raises(LawPackError, match=said) as fault:
        decode_pack(body.encode(), "XX-TEST/pack.yaml")

    assert fault.value.code == "pack-syntax"


SURPRISES = """[no, Yes, on, OFF, true, ~, null, 012, 0o14, 0x1F, 1_000, 1:30, 12.5, 1e3, .inf, -7, +7, '7',
  "a\\tb", 2020-01-01, 2020-01-01T10:00:00Z, 1e, 0b11, x, "no", !!str 5, {}, [], {a: {b: [1]}}, a:b, -]
"""


@pytest.mark.in_turn
def test_parser_in_c_makes_the_same_of_a_sound_file_as_the_one_in_python() -> None:
    texts = [file.decode() for path, file in shipped_files().items() if path.endswith("/pack.yaml")]
    odd = ["a: >-\n  one\n  two\n\n  three\nb: |+\n  four\n\n", SURPRISES]

    for text in [*texts, *odd, "\ufeffa: 1", "a: Türkiye, 日本 😀", "a: b # c\nd: 'it''s'"]:
        data = read_fast(text)
        assert repr(data) == repr(yaml.safe_load(text))


@pytest.mark.parametrize("text", ["<<: {a: 1}", "a: !!set {b}", "1: a", "a: &x [1]\nb: *x", "a: &x 1\nb: *x"])
def test_what_is_rare_is_left_to_the_parser_in_python(text: str) -> None:
    with pytest.raises(FastYamlError):
        read_fast(text)


def test_too_large_and_not_text() -> None:
    with pytest.raises(LawPackError, match="pack-too-large"):
        decode_pack(b" " * (PACK_BYTES_MAX + 1), "XX-TEST/pack.yaml")
    with pytest.raises(LawPackError, match="not UTF-8"):
        decode_pack(b"code: \xff", "XX-TEST/pack.yaml")


def test_overlap_and_gap_of_versions_name_both_packs() -> None:
    old = pack_text(code="XX-OLD", valid_to="2021-01-01")

    with pytest.raises(LawPackError) as fault:
        load(old, pack_text(code="XX-NEW", valid_from="2020-12-31"))
    assert (fault.value.code, fault.value.place) == ("overlap", "XX-OLD, XX-NEW")

    with pytest.raises(LawPackError) as fault:
        load(old, pack_text(code="XX-NEW", valid_from="2021-01-02"))
    assert (fault.value.code, fault.value.place) == ("gap", "XX-OLD, XX-NEW")

    load(old, pack_text(code="XX-NEW", valid_from="2021-01-01"))


@pytest.mark.parametrize(
    "row",
    [
        "duty,610910,-1,2020-01-01,,Act",
        "duty,610910,12.5,2020-01-01,,Act",
        "duty,61x910,1,2020-01-01,,Act",
        "duty,610910,1,yesterday,,Act",
        "duty,610910,1,2020-01-01,,",
    ],
)
def test_tariff_row_fault_names_file_and_line(row: str) -> None:
    heading = "measure,commodity_prefix,ad_valorem_ppm,valid_from,valid_to,source"
    content = f"{heading}\nduty,01,0,2020-01-01,,Act\n{row}\n"

    with pytest.raises(LawPackError) as fault:
        list(decode_table(content.encode(), TariffLine, "XX/tariff.csv"))

    assert (fault.value.code, fault.value.place) == ("table-shape", "XX/tariff.csv:3")
