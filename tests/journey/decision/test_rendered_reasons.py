"""Reasons in words: officers read all, everybody else a true reason, what to do and where to appeal."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from serai.journey.decision.rendered_reasons import (
    CONTROL,
    Rendered,
    Texts,
    render_named_reasons,
    render_reasons,
)
from serai.journey.decision.rules import COMMON, ReasonSet, build_reason_set
from serai.journey.texts.catalogue import Audience, decode_sentences
from serai.journey.texts.law_texts import law_texts
from serai.law.pack import Exclusion, Pack, Reason, Requirement
from serai.model.frames import LANES
from serai.model.languages import LANGUAGES
from tests.journey.batches import LISTED_NAME, ROOT, book, item, parcel, person, run

JOURNEY = ROOT / "src" / "serai" / "journey"
CATALOGUE = decode_sentences((JOURNEY / "decision" / "messages" / "en.yaml").read_bytes())
PACKS = [one.pack for one in book().packs.values()]
TEXTS = Texts(PACKS, "en")


def named(rule_ids: Sequence[str]) -> ReasonSet:
    return build_reason_set(rule_ids, [""] * len(rule_ids))


def said(audience: Audience, *rule_ids: str, packs: list[Pack] = PACKS) -> list[Rendered]:
    reason_set = named([*COMMON, *rule_ids])
    bits = ((1 << len(rule_ids)) - 1) << len(COMMON)
    return render_reasons(reason_set, bits, audience, Texts(packs, "en"))


def test_an_officer_reads_the_rule_and_why_others_do_not() -> None:
    (reason,) = said("officer", "screening-listed-name")

    assert reason.code == "screening-listed-name"
    assert reason.withheld_ground
    assert "denied-party list" in reason.sentence


def test_everybody_else_reads_that_a_control_is_under_way() -> None:
    (reason,) = said("public", "screening-listed-name")

    assert (reason.code, reason.lane) == (CONTROL, "review")
    assert reason.law_reference is None
    assert reason.withheld_ground is None
    assert "working days" in (reason.remedy or "")
    assert reason.appeal
    assert not any(word in str(reason).lower() for word in ("screening", "denied", "sanction", "un charter"))


def test_the_whole_way_of_a_listed_name_tells_the_public_nothing_of_lists() -> None:
    processed = run(parcel("T-1", item(description="gift"), consignee=person(name=LISTED_NAME)))
    reason_set = processed.reason_sets[int(processed.consignments.numbers("law_number")[0])]
    bits = processed.consignments.bit_sets("reason_bits")[0]

    public, officer = (
        render_reasons(reason_set, bits, audience, TEXTS) for audience in ("public", "officer")
    )

    assert {one.code for one in officer} - {one.code for one in public} == {"screening-listed-name"}
    assert {one.code for one in public} - {one.code for one in officer} == {CONTROL}
    lanes = [LANES.index(one.lane) for one in public]
    assert lanes == sorted(lanes, reverse=True)


def officers_pack(*lanes: str) -> Pack:
    reasons = [
        Reason(
            rule_id=f"secret-{lane}",
            level="consignment",
            when="TRUE",
            law_ref="Act 1",
            lane=lane,  # type: ignore[arg-type]
            audience="officer",
            sentence="Secret.",
        )
        for lane in lanes
    ]
    screening = next(pack for pack in PACKS if pack.code == "SCREENING")
    return Pack(**{f: getattr(screening, f) for f in screening.__struct_fields__} | {"reasons": reasons})


def test_several_withheld_rules_are_one_control_in_the_strictest_lane() -> None:
    (reason,) = said(
        "public",
        "secret-review",
        "secret-examine",
        "secret-review",
        packs=[officers_pack("review", "examine")],
    )

    assert (reason.code, reason.lane) == (CONTROL, "examine")
    assert reason.sentence == CATALOGUE[CONTROL].sentence


def test_an_officers_remark_without_a_lane_is_not_heard_by_others() -> None:
    pack = officers_pack("proceed")

    assert said("public", "secret-proceed", packs=[pack]) == []
    assert len(said("officer", "secret-proceed", packs=[pack])) == 1


@pytest.mark.parametrize("code", COMMON)
def test_what_holds_under_any_law_has_its_words(code: str) -> None:
    (reason,) = render_reasons(named(COMMON), 1 << COMMON.index(code), "public", TEXTS)

    assert reason.code == code
    assert reason.remedy
    assert reason.appeal


def test_bits_of_another_reason_set_are_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        render_reasons(named(COMMON), 1 << len(COMMON), "public", TEXTS)


def test_every_rule_of_the_shipped_packs_can_be_said() -> None:
    for rule_id in TEXTS.rules:
        for audience in ("public", "officer"):
            for one in said(audience, rule_id):
                assert one.sentence


@pytest.mark.parametrize("language", [one for one in LANGUAGES if law_texts(one)])
def test_a_rule_of_law_is_said_in_one_language_whole(language: str) -> None:
    translated = law_texts(language)
    texts = Texts(PACKS, language)
    languages = set()

    for rule_id, rule in TEXTS.rules.items():
        (one,) = render_named_reasons([rule_id], texts, "officer")
        own = [rule.sentence, rule.remedy, getattr(rule, "appeal", None)]
        is_translated = all(text in translated for text in own if text)
        assert one.language == (language if is_translated else "en")
        assert one.sentence == (translated[rule.sentence] if is_translated else rule.sentence)
        languages.add(one.language)

    assert language in languages


def test_half_a_rule_in_another_language_is_said_in_its_own() -> None:
    texts = Texts(PACKS, "fr")
    known = next(iter(law_texts("fr")))

    assert texts.of_law(known, None).language == "fr"
    assert texts.of_law(known, "Nobody has translated this.").texts == [known, "Nobody has translated this."]


def test_exclusions_and_requirements_have_an_appeal() -> None:
    rules = [rule for rule in TEXTS.rules.values() if isinstance(rule, Exclusion | Requirement)]

    assert rules
    for rule in rules:
        (reason,) = said("public", rule.rule_id)
        assert (reason.remedy, reason.lane) == (rule.remedy, rule.lane)
        assert reason.appeal


CATALOGUES = sorted(JOURNEY.glob("*/messages/en.yaml"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_catalogue_is_read_and_its_words_are_kind_and_short(path: Path) -> None:
    sentences = decode_sentences(path.read_bytes())

    assert sentences
    for code, one in sentences.items():
        assert len(one.sentence) <= 160, code
        assert len(one.remedy) <= 320, code
        assert not {"invalid", "failed", "error", "illegal"} & set(one.sentence.lower().split()), code
