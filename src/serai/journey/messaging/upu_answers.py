"""Decisions, faults and refusals -> what a CUSRSP says of an item, with the reason and what to do."""

from collections.abc import Mapping, Sequence

import msgspec

from serai.formats.upu.codes import DecisionCode, PreloadingCode, decision_codes, preloading_codes
from serai.formats.upu.message import ItemAnswer, ItemTax
from serai.foundation.id_text import format_id
from serai.journey.decision.answer import ChargeOut, DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts
from serai.journey.documents.submission import Answer
from serai.journey.finding_messages import sentence_of
from serai.journey.lodgement.service import answer_out
from serai.journey.messaging.reasons import render_public_reasons
from serai.journey.preloading.answer import PreloadingOut
from serai.journey.preloading.required_data import OUTCOMES
from serai.journey.processing.rendered_decision import text_of_reason
from serai.journey.texts.catalogue import Text
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE

WORDS_MAX = 2_000
"""Characters of a reason and of each fact, as the facts have them."""
REASON_CODE_MAX = 64
FAULTS_MAX = 20

ASSESSMENT_COMPLETE = OUTCOMES[0]

_DECISION = msgspec.json.Decoder(DecisionOut)
_FREE = frozenset({"assessed", "arrival-expected", "payment-due", "released", "invalidated"})
"""States in which nothing is wanted of anybody but time, arrival or money."""


class ItemNumber(msgspec.Struct, frozen=True):
    """Which item is answered, and who they are between whom. posted_at: as sent; empty: not known."""

    item_id: str
    posted_at: str = ""
    customs_code: str | None = None
    post_code: str | None = None


def answer_to(number: ItemNumber, answer: Answer, texts: Texts, loading: PreloadingOut | None) -> ItemAnswer:
    """Say what became of an item's declaration. loading: of an item that has yet to leave."""
    if answer.decision:
        decision = _DECISION.decode(answer.decision)
        said = answer_of_decision(
            number, decision, render_public_reasons(decision, texts), case_id=answer.case_id
        )
        advised = {**said.extra_fields, **_advice_of(answer), **_quality_of(answer)}
        said = msgspec.structs.replace(said, extra_fields=advised)
        return said if loading is None else before_loading(said, loading)
    if answer.status == "rejected":
        return _answer_of_faults(number, answer)
    problem = answer_out(answer).problem
    code = decision_codes()["not-taken"]
    return _answer(
        number,
        code,
        reason_code=answer.problem_code or answer.status,
        sentences=[code.sentence, problem.sentence if problem is not None else ""],
        extra_fields={
            "next-step": problem.next_step if problem is not None else "",
            "version": str(answer.version) if answer.version else "",
        },
    )


def answer_of_decision(
    number: ItemNumber, decision: DecisionOut, rendered: Sequence[Rendered], *, case_id: int
) -> ItemAnswer:
    """Say what was decided of an item. rendered: its reasons, strictest first."""
    code = decision_codes()[decision.status]
    reasons = [] if decision.status in _FREE else rendered
    extra_fields = {
        "registration-number": decision.mrn,
        "version": str(decision.version),
        "case": format_id(case_id) if case_id else "",
        "decision": decision.decision_id,
        "law": "+".join(one.code for one in decision.law),
    }
    for place, one in enumerate(reasons, start=1):
        extra_fields[f"reason-{place}"] = one.code
        extra_fields[f"remedy-{place}"] = one.remedy or ""
        extra_fields[f"appeal-{place}"] = one.appeal or ""
    for place, finding in enumerate(decision.findings, start=1):
        extra_fields[f"finding-{place}"] = f"{finding.code} {finding.pointer}".rstrip()
    return _answer(
        number,
        code,
        reason_code=reasons[0].code if reasons else "",
        sentences=[code.sentence, *(one.sentence for one in reasons)],
        extra_fields=extra_fields,
        cleared_at=decision.decided_at if decision.status == "released" else None,
        taxes=_taxes_at_border(decision),
        due=(
            decision.totals.due_at_border_amount if decision.totals is not None else None,
            decision.currency_code,
        ),
    )


def texts_about(decision: DecisionOut, rendered: Sequence[Rendered], _languages: str) -> list[Text]:
    """Return the texts in which a CUSRSP speaks of a decision."""
    sentence = decision_codes()[decision.status].sentence
    said = Text(f"upu-status/{decision.status}", "public", DEFAULT_LANGUAGE, sentence)
    reasons = [] if decision.status in _FREE else rendered
    return [said, *(text_of_reason(one, DEFAULT_LANGUAGE) for one in reasons)]


def _taxes_at_border(decision: DecisionOut) -> list[ItemTax]:
    """Return what is due at the border; nothing where a charge cannot be said: the rest is not the whole."""
    if decision.totals is None:
        return []
    charges = (*decision.charges, *(charge for item in decision.goods_items for charge in item.charges))
    return [_tax(charge) for charge in charges if charge.due == "border" and not charge.is_waived]


def before_loading(said: ItemAnswer, loading: PreloadingOut) -> ItemAnswer:
    """Say of an item that has yet to leave whether it may be loaded: that comes before all else."""
    if loading.outcome == ASSESSMENT_COMPLETE:
        return msgspec.structs.replace(said, extra_fields={**said.extra_fields, "loading": loading.outcome})
    asked = answer_of_preloading(ItemNumber(said.item_id), loading)
    return msgspec.structs.replace(
        said,
        decision_code=asked.decision_code,
        reason_code=asked.reason_code,
        reason=f"{asked.reason} {said.reason or ''}".strip()[:WORDS_MAX],
        extra_fields={**said.extra_fields, "import-decision": said.decision_code, **asked.extra_fields},
    )


def answer_of_preloading(number: ItemNumber, loading: PreloadingOut) -> ItemAnswer:
    """Say what was assessed before loading, and until when an answer is awaited."""
    code = preloading_codes()[loading.outcome]
    extra_fields = {"loading": loading.outcome, "answer-by": loading.answer_by or ""}
    said = [sentence_of(msgspec.convert(one, Finding, from_attributes=True)) for one in loading.reasons]
    for place, (one, in_words) in enumerate(zip(loading.reasons, said, strict=True), start=1):
        extra_fields[f"loading-reason-{place}"] = f"{one.code} {one.pointer}".rstrip()
        extra_fields[f"loading-remedy-{place}"] = in_words.remedy
    return _answer(
        number,
        code,
        reason_code=loading.reasons[0].code if loading.reasons else "",
        sentences=[code.sentence, *(one.sentence for one in said), loading.words],
        extra_fields=extra_fields,
    )


def _advice_of(answer: Answer) -> dict[str, str]:
    """Name what is advised on the message: elements that are kept and not read, for one."""
    advised = [one for one in answer.findings if one.severity == "advice"][:FAULTS_MAX]
    return {
        f"advice-{place}": f"{one.code} {one.pointer}".rstrip()[:WORDS_MAX]
        for place, one in enumerate(advised, start=1)
    }


def _quality_of(answer: Answer) -> dict[str, str]:
    """Say how well the data of an item are made: the four scores, and the checks that failed.

    Of a check that no message of the standard can pass it is said that the message does not carry it.
    """
    quality = answer.data_quality
    if quality is None:
        return {}
    parts = {} if quality.parts is None else msgspec.structs.asdict(quality.parts)
    scores = {f"quality-{part}": str(score) for part, score in parts.items() if score is not None}
    failed = {
        f"quality-failed-{place}": code + (" not-carried" if code in quality.not_carried else "")
        for place, code in enumerate(quality.failed[:FAULTS_MAX], start=1)
    }
    return {"quality": str(quality.score), **scores, **failed}


def _answer_of_faults(number: ItemNumber, answer: Answer) -> ItemAnswer:
    faults = [one for one in answer.findings if one.severity == "fault"][:FAULTS_MAX]
    code = decision_codes()["information"]
    extra_fields: dict[str, str] = {}
    for place, fault in enumerate(faults, start=1):
        extra_fields[f"fault-{place}"] = f"{fault.code} {fault.pointer}".rstrip()
        extra_fields[f"remedy-{place}"] = sentence_of(fault).remedy
    return _answer(
        number,
        code,
        reason_code=faults[0].code if faults else "document-faulty",
        sentences=[code.sentence, *(sentence_of(one).sentence for one in faults)],
        extra_fields=extra_fields,
    )


def _answer(
    number: ItemNumber,
    code: DecisionCode | PreloadingCode,
    *,
    reason_code: str,
    sentences: Sequence[str],
    extra_fields: Mapping[str, str],
    cleared_at: str | None = None,
    taxes: Sequence[ItemTax] = (),
    due: tuple[str | None, str | None] = (None, None),
) -> ItemAnswer:
    amount, currency = due
    return ItemAnswer(
        item_id=number.item_id,
        posted_at=number.posted_at or None,
        customs_code=number.customs_code,
        post_code=number.post_code,
        decision_code=code.code,
        reason_code=reason_code[:REASON_CODE_MAX] or None,
        reason=" ".join(filter(None, sentences))[:WORDS_MAX],
        cleared_at=cleared_at,
        is_dutiable=None if amount is None else bool(taxes),
        taxes=list(taxes),
        total_amount=amount,
        currency_code=currency if amount is not None else None,
        extra_fields={name: text[:WORDS_MAX] for name, text in extra_fields.items() if text},
    )


def _tax(charge: ChargeOut) -> ItemTax:
    return ItemTax(
        type_code=charge.tax_type_code,
        amount=charge.amount,
        currency_code=charge.currency_code,
        description=charge.rule_id,
        rate_percent=charge.rate_percent,
    )
