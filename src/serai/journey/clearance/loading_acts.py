"""What happens before loading once goods were assessed: a screening is reported, an officer speaks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.actor import Actor, Role
from serai.foundation.id_text import format_id
from serai.journey.advise import store as advise_store
from serai.journey.advise.store import Submission
from serai.journey.clearance.again import lock_roots
from serai.journey.clearance.corridor import Corridor
from serai.journey.clearance.loading import answer_by, loading_out, record_assessments
from serai.journey.clearance.loading_words import open_words
from serai.journey.follow import store as follow_store
from serai.journey.screen import store as screen_store
from serai.journey.screen.loading_answer import LoadingForOfficer, LoadingOut, LoadingPage
from serai.journey.screen.loading_rules import OUTCOMES, Outcome
from serai.journey.screen.store import LoadingAssessment
from serai.model.errors import SeraiError
from serai.model.findings import Finding

Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class LoadingActs:
    """Acts before loading of one process, through its corridor."""

    corridor: Corridor

    async def read(self, actor: Actor, reference: str) -> LoadingOut:
        """Return what stands for a transport document of the actor's. Raises SeraiError `not-found`."""
        equipment = self.corridor.equipment
        async with equipment.database.read(equipment.administration_id) as connection:
            standing = await self._standing(connection, _party_of(actor), reference)
        (opened,) = await open_words(equipment, [standing], _name_of(actor), equipment.clock.now())
        return loading_out(opened)

    async def filed_under(self, actor: Actor, house_documents: Collection[str]) -> dict[str, Submission]:
        """Return under which reference, in which version, the actor's house documents are filed."""
        equipment = self.corridor.equipment
        party_id = _party_of(actor)
        async with equipment.database.read(equipment.administration_id) as connection:
            found = await screen_store.select_by_house(
                connection, party_id, house_documents, administration_id=equipment.administration_id
            )
            known = await advise_store.select_submissions(
                connection,
                administration_id=equipment.administration_id,
                kind="transport-document",
                party_ids=[party_id] * len(found),
                references=[one.reference for one in found.values()],
            )
        return {
            house: known[party_id, one.reference]
            for house, one in found.items()
            if (party_id, one.reference) in known
        }

    async def list_open(
        self, actor: Actor, outcomes: list[Outcome], *, after: int, limit: int
    ) -> LoadingPage:
        """Return what waits: for officers of everybody, for a filer its own."""
        equipment = self.corridor.equipment
        is_officer = Role.OFFICER in actor.roles
        async with equipment.database.read(equipment.administration_id) as connection:
            found = await screen_store.select_open(
                connection,
                outcomes,
                administration_id=equipment.administration_id,
                party_id=None if is_officer else _party_of(actor),
                after=after,
                limit=limit,
            )
        opened = await open_words(equipment, found, _name_of(actor), equipment.clock.now())
        return LoadingPage(
            assessments=[
                LoadingForOfficer(assessment=loading_out(one), hits=one.hits if is_officer else [])
                for one in opened
            ],
            next_after=format_id(found[-1].assessment_id) if len(found) == limit else None,
        )

    async def report_screening(
        self, actor: Actor, reference: str, *, method_code: str, result: str, screened_at: datetime
    ) -> LoadingOut:
        """Take the result of a screening that was asked for; what follows from it is the table's word.

        Raises SeraiError `not-found`, `screening-result-unknown`, `screening-not-asked-for`.
        """
        law, at = self.corridor.law, self.corridor.equipment.clock.now()
        outcome = law.loading_rules.screening_results.get(result)
        if outcome is None:
            raise SeraiError(
                "screening-result-unknown",
                "This is no result of a screening.",
                f"Results are: {', '.join(law.loading_rules.screening_results)}.",
            )

        async def work(connection: Connection) -> LoadingOut:
            standing = await self._lock(
                connection, await self._standing(connection, _party_of(actor), reference)
            )
            if standing.outcome != "request-for-screening":
                raise SeraiError(
                    "screening-not-asked-for",
                    "No screening is awaited for this document.",
                    "Read what stands for it, and answer that.",
                )
            reason = Finding(
                "loading-screened",
                "",
                "advice",
                {
                    "method_code": method_code,
                    "result": result,
                    "screened_at": screened_at.isoformat(timespec="minutes"),
                },
            )
            made = _next(standing, outcome, at, reasons=[reason])
            return await self._record(connection, standing, made, actor, kind="screening-reported", at=at)

        answer: LoadingOut = await self.corridor.write(work)
        return answer

    async def decide(self, actor: Actor, assessment_id: int, *, outcome: Outcome, words: str) -> LoadingOut:
        """Put an officer's word in the place of an assessment that stands.

        Raises SeraiError `not-found` for one that was replaced: read the list again.
        """
        equipment = self.corridor.equipment
        law, at = self.corridor.law, equipment.clock.now()

        async def work(connection: Connection) -> LoadingOut:
            found = await screen_store.select_one(
                connection, assessment_id, administration_id=equipment.administration_id
            )
            if found is None:
                raise _not_found()
            standing = await self._lock(connection, found)
            reasons = [Finding(f"loading-officer-{outcome}", "", "hold", {"words": words})]
            made = msgspec.structs.replace(
                _next(standing, outcome, at, reasons=reasons),
                words=words,
                made_by=_party_of(actor),
                answer_by=answer_by(outcome, law, at),
            )
            return await self._record(connection, standing, made, actor, kind="loading-decided", at=at)

        answer: LoadingOut = await self.corridor.write(work)
        return answer

    async def _standing(self, connection: Connection, party_id: int, reference: str) -> LoadingAssessment:
        found = await screen_store.select_standing(
            connection,
            [(party_id, reference)],
            administration_id=self.corridor.equipment.administration_id,
        )
        if not found:
            raise _not_found()
        return found[party_id, reference]

    async def _lock(self, connection: Connection, found: LoadingAssessment) -> LoadingAssessment:
        """Lock the case of an assessment, and return it if it still stands."""
        await lock_roots(connection, [found.case_id])
        still = await screen_store.select_one(
            connection,
            found.assessment_id,
            administration_id=self.corridor.equipment.administration_id,
        )
        if still is None:
            raise _not_found()
        return still

    async def _record(
        self,
        connection: Connection,
        standing: LoadingAssessment,
        made: LoadingAssessment,
        actor: Actor,
        *,
        kind: str,
        at: datetime,
    ) -> LoadingOut:
        equipment = self.corridor.equipment
        (kept,) = await record_assessments(equipment, connection, [made], at)
        await follow_store.insert_act(
            connection,
            act_id=kept.assessment_id,
            administration_id=equipment.administration_id,
            case_id=standing.case_id,
            party_id=_party_of(actor),
            kind=kind,
            version=1,
            # They are sealed under the same number, as those of the assessment.
            has_words=bool(kept.words),
            at=at,
        )
        return loading_out(kept)


def _name_of(actor: Actor) -> str:
    """Return who reads, as the vault's ledger tells it."""
    return actor.credential_id or "unknown"


def _next(
    standing: LoadingAssessment, outcome: Outcome, at: datetime, *, reasons: list[Finding]
) -> LoadingAssessment:
    assert outcome in OUTCOMES
    return msgspec.structs.replace(
        standing,
        assessment_id=0,
        outcome=outcome,
        made_at=at,
        reasons=reasons,
        words="",
        has_words=False,
        answer_by=None,
        made_by=None,
        is_filed=False,
        supersedes=standing.assessment_id,
    )


def _party_of(actor: Actor) -> int:
    assert actor.party_id is not None, "the guard lets nobody in without a party"
    return actor.party_id


def _not_found() -> SeraiError:
    return SeraiError(
        "not-found",
        "There is nothing here under this name.",
        "Check reference or number; it may be replaced.",
    )
