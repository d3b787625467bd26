"""What happens before loading once goods were assessed: a screening is reported, an officer speaks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.actor import Actor, Role
from serai.foundation.id_text import format_id
from serai.journey.consignments.act_records import insert_act
from serai.journey.documents import store as document_store
from serai.journey.documents.preloading_words import open_words
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import sender_of
from serai.journey.linking.case_locks import lock_roots
from serai.journey.preloading import store as preloading_store
from serai.journey.preloading.answer import PreloadingForOfficer, PreloadingOut, PreloadingPage
from serai.journey.preloading.required_data import OUTCOMES, Outcome
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.processing.preloading import answer_by, preloading_out, record_assessments
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class PreloadingActs:
    """Acts before loading of one process, through its processing."""

    processor: Processor

    async def read(self, actor: Actor, reference: str, language: str | None = None) -> PreloadingOut:
        """Return what stands for a transport document of the actor's. language: of its texts; None: without.

        Raises SeraiError `not-found`.
        """
        services = self.processor.services
        async with services.database.read(services.administration_id) as connection:
            standing = await self._standing(connection, _party_of(actor), reference)
        (opened,) = await open_words(services, [standing], _name_of(actor), services.clock.now())
        return preloading_out(opened, language)

    async def filed_under(
        self, actor: Actor, house_documents: Collection[str]
    ) -> dict[str, StoredSubmission]:
        """Return under which reference, in which version, the actor's house documents are filed."""
        services = self.processor.services
        party_id = _party_of(actor)
        async with services.database.read(services.administration_id) as connection:
            found = await preloading_store.select_by_house(
                connection, party_id, house_documents, administration_id=services.administration_id
            )
            known = await document_store.select_submissions(
                connection,
                administration_id=services.administration_id,
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
        self, actor: Actor, outcomes: list[Outcome], *, after: int, limit: int, language: str | None = None
    ) -> PreloadingPage:
        """Return what waits: for officers of everybody, for a declarant its own."""
        services = self.processor.services
        is_officer = Role.OFFICER in actor.roles
        async with services.database.read(services.administration_id) as connection:
            found = await preloading_store.select_open(
                connection,
                outcomes,
                administration_id=services.administration_id,
                party_id=None if is_officer else _party_of(actor),
                after=after,
                limit=limit,
            )
        opened = await open_words(services, found, _name_of(actor), services.clock.now())
        return PreloadingPage(
            assessments=[
                PreloadingForOfficer(
                    assessment=preloading_out(one, language), hits=one.hits if is_officer else []
                )
                for one in opened
            ],
            next_after=format_id(found[-1].assessment_id) if len(found) == limit else None,
        )

    async def report_screening(
        self, actor: Actor, reference: str, *, method_code: str, result: str, screened_at: datetime
    ) -> PreloadingOut:
        """Take the result of a screening that was asked for; what follows from it is the table's word.

        Raises SeraiError `not-found`, `screening-result-unknown`, `screening-not-asked-for`.
        """
        law, at = self.processor.law, self.processor.services.clock.now()
        outcome = law.preloading_rules.screening_results.get(result)
        if outcome is None:
            raise SeraiError(
                "screening-result-unknown",
                "This is not a result of a screening.",
                MessageText(
                    "Results are: {listed}.", listed=", ".join(law.preloading_rules.screening_results)
                ),
            )

        async def work(connection: Connection) -> PreloadingOut:
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

        answer: PreloadingOut = await self.processor.write(work)
        return answer

    async def decide(
        self, actor: Actor, assessment_id: int, *, outcome: Outcome, words: str
    ) -> PreloadingOut:
        """Put an officer's word in the place of an assessment that stands.

        Raises SeraiError `not-found` for one that was replaced: read the list again.
        """
        services = self.processor.services
        law, at = self.processor.law, services.clock.now()

        async def work(connection: Connection) -> PreloadingOut:
            found = await preloading_store.select_one(
                connection, assessment_id, administration_id=services.administration_id
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

        answer: PreloadingOut = await self.processor.write(work)
        return answer

    async def _standing(self, connection: Connection, party_id: int, reference: str) -> PreloadingAssessment:
        found = await preloading_store.select_standing(
            connection,
            [(party_id, reference)],
            administration_id=self.processor.services.administration_id,
        )
        if not found:
            raise _not_found()
        return found[party_id, reference]

    async def _lock(self, connection: Connection, found: PreloadingAssessment) -> PreloadingAssessment:
        """Lock the case of an assessment, and return it if it still stands."""
        await lock_roots(connection, [found.case_id])
        still = await preloading_store.select_one(
            connection,
            found.assessment_id,
            administration_id=self.processor.services.administration_id,
        )
        if still is None:
            raise _not_found()
        return still

    async def _record(
        self,
        connection: Connection,
        standing: PreloadingAssessment,
        made: PreloadingAssessment,
        actor: Actor,
        *,
        kind: str,
        at: datetime,
    ) -> PreloadingOut:
        services = self.processor.services
        (kept,) = await record_assessments(services, connection, [made], at)
        act = Act(
            act_id=kept.assessment_id,
            case_id=standing.case_id,
            kind=kind,
            subject_id=kept.document_id,
            party_id=_party_of(actor),
            acting_user=sender_of(actor).acting_user,
            at=at,
            leaf_id=kept.assessment_id,
            expected_decision_id=standing.assessment_id,
            due_at=kept.answer_by,
            # They are sealed under the same number, as those of the assessment.
            has_words=bool(kept.words),
        )
        await insert_act(connection, act, services.administration_id)
        return preloading_out(kept)


def _name_of(actor: Actor) -> str:
    """Return who reads, as the vault's ledger tells it."""
    return actor.credential_id or "unknown"


def _next(
    standing: PreloadingAssessment, outcome: Outcome, at: datetime, *, reasons: list[Finding]
) -> PreloadingAssessment:
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
