"""Which rules on restricted goods a document opens, and how it is written into a batch that only some of them
are opened. Pure.

A document that is only named opens every rule that asks for its kind (`C400`). Where agencies keep permits,
it opens those alone whose agency has one that covers the goods: `eu-cites@C400`. The compiled law knows both.
"""

from collections.abc import Iterable, Mapping, Sequence

from serai.law.book import LawBook
from serai.law.pack import Exclusion, opening_code

OpeningRules = Mapping[str, tuple[Exclusion, ...]]
"""By kind of document, the rules that it opens, alone or with others."""


def opening_rules(book: LawBook) -> OpeningRules:
    """Return which rules of all packs in force each kind of document opens."""
    found: dict[str, dict[str, Exclusion]] = {}
    for one in book.packs.values():
        for exclusion in one.pack.exclusions:
            for code in {code for together in exclusion.document_sets for code in together}:
                found.setdefault(code, {})[exclusion.rule_id] = exclusion
    return {code: tuple(rules[rule_id] for rule_id in sorted(rules)) for code, rules in found.items()}


def speaks_of(rule: Exclusion, commodity_code: str, kinds: Sequence[str]) -> bool:
    """Say whether a rule may speak of goods, by their code and kinds; its other conditions are not asked."""
    if not set(kinds).isdisjoint(rule.kinds):
        return True
    return commodity_code.startswith(tuple(rule.prefixes)) and not (
        bool(rule.other_prefixes) and commodity_code.startswith(tuple(rule.other_prefixes))
    )


def opened_words(codes: Iterable[str], closed: Iterable[tuple[str, str]], rules: OpeningRules) -> str:
    """Return the documents of an item, with blanks between, as the compiled law reads them.

    codes: kinds of its documents. closed: rule and kind of document, where no permit covers the goods.
    """
    shut = set(closed)
    words: set[str] = set()
    for code in codes:
        opened = [one.rule_id for one in rules.get(code, ())]
        left = [rule_id for rule_id in opened if (rule_id, code) not in shut]
        if len(left) == len(opened):
            words.add(code)
        else:
            words.update(opening_code(rule_id, code) for rule_id in left)
    return " ".join(sorted(words))
