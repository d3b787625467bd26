"""Selection of a batch: what it is made of, and what is kept of it in the transaction that decides the
batch.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.foundation.vault.pseudonyms import Purpose
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState, RiskLaw
from serai.journey.pipeline import Checked, Processed
from serai.journey.recording.recorded_facts import SELECTION_FLAGS, read_context
from serai.journey.risk_model.declared import declared_rows, of_consignments
from serai.journey.risk_model.drift import ScoreGroups, group_scores
from serai.journey.risk_model.model import to_ppm
from serai.journey.selection import store
from serai.journey.selection.batch_sums import BatchSums
from serai.journey.selection.fairness import DIMENSIONS
from serai.journey.selection.rules import MODEL, NOT_DECIDED, RANDOM, RULE, Selected, SelectionContext
from serai.journey.services import Services
from serai.model.columns import Coded, Flags, Int64s, encode_words
from serai.model.frames import ABSENT

MODEL_MEASURE: Final = "model"
"""Under which name the learned model stands beside the rules; no rule is called so, as ids have a hyphen or
are longer."""
_KINDS: Final = ("platform", "post", "carrier", "declarant", "seller")


class RiskInputs(NamedTuple):
    """What a batch is selected by. scores_ppm: of the learned model, ABSENT where it gives none; None: no
    model is in force. groups: how those lay of what had no decision before."""

    selection: SelectionContext
    scores_ppm: Int64s | None = None
    groups: ScoreGroups | None = None


async def risk_inputs(
    services: Services,
    connection: AsyncConnection[Any],
    rows: Sequence[Row],
    *,
    checked: Checked | None,
    law: LawState,
    at: dt.datetime,
) -> RiskInputs | None:
    """Return what rows are selected by; None where no rules are in force, or where the rows are decided
    again on recorded facts: what was selected then is among these."""
    if law.risk is None or checked is None or checked.facts is not None:
        return None
    day, _, is_exploring = await store.select_day(
        connection, at.astimezone(dt.UTC).date(), administration_id=services.administration_id
    )
    before = _selected_before(rows)
    scores = await beside_the_loop(len(rows), scores_of, rows, checked, law)
    groups = None
    if scores is not None and law.model is not None and law.model.model is not None:
        groups = group_scores(law.model.model, scores[before == NOT_DECIDED])
    return RiskInputs(
        SelectionContext(
            law.risk.file,
            law.risk.file_hash,
            draws_of(services, rows, at),
            before,
            day,
            is_exploring,
        ),
        scores,
        groups,
    )


def scores_of(rows: Sequence[Row], checked: Checked, law: LawState) -> Int64s | None:
    """Return the learned model's likelihood of a find for each row, the greatest of its goods items; None
    where no model is in force that this process can use."""
    model = None if law.model is None else law.model.model
    if model is None:
        return None
    goods = declared_rows(
        checked.columns.consignments,
        checked.columns.items,
        encode_words([str(row.sender.party_id) for row in rows]),
        checked.sellers(),
    )
    return to_ppm(of_consignments(model.probabilities(goods), checked.columns.first_items))


def draws_of(services: Services, rows: Sequence[Row], at: dt.datetime) -> Int64s:
    """Return the draw of each row: a hash of its consignment and the day it first came in, under a key of the
    administration. Nobody without the key foresees it; an amendment cannot draw again; a replay finds it
    again.
    """
    now = at.astimezone(dt.UTC).date().toordinal()
    days = [now if row.lodged_at_ms is None else _day(row.lodged_at_ms) for row in rows]
    columns = [np.array(days, dtype=np.int64), np.array([row.consignment_id for row in rows], dtype=np.int64)]
    return services.pseudonymiser.draws(Purpose.SELECTION, columns)


def _day(at_ms: int) -> int:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).date().toordinal()


def _selected_before(rows: Sequence[Row]) -> Int64s:
    """Return what stands of an earlier selection of each row; an amendment cannot shake it off."""
    before = np.full(len(rows), NOT_DECIDED, dtype=np.int64)
    for place, row in enumerate(rows):
        if row.previous_detail is not None:
            context = read_context(row.previous_detail.context)
            for_review, for_examination = map(context.has, SELECTION_FLAGS)
            before[place] = 2 if for_examination else int(for_review)
    return before


async def keep_selection(
    services: Services,
    buffer: TableBuffer,
    rows: Sequence[Row],
    *,
    processed: Processed,
    law: RiskLaw,
    inputs: RiskInputs,
    at: dt.datetime,
) -> None:
    """Keep what was looked at and why, and the sums of the batch, in the transaction that decides it."""
    selected = processed.selected
    assert selected is not None, "selected where rules are in force"
    groups = _groups(rows, processed)
    own: dict[str, Any] = {"administration_id": services.administration_id, "at": at}
    rule_ids = [rule.rule_id for rule in law.file.rules]
    sums = sum_batch(selected, groups, rule_ids, inputs.selection.before == NOT_DECIDED)
    if inputs.groups is not None:
        sums = sums._replace(score_key=inputs.groups.key, score_counts=inputs.groups.counts)
    await store.insert_batch(buffer, int(rows[0].decision_id), sums, **own)
    places = np.flatnonzero(selected.source > 0)
    if len(places):
        columns = _columns(
            services, rows, selected, places, groups=groups, rule_ids=rule_ids, scores=inputs.scores_ppm
        )
        await store.insert_selections(buffer, columns, **own)


class Groups(NamedTuple):
    """In which group each row is, by dimension."""

    origin: Coded
    channel: Coded
    declarant_kind: list[str]


def _groups(rows: Sequence[Row], processed: Processed) -> Groups:
    items, first = processed.items, processed.first_items
    return Groups(
        items.words("origin_country_code").take(first),
        processed.consignments.words("logistics_channel_code"),
        [_kind_of(row.sender.roles) for row in rows],
    )


@cache
def _kind_of(roles: frozenset[str]) -> str:
    """Return what kind of declarant a party of these roles is."""
    return next((kind for kind in _KINDS if kind in roles), "other")


def sum_batch(selected: Selected, groups: Groups, rule_ids: Sequence[str], is_new: Flags) -> BatchSums:
    """Return what a batch came to. Seller size is told from the random share alone: it needs a seller's
    days.
    """
    coded = {
        DIMENSIONS[0]: groups.origin,
        DIMENSIONS[1]: groups.channel,
        DIMENSIONS[3]: _as_coded(groups.declarant_kind),
    }
    measures = {rule_id: selected.hits.flags[number] for number, rule_id in enumerate(rule_ids)}
    measures[MODEL_MEASURE] = selected.source == MODEL
    return BatchSums(
        seen_count=int(is_new.sum()),
        targeted_count=int(selected.is_targeted.sum()),
        random_count=int((selected.source == RANDOM).sum()),
        candidates_count=selected.candidates_count,
        seen={name: _count(one, is_new) for name, one in coded.items()},
        hits={
            measure: {name: _count(one, flags & is_new) for name, one in coded.items()}
            for measure, flags in measures.items()
            if flags.any()
        },
    )


def _as_coded(texts: Sequence[str]) -> Coded:
    words = tuple(dict.fromkeys(texts))
    place_of = {word: place for place, word in enumerate(words)}
    return Coded(words, np.array([place_of[text] for text in texts], dtype=np.int32))


def _count(coded: Coded, flags: Flags) -> dict[str, int]:
    """Count rows by word; those without one are `unknown`."""
    counted = np.bincount(coded.codes[flags] + 1, minlength=len(coded.words) + 1).tolist()
    named = zip(("unknown", *coded.words), counted, strict=True)
    return {word or "unknown": count for word, count in named if count}


def _columns(
    services: Services,
    rows: Sequence[Row],
    selected: Selected,
    places: Int64s,
    *,
    groups: Groups,
    rule_ids: Sequence[str],
    scores: Int64s | None,
) -> dict[str, Sequence[Any]]:
    """Return the rows that are looked at as their table has them."""
    chosen = [rows[place] for place in places.tolist()]
    sellers = [row.document.seller_id for row in chosen]
    keys = services.pseudonymiser.numbers(
        Purpose.SELECTION, [f"seller|{seller or ''}".encode() for seller in sellers]
    )
    source = selected.source[places]
    numbers = selected.rule_number[places].tolist()
    return {
        "decision_ids": [row.decision_id for row in chosen],
        "case_ids": [row.case_id for row in chosen],
        "consignment_ids": [row.consignment_id for row in chosen],
        "seller_keys": [key if seller else 0 for key, seller in zip(keys.tolist(), sellers, strict=True)],
        "propensities": selected.propensity_ppm[places].tolist(),
        "scores": [
            None if scores is None or scores[place] == ABSENT else int(scores[place])
            for place in places.tolist()
        ],
        "sources": source.tolist(),
        "lanes": selected.lane[places].tolist(),
        "targeted": selected.is_targeted[places].tolist(),
        "rule_ids": [
            rule_ids[number] if is_rule else None
            for number, is_rule in zip(numbers, (source == RULE).tolist(), strict=True)
        ],
        "hit_rules": [
            " ".join(rule_ids[number] for number in np.flatnonzero(selected.hits.flags[:, place]).tolist())
            for place in places.tolist()
        ],
        "origins": groups.origin.take(places).texts(),
        "channels": groups.channel.take(places).texts(),
        "declarant_kinds": [groups.declarant_kind[place] for place in places.tolist()],
    }
