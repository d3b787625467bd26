"""Buyers find their parcel: number and postcode open a session at one parcel, which shows where it stands.

Nobody learns that a number exists: a wrong postcode and a number that is not there have the same answer after
the same statements, and not before `buyers.answer_after_ms`. Tries are bounded by network and by number.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from serai.foundation.access.secrets import hash_secret, make_token
from serai.foundation.access.sign_in_tries import Subject, count_try, give_try_back, subject_hash
from serai.foundation.http.problems import RetryLaterError
from serai.foundation.ids import following
from serai.foundation.settings import BuyersSettings
from serai.foundation.vault.comparing import find_people
from serai.foundation.vault.pseudonyms import Purpose
from serai.foundation.vault.sealing import RecordKey
from serai.journey.buyers import store
from serai.journey.buyers.place import RECEIVING, keys_of_number, lives_there, plain
from serai.journey.buyers.store import Connection, SessionRow
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents import store as document_store
from serai.journey.matching.match_keys import hash_keys
from serai.journey.services import Services
from serai.model.documents import roles_of
from serai.model.errors import SeraiError
from serai.model.frames import FINAL_STATUSES
from serai.model.message_text import MessageText

_NOBODY: Final = 0
_KEPT: Final = timedelta(days=1)


class NewSession(msgspec.Struct, frozen=True):
    """A session at a parcel. token: shown now and never again."""

    token: str
    session: SessionRow


class AtParcel(msgspec.Struct, frozen=True):
    """A buyer's session, and the parcel as it stands now."""

    session: SessionRow
    consignment: ConsignmentRow

    @property
    def actor(self) -> str:
        """Who acts and reads, as acts and the vault's ledger keep it."""
        return f"buyer:{self.session.session_id:x}"


@dataclass(frozen=True, slots=True)
class Buyers:
    """Lets buyers in."""

    services: Services
    settings: BuyersSettings

    async def find_parcel(self, number: str, postcode: str, network: str) -> NewSession:
        """Open a session at the parcel of a number and postcode.

        network: from which it is asked. Raises SeraiError `parcel-unknown`, whichever was wrong, and
        RetryLaterError `tries-spent`.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self.settings.answer_after_ms / 1000
        at = self.services.clock.now()
        subjects = self._subjects(number, network)
        async with self.services.database.write() as connection:
            await self.count(connection, subjects, at)
        async with self.services.database.write() as connection:
            found = await self._find(connection, number, postcode)
        await asyncio.sleep(until_s - loop.time())
        if found is None:
            raise SeraiError(
                "parcel-unknown",
                "No parcel fits this number and this postcode.",
                "Compare both with the message from the shop or the carrier. A parcel is known here once it"
                " has been declared to customs, mostly some days before it arrives.",
            )
        consignment, (person_id, document_id) = found
        async with self.services.database.write() as connection:
            await give_try_back(
                connection,
                [one.subject_hash for one in subjects],
                administration_id=self.services.administration_id,
            )
            found_now = SessionRow(0, consignment.consignment_id, person_id, document_id, at, at, None)
            return await self.open(connection, found_now, confirmed_at=None)

    async def at_parcel(self, token: str) -> AtParcel:
        """Return where a session's parcel stands. Raises SeraiError `buyer-session-ended`."""
        at = self.services.clock.now()
        key = {"administration_id": self.services.administration_id}
        async with self.services.database.write() as connection:
            session = await store.select_session(connection, hash_secret(token), at, **key)
            rows = [] if session is None else await self._rows(connection, session.consignment_id)
        if session is None or not rows:
            raise SeraiError(
                "buyer-session-ended",
                "It is too long since you typed the number, or you have left.",
                "Type the number and the postcode again.",
            )
        return AtParcel(session, rows[0])

    async def forget_ended(self) -> int:
        """Forget sessions and codes that ended a day ago; returns how many."""
        values = {
            "administration_id": self.services.administration_id,
            "before": self.services.clock.now() - _KEPT,
        }
        async with self.services.database.write() as connection:
            return await store.execute(connection, "delete_ended_buyer_sessions", values)

    async def leave(self, token: str) -> None:
        """End a session; again is harmless."""
        async with self.services.database.write() as connection:
            await self.end(connection, token, self.services.clock.now())

    # ---- the steps ----

    async def _find(
        self, connection: Connection, number: str, postcode: str
    ) -> tuple[ConsignmentRow, RecordKey] | None:
        """Return the parcel and whose postcode it is. What is not there is looked for as if it were."""
        services = self.services
        key = {"administration_id": services.administration_id}
        keys = hash_keys(keys_of_number(number), services.pseudonymiser.key_hashes)
        case_ids = await store.select_cases_of_keys(connection, keys, **key) or [_NOBODY]
        rows = await consignment_store.select_consignments_of_cases(connection, case_ids, **key)
        documents = await document_store.select_documents_of_cases(connection, case_ids=case_ids, **key)
        newest = {row.document_id: row for row in rows}
        people = [
            (person_id, one.document_id)
            for one in documents
            if one.document_id in newest and (roles := roles_of(one.person_roles))
            for person_id, role in zip(following(one.first_person_id, len(roles)), roles, strict=True)
            if role in RECEIVING
        ]
        theirs = await find_people(
            connection,
            services.keyring,
            people or [(_NOBODY, _NOBODY)],
            is_so=partial(_lives_there, postcode),
            **key,
        )
        return _nearest([(newest[record[1]], record) for record in theirs], number)

    async def count(self, connection: Connection, subjects: Sequence[Subject], at: datetime) -> None:
        """Count a try. Raises RetryLaterError `tries-spent`."""
        wait_s = await count_try(
            connection,
            subjects,
            administration_id=self.services.administration_id,
            lasts=timedelta(minutes=self.settings.wait_minutes),
            at=at,
        )
        if wait_s:
            raise RetryLaterError(
                "tries-spent",
                "There were too many tries for this parcel or from this network.",
                MessageText.counted(
                    "Wait {count} minute, or ask the customs office.",
                    "Wait {count} minutes, or ask the customs office.",
                    count=-(-wait_s // 60),
                ),
                retry_after_s=wait_s,
            )

    def _subjects(self, number: str, network: str) -> list[Subject]:
        # A keyed hash: which numbers were tried could be worked out from another.
        (own,) = self.services.pseudonymiser.pseudonyms(Purpose.MATCH, [f"try||{plain(number)}".encode()])
        return [
            Subject(subject_hash("serai-buyer-net", network), self.settings.network_tries_count),
            Subject(own, self.settings.number_tries_count),
        ]

    async def open(
        self, connection: Connection, like: SessionRow, *, confirmed_at: datetime | None
    ) -> NewSession:
        """Open a session at a parcel for a person, with a token of its own. like: one before."""
        token, at = make_token(), self.services.clock.now()
        row = msgspec.structs.replace(
            like,
            session_id=self._take_id(),
            opened_at=at,
            expires_at=at + timedelta(minutes=self.settings.session_minutes),
            confirmed_at=confirmed_at,
        )
        values = msgspec.structs.asdict(row) | {
            "administration_id": self.services.administration_id,
            "session_hash": hash_secret(token),
            "at": row.opened_at,
        }
        await store.execute(connection, "insert_buyer_session", values)
        return NewSession(token, row)

    async def end(self, connection: Connection, token: str, at: datetime) -> None:
        """End a session; again is harmless."""
        values = {
            "session_hash": hash_secret(token),
            "administration_id": self.services.administration_id,
            "at": at,
        }
        await store.execute(connection, "end_buyer_session", values)

    async def _rows(self, connection: Connection, consignment_id: int) -> list[ConsignmentRow]:
        return await consignment_store.select_consignments(
            connection, [consignment_id], administration_id=self.services.administration_id
        )

    def _take_id(self) -> int:
        return int(self.services.ids.take(1)[0])


def _lives_there(postcode: str, person: bytes) -> bool:
    return lives_there(person, postcode)


def _nearest(
    found: Sequence[tuple[ConsignmentRow, RecordKey]], number: str
) -> tuple[ConsignmentRow, RecordKey] | None:
    """Return the parcel that has the number itself, else one that is still on its way, the newest of them."""

    def rank(one: tuple[ConsignmentRow, RecordKey]) -> tuple[bool, bool, int, int]:
        row, record = one
        is_itself = plain(row.house_document or "") == plain(number)
        return is_itself, row.status not in FINAL_STATUSES, row.consignment_id, -record[0]

    return max(found, key=rank, default=None)
