"""The page of a case: what is read of it, put into the words and order in which a person reads."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from serai.explanation.case_explanation import PURPOSE, CaseReplays, Replay
from serai.explanation.phrases import read_phrases
from serai.explanation.sentences import sentences
from serai.explanation.steps import ChargeExplained, Explanation, Step
from serai.foundation.http.interface_words import Words, interface_words, translatable
from serai.foundation.id_text import format_id
from serai.foundation.locales import amount_text, decimal_text
from serai.foundation.vault.reading import Reach
from serai.journey.case_records.answers import (
    AmountsPayable,
    CaseOut,
    ChargesOut,
    ConsignmentOut,
    DecisionAnswer,
    HistoryOut,
)
from serai.journey.cases.page_words import country_name, status_colour, status_word
from serai.journey.cases.service import CaseFiles
from serai.journey.processing.transaction import Processor
from serai.journey.visibility.table import Viewer
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.frames import LANES, STATUSES
from serai.portal.case.arithmetic import Sum, sums_of
from serai.portal.case.officer_view import OfficerPart, read_officer_part
from serai.portal.payment_code import Transfer, transfer_of

_RESULT_LENGTH_KEPT = 20
_TOTALS_SHOWN = ("duty", "tax", "excise", "fee", "due_at_border", "due_at_sale")


class Why(msgspec.Struct, frozen=True):
    """A step as the page shows it, opened down to the law. anchor: what links lead to; code: a formula."""

    text: str
    result: str = ""
    law: str = ""
    law_href: str = ""
    anchor: str = ""
    is_code: bool = False
    children: list["Why"] = []


class BillLine(msgspec.Struct, frozen=True):
    """One charge. why: anchor of its explanation, "" where there is none."""

    item: str
    title: str
    base: str
    rate: str
    amount: str
    currency_code: str
    due: str
    debtor: str
    is_waived: bool
    is_claim: bool
    why: str


class Goods(msgspec.Struct, frozen=True):
    """A goods item in words."""

    sequence_number: int
    description: str
    commodity_code: str
    origin: str
    quantity: str
    price: str
    lane: str


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows. Answers of the API stand in it as they are.

    others: further consignments of the case. lands_at: when it is expected or has landed. why: totals,
    then goods items; empty where the viewer may not see how it was worked out. differences: the replay is not
    as recorded. law_titles: of the packs that were applied. sums: charges over all goods, in arithmetic.
    officer: for officers alone. transfer: how to pay. may_try, may_see_people: what the viewer may do.
    """

    case: CaseOut
    consignment: ConsignmentOut
    others: list[ConsignmentOut]
    colour: str
    status_word: str
    to_pay: list[AmountsPayable]
    at_sale: list[AmountsPayable]
    decision: DecisionAnswer
    reasons: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    goods: list[Goods]
    currency: str
    origin: str
    destination: str
    movement: str
    lands_at: datetime | None
    has_landed: bool
    bill: list[BillLine]
    in_short: list[str]
    why: list[Why]
    law_titles: list[str]
    differences: list[str]
    charges: ChargesOut
    history: HistoryOut
    may_try: bool
    may_see_people: bool
    sums: list[Sum] = []
    officer: OfficerPart | None = None
    transfer: Transfer | None = None


class CaseReader:
    """Reads cases for their page."""

    def __init__(self, files: CaseFiles, replays: CaseReplays, processor: Processor) -> None:
        self._files = files
        self._replays = replays
        self._processor = processor

    async def read(
        self, viewer: Viewer, case_id: int, actor: str, *, wanted: str | None, language: str = "en"
    ) -> CasePage:
        """Return the page of a case.

        wanted: reference or id of one of its consignments, None: the first. Raises `not-found`.
        """
        files = self._files
        async with files.database.read(files.administration_id) as connection:
            case = await files.open_case(connection, viewer, case_id)
            row = await files.consignment_of(connection, case, wanted)
        sees_all = case.may_see("case", "explanation")
        answer = await files.read_case(viewer, case_id, language)
        key = format_id(case.case_id)
        decision = await files.read_decision(
            viewer, key, language, consignment=format_id(row.consignment_id), means="page"
        )
        replay = await self.replay(row, actor) if sees_all else None
        explanation = (
            None
            if replay is None
            else replay.explain(
                language, shows_cumulative_allowances=case.may_see("case", "cumulative_allowances")
            )
        )
        document = None if replay is None else replay.row.document
        mine = [one for one in answer.consignments if one.consignment_id == format_id(row.consignment_id)]
        lane, status = LANES.index(mine[0].lane), STATUSES.index(mine[0].status)
        charges = await files.read_charges(viewer, case_id)
        officer = (
            await read_officer_part(
                files, self._processor, case, row, document, actor=actor, language=language
            )
            if viewer.is_officer
            else None
        )
        to_pay = [one for one in answer.owed if one.due == "border"]
        return CasePage(
            case=answer,
            consignment=mine[0],
            others=[one for one in answer.consignments if one is not mine[0]],
            colour=status_colour(status, lane),
            status_word=status_word(status, language),
            to_pay=to_pay,
            transfer=transfer_of(answer.payment_advice, [(one.currency_code, one.amount) for one in to_pay]),
            at_sale=[one for one in answer.owed if one.due == "sale"],
            decision=decision,
            reasons=sorted(decision.decision.get("reasons", ()), key=_strictest_first),
            findings=decision.decision.get("findings", []),
            goods=[] if document is None else goods_of(document, decision.decision, language),
            currency="" if document is None else document.goods_items[0].invoice_currency_code,
            origin="" if document is None else country_name(document.consignor.country_code, language),
            destination=country_name(row.consignee_country_code, language),
            movement="" if document is None else (document.conveyance_reference or "").partition("/")[0],
            lands_at=row.arrived_at or row.expected_arrival_at,
            has_landed=row.arrived_at is not None,
            bill=bill_of(decision.decision, explanation, language),
            in_short=[] if explanation is None else sentences(explanation, language),
            why=[] if explanation is None else why_of(explanation, language),
            law_titles=[] if explanation is None else [pack.title for pack in explanation.packs],
            differences=[] if replay is None else [one.path for one in replay.differences],
            charges=charges,
            history=await files.read_history(viewer, case_id, actor, language),
            may_try=replay is not None,
            may_see_people=case.may_see("case", "people"),
            sums=[] if explanation is None else sums_of(explanation, language),
            officer=officer,
        )

    async def replay(self, row: Any, actor: str) -> Replay | None:
        """Work the newest decision out again; None when its message was erased."""
        files = self._files
        reach = Reach(files.administration_id, PURPOSE, actor, files.clock.now())
        async with files.database.read(files.administration_id) as connection:
            try:
                return await self._replays.replay(connection, row, row.decision_id, reach)
            except SeraiError as error:
                if error.code != "replay-impossible":
                    raise
                return None


# ---- goods and bill ----


def _strictest_first(reason: Mapping[str, Any]) -> int:
    return -LANES.index(reason.get("lane", LANES[0]))


def goods_of(document: Consignment, decision: Mapping[str, Any], language: str) -> list[Goods]:
    """Return the goods in words, each with its lane."""
    lanes = {one["sequence_number"]: one["lane"] for one in decision.get("goods_items", ())}
    return [
        Goods(
            item.sequence_number,
            item.description,
            item.commodity_code,
            country_name(item.origin_country_code, language),
            f"{item.quantity}"
            if item.quantity_unit_code == "C62"
            else f"{item.quantity} {item.quantity_unit_code}",
            f"{item.invoice_currency_code} {item.invoice_amount}",
            lanes.get(item.sequence_number, ""),
        )
        for item in document.goods_items
    ]


def bill_of(decision: Mapping[str, Any], explanation: Explanation | None, language: str) -> list[BillLine]:
    """Return the charges of a decision, goods item by goods item, then those of the whole consignment."""
    titles = {} if explanation is None else _titles(explanation)
    lines = []
    for item in decision.get("goods_items", ()):
        number = item["sequence_number"]
        lines += [_line(one, number, titles, language) for one in item.get("charges", ())]
    return lines + [_line(one, 0, titles, language) for one in decision.get("charges", ())]


def _titles(explanation: Explanation) -> dict[tuple[int, str], ChargeExplained]:
    found = {(0, charge.rule_id): charge for charge in explanation.charges}
    for item in explanation.items:
        found |= {(item.sequence_number, charge.rule_id): charge for charge in item.charges}
    return found


def _line(
    charge: Mapping[str, Any],
    number: int,
    titles: Mapping[tuple[int, str], ChargeExplained],
    language: str,
) -> BillLine:
    explained = titles.get((number, charge.get("rule_id", "")))
    return BillLine(
        item=str(number) if number else "",
        title=explained.title if explained else charge["tax_type_code"],
        base=amount_text(charge["base_amount"], language) if charge.get("base_amount") else "",
        rate=f"{decimal_text(charge['rate_percent'], language)}\u202f%" if "rate_percent" in charge else "",
        amount=amount_text(charge["amount"], language),
        currency_code=charge["currency_code"],
        due=charge["due"],
        debtor=read_phrases(language).roles.get(charge["debtor"], charge["debtor"]),
        is_waived=charge.get("is_waived", False),
        is_claim=charge["kind"] == "claim",
        why=anchor_of(explained.step.id) if explained else "",
    )


# ---- why ----


def why_of(explanation: Explanation, language: str) -> list[Why]:
    """Return the questions the page answers: each sum, each charge, each treatment, what is not charged."""
    words = interface_words(language)
    questions = [
        _question(words.gettext(_QUESTIONS[total.name]) % {"sum": total.step.result}, total.step, words)
        for total in explanation.totals
        if total.name in _TOTALS_SHOWN and (total.amount_minor or total.name in ("duty", "due_at_border"))
    ]
    if explanation.law is not None:
        questions.append(_question(words.gettext("Why this law?"), explanation.law, words, is_sum=False))
    questions += [_question(f"{step.meaning}?", step, words, is_sum=False) for step in explanation.thresholds]
    questions += [
        _question(step.meaning, step, words, is_sum=False) for step in explanation.cumulative_allowances
    ]
    for item in explanation.items:
        own = (
            []
            if item.value is None
            else [_question(words.gettext("What is the customs value?"), item.value, words, is_sum=False)]
        )
        own.append(
            _question(words.gettext("Which relief or treatment applies?"), item.relief, words, is_sum=False)
        )
        own += [_question(charge.title, charge.step, words, is_sum=False) for charge in item.charges]
        if len(explanation.items) == 1:
            questions += own
        else:
            title = words.gettext("Goods item %(number)s: %(description)s")
            named = {"number": item.sequence_number, "description": item.description}
            questions.append(Why(title % named, children=own))
    questions += [_question(charge.title, charge.step, words, is_sum=False) for charge in explanation.charges]
    not_charged = [step for item in explanation.items for step in item.not_charged] + explanation.not_charged
    if not_charged:
        questions.append(
            Why(
                words.gettext("What is not charged, and why? (%(count)s)") % {"count": len(not_charged)},
                children=[_step(step, words) for step in not_charged],
            )
        )
    return questions


_QUESTIONS = {
    "duty": translatable("Why is the duty %(sum)s?"),
    "tax": translatable("Why is the tax %(sum)s?"),
    "excise": translatable("Why is the excise %(sum)s?"),
    "fee": translatable("Why is the fee %(sum)s?"),
    "due_at_border": translatable("Why is the sum due at the border %(sum)s?"),
    "due_at_sale": translatable("Why is the sum due with the sale %(sum)s?"),
}


def _question(text: str, step: Step, words: Words, *, is_sum: bool = True) -> Why:
    made = _step(step, words)
    if is_sum:
        parts = [_with_item(child, _step(child, words), words) for child in step.children]
        return Why(text, anchor=made.anchor, children=[*made.children[: -len(parts) or None], *parts])
    return Why(text, made.result, made.law, made.law_href, made.anchor, children=made.children)


def _with_item(step: Step, shown: Why, words: Words) -> Why:
    """Say which goods item a charge is of: in a sum, equal ones stand together."""
    item, _, _ = step.id.partition(".")
    if not item.startswith("item-"):
        return shown
    said = words.gettext("%(charge)s, goods item %(number)s")
    named = {"charge": shown.text, "number": item.removeprefix("item-")}
    return msgspec.structs.replace(shown, text=said % named)


def _step(step: Step, words: Words) -> Why:
    parts = [_formula(step)] if step.filled and step.formula else []
    if step.rounding:
        parts.append(Why(words.gettext("Rounded: %(way)s") % {"way": step.rounding}, step.exact or ""))
    if step.needed:
        parts.append(Why(words.gettext("What is needed: %(data)s") % {"data": step.needed}))
    return Why(
        text=step.meaning + (f" ({step.pointer})" if step.pointer and step.kind == "datum" else ""),
        result=_together(step.result),
        law=_law_text(step, words),
        law_href=step.source_address or "",
        anchor="" if step.is_repeat else anchor_of(step.id),
        children=parts + [_step(child, words) for child in step.children],
    )


def _together(result: str) -> str:
    """Return a result whose short ones stay on one line."""
    return result.replace(" ", "\u00a0") if len(result) <= _RESULT_LENGTH_KEPT else result


def _formula(step: Step) -> Why:
    filled, formula = step.filled or "", step.formula or ""
    return Why(formula if filled == formula else f"{formula} = {filled}", is_code=True)


def _law_text(step: Step, words: Words) -> str:
    said = [one for one in (step.law_ref, step.source if step.source != step.law_ref else None) if one]
    if step.valid_from:
        days = {"first": step.valid_from, "last": step.valid_to}
        text = (
            words.gettext("from %(first)s to %(last)s") if step.valid_to else words.gettext("from %(first)s")
        )
        said.append(text % days)
    return ", ".join(said)


def anchor_of(step_id: str) -> str:
    """Return a step's id as an address of the page may carry it."""
    return "why-" + "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in step_id)


def joined(words: Iterable[str]) -> str:
    """Return `pen, notebook and keyring`."""
    listed: Sequence[str] = list(words)
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + f" and {listed[-1]}" if listed else ""
