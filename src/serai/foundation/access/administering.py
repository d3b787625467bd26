"""The record of what administrators do: parties, keys, accounts, lists and law; only ever added to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from psycopg import AsyncConnection

from serai.foundation.access import store

ActKind = Literal[
    "party-added",
    "role-given",
    "role-taken",
    "identifier-added",
    "identifier-removed",
    "key-made",
    "key-revoked",
    "account-added",
    "account-linked",
    "account-password-changed",
    "account-roles-changed",
    "account-second-factor-forgotten",
    "account-ended",
    "account-locked",
    "account-unlocked",
    "account-sessions-ended",
    "identity-linked",
    "identity-parted",
    "person-invited",
    "invitation-ended",
    "office-added",
    "office-changed",
    "office-ended",
    "guarantee-registered",
    "guarantee-revoked",
    "payment-account-opened",
    "payment-account-closed",
    "list-source-registered",
    "list-source-ended",
    "token-issuer-registered",
    "token-issuer-revoked",
    "scheme-registered",
    "scheme-tokens-required",
    "agency-remit-registered",
    "agency-remit-ended",
    "agency-key-registered",
    "agency-key-revoked",
    "passkey-added",
    "passkey-removed",
    "signed-in",
    "sign-in-failed",
    "sign-in-locked",
    "list-imported",
    "risk-model-signed",
    "law-activated",
    "risk-rule-put",
    "risk-rule-withdrawn",
    "inspection-budget-set",
    "recordal-granted",
    "requirement-set",
    "requirement-ended",
    "recordal-refused",
    "recordal-extended",
    "recordal-extension-refused",
    "log-recovered",
    "proposal-made",
    "proposal-approved",
    "proposal-rejected",
    "proposal-expired",
]
NEWEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ActingUser:
    """By whose hand something is done, and when.

    actor: `key:<number>`, `account:<number>` or `operator:<name on the machine>`. take_id: gives new ids.
    person: who that is, whichever account or key it uses; None: not known.
    """

    administration_id: int
    actor: str
    at: datetime
    take_id: Callable[[], int]
    person: str | None = None


async def record_act(
    connection: AsyncConnection, acting_user: ActingUser, kind: ActKind, subject: str, detail: str = ""
) -> None:
    """Append an act, in the transaction that does it: what is undone leaves no record, what is done does."""
    values = {
        "act_id": acting_user.take_id(),
        "administration_id": acting_user.administration_id,
        "kind": kind,
        "actor": acting_user.actor,
        "subject": subject,
        "detail": detail,
        "at": acting_user.at,
    }
    await store.execute(connection, "insert_administering_act", values)


async def find_act(
    connection: AsyncConnection, act_id: int, *, administration_id: int
) -> store.ActRow | None:
    """Return an act, or None."""
    values = {"administration_id": administration_id, "act_id": act_id}
    return await store.select_one(connection, "select_administering_act", values, store.ActRow)


async def list_acts(
    connection: AsyncConnection, *, administration_id: int, before_id: int, limit: int
) -> list[store.ActRow]:
    """Return acts, the newest first. before_id: only older ones; NEWEST begins."""
    values = {"administration_id": administration_id, "before_id": before_id, "limit": limit}
    return await store.select_all(connection, "select_administering_acts", values, store.ActRow)
