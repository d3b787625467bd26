"""The form of an act on a case: what it asks for, by kind, and the order that it sends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from serai.foundation.http.interface_words import translatable
from serai.foundation.id_text import format_id
from serai.journey.acts.api import CaseAct
from serai.journey.acts.measures import MeasureChoices
from serai.journey.measure_rules.measure_law import (
    MAY_STATE,
    PARAMETERS,
    CounterForm,
    Measure,
    shipped_measure_rules,
)
from serai.journey.texts.catalogue import find_text
from serai.model.acts import MEASURE_REASON
from serai.model.money import format_minor

LABELS: Final[Mapping[str, str]] = {
    "agency-refused": translatable("Refusal by an agency"),
    "information-requested": translatable("Ask for information or a document"),
    "hold": translatable("Hold"),
    "examination-ordered": translatable("Order an examination"),
    "examination-recorded": translatable("Record an examination"),
    "value-determined": translatable("Determine the price"),
    "classification-determined": translatable("Determine the commodity code"),
    "origin-determined": translatable("Determine the origin"),
    "quantity-determined": translatable("Determine the quantity"),
    "release": translatable("Release"),
    "release-against-security": translatable("Release against security"),
    "security-called": translatable("Call a security"),
    "security-freed": translatable("Free a security"),
    "refusal": translatable("Refuse release"),
    "suspension": translatable("Suspend release"),
    "detention": translatable("Detain"),
    "seizure": translatable("Seize"),
    "confiscation": translatable("Confiscate"),
    "abandonment": translatable("Record that the goods are abandoned"),
    "destruction": translatable("Destroy"),
    "return-to-sender": translatable("Return to sender"),
    "assignment": translatable("Assign, or give back"),
    "note": translatable("Add a note"),
}
"""What each measure is called on its button."""
FIELD_LABELS: Final[Mapping[str, str]] = {
    "currency_code": translatable("Currency"),
    "amount": translatable("Amount"),
    "goods_item": translatable("Goods item"),
    "commodity_code": translatable("Commodity code"),
    "origin_country_code": translatable("Country of origin"),
    "quantity": translatable("Quantity"),
    "result_code": translatable("What was found"),
    "gross_mass_kg": translatable("Mass in kilograms"),
    "account": translatable("Number of the guarantee; empty: cash"),
    "possible_commodity_codes": translatable("Other commodity codes that are possible"),
    "possible_origins": translatable("Other countries of origin that are possible"),
    "highest_price": translatable("Highest price that is possible"),
    "security": translatable("Security"),
    "assigned_to": translatable("Sign-in name of the officer; empty: nobody"),
}
REVERSAL: Final = "reversal"
COUNTER_FORMS: Final[Mapping[str, str]] = {
    "annulment": translatable("As if it had never been (annulment)"),
    "revocation": translatable("From now on (revocation)"),
}
assert set(COUNTER_FORMS) == set(get_args(CounterForm)), "each form has its words"
_REVERSAL_REASONS: Final = ("documents-agree", "examined", "control-ended", "owner-asks")
EXCEPTION_LABELS: Final[Mapping[str, str]] = {
    "threat-to-safety": translatable("There is a threat to safety"),
    "implements-a-heard-decision": translatable("It carries out a decision before which there was a hearing"),
    "fraud-investigation": translatable("It would harm an investigation of fraud"),
    "consent-given": translatable("Whom it reaches was told and asked, and agrees or is deemed to"),
}
"""Why there is no hearing, as officers read it; codes are those of laws/measures.yaml."""
assert set(EXCEPTION_LABELS) >= {
    code for one in shipped_measure_rules().laws for code in one.hearing.exceptions
}, "each exception has its words"


class Choice(msgspec.Struct, frozen=True):
    """A measure that may be taken now. reasons: code and words of each. fields: what it asks for beside."""

    kind: str
    label: str
    reasons: list[tuple[str, str]]
    fields: list[str]
    is_adverse: bool
    needs_second_person: bool


class TakenBack(msgspec.Struct, frozen=True):
    """A measure that may be taken back."""

    act_id: str
    label: str
    at: datetime


class ActForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. standing: measures that may be taken back. securities: number of the act and
    amount of each that stands. chosen: the measure; None: none is chosen yet. given: by field. is_summary: it
    is confirmed next. hearings: numbers of those about this measure that are open. faults: text and href."""

    case_id: str
    consignment: str
    reference_of_parcel: str
    choices: list[Choice]
    standing: list[TakenBack]
    securities: list[tuple[str, str]]
    chosen: Choice | None
    given: dict[str, str]
    is_summary: bool
    hearings: list[str]
    exceptions: list[str]
    faults: list[dict[str, str]]


def form_of(
    found: MeasureChoices,
    given: Mapping[str, str],
    language: str,
    *,
    faults: Sequence[dict[str, str]] = (),
    is_summary: bool = False,
) -> ActForm:
    """Return the page's content. given: what was chosen and typed so far."""
    choices = [_choice(one, language) for one in found.measures]
    kind = given.get("kind", "")
    return ActForm(
        case_id=format_id(found.root),
        consignment=format_id(found.consignment.consignment_id),
        reference_of_parcel=found.consignment.reference,
        choices=choices,
        standing=[TakenBack(format_id(one.act_id), LABELS[one.kind], one.at) for one in found.standing],
        securities=[
            (format_id(act.act_id), f"{format_minor(left, currency)} {currency}")
            for act, left in found.securities
            for currency in (act.parameters["currency_code"],)
        ],
        chosen=_reversal(found, given, language)
        if kind == REVERSAL
        else next((one for one in choices if one.kind == kind), None),
        given=dict(given),
        is_summary=is_summary and not faults,
        hearings=[format_id(one.act_id) for one in found.hearings if one.parameters["intended"] == kind],
        exceptions=list(found.law.hearing.exceptions),
        faults=list(faults),
    )


def _reversal(found: MeasureChoices, given: Mapping[str, str], language: str) -> Choice | None:
    """Return what taking a measure back asks for; None: it does not stand."""
    act = next((one for one in found.standing if format_id(one.act_id) == given.get("reverses")), None)
    if act is None:
        return None
    is_favourable = shipped_measure_rules().measure(act.kind).is_favourable
    reasons = _worded(_REVERSAL_REASONS, language)
    return Choice(REVERSAL, LABELS[act.kind], reasons, ["form"], is_favourable, needs_second_person=False)


def _worded(codes: Sequence[str], language: str) -> list[tuple[str, str]]:
    texts = [(code, find_text(f"{MEASURE_REASON}{code}", language)) for code in codes]
    return [(code, code if text is None else text.sentence) for code, text in texts]


def _choice(measure: Measure, language: str) -> Choice:
    stated = PARAMETERS.get(measure.kind, frozenset()) | MAY_STATE.get(measure.kind, frozenset())
    return Choice(
        measure.kind,
        LABELS[measure.kind],
        _worded(measure.reasons, language),
        [name for name in FIELD_LABELS if name in stated],
        measure.is_adverse or measure.is_adverse_if_more_is_owed,
        measure.needs_second_person,
    )


def read_order(given: Mapping[str, str]) -> CaseAct:
    """Return the act that a form orders. Raises msgspec.ValidationError, whose text names the field."""
    fields: dict[str, Any] = {
        name: given[name].strip() for name in CaseAct.__struct_fields__ if given.get(name, "").strip()
    }
    for name in ("possible_commodity_codes", "possible_origins"):
        if name in fields:
            fields[name] = fields[name].replace(",", " ").upper().split()
    if fields.get("goods_item", "").isdecimal():
        fields["goods_item"] = int(fields["goods_item"])
    if given.get("hear_first"):
        fields["intended_kind"], fields["kind"] = fields["kind"], "hearing-opened"
        fields.pop("hearing", None)
        fields.pop("exception_code", None)
    return msgspec.convert(fields, CaseAct)
