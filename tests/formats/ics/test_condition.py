"""The words of conditions, and rules with days."""

import datetime as dt

import pytest
from lxml import etree

from serai.formats.ics.condition import compile_condition
from serai.formats.ics.rules import Rule, arrange, find_breaches, read_rules
from serai.formats.ics.sentences import catalogue
from serai.formats.ics.tree import Place, plant

XML = """<m><h><mode>04</mode><blank>  a  b </blank><mass>1.50</mass></h>
<i><n>1</n><p><k>VQ</k></p></i>
<i><n>2</n><p><k>BX</k><c>2</c><s>A 1</s></p>
<p><k>BX</k><c>0</c><s>A  1</s></p></i></m>"""


def _top() -> Place:
    return plant(etree.fromstring(XML))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("present(h/mode) and absent(h/none)", True),
        ("number(h/mode) = 4 and text(h/mode) != '4'", True),
        ("number(h/mode) in [1, 4]", True),
        ("text(h/mode) in ['1', '4']", False),
        ("number(h/none) = 0 or number(h/none) < 1 or number(h/none) > 1", False),
        ("number(h/none) != 0", True),
        ("number(h/blank) + 1 >= 0", False),
        ("text(h/blank) = 'a b' and as_sent(h/blank) = '  a  b '", True),
        ("not starts_with(h/blank, 'a') and contains(h/blank, 'a')", True),
        ("matches(h/blank, 'a b')", True),
        ("decimals(h/mass) <= 1", False),
        ("no_leading_zero(h/mode)", False),
        ("count(i/p) = 3 and count_of(i/p/k, 'VQ', 'BX') = 3", True),
        ("sum(i/p/c) + count_of(i/p/k, 'VQ') = 3", True),
        ("each_has(i, p/k, 'BX')", False),
        ("in_order(i/n)", True),
        ("differ(i, n)", True),
        ("differ(i/p, k)", True),
        ("present(h/none) or present(h/mode) and not absent(h)", True),
    ],
)
def test_a_condition_means_what_its_words_say(condition: str, holds: bool) -> None:
    assert bool(compile_condition(condition)(_top(), {})) is holds


def test_no_packages_are_counted_with_the_same_marks_elsewhere() -> None:
    condition = compile_condition("number(c) != 0 or counted_elsewhere(../../i/p, c, s)")
    packages = _top().children["i"][1].children["p"]
    packages[0].children["c"][0].text = "1"

    assert condition(packages[1], {})

    packages[0].children["s"][0].text = "B"
    assert not condition(packages[1], {})


@pytest.mark.parametrize(
    "text", ["present(", "present(h) present(h)", "colour(h)", "text(h) = ", "text(h) ? 1", "number(h) in 1"]
)
def test_what_is_no_condition_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"text|missing|word|early|read|much|number"):
        compile_condition(text)


def test_a_rule_counts_on_its_days_and_is_advice_in_its_time_of_grace() -> None:
    rule = Rule(
        number="9999",
        place="/h",
        requires="present(none)",
        says="form",
        valid_from=dt.date(2026, 1, 1),
        advice_to=dt.date(2026, 7, 1),
        valid_to=dt.date(2027, 1, 1),
    )
    rules = arrange([rule])

    def severities(on: dt.date | None) -> list[str]:
        return [one.severity for one in find_breaches(_top(), rules, on)]

    assert severities(dt.date(2025, 12, 31)) == []
    assert severities(dt.date(2026, 6, 30)) == ["advice"]
    assert severities(dt.date(2026, 7, 1)) == ["fault"]
    assert severities(dt.date(2027, 1, 1)) == []
    assert severities(None) == ["fault"]


def test_every_rule_has_a_sentence() -> None:
    assert {rule.says for rule in read_rules()} <= catalogue().keys()
