"""The rules of the ICS standard, put into the words of `serai.formats.ics.condition`.

`python -m tools.ics_rules ../shared/reference/ics` writes `rules.yaml` beside the checker. Taken over are
numbers, places and conditions; the sentences are our own, in `sentences.yaml`.
"""

import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from serai.formats.ics.condition import compile_condition

TARGET = Path(__file__).parents[1] / "src/serai/formats/ics/rules.yaml"
SOURCE = "hmrc/import-control-entry-declaration-store 3592263, conf/rules"
EDITIONS = {"p3_p72": ["old"], "p3_p72_New": ["new"]}
"""Rule files that only one edition has; the others are of both."""

HEAD = f"""# The rules and conditions of the entry summary declaration (CC313A, CC315A), each by the number
# that the standard's error response gives. Written by tools/ics_rules.py from {SOURCE}.
# place: where it is asked, and what the error names. requires: what has to be true there (condition.py).
# named: the standard's name of the condition. says: entry of sentences.yaml. editions: both where not said.
# Where a day is known: valid_from, valid_to (first day out), and advice_to, until when a breach is advice.
"""

_PATH = r"'([^']+)'"
_NUMBERS = re.compile(r"\(?(number\((\S+?)\) = \d+(?: or number\(\2\) = \d+)+)\)?")
_TEXTS = re.compile(r"\(?\(?(text\((\S+?)\) = '\w+'(?: or text\(\2\) = '\w+')+)\)?\)?")
STEPS: tuple[tuple[str, str], ...] = (
    (r"exists\('([^']+)', \{[^}]*local\.getValue\('\.'\)\.contains\(('.')\)\}\)", r"contains(\1, \2)"),
    (r"not\(\(['\"]\.['\"]\)\)", "not('.')"),
    (rf"trim\({_PATH}\)\.take\(1\) != '0' \|\| trim\('[^']+'\)\.length\(\) <= 1", r"no_leading_zero(\1)"),
    (rf"substringAfter\(trim\({_PATH}\), '\.'\)\.length\(\)", r"decimals(\1)"),
    (rf"getValue\({_PATH}\)\.startsWith\(('\w+')\)", r"starts_with(\1, \2)"),
    (rf"getValue\({_PATH}\)\.contains\(('.')\)", r"contains(\1, \2)"),
    (
        r"exists\('([^']+)', \{[^}]*local\.intOrElse\('(\w+)', 0\) > 0 && local\.exists\('(\w+)'\)[^}]*\}\)",
        r"counted_elsewhere(\1, \2, \3)",
    ),
    (rf"applyRegex\({_PATH}, ?('[^']+')\)", r"matches(\1, \2)"),
    (r"existsForAll\('([^']+)', '([^']+)', ", r"each_has(\1, \2, "),
    (r"areIndices\('([^']+)'\)", r"in_order(\1)"),
    (r"countEquals\('([^']+)', ", r"count_of(\1, "),
    (rf"exists\({_PATH}\)", r"present(\1)"),
    (rf"\bnot\({_PATH}\)", r"absent(\1)"),
    (rf"trim\({_PATH}\)", r"text(\1)"),
    (rf"getValue\({_PATH}\)", r"as_sent(\1)"),
    (rf"\b(number|count|sum)\({_PATH}\)", r"\1(\2)"),
    (r" \* \(1 \+ 0\.0+1 \* count\([^)]+\)\)", ""),
)
SIGNS: tuple[tuple[str, str], ...] = (
    (r"\s*\|\|\s*", " or "),
    (r"\s*&&\s*", " and "),
    (r"!(?!=)", "not "),
    (r"==", "="),
    (r"\( +", "("),
    (r" +\)", ")"),
)


def translate(test: str) -> str:
    """Put one condition of the source into our words."""
    if "countDistinct" in test:
        group = re.findall(r"countDistinct\('([\w/]+)/(\w+)', (true|false)", test)
        # Those compared as they were sent come last, as the source has them.
        names = ", ".join(name if flag == "true" else f"'as sent', {name}" for _, name, flag in group)
        return f"absent({group[0][0]}) or differ({group[0][0]}, {names})"
    for pattern, ours in STEPS:
        test = re.sub(pattern, ours, test)
    test = "".join(part if part.startswith("'") else _signs_of(part) for part in re.split(r"('[^']*')", test))
    for chain, word in ((_NUMBERS, "number"), (_TEXTS, "text")):
        test = chain.sub(partial(_listed, word), test)
    test = re.sub(r"count_of\((\S+), '\w+'\)(?: \+ count_of\(\1, '\w+'\))+", _counted, test)
    compile_condition(test)
    return test


def _signs_of(text: str) -> str:
    for pattern, ours in SIGNS:
        text = re.sub(pattern, ours, text)
    return text


def _listed(word: str, match: re.Match[str]) -> str:
    values = re.findall(r" = ('?\w+'?)", match[1])
    opened, closed = match[0].count("(") - match[1].count("("), match[0].count(")") - match[1].count(")")
    # What the source puts in brackets that do not close here belongs to what stands around.
    return f"{'(' * (opened - closed)}{word}({match[2]}) in [{', '.join(values)}]{')' * (closed - opened)}"


def _counted(match: re.Match[str]) -> str:
    values = re.findall(r"'\w+'", match[0])
    return f"count_of({match[1]}, {', '.join(values)})"


def said(number: str, requires: str) -> str:
    """Name the sentence of a rule: one for all rules of a form, else its own."""
    forms = {
        r"present\(TIN\w+\) or present\(\w+\)": "needed-without-number",
        r"absent\(TIN\w+\) or starts_with\(TIN\w+, 'GB'\) or present\(\w+\)": "needed-with-foreign-number",
        r"absent\(\.\./TIN\w+\) or not \(?starts_with\(\.\./TIN\w+, 'GB'\)\)?": "known-by-number",
        r"no_leading_zero\(\S+\)": "leading-zero",
    }
    kind = next((kind for form, kind in forms.items() if re.fullmatch(form, requires)), None)
    if requires == "absent(.)":
        kind = "given-by-number-alone"
    return kind or number


def rules_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Give each rule, in the order of the places."""
    for path in sorted(folder.glob("*.json"), key=_order):
        source = json.loads(path.read_text(encoding="utf-8"))
        for one in source["asserts"]:
            requires = translate(one["test"])
            rule = {"number": one["errorCode"], "place": source["element"], "requires": requires}
            named = re.search(r"\(((?:C|R|TR)\d{3,4})\)", one["errorMessage"])
            rule |= {"named": named[1]} if named else {}
            rule |= {"says": said(one["errorCode"], requires)}
            if path.stem in EDITIONS:
                rule |= {"editions": EDITIONS[path.stem]}
            yield rule


def _order(path: Path) -> tuple[int, str]:
    return int(re.findall(r"\d+", path.stem)[0]), path.stem


def main() -> None:
    """Write the rules; one that both editions have in the same words is written once."""
    rules: list[dict[str, Any]] = []
    for rule in rules_of(Path(sys.argv[1]) / "rules"):
        twin = next((one for one in rules if _bare(one) == _bare(rule)), None)
        if twin is None:
            rules.append(rule)
        else:
            twin.pop("editions", None)
    body = yaml.safe_dump(rules, sort_keys=False, allow_unicode=True, width=108)
    TARGET.write_text(HEAD + body.replace("\n- ", "\n\n- "), encoding="utf-8")


def _bare(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "editions"}


if __name__ == "__main__":
    main()
