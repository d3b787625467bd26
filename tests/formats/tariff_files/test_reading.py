"""Tariff files of each form: every row is taken, set aside or refused with its line."""

import datetime as dt
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.formats.tariff_files.measure import Member
from serai.formats.tariff_files.outcome import Outcome, TariffFileError
from serai.formats.tariff_files.reading import FORMS, Form, TariffFile, read_groups, read_tariff
from serai.formats.tariff_files.tariff_csv import TariffCsvWriter
from serai.law.load import decode_table
from serai.law.tariff_line import TariffLine

EDITION = dt.date(2026, 1, 1)
GROUPS = {"2020": [Member("BD"), Member("KH"), Member("MM", dt.date(2020, 1, 1), dt.date(2025, 1, 1))]}


def read(
    form: Form, text: str | bytes, currency: str | None = "GBP", groups: dict[str, list[Member]] = GROUPS
) -> list[Outcome]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_tariff(TariffFile(content, "file", form, groups, EDITION), currency, []))


def told(outcomes: list[Outcome]) -> list[tuple[int, str, str]]:
    return [(one.line, one.outcome, one.code) for one in outcomes]


# ---- TARIC, CSV ----

UK = (
    "commodity__code,measure__type__id,measure__additional_code__code,measure__duty_expression,"
    "measure__effective_start_date,measure__effective_end_date,measure__footnotes,measure__conditions,"
    "measure__geographical_area__id,measure__excluded_geographical_areas__ids,measure__quota__order_number,"
    "measure__regulation__id\n"
)


def test_uk_measures_become_lines_with_origin_days_and_footnotes() -> None:
    outcomes = read(
        "taric-csv",
        UK
        + "6109100000,103,,12.00%,2021-01-01,,,,1011,,,C2100001\n"
        + "6109100010,142,,0.00%,2021-01-01,2026-12-31,TN021|TM861,,NO,,,C2100002\n"
        + "6109100000,142,,9.60%,2021-01-01,,,,2020,BD,,C2100003\n"
        + "1704903000,103,,8.00% + 15.400 GBP / 100 kg,2021-01-01,,,,1011,,,C2100001\n",
    )

    assert {one.outcome for one in outcomes} == {"taken"}
    third, norway, preference, compound = (one.lines for one in outcomes)
    assert (third[0].commodity_prefix, third[0].ad_valorem_ppm, third[0].source) == (
        "610910",
        120_000,
        "C2100001",
    )
    assert (norway[0].origin_code, norway[0].preference_code) == ("NO", "300")
    assert (norway[0].valid_to, norway[0].footnotes) == (dt.date(2027, 1, 1), ("TN021", "TM861"))
    assert preference[0].origin_codes == ("BD", "KH")
    assert (preference[0].preference_code, preference[0].excluded_origin_codes) == ("200", ("BD",))
    assert (preference[1].origin_codes, preference[1].valid_to) == (("MM",), dt.date(2025, 1, 1))
    assert (compound[0].specific_micro, compound[0].specific_unit) == (15_400_000, "kg")


def test_every_row_of_taric_is_told_for_with_its_line() -> None:
    rows = [
        ("6109100000,109,,,2021-01-01,,,,1011,,,C1", "set_aside", "no-charge"),
        ("6109100000,998,,5.00%,2021-01-01,,,,1011,,,C1", "refused", "measure-type-unknown"),
        ("6109100000,143,,5.00%,2021-01-01,,,,NO,,051234,C1", "refused", "measure-not-a-line"),
        ("6109100000,103,,5.00%,2021-01-01,,,,1099,,,C1", "refused", "origin-group-unknown"),
        ("6109100000,552,C123,5.00%,2021-01-01,,,,CN,,,C1", "taken", ""),
        ("6109100000,552,C12,5.00%,2021-01-01,,,,CN,,,C1", "refused", "additional-code-malformed"),
        ("6109100000,552,C999,48.50%,2021-01-01,,,,CN,,,C1", "taken", ""),
        ("6109100000,103,,5.00%,2021-13-01,,,,1011,,,C1", "refused", "date-malformed"),
        ("6109100000,103,,5.00%,2021-02-01,2020-01-01,,,1011,,,C1", "refused", "validity-empty"),
        ("610910000,103,,5.00%,2021-01-01,,,,1011,,,C1", "refused", "commodity-code-malformed"),
        ("6109100000,103,,9 % + EA,2021-01-01,,,,1011,,,C1", "refused", "duty-not-understood"),
        ('6109100000,142,,5 %,2021-01-01,,,"condition:A,action:01",NO,,,C1', "refused", "duty-by-condition"),
        ("6109100000,103,,5 EUR / kg,2021-01-01,,,,1011,,,C1", "refused", "currency-other"),
        ("6109100000,103,,5 %,2021-01-01,2021-12-31,,,1011,,,C1", "taken", ""),
        ("6109100000,103,,6 %,2021-12-31,,,,1011,,,C1", "refused", "validity-overlaps"),
        ("6109100000,103,,6 %,2022-01-01,,,,1011,,,C1", "taken", ""),
        ("6109100000,103,,6 %,2022-01-01,,,,1011,,,C1,too,many", "refused", "too-many-cells"),
    ]

    outcomes = read("taric-csv", UK + "\n".join(row for row, _, _ in rows))

    assert told(outcomes) == [(n, outcome, code) for n, (_, outcome, code) in enumerate(rows, start=2)]
    assert all(one.reason and one.next_step for one in outcomes if one.outcome == "refused")
    assert "file:15" in outcomes[14].reason
    assert [line.additional_code for one in outcomes[4:7] for line in one.lines] == ["C123", ""]
    assert "C999" in outcomes[6].remark


def test_eu_headings_and_days_are_understood() -> None:
    outcomes = read(
        "taric-csv",
        "Goods code;Add code;Order No.;Start date;End date;Origin code;Meas. type code;Legal base;Duty\n"
        "0702 00 00 00;;;01-01-2023;31-12-2026;1011;103;R2658/87;8.800 % + 2.500 EUR / DTN\n",
        currency="EUR",
    )

    line = outcomes[0].lines[0]
    assert (line.commodity_prefix, line.valid_from, line.valid_to) == (
        "0702",
        dt.date(2023, 1, 1),
        dt.date(2027, 1, 1),
    )
    assert line.specific_micro == 2_500_000


def test_a_row_in_another_encoding_spoils_itself_alone() -> None:
    rows = UK.encode() + "6109100000,103,,5 %,2021-01-01,,,café,1011,,,C1\n".encode("cp1252")
    rows += b"6110000000,103,,5 %,2021-01-01,,,,1011,,,C1\n"

    assert told(read("taric-csv", rows)) == [(2, "refused", "not-utf-8"), (3, "taken", "")]


# ---- TARIC, XML ----

XML = """<?xml version="1.0" encoding="UTF-8"?>
<env:envelope xmlns="urn:publicid:-:DGTAXUD:TARIC:MESSAGE:1.0"
    xmlns:env="urn:publicid:-:DGTAXUD:GENERAL:ENVELOPE:1.0">
{records}
</env:envelope>
"""


def record(name: str, update: str = "3", **cells: str) -> str:
    leaves = "".join(
        f"<{key.replace('_', '.')}>{text}</{key.replace('_', '.')}>" for key, text in cells.items()
    )
    return f"<record><update.type>{update}</update.type><{name}>{leaves}</{name}></record>"


def measure(sid: str, code: str, kind: str, area: str, update: str = "3", **cells: str) -> str:
    return record(
        "measure",
        update,
        measure_sid=sid,
        measure_type=kind,
        geographical_area=area,
        goods_nomenclature_item_id=code,
        validity_start_date="2024-01-01",
        measure_generating_regulation_id="R2400010",
        **cells,
    )


def component(sid: str, expression: str, amount: str, **cells: str) -> str:
    return record(
        "measure.component", measure_sid=sid, duty_expression_id=expression, duty_amount=amount, **cells
    )


def test_taric_xml_joins_components_footnotes_exclusions_and_groups() -> None:
    records = [
        record("geographical.area", geographical_area_sid="1", geographical_area_id="2200"),
        record("geographical.area", geographical_area_sid="2", geographical_area_id="GT"),
        record("geographical.area", geographical_area_sid="3", geographical_area_id="HN"),
        *(
            record(
                "geographical.area.membership",
                geographical_area_sid=sid,
                geographical_area_group_sid="1",
                validity_start_date="2013-08-01",
            )
            for sid in "23"
        ),
        measure("10", "1701991000", "142", "2200", validity_end_date="2026-12-31"),
        component("10", "01", "5.0"),
        component("10", "04", "33.9", monetary_unit_code="EUR", measurement_unit_code="DTN"),
        component("10", "17", "20.0"),
        record("footnote.association.measure", measure_sid="10", footnote_type_id="CD", footnote_id="808"),
        record("measure.excluded.geographical.area", measure_sid="10", excluded_geographical_area="HN"),
    ]

    outcomes = read("taric-xml", XML.format(records="\n".join(records)), currency="EUR", groups={})

    assert told(outcomes) == [(9, "taken", "")]
    line = outcomes[0].lines[0]
    assert line.origin_codes == ("GT", "HN")
    assert line.excluded_origin_codes == ("HN",)
    assert (line.ad_valorem_ppm, line.specific_micro, line.maximum_ppm) == (50_000, 33_900_000, 200_000)
    assert (line.footnotes, line.valid_to) == (("CD808",), dt.date(2027, 1, 1))


def condition(sid: str, measure_sid: str, number: int, **cells: str) -> str:
    return record(
        "measure.condition",
        measure_condition_sid=sid,
        measure_sid=measure_sid,
        condition_code="A",
        component_sequence_number=str(number),
        action_code="01",
        **cells,
    )


def test_a_rate_by_condition_joins_its_measure_by_the_condition_alone() -> None:
    """Producers of goods under anti-dumping duty pay less with an invoice that says so (document D008)."""
    records = [
        record(
            "measure.condition.component",
            measure_condition_sid="71",
            duty_expression_id="01",
            duty_amount="12.3",
        ),
        measure("10", "7312108119", "552", "CN", additional_code_type="C", additional_code="123"),
        condition("71", "10", 1, certificate_type_code="D", certificate_code="008"),
        condition("72", "10", 2),
        record(
            "measure.condition.component",
            measure_condition_sid="72",
            duty_expression_id="01",
            duty_amount="48.5",
        ),
        measure("11", "7312108120", "552", "CN"),
        component("11", "01", "5.0"),
        condition("73", "11", 1, certificate_type_code="D", certificate_code="008"),
    ]

    outcomes = read("taric-xml", XML.format(records="\n".join(records)), groups={})

    assert told(outcomes) == [(5, "refused", "duty-by-condition"), (9, "taken", "")]
    assert "A D008 (01): 12.3 %; A (01): 48.5 %" in outcomes[0].reason
    assert outcomes[1].has_conditions


def test_a_condition_without_its_measure_and_a_component_without_its_condition_are_told() -> None:
    records = [
        measure("10", "6109100000", "103", "1011"),
        component("10", "01", "12.0"),
        condition("71", "99", 1),
        record("measure.condition.component", measure_condition_sid="72", duty_expression_id="01"),
    ]

    outcomes = read("taric-xml", XML.format(records="\n".join(records)), groups={})

    assert told(outcomes) == [
        (4, "taken", ""),
        (6, "refused", "measure-missing"),
        (7, "refused", "measure-missing"),
    ]
    assert sorted(one.subject for one in outcomes[1:]) == ["condition 72", "measure 99"]


def test_what_a_later_record_changes_or_deletes_counts_as_it_says() -> None:
    records = [
        measure("10", "6109100000", "103", "1011"),
        component("10", "01", "12.0"),
        record("measure.component", "1", measure_sid="10", duty_expression_id="01", duty_amount="9.0"),
        condition("71", "10", 1, condition_duty_amount="5"),
        record("measure.condition", "2", measure_condition_sid="71", measure_sid="10"),
    ]

    (outcome,) = read("taric-xml", XML.format(records="\n".join(records)), groups={})

    assert outcome.lines[0].ad_valorem_ppm == 90_000


def test_xml_of_one_line_tells_columns() -> None:
    records = [
        measure("10", "6109100000", "103", "1011"),
        component("10", "02", "12.0"),
        measure("11", "6110000000", "103", "1011"),
        component("11", "01", "12.0"),
        measure("12", "6110000000", "103", "1011"),
        component("12", "01", "13.0"),
    ]
    content = XML.replace("\n", " ").format(records="".join(records))

    first, second, third = read("taric-xml", content, groups={})

    assert [one.line for one in (first, second, third)] == [1, 1, 1]
    for outcome, sid in ((first, 10), (second, 11), (third, 12)):
        assert content[outcome.column - 1 :].startswith(f"<measure><measure.sid>{sid}<")
    assert first.code == "duty-not-understood"
    assert f"column {content.index('<measure.component>') + 1}" in first.reason
    assert f"file:1:{second.column}" in third.reason


def test_a_tariff_quota_is_named_with_what_it_holds() -> None:
    records = [
        measure("10", "0202309000", "143", "AR", ordernumber="094450"),
        component("10", "01", "20.0"),
        record(
            "quota.definition",
            quota_definition_sid="5",
            quota_order_number_id="094450",
            validity_start_date="2026-01-01",
            validity_end_date="2026-12-31",
            volume="17000000.000",
            initial_volume="17000000.000",
            measurement_unit_code="KGM",
        ),
    ]

    (outcome,) = read("taric-xml", XML.format(records="\n".join(records)), groups={})

    assert (outcome.outcome, outcome.code) == ("refused", "measure-not-a-line")
    assert "tariff quota 094450" in outcome.reason
    assert "17000000.000 KGM from 2026-01-01 to 2026-12-31" in outcome.reason


def test_taric_xml_tells_for_what_it_does_not_take() -> None:
    records = [
        measure("10", "6109100000", "103", "1011"),
        component("10", "01", "12.0"),
        measure("11", "6110000000", "103", "1011"),
        measure("11", "6110000000", "103", "1011", update="2"),
        measure("12", "6111000000", "103", "1011"),
        component("12", "12", "1.0"),
        component("99", "01", "1.0"),
        measure("13", "6112000000", "103", "1011"),
    ]

    outcomes = read("taric-xml", XML.format(records="\n".join(records)))

    assert told(outcomes) == [
        (4, "taken", ""),
        (6, "set_aside", "replaced"),
        (7, "set_aside", "deleted"),
        (8, "refused", "duty-not-understood"),
        (11, "refused", "duty-missing"),
        (10, "refused", "measure-missing"),
    ]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<a>&b;</a>', "tariff-file-unsafe", 2),
        (b"<a>" * 60, "tariff-file-unsafe", 1),
        (b"<a>\n<b></a>", "tariff-file-malformed", 2),
        (b"<a>\n<b>\xe9</b></a>", "tariff-file-not-utf-8", 2),
        (b"<a/>", "tariff-file-empty", 1),
    ],
)
def test_unsafe_and_broken_xml_is_refused_whole(content: bytes, code: str, line: int) -> None:
    with pytest.raises(TariffFileError) as refused:
        read("taric-xml", content)

    assert refused.value.code == code
    assert f"file:{line}:" in refused.value.message


# ---- HTS ----

HTS = [
    {"htsno": "6109", "description": "T-shirts", "general": "", "special": "", "other": ""},
    {"htsno": "", "description": "Of cotton", "general": "", "special": "", "other": ""},
    {
        "htsno": "6109.10.00",
        "general": "16.5%",
        "special": "Free (AU,S+) 1.5% (KR)",
        "other": "90%",
        "footnotes": [{"columns": ["general"], "value": "See 9903.88.15. ", "type": "endnote"}],
    },
    {"htsno": "6109.10.00.04", "general": "", "special": "", "other": ""},
    {"htsno": "0201.20.02", "general": "4.4¢/kg", "special": "Free (Q9)", "other": "See 9903.02.01"},
    {"htsno": "9903.88.15", "general": "The duty provided in the applicable subheading + 7.5%"},
    {"htsno": "9802.00.40", "general": "A duty upon the value of the repairs", "special": "", "other": ""},
    {"htsno": "0301.11.00", "general": "", "special": "", "other": ""},
    "no row",
    {"htsno": 7},
]


def test_hts_columns_become_lines_and_notes_stay_references() -> None:
    outcomes = read("hts-json", json.dumps(HTS, ensure_ascii=False, indent=0), currency="USD")

    assert [(one.subject, one.outcome, one.code) for one in outcomes] == [
        ("6109", "set_aside", "heading"),
        ("", "set_aside", "heading"),
        ("6109.10.00 general", "taken", ""),
        ("6109.10.00 special AU", "taken", ""),
        ("6109.10.00 special S+", "taken", ""),
        ("6109.10.00 special KR", "taken", ""),
        ("6109.10.00 column 2", "taken", ""),
        ("6109.10.00.04", "set_aside", "rate-above"),
        ("0201.20.02 general", "taken", ""),
        ("0201.20.02 special Q9", "refused", "origin-group-unknown"),
        ("0201.20.02 column 2", "set_aside", "by-reference"),
        ("9903.88.15", "set_aside", "by-reference"),
        ("9802.00.40 general", "set_aside", "by-reference"),
        ("0301.11.00", "refused", "duty-missing"),
        ("", "refused", "row-no-object"),
        ("", "refused", "row-malformed"),
    ]
    general, korea, column_2 = outcomes[2], outcomes[5].lines[0], outcomes[6].lines
    assert general.lines[0].footnotes == ("9903.88.15",)
    assert "9903.88.15" in general.remark
    assert (korea.preference_code, korea.origin_codes, korea.ad_valorem_ppm) == ("KR", ("KR",), 15_000)
    assert [(line.origin_codes, line.valid_from) for line in column_2] == [
        (("CU", "KP"), EDITION),
        (("BY", "RU"), EDITION),
    ]


def test_hts_csv_says_the_same_as_json() -> None:
    rows = [row for row in HTS if isinstance(row, dict) and isinstance(row["htsno"], str)]
    header = "HTS Number,Indent,Description,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty\n"
    text = header + "".join(
        f'{row["htsno"]},0,,{row.get("general", "")},"{row.get("special", "")}",{row.get("other", "")}\n'
        for row in rows
    )

    from_csv, from_json = read("hts-csv", text, "USD"), read("hts-json", json.dumps(rows), "USD")

    def plain(outcomes: list[Outcome]) -> list[object]:
        return [
            (one.subject, one.outcome, one.code, [line.terms() for line in one.lines]) for one in outcomes
        ]

    assert plain(from_csv) == plain(from_json)


def test_hts_json_rows_know_their_lines_and_broken_json_too() -> None:
    text = '[\n{"htsno": "6109.10.00",\n"general": "5%"},\n\n{"htsno": "1"}]'

    assert [one.line for one in read("hts-json", text)] == [2, 5]
    with pytest.raises(TariffFileError, match="file:3:"):
        read("hts-json", '[\n{"htsno": "1"},\n{"htsno": ]')
    with pytest.raises(TariffFileError, match="tariff-file-malformed"):
        read("hts-json", "[" * 100_000)


# ---- plain ----

PLAIN = "measure,commodity_code,duty,valid_from,valid_to,source,origin_codes\n"


def test_plain_rows_say_the_duty_in_words_or_in_numbers() -> None:
    outcomes = read(
        "plain-csv",
        PLAIN
        + "duty,6109,12 %,2026-01-01,,Act 1,CN KR\n"
        + "duty,6110,,2026-01-01,2026-01-01,Act 1,\n"
        + "duty,6x,12 %,2026-01-01,,Act 1,\n"
        + "duty,6111,12 %,2026-01-01,,,\n",
    )

    assert [(one.line, one.code) for one in outcomes] == [
        (2, ""),
        (3, "validity-empty"),
        (4, "row-malformed"),
        (5, "row-malformed"),
    ]
    assert outcomes[0].lines[0].origin_codes == ("CN", "KR")


def test_a_heading_nobody_knows_is_told() -> None:
    with pytest.raises(TariffFileError, match="colour"):
        read("plain-csv", "measure,commodity_prefix,valid_from,source,colour\nduty,61,2026-01-01,Act,red\n")


# ---- all ----


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "tariff-file-empty"),
        (b"PK\x03\x04 and so on", "tariff-file-packed"),
        (b"\x1f\x8b\x08", "tariff-file-packed"),
        ("a,b".encode("utf-16"), "tariff-file-not-utf-8"),
    ],
)
def test_what_is_no_text_is_refused_whole(form: Form, content: bytes, code: str) -> None:
    with pytest.raises(TariffFileError) as refused:
        read(form, content)

    assert refused.value.code == code


@pytest.mark.parametrize("form", FORMS)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_told_for_and_never_crash(form: Form, content: bytes) -> None:
    try:
        outcomes = read(form, content)
    except TariffFileError:
        outcomes = []

    assert all(one.code and one.next_step for one in outcomes if one.outcome == "refused")


def test_a_cell_without_end_is_refused_with_its_line() -> None:
    with pytest.raises(TariffFileError, match="file:2:"):
        read("plain-csv", PLAIN + 'duty,"' + "6" * 200_000)


def test_rates_without_end_are_refused_at_once() -> None:
    endless = json.dumps([{"htsno": "6109.10.00", "general": "5%", "special": "Free " * 25_000}])
    digits = '[{"htsno": ' + "9" * 5_000 + "}]"

    assert told(read("hts-json", endless)) == [(1, "refused", "duty-not-understood")]
    assert told(read("taric-csv", UK + f"6109100000,103,,{'5 % + ' * 9_000}5 %,2021-01-01,,,,1011,,,C1"))[0][
        2
    ] == ("duty-not-understood")
    with pytest.raises(TariffFileError, match="file:1:"):
        read("hts-json", digits)


def test_groups_are_read_with_their_days() -> None:
    groups = read_groups(b"group,country,valid_from,valid_to\nA+,KH,,\nA+,MM,2020-01-01,2025-01-01\n", "g")

    assert groups == {"A+": [Member("KH"), Member("MM", dt.date(2020, 1, 1), dt.date(2025, 1, 1))]}
    with pytest.raises(TariffFileError, match="g:2:"):
        read_groups(b"group,country\nA+,Cambodia\n", "g")


def test_what_is_written_is_what_was_taken() -> None:
    outcomes = read(
        "taric-csv",
        UK
        + "6109100000,142,,5 % MAX 3 GBP / kg,2021-01-01,2026-12-31,TN021|TM1,,2020,BD,,C1\n"
        + '6110000000,103,,0.00%,2021-01-01,,,,1011,,,"C1, annex"\n',
    )
    lines = [line for one in outcomes for line in one.lines]

    rows, short = io.StringIO(newline=""), io.StringIO(newline="")
    writer = TariffCsvWriter(rows)
    for line in lines:
        writer.add(line)
    rows.seek(0)
    writer.shorten(rows, short)
    assert list(decode_table(short.getvalue().encode(), TariffLine, "tariff.csv")) == lines


def test_a_row_that_ends_early_is_refused_or_taken_by_itself() -> None:
    outcomes = read(
        "taric-csv",
        UK + "6109100000\n" + "6110000000,103,,5 %,2021-01-01,,,,1011\n" + "6111000000,103,,5 %\n",
    )

    assert [one.outcome for one in outcomes] == ["refused", "taken", "refused"]
    assert all(one.reason and one.next_step for one in outcomes if one.outcome == "refused")


def test_a_member_of_a_group_without_a_day_is_told_with_its_line() -> None:
    records = [
        record("geographical.area", geographical_area_sid="1", geographical_area_id="2200"),
        record("geographical.area", geographical_area_sid="2", geographical_area_id="GT"),
        record(
            "geographical.area.membership",
            geographical_area_sid="2",
            geographical_area_group_sid="1",
            validity_start_date="someday",
        ),
        measure("10", "6109100000", "142", "2200"),
    ]

    with pytest.raises(TariffFileError, match="file:6: `someday` is no date") as told_of:
        read("taric-xml", XML.format(records="\n".join(records)))
    assert told_of.value.code == "origin-groups-malformed"
