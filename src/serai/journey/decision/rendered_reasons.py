"""Reasons in words, when somebody reads them: bits, and texts of packs and catalogues, for one audience."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from serai.journey.decision.answer import ReasonOut
from serai.journey.decision.rules import LANE_OF_FINDING, ReasonSet
from serai.journey.texts.catalogue import Audience, Sentence, sentences_in
from serai.journey.texts.law_texts import law_texts
from serai.law.pack import Exclusion, Pack, Reason, Requirement
from serai.model.frames import LANES
from serai.model.languages import DEFAULT_LANGUAGE

CONTROL = "control-under-way"
"""The one name under which everybody but an officer reads of an officer's rule."""


class Rendered(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason in words. lane: what follows. withheld_ground: for officers, why others read less.
    language: of the words; what a law's own rule says is in that of its pack where nobody has translated it.
    """

    code: str
    lane: str
    sentence: str
    remedy: str | None = None
    appeal: str | None = None
    law_reference: str | None = None
    pointer: str | None = None
    withheld_ground: str | None = None
    language: str | None = None


class Texts:
    """Where texts are looked up: rules of the packs a decision names, and the catalogue of one language.

    of_packs: the catalogue in the language of the packs, for what stands beside a sentence of theirs that is
    not translated.
    """

    def __init__(self, packs: Iterable[Pack], language: str) -> None:
        self.language = language
        self.catalogue = sentences_in(language)
        self.of_packs = sentences_in(DEFAULT_LANGUAGE)
        self._translated = law_texts(language)
        self.rules: dict[str, Reason | Requirement | Exclusion] = {}
        for pack in packs:
            self.rules.update((rule.rule_id, rule) for rule in pack.reasons)
            self.rules.update((rule.rule_id, rule) for rule in pack.requirements)
            self.rules.update((rule.rule_id, rule) for rule in pack.exclusions)

    def of_law(self, *texts: str | None) -> "_LawTexts":
        """Return texts of a pack, translated if all of them are: half a reason in a language misleads."""
        translated = [text and self._translated.get(text) for text in texts]
        if all(one for text, one in zip(texts, translated, strict=True) if text):
            return _LawTexts(translated, self.language, self.catalogue)
        return _LawTexts(list(texts), DEFAULT_LANGUAGE, self.of_packs)


class _LawTexts(NamedTuple):
    """Texts of a pack in one language, and the catalogue of it, for what stands beside them."""

    texts: Sequence[str | None]
    language: str
    catalogue: Mapping[str, Sentence]


def render_reasons(reason_set: ReasonSet, bits: int, audience: Audience, texts: Texts) -> list[Rendered]:
    """Return the reasons whose bits are set, strictest lane first, then in the order of the set.

    Officers read all. The public reads of an officer's rule that a control is under way, once, whatever rules
    are behind it, and nothing of one that leads to no lane. A bit without a rule in the set is a mistake of
    ours.
    """
    assert 0 <= bits < 1 << len(reason_set.rule_ids), "these bits belong to another reason set"
    rendered = [
        one
        for place, rule_id in enumerate(reason_set.rule_ids)
        if bits >> place & 1
        for one in _render(rule_id, audience, texts)
    ]
    unique = list(dict.fromkeys(rendered))
    return sorted(_one_control(unique), key=lambda one: -LANES.index(one.lane))


def render_named_reasons(
    rule_ids: Iterable[str], texts: Texts, audience: Audience = "public"
) -> list[Rendered]:
    """Return the reasons that a decision names, strictest lane first.

    rule_ids: for the public as a decision lists them. One that the law in use no longer has is left out.
    """
    known = (
        one
        for one in dict.fromkeys(rule_ids)
        if one in LANE_OF_FINDING or one in texts.rules or one == CONTROL
    )
    rendered = [
        said
        for one in known
        for said in ([_control(texts)] if one == CONTROL else _render(one, audience, texts))
    ]
    return sorted(rendered, key=lambda one: -LANES.index(one.lane))


def _control(texts: Texts) -> Rendered:
    """Say that a control is under way where the officer's rule behind it is not named."""
    return _said(CONTROL, "review", texts.catalogue[CONTROL])


def _said(code: str, lane: str, said: Sentence, law_reference: str | None = None) -> Rendered:
    """Return a reason in the words of the catalogue."""
    return Rendered(
        code, lane, said.sentence, said.remedy, said.appeal, law_reference, language=said.language
    )


def _render(rule_id: str, audience: Audience, texts: Texts) -> list[Rendered]:
    if rule_id in LANE_OF_FINDING:
        said = texts.catalogue[rule_id]
        return [_said(rule_id, LANE_OF_FINDING[rule_id], said, said.source)]
    rule = texts.rules[rule_id]
    if isinstance(rule, Reason) and rule.audience == "officer" and audience != "officer":
        return _withhold(rule, texts)
    appeal = None if isinstance(rule, Requirement) else rule.appeal
    said_by_law = texts.of_law(rule.sentence, rule.remedy, appeal)
    sentence, remedy, appeal = said_by_law.texts
    if not isinstance(rule, Reason):
        appeal = appeal or said_by_law.catalogue["rule-of-law"].appeal
    withheld_ground = rule.withheld_ground if isinstance(rule, Reason) and audience == "officer" else None
    return [
        Rendered(
            rule_id,
            rule.lane,
            sentence or "",
            remedy,
            appeal,
            rule.law_ref,
            None if isinstance(rule, Exclusion) else rule.pointer,
            withheld_ground,
            said_by_law.language,
        )
    ]


def _withhold(rule: Reason, texts: Texts) -> list[Rendered]:
    if rule.lane == "proceed":
        return []
    if rule.public_sentence is None:
        return [_said(CONTROL, rule.lane, texts.catalogue[CONTROL])]
    said_by_law = texts.of_law(rule.public_sentence, rule.remedy, rule.appeal)
    sentence, remedy, appeal = said_by_law.texts
    said = said_by_law.catalogue[CONTROL]
    return [
        Rendered(
            CONTROL,
            rule.lane,
            sentence or "",
            remedy or said.remedy,
            appeal or said.appeal,
            language=said_by_law.language,
        )
    ]


def _one_control(rendered: Sequence[Rendered]) -> list[Rendered]:
    """Keep the strictest of several controls: their number would tell how many rules hit."""
    controls = [one for one in rendered if one.code == CONTROL]
    kept = max(controls, key=lambda one: LANES.index(one.lane), default=None)
    return [one for one in rendered if one.code != CONTROL or one is kept]


def public_reasons(reason_set: ReasonSet, bits: int, officer_bits: int) -> list[ReasonOut]:
    """Return the rules behind bits as everybody may read them; officers' rules are one `control-under-way`.

    officer_bits: which of the set's bits are for officers alone.
    """
    named = [
        ReasonOut(rule_id, law or None)
        for bit, (rule_id, law) in enumerate(zip(reason_set.rule_ids, reason_set.law_references, strict=True))
        if (bits & ~officer_bits) >> bit & 1
    ]
    return [*named, ReasonOut(CONTROL)] if bits & officer_bits else named
