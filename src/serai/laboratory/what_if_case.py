"""Change a stored case and see what would come of it: the same pipeline on the stored message with changes;
nothing is stored.
"""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta

from serai.explanation.case_explanation import Replay
from serai.explanation.consignment import explain_consignment
from serai.explanation.phrases import read_phrases
from serai.explanation.sentences import sentences
from serai.explanation.side_by_side import SideBySide, side_by_side
from serai.explanation.steps import Explanation
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.journey.consignments.rows import Row
from serai.journey.decision.answer import DecisionOut
from serai.journey.documents.submission import Sender
from serai.journey.finding_messages import sentence_of
from serai.journey.law_in_force.recorded import name_bases
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Context, Facts, Processed, check_documents, recall_documents, run_checked
from serai.journey.recording.decision_json import build_decisions
from serai.journey.recording.recorded_facts import fact_columns
from serai.journey.recording.standing_acts import act_frame
from serai.model.documents import VENDOR, AdditionalFiscalReference, Consignment, GoodsItem, Person
from serai.model.frames import ABSENT
from serai.model.message_text import MessageText

_NOON: Final = dt.time(12)
_TERRITORY_FACTS: Final = ("customs_territory_code", "tax_territory_code", "time_zone")
_Text = Annotated[str, Meta(min_length=1, max_length=35)]


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A field that is not there stays as it was."""


class ItemChange(_Change, frozen=True):
    """A change of one goods item. invoice_amount: decimal, of the whole line."""

    sequence_number: Annotated[int, Meta(ge=1, le=9_999)]
    invoice_amount: _Text | None = None
    invoice_currency_code: _Text | None = None
    commodity_code: _Text | None = None
    origin_country_code: _Text | None = None


class TryRequest(_Change, frozen=True):
    """What to change. on: bought, accepted and landed on that day. is_business_buyer: the buyer gives a
    tax number, or none.

    vendor_number: a fiscal reference (FR5) of that kind; "" for none. destination_postcode,
    destination_region_code: only with a country.
    """

    on: dt.date | None = None
    destination_country_code: _Text | None = None
    destination_region_code: _Text | None = None
    destination_postcode: _Text | None = None
    sale_nature_code: _Text | None = None
    is_business_buyer: bool | None = None
    scheme_kind_code: _Text | None = None
    vendor_number: Annotated[str, Meta(max_length=35)] | None = None
    freight_amount: _Text | None = None
    items: Annotated[list[ItemChange], Meta(max_length=999)] = []

    @property
    def changes_nothing(self) -> bool:
        """Say whether the request is empty."""
        return self == TryRequest()


class Tried(msgspec.Struct, frozen=True):
    """What would come of a change. decision: as it would be answered; its id and number are empty."""

    decision: DecisionOut
    explanation: Explanation
    before: Explanation
    side_by_side: SideBySide
    in_short: list[str]


def try_change(
    replay: Replay,
    request: TryRequest,
    law: LawState,
    at: dt.datetime,
    language: str,
    *,
    shows_cumulative_allowances: bool,
) -> Tried:
    """Decide a stored consignment with changes, under the law in use now; beside it stands what was decided.

    What was recorded of its people stands for them; only where the destination, the scheme or the buyer
    changes, the change counts. What was not counted is taken as nothing drawn before.
    shows_cumulative_allowances: for officers alone; for others nothing was drawn at all, since by trying one
    value after the other they would find out what was. Raises InputFaultyError with every fault the changed
    declaration has.
    """
    document = change_document(replay.row.document, request)
    row = Row(
        document, Sender(replay.row.sender.party_id, frozenset()), 0, 0, 0, 0, version=replay.row.version
    )
    _check(document, replay, law, at)
    processed = _process(
        document, replay, request, law, at, shows_cumulative_allowances=shows_cumulative_allowances
    )
    name_bases(law, np.unique(processed.consignments.numbers("law_number")).tolist())
    decision = build_decisions([row], processed, law, [""], kind="pre-arrival", decided_at="")[0]
    before = replay.explain(language, shows_cumulative_allowances=shows_cumulative_allowances)
    after = msgspec.structs.replace(
        explain_consignment(
            processed, 0, language=language, shows_cumulative_allowances=shows_cumulative_allowances
        ),
        reference=document.reference,
    )
    in_short = sentences(after, language)
    if after.cumulative_allowances and not shows_cumulative_allowances:
        in_short.append(read_phrases(language).phrases["tally_not_told"])
    return Tried(decision, after, before, side_by_side(before, after, language=language), in_short)


def change_document(document: Consignment, request: TryRequest) -> Consignment:
    """Return a declaration with the changes made. Raises InputFaultyError for a goods item it does not
    have.
    """
    changes: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("sale_nature_code", "scheme_kind_code", "freight_amount")
        if getattr(request, name) is not None
    }
    if request.vendor_number is not None:
        others = [one for one in document.additional_fiscal_references if one.role != VENDOR]
        if request.vendor_number:
            others.append(AdditionalFiscalReference(VENDOR, request.vendor_number))
        else:
            changes["scheme_kind_code"] = None
        changes["additional_fiscal_references"] = others
    if request.is_business_buyer and request.sale_nature_code is None:
        changes["sale_nature_code"] = "B2B"
    if request.freight_amount is not None and document.charges_currency_code is None:
        changes["charges_currency_code"] = document.goods_items[0].invoice_currency_code
    if request.destination_country_code is not None:
        changes["consignee"] = Person(
            country_code=request.destination_country_code,
            region_code=request.destination_region_code,
            postcode=request.destination_postcode,
        )
    if request.on is not None:
        noon = dt.datetime.combine(request.on, _NOON, dt.UTC).isoformat()
        changes |= {
            "accepted_at": noon,
            "expected_arrival_at": noon,
            "purchased_at": noon,
            "paid_at": noon,
            "exported_at": None,
        }
    if request.items:
        changes["goods_items"] = _change_items(document.goods_items, request.items)
    return msgspec.structs.replace(document, **changes)


def _change_items(items: list[GoodsItem], changes: list[ItemChange]) -> list[GoodsItem]:
    wanted = {one.sequence_number: one for one in changes}
    if unknown := wanted.keys() - {item.sequence_number for item in items}:
        fault = InputFault(
            "/items",
            "goods-item-unknown",
            MessageText("The consignment has no goods item {name}.", name=min(unknown)),
            "Use the sequence numbers of its goods items.",
        )
        raise InputFaultyError((fault,), "A goods item is not there.", "Correct the number and try again.")
    return [
        msgspec.structs.replace(
            item,
            **{
                name: getattr(wanted[item.sequence_number], name)
                for name in (
                    "invoice_amount",
                    "invoice_currency_code",
                    "commodity_code",
                    "origin_country_code",
                )
                if getattr(wanted[item.sequence_number], name) is not None
            },
        )
        if item.sequence_number in wanted
        else item
        for item in items
    ]


def _check(document: Consignment, replay: Replay, law: LawState, at: dt.datetime) -> None:
    """Raise InputFaultyError with what is wrong with the changed declaration; its people are cut out,
    which is no fault.
    """
    checked = check_documents(
        [document], [str(replay.row.sender.party_id)], int(at.timestamp() * 1000), law.book
    )
    unchanged = check_documents(
        [replay.row.document], [str(replay.row.sender.party_id)], int(at.timestamp() * 1000), law.book
    )
    known = {(one.code, one.pointer) for one in unchanged.faults[0]}
    faults = [
        one for one in checked.faults[0] if one.severity == "fault" and (one.code, one.pointer) not in known
    ]
    if faults:
        said = [(one, sentence_of(one)) for one in faults]
        raise InputFaultyError(
            tuple(InputFault(one.pointer, one.code, words.sentence, words.remedy) for one, words in said),
            MessageText.counted(
                "The changed declaration has {count} fault.",
                "The changed declaration has {count} faults.",
                count=len(faults),
            ),
            "Correct them all, then try again.",
        )


def _process(
    document: Consignment,
    replay: Replay,
    request: TryRequest,
    law: LawState,
    at: dt.datetime,
    *,
    shows_cumulative_allowances: bool,
) -> Processed:
    row = replay.row
    assert row.facts is not None
    at_ms = int(at.timestamp() * 1000)
    facts = _facts(replay, request)
    declarant = str(row.sender.party_id)
    checked = recall_documents([document], [declarant], at_ms, law.book, facts)
    moment_ms = (
        None if request.on is None else int(dt.datetime.combine(request.on, _NOON, dt.UTC).timestamp() * 1000)
    )
    has_arrived = row.arrived_at_ms is not None
    context = Context(
        has_order=np.array([row.has_order]),
        has_payment=np.array([row.has_payment]),
        has_transport_document=np.array([row.has_transport_document]),
        is_value_contradicted=np.array([row.is_value_contradicted]),
        is_paid_or_secured=np.array([row.is_paid_or_secured]),
        is_disputed=np.array([row.has_two_carriers or row.has_two_declarants]),
        allowance_used=_one((row.allowance_used or 0) if shows_cumulative_allowances else 0),
        same_day_value=_one((row.same_day_value or 0) if shows_cumulative_allowances else 0),
        arrived_at=_one((moment_ms or row.arrived_at_ms) if has_arrived else None),
        lodged_at=_one(row.lodged_at_ms),
        accepted_at=_one(moment_ms or row.accepted_at_ms),
        acts=act_frame([row]),
        is_split_suspected=np.array([row.is_split_suspected]),
    )
    return run_checked(checked, at_ms, law.book, law.lists, context)


def _facts(replay: Replay, request: TryRequest) -> Facts:
    """Return the recorded facts that still hold; the pipeline finds the others anew."""
    assert replay.row.facts is not None
    facts = fact_columns([replay.row.facts])
    columns = dict(facts.consignments)
    if request.destination_country_code is not None:
        for name in _TERRITORY_FACTS:
            columns.pop(name)
    if request.vendor_number is not None:
        columns.pop("scheme_status_code")
    if request.is_business_buyer is not None:
        columns["has_buyer_tax_number"] = np.array([request.is_business_buyer])
    return Facts(columns, facts.is_party_listed, facts.is_selected)


def _one(value: int | None) -> Any:
    return np.array([ABSENT if value is None else value], dtype=np.int64)
