"""Examinations of a case side by side: what was found, what was weighed, photos, and which result counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.acts.case_acts import find_case
from serai.journey.acts.examinations.photos import PHOTO, RECORDED, Connection, is_declarant
from serai.journey.acts.examinations.second import ANSWERED, REQUESTED, Answer, Counting
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.measure_law import ExaminationResult
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act

_KINDS: Final = (RECORDED, PHOTO, REQUESTED, ANSWERED)
_MICRO_IN_GRAM: Final = 1_000
"""Masses are kept in millionths of a kilogram."""


class PhotoSeen(msgspec.Struct, frozen=True):
    """A photo. href: where it is read; each reading is recorded. is_withheld: it is for officers alone."""

    act_id: str
    href: str
    width_px: int
    height_px: int
    size_bytes: int
    at: datetime
    is_withheld: bool


class ExaminationSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One examination. found_g, declared_g: gross mass in grams; None: it was not weighed, or nothing was
    declared. second_of: the request that led to it. counts: whether its result counts; None: no other one
    stands beside it. reason: in words."""

    act_id: str
    consignment_id: str
    at: datetime
    result_code: ExaminationResult
    reason: str
    found_g: int | None
    declared_g: int | None
    second_of: str | None
    counts: bool | None
    photos: list[PhotoSeen]


class RequestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A second examination that was asked for. examination: the first. answer: None: not answered yet.
    has_result: its result is recorded."""

    act_id: str
    examination: str
    at: datetime
    reason: str
    answer: Answer | None
    answered_at: datetime | None
    answer_reason: str
    has_result: bool


class Examinations(msgspec.Struct, frozen=True, kw_only=True):
    """Examinations of a case, oldest first, and what was asked about them. may_ask: numbers of those of which
    the viewer may ask a second one."""

    case_id: str
    examinations: list[ExaminationSeen]
    requests: list[RequestSeen]
    may_ask: list[str]


async def read_examinations(processor: Processor, sender: Sender, case_id: int) -> Examinations:
    """Return the examinations of a case. For officers, and whoever declared the goods. Raises SeraiError
    `not-found`."""
    services = processor.services

    async def work(connection: Connection) -> tuple[int, list[Act]]:
        case = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(
            connection, [case.root], _KINDS, administration_id=services.administration_id
        )
        acts = [act for _, act in standing]
        if "officer" in sender.roles:
            return case.root, acts
        own = {
            subject_id
            for subject_id in {act.subject_id for act in acts}
            if await is_declarant(processor, connection, sender, subject_id, case.on_behalf_of)
        }
        if acts and not own:
            raise not_found()
        return case.root, [
            act for act in acts if act.subject_id in own and not act.parameters.get("is_withheld")
        ]

    root, acts = await processor.write(work)
    worded = [act.act_id for act in acts if act.has_words and act.kind != PHOTO]
    reach = Reach(services.administration_id, "examination", sender.acting_user, services.clock.now())
    words = await read_act_words(services.database.write, services.keyring, services.codec, worded, reach)
    return _view(root, acts, words, is_officer="officer" in sender.roles)


def _view(root: int, acts: Sequence[Act], words: dict[int, str], *, is_officer: bool) -> Examinations:
    name = format_id(root)
    requests = [_request(act, acts, words) for act in acts if act.kind == REQUESTED]
    asked = {one.examination for one in requests}
    recorded = [act for act in acts if act.kind == RECORDED]
    ids = [format_id(act.act_id) for act in recorded]
    seconds = {one.parameters.get("second_of") for one in recorded}
    may_ask = [
        one
        for one, act in zip(ids, recorded, strict=True)
        if one not in asked and "second_of" not in act.parameters and not is_officer
    ]
    counting = _counting(recorded, requests)
    return Examinations(
        case_id=name,
        examinations=[
            ExaminationSeen(
                act_id=one,
                consignment_id=format_id(act.subject_id),
                at=act.at,
                result_code=act.parameters["result_code"],
                reason=words.get(act.act_id, ""),
                found_g=_grams(act.parameters.get("gross_mass_micro")),
                declared_g=_grams(act.parameters.get("declared_mass_micro")),
                second_of=act.parameters.get("second_of"),
                counts=counting.get(one),
                photos=[_photo(name, photo) for photo in acts if _is_of(photo, one)],
            )
            for one, act in zip(ids, recorded, strict=True)
        ],
        requests=[msgspec.structs.replace(one, has_result=one.act_id in seconds) for one in requests],
        may_ask=may_ask,
    )


def _counting(recorded: Sequence[Act], requests: Sequence[RequestSeen]) -> dict[str, bool]:
    """Return, of results that stand beside another, whether they count."""
    firsts = {one.act_id: one.examination for one in requests}
    counts: dict[str, bool] = {}
    for act in recorded:
        first = firsts.get(str(act.parameters.get("second_of")))
        if first is not None:
            which: Counting = act.parameters["counting"]
            counts[format_id(act.act_id)] = which == "second"
            counts[first] = which == "first"
    return counts


def _request(act: Act, acts: Sequence[Act], words: dict[int, str]) -> RequestSeen:
    name = format_id(act.act_id)
    answer = next((one for one in acts if one.kind == ANSWERED and one.parameters["request"] == name), None)
    return RequestSeen(
        act_id=name,
        examination=act.parameters["examination"],
        at=act.at,
        reason=words.get(act.act_id, ""),
        answer=None if answer is None else answer.parameters["answer"],
        answered_at=None if answer is None else answer.at,
        answer_reason="" if answer is None else words.get(answer.act_id, ""),
        has_result=False,
    )


def _photo(case_id: str, act: Act) -> PhotoSeen:
    said: dict[str, Any] = act.parameters
    name = format_id(act.act_id)
    return PhotoSeen(
        name,
        f"/v1/cases/{case_id}/photos/{name}",
        said["width_px"],
        said["height_px"],
        said["size_bytes"],
        act.at,
        said["is_withheld"],
    )


def _is_of(act: Act, examination: str) -> bool:
    return act.kind == PHOTO and act.parameters["examination"] == examination


def _grams(micro: int | None) -> int | None:
    return None if micro is None else micro // _MICRO_IN_GRAM
