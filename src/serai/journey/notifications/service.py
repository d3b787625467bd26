"""The use cases of webhooks: register, list, replace the secret, set the cursor, remove, see the tries."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.id_text import format_id
from serai.foundation.ids import IdSource
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import WebhooksSettings
from serai.journey.cases import lists
from serai.journey.consignments.store import BEFORE_ALL, EVENT_KINDS, Place, place_values
from serai.journey.notifications import store
from serai.journey.notifications.addresses import Reach, check_url
from serai.journey.notifications.signing import SECRET_BYTES, make_secret
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

WEBHOOKS_MAX: Final = 10
SECRET_OVERLAP: Final = dt.timedelta(hours=24)
FROM_THE_FIRST: Final = ""


class Made(msgspec.Struct, frozen=True):
    """A webhook at the moment of its making. secret: the only time it is known in clear."""

    webhook_id: int
    secret: str


@dataclass(frozen=True, slots=True)
class WebhookService:
    """What the use cases work with. reach: to which addresses this node sends."""

    database: Database
    ids: IdSource
    clock: Clock
    administration_id: int
    seal: SecretSeal
    reach: Reach
    settings: WebhooksSettings

    async def register(
        self,
        party_id: int,
        *,
        reference: str,
        url: str,
        kinds: Sequence[str],
        after: str | None,
        made_by: str,
    ) -> Made:
        """Register a webhook. after: a cursor of the feed; FROM_THE_FIRST: all events; None: from now on.

        Raises InputFaultyError, `webhook-exists`, `webhooks-too-many`.
        """
        check_url(url, self.reach)
        check_kinds(kinds)
        place = None if after is None else _place(after)
        webhook_id, secret = self.take_id(), self._make_secret()
        async with self.database.write() as connection:
            await store.execute(connection, "lock_webhooks_of_party", {"party_id": party_id})
            rows = await self._rows(connection, party_id)
            if any(row.reference == reference for row in rows):
                raise SeraiError(
                    "webhook-exists",
                    MessageText(
                        "There is a webhook '{reference}'; it was left as it is.", reference=reference
                    ),
                    "Take another reference. A secret that was lost is replaced by POST .../secret.",
                )
            if len(rows) >= WEBHOOKS_MAX:
                raise SeraiError(
                    "webhooks-too-many",
                    MessageText("A party has at most {count_max} webhooks.", count_max=WEBHOOKS_MAX),
                    "Remove one first.",
                )
            await store.execute(
                connection,
                "insert_webhook",
                {
                    "webhook_id": webhook_id,
                    "administration_id": self.administration_id,
                    "party_id": party_id,
                    "reference": reference,
                    "url": url,
                    "kinds": sorted(set(kinds)),
                    "secret": self.seal.seal(secret, context_of(webhook_id)),
                    "made_by": made_by,
                    "at": self.clock.now(),
                    **place_values(place),
                },
            )
        return Made(webhook_id, secret)

    async def list_webhooks(self, party_id: int) -> list[store.WebhookRow]:
        """Return the webhooks of a party."""
        async with self.database.write() as connection:
            return await self._rows(connection, party_id)

    async def list_all(self) -> list[store.WebhookRow]:
        """Return the webhooks of all parties, for operators."""
        async with self.database.write() as connection:
            values = {"administration_id": self.administration_id}
            return await store.select_all(connection, "select_all_webhooks", values, store.WebhookRow)

    async def find_webhook(self, party_id: int, webhook_id: int) -> store.WebhookRow:
        """Return one webhook of a party. Raises `webhook-unknown`."""
        found = [row for row in await self.list_webhooks(party_id) if row.webhook_id == webhook_id]
        if not found:
            raise _unknown()
        return found[0]

    async def remove(self, party_id: int, webhook_id: int) -> None:
        """Remove a webhook with its tries. Again is `webhook-unknown`."""
        async with self.database.write() as connection:
            if not await store.execute(connection, "delete_webhook", self._one(party_id, webhook_id)):
                raise _unknown()
            await store.execute(connection, "delete_tries", self._one(party_id, webhook_id))

    async def set_cursor(self, party_id: int, webhook_id: int, after: str | None) -> None:
        """Tell again, or go on after a webhook was switched off.

        after: a cursor of the feed; FROM_THE_FIRST: all events once more; None: from where it stopped.
        """
        place = None if after is None else _place(after)
        values = self._one(party_id, webhook_id) | {
            **place_values(place),
            "at": self.clock.now(),
        }
        async with self.database.write() as connection:
            if not await store.execute(connection, "set_cursor", values):
                raise _unknown()

    async def replace_secret(self, party_id: int, webhook_id: int) -> str:
        """Make a new secret; for SECRET_OVERLAP both sign, so that the receiver loses nothing."""
        secret = self._make_secret()
        values = self._one(party_id, webhook_id) | {
            "secret": self.seal.seal(secret, context_of(webhook_id)),
            "until": self.clock.now() + SECRET_OVERLAP,
        }
        async with self.database.write() as connection:
            if not await store.execute(connection, "set_secret", values):
                raise _unknown()
        return secret

    async def list_tries(
        self, party_id: int, webhook_id: int, *, before_id: int, limit: int
    ) -> list[store.TryRow]:
        """Return the tries of a webhook, the newest first."""
        await self.find_webhook(party_id, webhook_id)
        values = self._one(party_id, webhook_id) | {"before_id": before_id, "limit": limit}
        async with self.database.read(self.administration_id) as connection:
            return await store.select_all(connection, "select_tries", values, store.TryRow)

    def open_secrets(self, row: store.WebhookRow, at: dt.datetime) -> list[str]:
        """Return the secrets that sign at an instant, the newest first."""
        sealed = [row.secret]
        if row.secret_before is not None and row.secret_before_until is not None:
            sealed += [row.secret_before] if at < row.secret_before_until else []
        return [self.seal.open(one, context_of(row.webhook_id)) for one in sealed]

    def take_id(self) -> int:
        """Return a new id."""
        return int(self.ids.take(1)[0])

    async def _rows(self, connection: store.Connection, party_id: int) -> list[store.WebhookRow]:
        values = {"administration_id": self.administration_id, "party_id": party_id}
        return await store.select_all(connection, "select_webhooks", values, store.WebhookRow)

    def _one(self, party_id: int, webhook_id: int) -> dict[str, object]:
        return {
            "administration_id": self.administration_id,
            "party_id": party_id,
            "webhook_id": webhook_id,
        }

    def _make_secret(self) -> str:
        return make_secret(secrets.token_bytes(SECRET_BYTES))


def check_kinds(kinds: Sequence[str]) -> None:
    """Raise InputFaultyError for kinds of events that there are not."""
    faults = tuple(
        InputFault(
            f"/kinds/{place}",
            "not-in-list",
            "No such kind.",
            MessageText("One of: {listed}.", listed=", ".join(EVENT_KINDS)),
        )
        for place, kind in enumerate(kinds)
        if kind not in EVENT_KINDS
    )
    if faults:
        raise InputFaultyError(
            faults, "There are no such kinds of events.", "Leave `kinds` out to be told all."
        )


def cursor_of(row: store.WebhookRow) -> str:
    """Return where a webhook stands, as a cursor of the feed."""
    return lists.write_place(row.after)


def context_of(webhook_id: int) -> bytes:
    """Return what a secret is sealed for: moved to another webhook's row, it does not open."""
    return f"webhook {format_id(webhook_id)}".encode()


def _place(after: str) -> Place:
    return BEFORE_ALL if after == FROM_THE_FIRST else lists.read_place(after)


def _unknown() -> SeraiError:
    return SeraiError("webhook-unknown", "Your party has no such webhook.", "List them: GET /v1/webhooks.")
